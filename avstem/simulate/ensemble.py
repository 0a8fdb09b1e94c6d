"""Ensemble: from a score to a folder that holds a performance on video and its truth.

score -> performance (clock, players, strokes) -> sound (dry parts, room, mix) and picture
(gestures, poses, figures, film) -> ``video.mp4``, ``mix.wav``, ``stems/``, ``score.mid``,
``truth.json``.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pretty_midi

from avstem.datatypes import FloatArray, Notes, Part, Progress, Score, no_progress
from avstem.errors import OutputError, RequestError
from avstem.simulate.instruments import Instrument, instrument_of, named_instrument
from avstem.simulate.mixing import part_gains_db, render_stems, write_sound
from avstem.simulate.perform import Performance, perform
from avstem.simulate.picture import film, make_scene
from avstem.simulate.room import places
from avstem.simulate.settings import SimulationSettings
from avstem.simulate.truth import write_truth


def simulate(
    score: Path | str | Score,
    output: Path | str,
    *,
    parts: Sequence[str | int] | None = None,
    instruments: Sequence[str] | None = None,
    overwrite: bool = False,
    progress: Progress = no_progress,
    **settings: Any,
) -> Path:
    """Perform a score and film it; return the folder that was written.

    parts : names or numbers (from 0) of the score's parts that play, in the order wanted; None
        for all. instruments : what they play, one name per part; None to read it off the score.
    settings : fields of `SimulationSettings`, such as ``seed`` and ``difficulty``.

    Raises
    ------
    RequestError
        Settings, parts or instruments contradict themselves or the score.
    ScoreError
        The score cannot be read, or a chosen part is silent in the excerpt.
    OutputError
        The folder exists and ``overwrite`` is not set, or cannot be written.
    MissingExtra
        FluidSynth or a sound font is missing.
    """
    chosen = SimulationSettings(**settings)
    target = Path(output)
    _check_target(target, overwrite)
    ensemble = choose_parts(_read(score), parts)
    players = choose_instruments(ensemble, instruments)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent) as scratch:
            folder = Path(scratch) / "result"
            _produce(folder, ensemble, players, chosen, progress)
            if target.exists():
                target.rename(Path(scratch) / "replaced")  # goes with the scratch folder
            folder.rename(target)
    except OSError as error:
        why = error.strerror or str(error)
        raise OutputError(f"Cannot write to {target}: {why}.", "Choose another folder.") from error
    return target


def _check_target(target: Path, overwrite: bool) -> None:
    """Refuse what is there, unless it may be replaced and is nothing but a simulated recording."""
    if not target.exists():
        return
    if not overwrite:
        raise OutputError(
            f"The output folder {target} exists already.",
            "Choose another one, or allow to replace it (--overwrite).",
        )
    ours = target.is_dir() and ((target / "truth.json").is_file() or not any(target.iterdir()))
    if not ours:
        raise OutputError(
            f"Expected a simulated recording to replace, found something else in {target}.",
            "Choose another folder; only one that holds a truth.json is replaced.",
        )


def _read(score: Path | str | Score) -> Score:
    if isinstance(score, Score):
        return score
    from avstem.media.score import read_score

    return read_score(Path(score))


def choose_parts(score: Score, wanted: Sequence[str | int] | None) -> Score:
    """The parts named by the user, numbered anew.

    Raises
    ------
    RequestError
        The score has no such part.
    """
    if wanted is None:
        return score
    names = [part.name for part in score.parts]
    found = []
    for want in wanted:
        number = names.index(want) if want in names else want
        if isinstance(number, str) and number.isdigit():
            number = int(number)
        if not isinstance(number, int) or not 0 <= number < len(names):
            raise RequestError(
                f"The score has no part {want!r}; it has {', '.join(names)}.",
                "Name parts as the score does, or by number from 0.",
            )
        found.append(score.parts[number])
    renumbered = tuple(
        Part(index, part.name, part.instrument, part.notes) for index, part in enumerate(found)
    )
    return Score(renumbered, score.warnings)


def choose_instruments(score: Score, wanted: Sequence[str] | None) -> tuple[Instrument, ...]:
    """One instrument per part, by the user's word or the score's.

    Raises
    ------
    RequestError
        The number of instruments differs from that of the parts, or one is unknown.
    """
    if wanted is None:
        return tuple(instrument_of(part) for part in score.parts)
    if len(wanted) != len(score.parts):
        raise RequestError(
            f"{len(score.parts)} parts need as many instruments, found {len(wanted)}.",
            "Name one instrument per part, in order.",
        )
    return tuple(named_instrument(name) for name in wanted)


def _produce(
    folder: Path,
    score: Score,
    instruments: tuple[Instrument, ...],
    settings: SimulationSettings,
    progress: Progress,
) -> None:
    excerpt, performance = perform(score, instruments, settings)
    order = tuple(int(p) for p in settings.rng("order").permutation(len(instruments)))
    seats = tuple(order.index(part) for part in range(len(order)))
    folder.mkdir()
    (folder / "stems").mkdir()
    mixed = _write_sounds(folder, performance, seats, settings)
    progress(0.2)
    write_midi(folder / "score.mid", excerpt, instruments)
    scene = None
    if settings.size is not None:
        scene = make_scene(performance, order, settings)
        film(scene, folder / "mix.wav", folder / "video.mp4", settings,
             lambda share: progress(0.2 + 0.8 * share))  # fmt: skip
    write_truth(folder / "truth.json", excerpt, performance, order, scene, mixed, settings)
    progress(1.0)


def _write_sounds(
    folder: Path, performance: Performance, seats: tuple[int, ...], settings: SimulationSettings
) -> list[dict[str, Any]]:
    stems = render_stems(performance, seats, settings, folder)
    where = places(len(stems), settings)
    gains_db = part_gains_db(performance, settings)
    mixed = []
    for index, stem in enumerate(stems):
        name = f"{index + 1:02d} {performance.parts[index].part.name}.wav"
        write_sound(folder / "stems" / name, stem, settings.rate_hz)
        mixed.append(
            {
                "stem": f"stems/{name}",
                "pan": round(where[seats[index]].pan, 3),
                "gain_db": round(float(gains_db[index]), 2),
            }
        )
    mix: FloatArray = np.asarray(sum(stem.astype(np.float64) for stem in stems), np.float32)
    write_sound(folder / "mix.wav", mix, settings.rate_hz)
    (folder / "part.mid").unlink(missing_ok=True)
    return mixed


def write_midi(path: Path, score: Score, instruments: tuple[Instrument, ...]) -> None:
    """The score as a MIDI file in score time, one named track per part."""
    midi = pretty_midi.PrettyMIDI(resolution=960, initial_tempo=120.0)
    for part, instrument in zip(score.parts, instruments, strict=True):
        track = pretty_midi.Instrument(instrument.program, name=part.name)
        track.notes = [_midi_note(part.notes, n) for n in range(len(part.notes))]
        midi.instruments.append(track)
    midi.write(str(path))


def _midi_note(notes: Notes, n: int) -> pretty_midi.Note:
    return pretty_midi.Note(
        int(notes.velocities[n]),
        int(notes.pitches[n]),
        float(notes.onsets_s[n]),
        float(notes.offsets_s[n]),
    )
