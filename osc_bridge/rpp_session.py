"""From a project file to the requests of its recordings, by the rules of the REAPER scripts.

What ``lib/session.lua``, ``lib/plan.lua`` and ``lib/request.lua`` do with an open project is done
here with its file: the same project gives the same request on both ways.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from avstem.errors import AvstemError, MediaError, RequestError, ScoreError
from osc_bridge.records import Item, JobRequest, PartRequest, Project, Section, Settings
from osc_bridge.rpp import parse_rpp
from osc_bridge.rpp_items import PathMap, RppItem, RppProject, RppTrack, read_project
from osc_bridge.rpp_midi import MidiItem, note_rows
from osc_bridge.rpp_midi_file import read_midi_file
from osc_bridge.tempo import TempoMap

SHORTEST_S = 2.0
OUTPUT = "avstem stems"  # beside the project
_NAMESPACE = uuid.UUID("5b1c7a52-93c4-5d0f-8f5e-2f7b6f0a8e11")

Duration = Callable[[Path], float]  # seconds of a media file; MediaError when it cannot tell


@dataclass(frozen=True)
class _Row:
    """A MIDI track with those of its items that count."""

    track: RppTrack
    items: tuple[RppItem, ...]


def open_project(path: Path, moved: PathMap = ()) -> RppProject:
    """Read a project file.

    Raises
    ------
    MediaError
        The file cannot be read, is no project, is cut off or damaged.

    """
    try:
        text = path.read_bytes().decode("utf-8", errors="surrogateescape")
    except OSError as error:
        raise MediaError(
            f"Cannot read {path}: {error.strerror or error}.", "Check the path and its rights."
        ) from error
    return read_project(parse_rpp(text), path, moved)


def job_requests(
    project: RppProject,
    settings: Settings,
    duration: Duration,
    *,
    ignore_selection: bool = False,
) -> tuple[JobRequest, ...]:
    """One request per recording: of the selected items, else of every video in the project.

    Raises
    ------
    RequestError, MediaError, ScoreError
        With the objections that the scripts would show.

    """
    media, rows, muted = _session(project, ignore_selection)
    _refuse(media, muted and _needs_score(settings))
    videos = [item for item in media if item.kind == "video"]
    if not videos and "motion" in settings.conditioning.split("+"):
        raise RequestError(
            "There is no video, and the conditioning leans on the players' movements.",
            "Leave the selected sound alone, or separate by score or by audio.",
        )
    sounds = [item for item in media if item.kind == "audio"] if videos else []
    if _needs_score(settings) and not rows:
        raise ScoreError(
            "There is no MIDI in the project.", "Import the score as MIDI, or choose another score."
        )
    groups = _by_file(videos or [item for item in media if item.kind == "audio"])
    made = []
    for group in groups:
        mixture = _mixture(group, sounds, len(groups) == 1)
        score = _score(group, rows, len(groups) == 1)
        if _needs_score(settings) and not score:
            raise ScoreError(
                f"No MIDI lies under {_label(group[0])}.",
                "Move its score under it, or select this item and its MIDI alone.",
            )
        made.append(_request(project, group, mixture, score, settings, duration))
    return tuple(made)


def _session(project: RppProject, ignore_selection: bool) -> tuple[list[RppItem], list[_Row], bool]:
    """Media items, audible MIDI rows, and whether there was MIDI but all of it is muted."""
    items = [item for track in project.tracks for item in track.items]
    chosen = [] if ignore_selection else [item for item in items if item.selected]
    media = [item for item in chosen or items if item.kind != "midi"]
    if not chosen:
        media = [item for item in media if item.kind == "video" and not item.silent]
    media.sort(key=lambda item: item.position_s)
    rows = _score_rows(project.tracks, ignore_selection)
    audible = [
        _Row(row.track, kept)
        for row in rows
        if not row.track.muted and (kept := tuple(filter(_is_heard, row.items)))
    ]
    return media, audible, bool(rows) and not audible


def _is_heard(item: RppItem) -> bool:
    return not (item.muted or item.silent)


def _score_rows(tracks: Sequence[RppTrack], ignore_selection: bool) -> list[_Row]:
    """The narrowest choice: selected MIDI items, else selected tracks, else all."""
    rules: list[Callable[[RppTrack, RppItem], bool]] = [
        lambda track, item: item.selected,
        lambda track, item: track.selected,
        lambda track, item: True,
    ]
    rows: list[_Row] = []
    for rule in rules[2:] if ignore_selection else rules:
        found = ((t, tuple(i for i in t.items if i.kind == "midi" and rule(t, i))) for t in tracks)
        rows = [_Row(track, items) for track, items in found if items]
        if rows:
            break
    return rows


def _refuse(media: list[RppItem], muted: bool) -> None:
    if not media:
        raise RequestError(
            "There is no video in the project, and no sound is selected in it.",
            "Save it with the video, or with the mix selected.",
        )
    for item in media:
        objection = _objection(item)
        if objection:
            raise objection
    if muted:
        raise ScoreError("All MIDI is muted.", "Unmute the items or tracks that hold the score.")


def _objection(item: RppItem) -> AvstemError | None:
    label = _label(item)
    if item.source is None:
        return RequestError("An item is empty: it has no take.", "Select the item with the video.")
    if item.kind == "offline":
        return MediaError(f"The media of {label} is offline.", "Set it online and save.")
    if item.kind != "other" and item.source.file and not _is_there(item.source.file):
        return MediaError(
            f"The media of {label} is missing: {item.source.file}",
            "Bring the file back or relink it; for another folder or system use --map.",
        )
    if item.kind == "other":
        return RequestError(f"{label} plays neither video nor sound.", "Glue or render it first.")
    if item.source.reversed:
        return RequestError(f"{label} is reversed.", "Undo the reversal and save.")
    if item.stretched:
        return RequestError(f"{label} has stretch markers.", "Glue the item and save.")
    if item.length_s < SHORTEST_S:
        what = f"{label} is {item.length_s:.2f} s long; at least {SHORTEST_S:g} s are needed."
        return RequestError(what, "Select a longer item.")
    return None


def _is_there(file: str) -> bool:
    try:
        return Path(file).is_file()
    except OSError:  # a name that no file can have
        return False


def _label(item: RppItem) -> str:
    return f"'{item.name or (item.source.file if item.source else '') or 'an item without name'}'"


def _by_file(items: Sequence[RppItem]) -> list[list[RppItem]]:
    groups: dict[str, list[RppItem]] = {}
    for item in items:
        groups.setdefault(item.source.file if item.source else "", []).append(item)
    return list(groups.values())


def _under(items: Sequence[RppItem], group: Sequence[RppItem]) -> list[RppItem]:
    return [
        item
        for item in items
        if any(item.position_s < g.end_s and g.position_s < item.end_s for g in group)
    ]


def _mixture(group: list[RppItem], sounds: list[RppItem], only: bool) -> list[RppItem]:
    found = sounds if only else _under(sounds, group)
    if len(_by_file(found)) > 1:
        raise RequestError(
            f"Two sounds lie under {_label(group[0])}.",
            "Select the one that is the mix of the whole ensemble, and the video.",
        )
    return found


def _score(group: list[RppItem], rows: list[_Row], only: bool) -> list[_Row]:
    """A score may lie elsewhere; only if MIDI lies under the item, it is just that.

    MIDI that is there goes along with every conditioning: it names the stems, or counts them.
    """
    under = [_Row(row.track, tuple(_under(row.items, group))) for row in rows]
    found = [row for row in under if row.items]
    return found or (rows if only else [])


def _needs_score(settings: Settings) -> bool:
    """Where it is not needed, MIDI that is there still names the stems."""
    return "score" in settings.conditioning.split("+")


def _request(
    project: RppProject,
    group: list[RppItem],
    mixture: list[RppItem],
    score: list[_Row],
    settings: Settings,
    duration: Duration,
) -> JobRequest:
    lead = group[0]
    items = sorted([*group, *mixture], key=lambda item: item.position_s)
    job = str(uuid.uuid5(_NAMESPACE, f"{project.path.resolve()}\n{lead.guid}"))
    parts = tuple(p for p in (_part(row, project.tempo) for row in score) if p.notes)
    if _needs_score(settings) and not parts:
        raise ScoreError(
            "The MIDI holds no note that sounds inside its items.",
            "Unmute the notes, or select the MIDI items that hold the score.",
        )
    return JobRequest(
        job=job,
        family=project.families.get(lead.guid.upper(), job),
        name=lead.name or project.name,
        submitted_s=0.0,
        serial=0,
        project=Project(project.id, project.name, str(project.path)),
        items=tuple(_item(item, duration) for item in items),
        parts=parts,
        time_selection=_selection(project.time_selection, items),
        output=str(project.path.parent / OUTPUT),
        settings=settings,
    )


def _item(item: RppItem, duration: Duration) -> Item:
    if item.source is None:
        raise RequestError("An item is empty: it has no take.")
    section, length_s = item.source.section, 0.0
    if section is None or section.length_s <= 0:
        length_s = duration(Path(item.source.file))
    if section is not None:
        length_s = section.length_s if section.length_s > 0 else length_s - section.start_s
        section = Section(section.start_s, length_s)
    if length_s <= 0:
        what = f"The media of {_label(item)} holds nothing: {item.source.file}"
        raise MediaError(what, "Correct the section or the file of the item, and save.")
    return Item(
        guid=item.guid,
        role=item.kind,
        name=item.name,
        file=item.source.file,
        position_s=item.position_s,
        length_s=item.length_s,
        offset_s=item.offset_s,
        playrate=item.playrate,
        section=section,
        loop=item.loop,
        source_length_s=length_s,
    )


def _part(row: _Row, tempo: TempoMap) -> PartRequest:
    notes, program = [], None
    for item in row.items:
        midi = item.source.midi if item.source else None
        if midi is None:
            continue
        midi = read_midi_file(midi) if midi.file else midi
        placed = (item.position_s, item.length_s, item.offset_s, item.playrate, item.loop)
        notes += note_rows(MidiItem(midi, *placed), tempo)
        program = midi.program if program is None else program
    digest = hashlib.sha256(repr(notes).encode()).hexdigest()[:32]
    return PartRequest(row.track.name, "", program, row.track.guid, digest, tuple(notes))


def _selection(
    span: tuple[float, float] | None, items: list[RppItem]
) -> tuple[float, float] | None:
    """A time selection that lies elsewhere was not meant for this job."""
    if span and any(span[0] < item.end_s and span[1] > item.position_s for item in items):
        return span
    return None
