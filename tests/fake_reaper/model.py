"""What a REAPER project holds, as the fake keeps it. Scripts see these objects as pointers only."""

from __future__ import annotations

import copy
import itertools
import uuid
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from fake_reaper.tempo import TempoMap

_numbers = itertools.count(1)


def new_guid() -> str:
    return "{" + str(uuid.uuid4()).upper() + "}"


@dataclass(eq=False, repr=False)
class Handle:
    """Something a script holds a pointer to; a dead one must not be used any more."""

    number: int = field(default_factory=lambda: next(_numbers), init=False)
    alive: bool = field(default=True, init=False)

    def __repr__(self) -> str:
        return f"<{'' if self.alive else 'stale '}{type(self).__name__} {self.number}>"


@dataclass(eq=False, repr=False)
class Note:
    on: float  # ticks
    off: float
    channel: int
    pitch: int
    velocity: int
    muted: bool = False


@dataclass(eq=False, repr=False)
class Source(Handle):
    """A PCM_source; a section or a reversed source has a parent and no file of its own."""

    kind: str
    file: str = ""
    length: float = 0.0  # seconds; quarter notes for MIDI
    section: tuple[float, float, bool] | None = None  # offset, length, reversed
    parent: Source | None = None
    notes: list[Note] = field(default_factory=list)
    controls: list[tuple[float, int, int, int, int]] = field(default_factory=list)
    ppq: int = 960
    pool: str = ""
    own_bpm: float = 0.0  # of a MIDI source that ignores the project's tempo
    owned: bool = True
    peaks: int = 0  # percent that is built

    @property
    def is_midi(self) -> bool:
        return self.kind in ("MIDI", "MIDIPOOL")


@dataclass(eq=False, repr=False)
class Take(Handle):
    item: Item
    source: Source | None = None
    name: str = ""
    guid: str = field(default_factory=new_guid)
    values: dict[str, float] = field(
        default_factory=lambda: {"D_STARTOFFS": 0.0, "D_PLAYRATE": 1.0, "D_VOL": 1.0, "B_PPITCH": 1}
    )
    ext: dict[str, str] = field(default_factory=dict)
    stretch_markers: int = 0


@dataclass(eq=False, repr=False)
class Item(Handle):
    track: Track
    takes: list[Take] = field(default_factory=list)
    active: int = 0
    guid: str = field(default_factory=new_guid)
    values: dict[str, float] = field(
        default_factory=lambda: {
            "D_POSITION": 0.0, "D_LENGTH": 0.0, "B_LOOPSRC": 1.0, "B_MUTE": 0.0, "B_UISEL": 0.0,
            "C_LANEPLAYS": 0.0,
        }
    )  # fmt: skip
    ext: dict[str, str] = field(default_factory=dict)


@dataclass(eq=False, repr=False)
class Track(Handle):
    name: str = ""
    guid: str = field(default_factory=new_guid)
    values: dict[str, float] = field(
        default_factory=lambda: {
            "I_FOLDERDEPTH": 0.0, "I_CUSTOMCOLOR": 0.0, "B_MUTE": 0.0, "I_SOLO": 0.0,
            "I_SELECTED": 0.0, "D_VOL": 1.0, "I_FREEMODE": 0.0,
        }
    )  # fmt: skip
    ext: dict[str, str] = field(default_factory=dict)
    items: list[Item] = field(default_factory=list)


@dataclass(eq=False, repr=False)
class Undo:
    text: str
    before: list[Track]


@dataclass(eq=False, repr=False)
class Project(Handle):
    """One tab."""

    path: str = ""
    tracks: list[Track] = field(default_factory=list)
    tempo: TempoMap = field(default_factory=TempoMap)
    time_selection: tuple[float, float] = (0.0, 0.0)
    ext: dict[tuple[str, str], str] = field(default_factory=dict)  # by names in small letters
    undo: list[Undo] = field(default_factory=list)
    open_blocks: list[list[Track]] = field(default_factory=list)  # what was there at each begin

    def items(self) -> Iterator[Item]:
        for track in self.tracks:
            yield from track.items

    def handles(self) -> Iterator[Handle]:
        for track in self.tracks:
            yield track
            for item in track.items:
                yield item
                for take in item.takes:
                    yield take
                    if take.source:
                        yield take.source

    def memento(self) -> list[Track]:
        """A copy of everything that undo brings back."""
        return copy.deepcopy(self.tracks)

    def restore(self, tracks: list[Track]) -> None:
        """Bring a copy back. REAPER makes everything anew: all pointers are stale."""
        self.kill()
        self.tracks = copy.deepcopy(tracks)
        for handle in self.handles():
            handle.number = next(_numbers)
            handle.alive = True

    def kill(self) -> None:
        for handle in self.handles():
            handle.alive = False

    def track(self, name: str) -> Track:
        return next(t for t in self.tracks if t.name == name)

    def item(self, take_name: str) -> Item:
        return next(i for i in self.items() if i.takes and i.takes[i.active].name == take_name)


def fingerprint(project: Project) -> int:
    """Another number after any change, as GetProjectStateChangeCount gives."""
    notes = [
        [vars(note) for take in item.takes if take.source for note in take.source.notes]
        for item in project.items()
    ]
    return zlib.crc32(repr((describe(project), notes)).encode())


def describe(project: Project) -> list[dict[str, object]]:
    """The project as plain values, to be compared with an expected state."""
    return [
        {
            "track": track.name,
            "depth": int(track.values["I_FOLDERDEPTH"]),
            "colour": int(track.values["I_CUSTOMCOLOR"]),
            "items": [
                {
                    "at": (round(i.values["D_POSITION"], 9), round(i.values["D_LENGTH"], 9)),
                    "loop": bool(i.values["B_LOOPSRC"]),
                    "mute": bool(i.values["B_MUTE"]),
                    "takes": [_describe_take(t) for t in i.takes],
                }
                for i in track.items
            ],
        }
        for track in project.tracks
    ]


def _describe_take(take: Take) -> tuple[str, str, float, float]:
    file = take.source.file if take.source else ""
    offset, rate = take.values["D_STARTOFFS"], take.values["D_PLAYRATE"]
    return take.name, file.rsplit("/", 1)[-1], round(offset, 9), round(rate, 9)


def tags(project: Project) -> list[object]:
    """What scripts wrote on tracks, items and takes (P_EXT)."""
    return [
        (track.ext, [(item.ext, [take.ext for take in item.takes]) for item in track.items])
        for track in project.tracks
    ]
