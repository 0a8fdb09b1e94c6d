"""A project of the fake from the text of an ``.rpp`` file, as REAPER would open it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from fake_reaper.media import media_length
from fake_reaper.model import Item, Note, Project, Source, Take, Track
from fake_reaper.tempo import TempoMap
from osc_bridge.rpp import Block, Row, parse_rpp


def load_project(text: str, path: str = "", lengths: Mapping[str, float] | None = None) -> Project:
    """lengths : seconds by file name, of media that cannot be opened here."""
    root = parse_rpp(text)
    loader = _Loader(Path(path).parent if path else Path(), lengths or {})
    selection = root.row("SELECTION")
    return Project(
        path=path,
        tracks=loader.tracks(root),
        tempo=_tempo(root),
        time_selection=(selection.number(1), selection.number(2)),
    )


def _tempo(root: Block) -> TempoMap:
    points = [
        (row.number(1), row.number(2), row.number(3) == 0)
        for block in root.blocks("TEMPOENVEX")
        for row in block.rows("PT")
    ]
    return TempoMap(points or [(0.0, root.number("TEMPO", 120.0), False)])


class _Loader:
    def __init__(self, folder: Path, lengths: Mapping[str, float]) -> None:
        self.folder = folder
        self.lengths = lengths
        self.pools: dict[str, Source] = {}

    def tracks(self, root: Block) -> list[Track]:
        tracks = [self.track(block) for block in root.blocks("TRACK")]
        for track in tracks:
            for item in track.items:
                for take in item.takes:
                    self.share_pool(take.source)
        return tracks

    def track(self, block: Block) -> Track:
        track = Track(name=block.text("NAME"))
        track.guid = block.arguments[0] if block.arguments else track.guid
        mute_solo, bus = block.row("MUTESOLO"), block.row("ISBUS")
        track.values |= {
            "B_MUTE": mute_solo.number(1),
            "I_SOLO": mute_solo.number(2),
            "I_SELECTED": block.number("SEL"),
            "I_FOLDERDEPTH": bus.number(2),
        }
        colour = block.number("PEAKCOL")
        track.values["I_CUSTOMCOLOR"] = colour if int(colour) & 0x1000000 else 0
        track.items = [self.item(b, track) for b in block.blocks("ITEM")]
        return track

    def item(self, block: Block, track: Track) -> Item:
        item = Item(track, guid=block.text("IGUID", ""))
        item.values |= {
            "D_POSITION": block.number("POSITION"),
            "D_LENGTH": block.number("LENGTH"),
            "B_LOOPSRC": block.number("LOOP", 1),
            "B_MUTE": block.number("MUTE"),
            "B_UISEL": block.number("SEL"),
        }
        for number, (rows, selected) in enumerate(_takes(block)):
            item.takes.append(self.take(rows, item))
            if selected:
                item.active = number
        return item

    def take(self, children: list[Row | Block], item: Item) -> Take:
        take = Take(item)
        for child in children:
            if isinstance(child, Block):
                if child.name == "SOURCE":
                    take.source = self.source(child)
            elif child.name == "NAME":
                take.name = child.values[1] if len(child.values) > 1 else ""
            elif child.name == "SOFFS":
                take.values["D_STARTOFFS"] = child.number(1)
            elif child.name == "PLAYRATE":
                take.values["D_PLAYRATE"] = child.number(1, 1)
            elif child.name == "SM":
                take.stretch_markers += 1
        return take

    def source(self, block: Block) -> Source:
        kind = block.arguments[0] if block.arguments else ""
        if kind == "SECTION":
            return self.section(block)
        if kind in ("MIDI", "MIDIPOOL"):
            return self.midi(block, kind)
        file = block.text("FILE")
        path = Path(file)
        if file and not path.is_absolute():
            path = self.folder / path
        length = self.lengths.get(path.name, media_length(path))
        return Source(kind, str(path) if file else "", length or 0.0)

    def section(self, block: Block) -> Source:
        inner = block.block("SOURCE")
        assert inner is not None, "a SECTION holds a SOURCE"
        parent = self.source(inner)
        offset, length = block.number("STARTPOS"), block.number("LENGTH")
        backwards = int(block.number("MODE")) & 2 != 0
        return Source(
            "SECTION", "", length or parent.length - offset, (offset, length, backwards), parent
        )

    def midi(self, block: Block, kind: str) -> Source:
        source = Source(kind, ppq=int(block.number("HASDATA", 960, 1)))
        ticks, sounding = 0.0, {}
        for row in block.rows("E", "e", "Em", "em"):
            ticks += row.number(1)
            status, first, second = (int(v, 16) for v in row.values[2:5])
            _event(source, sounding, ticks, status, first, second, "m" in row.name)
        source.length = ticks / source.ppq
        source.pool = block.text("POOLEDEVTS")
        own = block.row("IGNTEMPO")
        source.own_bpm = own.number(2) if own.number(1) == 1 else 0.0
        if source.notes or source.pool not in self.pools:
            self.pools[source.pool] = source
        return source

    def share_pool(self, source: Source | None) -> None:
        if source is not None and source.pool and not source.notes:
            twin = self.pools[source.pool]
            source.notes, source.controls = twin.notes, twin.controls
            source.length, source.ppq = twin.length, twin.ppq


def _event(
    source: Source, sounding: dict[tuple[int, int], Note], ticks: float, status: int, first: int,
    second: int, muted: bool,
) -> None:  # fmt: skip
    kind, channel = status & 0xF0, status & 0x0F
    if kind == 0x90 and second > 0:
        note = Note(ticks, ticks, channel, first, second, muted)
        sounding[channel, first] = note
        source.notes.append(note)
    elif kind in (0x80, 0x90):
        if (channel, first) in sounding:
            sounding.pop((channel, first)).off = ticks
    else:
        source.controls.append((ticks, kind, channel, first, second))


def _takes(block: Block) -> Iterator[tuple[list[Row | Block], bool]]:
    """The item's first take stands in the item itself, each further one after a row TAKE."""
    rows: list[Row | Block] = []
    selected = False
    for child in block.children:
        if isinstance(child, Row) and child.name == "TAKE":
            yield rows, selected
            rows, selected = [], "SEL" in child.values
        else:
            rows.append(child)
    if any(isinstance(row, Block) and row.name == "SOURCE" for row in rows):
        yield rows, selected
