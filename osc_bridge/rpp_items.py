"""A project file as tracks and items, with what each take plays: the records that planning needs.

The counterpart of ``lib/session.lua`` and ``lib/source.lua``, which read the same from REAPER.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath, PureWindowsPath

from osc_bridge.records import Section
from osc_bridge.rpp import Block, Row, damaged
from osc_bridge.rpp_lanes import is_silent
from osc_bridge.rpp_midi import MidiSource, checked_bpm, read_midi_source, shared
from osc_bridge.rpp_state import families, project_id
from osc_bridge.rpp_takes import active_take
from osc_bridge.tempo import TempoMap, TempoPoint, tempo_point

_MIDI = {"MIDI", "MIDIPOOL"}
_OTHER = {"", "EMPTY", "VIDEOEFFECT", "RPP_PROJECT", "CLICK", "LTC"}
# REAPER opens these through its video decoder although they hold sound alone.
_SOUND_ONLY = {".m4a", ".aac", ".wma", ".ac3", ".mka", ".opus"}
_REVERSED = 2  # bit of MODE
_PLAYRATES = (1e-3, 1e3)  # slower or faster is a damaged file

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
    silent: bool  # on a lane that does not play
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
    families: Mapping[str, str]  # of the results of an item, by its GUID in capitals
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
        id=project_id(root),
        families=families(root),
        tracks=tuple(_with_pools(track, pools) for track in tracks),
        tempo=_tempo(root),
        time_selection=(from_s, to_s) if to_s > from_s else None,
    )


def _tempo(root: Block) -> TempoMap:
    rows = [row for block in root.blocks("TEMPOENVEX") for row in block.rows("PT")]
    points = [
        tempo_point(row.number(1), checked_bpm(row.number(2), row), row.number(3)) for row in rows
    ]
    plain = root.row("TEMPO")
    bpm = checked_bpm(plain.number(1, 120.0), plain)
    ordered = sorted(points, key=lambda point: point.time_s)
    return TempoMap(tuple(ordered) or (TempoPoint(0.0, bpm, ramp=False),))


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
            items=tuple(self.item(child, block) for child in block.blocks("ITEM")),
        )

    def item(self, block: Block, track: Block) -> RppItem:
        take = active_take(block)
        name = take.row("NAME").values[1:2]
        return RppItem(
            guid=block.text("IGUID"),
            name=name[0] if name else "",
            position_s=block.number("POSITION"),
            length_s=block.number("LENGTH"),
            loop=block.number("LOOP", 1.0) == 1,
            muted=block.number("MUTE") == 1,
            silent=is_silent(block, track),
            selected=block.number("SEL") == 1,
            offset_s=take.row("SOFFS").number(1),
            playrate=_playrate(take.row("PLAYRATE")),
            stretched=take.row("SM").line >= 0,
            source=self.source(take.source) if take.source else None,
        )

    def source(self, block: Block) -> Source:
        kind = block.arguments[0] if block.arguments else ""
        if kind == "SECTION":
            return self.section(block)
        if kind in _MIDI:
            return Source("midi", midi=read_midi_source(block, self.locate(block.text("FILE"))))
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


def _playrate(row: Row) -> float:
    rate = row.number(1, 1.0)
    if not _PLAYRATES[0] <= rate <= _PLAYRATES[1]:
        raise damaged(row.line, f"a play rate of {rate:g}")
    return rate


def _kind(kind: str, file: str) -> str:
    if "OFFLINE" in kind:
        return "offline"
    if kind in _OTHER:
        return "other"
    is_picture = kind == "VIDEO" and Path(file).suffix.lower() not in _SOUND_ONLY
    return "video" if is_picture else "audio"
