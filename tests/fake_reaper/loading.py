"""A project of the fake from the text of an ``.rpp`` file, as REAPER would open it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import mido

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
        ext={
            (section.name.lower(), name.lower()): value
            for state in root.blocks("EXTSTATE")
            for section in state.blocks()
            for name, value in _tags(section).items()
        },
    )


def _tags(block: Block) -> dict[str, str]:
    return {row.values[0]: row.values[1] for row in block.rows() if len(row.values) > 1}


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
            "I_FREEMODE": block.number("FREEMODE"),
        }
        track.ext = {k: v for b in block.blocks("EXT") for k, v in _tags(b).items()}
        colour = block.number("PEAKCOL")
        track.values["I_CUSTOMCOLOR"] = colour if int(colour) & 0x1000000 else 0
        track.items = [self.item(b, track) for b in block.blocks("ITEM")]
        if "LANESOLO" in {row.name for row in block.rows()} or track.values["I_FREEMODE"] == 2:
            _set_lanes(block, track.items)
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
        item.ext = {k: v for b in block.blocks("EXTI") for k, v in _tags(b).items()}
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
                elif child.name == "EXT":
                    take.ext = _tags(child)
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
        file = block.text("FILE")
        if file:
            _fill(source, self.folder / file)
        ticks, sounding = 0.0, {}
        for child in block.children:
            # A line "E 480 90 3c 60", or the head of a block "<X 480 0": time passes in both.
            words = (child.name, *child.arguments) if isinstance(child, Block) else child.values
            if words and words[0].rstrip("m") in {"E", "e", "X", "x"}:
                ticks += float(words[1])
            if words and words[0] in {"E", "e", "Em", "em"}:
                status, first, second = (int(v, 16) for v in words[2:5])
                _event(source, sounding, ticks, status, first, second, words[0].endswith("m"))
        source.length = source.length or ticks / source.ppq
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


def _set_lanes(block: Block, items: list[Item]) -> None:
    """C_LANEPLAYS of a track's items: 0 silent, 1 alone, 2 with others."""
    count = int(block.number("ITEMLANES", 1))
    solo = [int(word) for word in block.row("LANESOLO").values[1:]] or [-1]
    playing = [n for n in range(count) if solo[n // 32] & (1 << n % 32)]
    for item, text in zip(items, block.blocks("ITEM"), strict=True):
        top, height = text.number("YPOS"), text.number("YPOS", 1.0, 1)
        heard = round(top / height) in playing
        item.values["C_LANEPLAYS"] = float(heard and min(len(playing), 2))


def _fill(source: Source, path: Path) -> None:
    """The events of a MIDI file, all tracks in one, in order of time."""
    file = mido.MidiFile(path)
    source.ppq, end, sounding = file.ticks_per_beat, 0, {}
    found = []
    for track in file.tracks:
        ticks = 0
        for message in track:
            ticks += message.time
            if not message.is_meta and message.type != "sysex":
                found.append((ticks, *message.bytes(), 0))
        end = max(end, ticks)
    for ticks, status, first, second, *_ in sorted(found):
        _event(source, sounding, ticks, status, first, second, False)
    source.length = end / source.ppq


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
