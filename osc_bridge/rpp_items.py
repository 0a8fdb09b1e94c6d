"""A project file as tracks and items, with what each take plays: the records that planning needs.

The counterpart of ``lib/session.lua`` and ``lib/source.lua``, which read the same from REAPER.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath, PureWindowsPath

from osc_bridge.records import Section
from osc_bridge.rpp import Block, Row
from osc_bridge.rpp_midi import MidiSource, read_midi_source, shared
from osc_bridge.tempo import TempoMap, TempoPoint, tempo_point

_MIDI = {"MIDI", "MIDIPOOL"}
_OTHER = {"", "EMPTY", "VIDEOEFFECT", "RPP_PROJECT", "CLICK", "LTC"}
# REAPER opens these through its video decoder although they hold sound alone.
_SOUND_ONLY = {".m4a", ".aac", ".wma", ".ac3", ".mka", ".opus"}
_REVERSED = 2  # bit of MODE

PathMap = tuple[tuple[str, str], ...]  # (prefix as in the project, folder here)


@dataclass(frozen=True)
class Source:
    """What a take plays in the end: kind, root file, and the section of it."""

    kind: str  # "video", "audio", "midi", "offline" or "other"
    file: str = ""
    section: Section | None = None  # length 0: to the end of the file
    reversed: bool = False
    midi: MidiSource | None = None


@dataclass(frozen=True)
class RppItem:
    """One item with its active take."""

    guid: str
    name: str
    position_s: float
    length_s: float
    loop: bool
    muted: bool
    selected: bool
    offset_s: float
    playrate: float
    stretched: bool
    source: Source | None  # None without a take

    @property
    def kind(self) -> str:
        """Kind of its source."""
        return self.source.kind if self.source else "other"

    @property
    def end_s(self) -> float:
        """Project time of its end."""
        return self.position_s + self.length_s


@dataclass(frozen=True)
class RppTrack:
    """One track; ``name`` as REAPER shows it, also without a name of its own."""

    guid: str
    name: str
    muted: bool
    selected: bool
    items: tuple[RppItem, ...] = field(repr=False)


@dataclass(frozen=True)
class RppProject:
    """The project of a file."""

    path: Path
    id: str  # as the scripts gave it, "" when they never did
    tracks: tuple[RppTrack, ...] = field(repr=False)
    tempo: TempoMap = field(repr=False)
    time_selection: tuple[float, float] | None

    @property
    def name(self) -> str:
        """File name without suffix."""
        return self.path.stem if self.path.suffix.lower() == ".rpp" else self.path.name


def read_project(root: Block, path: Path, moved: PathMap = ()) -> RppProject:
    """Tracks, items and tempo of a parsed project whose file is ``path``."""
    read = _Reader(path.parent, moved)
    tracks = [read.track(b, n) for n, b in enumerate(root.blocks("TRACK"), 1)]
    pools: dict[str, MidiSource] = {}
    for source in _midi_sources(tracks):
        if source.pool and source.notes:
            pools.setdefault(source.pool, source)
    selection = root.row("SELECTION")
    from_s, to_s = selection.number(1), selection.number(2)
    return RppProject(
        path=path,
        id=_project_id(root),
        tracks=tuple(_with_pools(track, pools) for track in tracks),
        tempo=_tempo(root),
        time_selection=(from_s, to_s) if to_s > from_s else None,
    )


def _tempo(root: Block) -> TempoMap:
    rows = [row for block in root.blocks("TEMPOENVEX") for row in block.rows("PT")]
    points = [tempo_point(row.number(1), row.number(2), row.number(3)) for row in rows]
    sane = sorted((p for p in points if p.bpm > 0), key=lambda p: p.time_s)
    plain = TempoPoint(0.0, max(root.number("TEMPO", 120.0), 1.0), ramp=False)
    return TempoMap(tuple(sane) or (plain,))


def _project_id(root: Block) -> str:
    for section in (s for state in root.blocks("EXTSTATE") for s in state.blocks()):
        if section.name.lower() == "avstem":
            return next((r.values[1] for r in section.rows() if _is_id(r)), "")
    return ""


def _is_id(row: Row) -> bool:
    return row.name.lower() == "id" and len(row.values) > 1


def _midi_sources(tracks: list[RppTrack]) -> Iterator[MidiSource]:
    for track in tracks:
        for item in track.items:
            if item.source and item.source.midi:
                yield item.source.midi


def _with_pools(track: RppTrack, pools: dict[str, MidiSource]) -> RppTrack:
    if not any(i.source and i.source.midi and i.source.midi.pool for i in track.items):
        return track
    return replace(track, items=tuple(_pooled(item, pools) for item in track.items))


def _pooled(item: RppItem, pools: dict[str, MidiSource]) -> RppItem:
    if not (item.source and item.source.midi):
        return item
    midi = shared(item.source.midi, pools)
    return replace(item, source=replace(item.source, midi=midi))


class _Reader:
    def __init__(self, folder: Path, moved: PathMap) -> None:
        self.folder = folder
        self.moved = moved

    def track(self, block: Block, number: int) -> RppTrack:
        return RppTrack(
            guid=block.arguments[0] if block.arguments else block.text("TRACKID"),
            name=block.text("NAME") or f"Track {number}",
            muted=block.number("MUTESOLO") == 1,
            selected=block.number("SEL") == 1,
            items=tuple(self.item(child) for child in block.blocks("ITEM")),
        )

    def item(self, block: Block) -> RppItem:
        take = _active_take(block)
        rows = {child.name: child for child in reversed(take) if isinstance(child, Row)}
        source = next((b for b in take if isinstance(b, Block) and b.name == "SOURCE"), None)
        name = rows.get("NAME", Row((), -1)).values[1:2]
        return RppItem(
            guid=block.text("IGUID"),
            name=name[0] if name else "",
            position_s=block.number("POSITION"),
            length_s=block.number("LENGTH"),
            loop=block.number("LOOP", 1.0) == 1,
            muted=block.number("MUTE") == 1,
            selected=block.number("SEL") == 1,
            offset_s=rows["SOFFS"].number(1) if "SOFFS" in rows else 0.0,
            playrate=rows["PLAYRATE"].number(1, 1.0) if "PLAYRATE" in rows else 1.0,
            stretched="SM" in rows,
            source=self.source(source) if source else None,
        )

    def source(self, block: Block) -> Source:
        kind = block.arguments[0] if block.arguments else ""
        if kind == "SECTION":
            return self.section(block)
        if kind in _MIDI:
            return Source("midi", midi=read_midi_source(block))
        file = self.locate(block.text("FILE"))
        return Source(_kind(kind, file), file)

    def section(self, block: Block) -> Source:
        inner = block.block("SOURCE")
        if inner is None:
            return Source("other")
        found = self.source(inner)
        if found.kind == "midi":
            return found
        start_s, length_s = block.number("STARTPOS"), block.number("LENGTH")
        if found.section:  # sections inside sections add up; the outer one tells the length
            start_s += found.section.start_s
            length_s = length_s or found.section.length_s
        turned = bool(int(block.number("MODE")) & _REVERSED) != found.reversed
        return replace(found, section=Section(start_s, length_s), reversed=turned)

    def locate(self, file: str) -> str:
        """Where a file of the project is here: relative to it, moved folders replaced."""
        if not file:
            return ""
        plain = file.replace("\\", "/")
        for prefix, folder in self.moved:
            wanted = prefix.replace("\\", "/").rstrip("/") + "/"
            if plain.lower().startswith(wanted.lower()):
                return str(Path(folder) / plain[len(wanted) :])
        if Path(file).is_absolute():
            return file
        if PureWindowsPath(file).is_absolute():
            return file  # of another system: it will be reported as missing
        return str(self.folder / PurePosixPath(plain))


def _active_take(block: Block) -> list[Row | Block]:
    """Rows of the active take: the first stands in the item, each further one after ``TAKE``."""
    takes: list[list[Row | Block]] = [[]]
    active = 0
    for child in block.children:
        if isinstance(child, Row) and child.name == "TAKE":
            if "SEL" in child.values:
                active = len(takes)
            takes.append([])
        else:
            takes[-1].append(child)
    return takes[active]


def _kind(kind: str, file: str) -> str:
    if "OFFLINE" in kind:
        return "offline"
    if kind in _OTHER:
        return "other"
    is_picture = kind == "VIDEO" and Path(file).suffix.lower() not in _SOUND_ONLY
    return "video" if is_picture else "audio"
