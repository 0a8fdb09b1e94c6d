"""Small projects as REAPER writes them, for the tests of the scripts."""

from __future__ import annotations

from dataclasses import dataclass, field

TRACK_GUID = "{{00000000-0000-4000-8000-0000000000{:02X}}}"
ITEM_GUID = "{{00000000-0000-4000-8000-0000000001{:02X}}}"
TAKE_GUID = "{{00000000-0000-4000-8000-0000000002{:02X}}}"

VIDEO_ITEM = ITEM_GUID.format(1)


@dataclass
class RppItem:
    """One media item; ``source`` is the text of its SOURCE block."""

    name: str
    source: str
    position: float = 10.0
    length: float = 20.0
    offset: float = 0.0
    rate: float = 1.0
    loop: int = 0
    selected: int = 0
    muted: int = 0
    extra: str = ""
    lane: str = ""  # values of YPOS


@dataclass
class RppTrack:
    name: str
    items: list[RppItem] = field(default_factory=list)
    folder: tuple[int, int] = (0, 0)
    muted: int = 0
    selected: int = 0
    colour: int = 16576  # without 0x1000000: not a colour of the user's
    lanes: str = ""  # rows of fixed item lanes


def file_source(kind: str, file: str) -> str:
    return f'      <SOURCE {kind}\n        FILE "{file}"\n      >\n'


def section_source(inner: str, start: float, length: float, mode: int = 0) -> str:
    return (
        f"      <SOURCE SECTION\n        LENGTH {length}\n        MODE {mode}\n"
        f"        STARTPOS {start}\n{inner}      >\n"
    )


def midi_source(
    notes: list[tuple[int, int, int]], end: int, pool: str = "", kind: str = "MIDI"
) -> str:
    """notes : rows (on, off, pitch) in ticks of 960 to the quarter; end : ticks of the source."""
    events = [(on, f"90 {pitch:02x} 60") for on, _, pitch in notes]
    events += [(off, f"80 {pitch:02x} 00") for _, off, pitch in notes]
    lines, last = [], 0
    for ticks, text in sorted(events):
        lines.append(f"        E {ticks - last} {text}")
        last = ticks
    lines.append(f"        E {end - last} b0 7b 00")
    pooled = f"        POOLEDEVTS {pool}\n" if pool else ""
    body = "\n".join(lines) if notes else f"        E {end} b0 7b 00"
    return f"      <SOURCE {kind}\n        HASDATA 1 960 QN\n{pooled}{body}\n      >\n"


def project_text(tracks: list[RppTrack], tempo: str = "", selection: str = "0 0") -> str:
    """A whole project."""
    number = iter(range(1, 200))
    body = "".join(_track_text(track, n + 1, number) for n, track in enumerate(tracks))
    return (
        '<REAPER_PROJECT 0.1 "7.22/linux-x86_64" 1730000000\n'
        f"  RIPPLE 0\n  SELECTION {selection}\n  TEMPO 120 4 4\n{tempo}{body}>\n"
    )


def _track_text(track: RppTrack, number: int, items: object) -> str:
    guid = TRACK_GUID.format(number)
    inner = "".join(_item_text(item, next(items)) for item in track.items)  # type: ignore[call-overload]
    lanes = f"    {track.lanes}\n" if track.lanes else ""
    return (
        f'  <TRACK {guid}\n    NAME "{track.name}"\n    PEAKCOL {track.colour}\n'
        f"    MUTESOLO {track.muted} 0 0\n    ISBUS {track.folder[0]} {track.folder[1]}\n{lanes}"
        f"    SEL {track.selected}\n    TRACKID {guid}\n{inner}  >\n"
    )


def _item_text(item: RppItem, number: int) -> str:
    lane = f"      YPOS {item.lane}\n" if item.lane else ""
    return (
        f"    <ITEM\n      POSITION {item.position}\n      LENGTH {item.length}\n"
        f"      LOOP {item.loop}\n      MUTE {item.muted} 0\n      SEL {item.selected}\n{lane}"
        f'      IGUID {ITEM_GUID.format(number)}\n      NAME "{item.name}"\n'
        f"      SOFFS {item.offset}\n      PLAYRATE {item.rate} 1 0 -1 0 0.0025\n"
        f"      GUID {TAKE_GUID.format(number)}\n{item.extra}{item.source}    >\n"
    )
