"""Dry sound of one performed part: sampled instruments by FluidSynth, or additive synthesis.

FluidSynth is run as a program on a MIDI file of the part, with its reverb and chorus off.
Vibrato, intonation and slides are pitch bend; swells are expression. Neighbouring notes take
turns on several MIDI channels, so that the tail of a note is not bent by the next one.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import mido
import numpy as np
import soundfile
from scipy.signal import lfilter

from avstem.datatypes import FloatArray
from avstem.errors import MediaError, MissingExtra
from avstem.simulate.perform import PerformedPart
from avstem.simulate.settings import SimulationSettings

Synth = Callable[[PerformedPart, float, SimulationSettings, Path], FloatArray]

_FOLDERS = (
    Path("/usr/share/sounds/sf2"),
    Path("/usr/share/sounds/sf3"),
    Path("/usr/share/soundfonts"),
)
_PREFERRED = ("FluidR3_GM.sf2", "default-GM.sf2", "MuseScore_General.sf3", "default-GM.sf3")
_HINT = (
    "Install it (Debian and Ubuntu: apt install fluidsynth fluid-soundfont-gm), name a sound font "
    "in AVSTEM_SOUNDFONT, or choose the built-in additive synth."
)
_CHANNELS = (0, 1, 2, 3)
_TICKS_PER_S = 10000
_CONTROL_S = 0.01
_BEND_SEMITONES = 2.0
_SLIDE_S = 0.05


def dry_sound(
    part: PerformedPart, duration_s: float, settings: SimulationSettings, scratch: Path
) -> FloatArray:
    """The part as a close, dry microphone hears it: float32 (samples,), level as it comes.

    Raises
    ------
    MissingExtra
        FluidSynth or a sound font is missing.
    MediaError
        FluidSynth failed.
    """
    synth: Synth = {"fluidsynth": _fluidsynth, "additive": _additive}[settings.synth]
    samples = round(duration_s * settings.rate_hz)
    sound = synth(part, duration_s, settings, scratch)[:samples]
    return np.pad(sound, (0, samples - len(sound))).astype(np.float32)


# ----------------------------------------------------------------------- expression


def bend_semitones(part: PerformedPart, n: int, times_s: FloatArray) -> FloatArray:
    """Deviation from note n's pitch at media times: intonation, vibrato, slide into the note."""
    t = times_s - part.notes.onsets_s[n]
    grown = np.clip((t - 0.12) / 0.25, 0.0, 1.0)
    cents = part.cents[n] + part.vibrato_cents[n] * grown * np.sin(
        2 * np.pi * part.vibrato_hz[n] * t
    )
    if n > 0 and part.phrasing.joins_next[n - 1] and part.instrument.bowed:
        step = float(np.clip(part.notes.pitches[n - 1] - part.notes.pitches[n], -1, 1))
        cents = cents + 30.0 * step * np.clip(1.0 - t / _SLIDE_S, 0.0, 1.0)
    return np.asarray(cents / 100.0)


def swell_db(part: PerformedPart, n: int, times_s: FloatArray) -> FloatArray:
    """Level of note n at media times, 0 dB at most: long notes swell, slurred ones start soft."""
    length_s = float(part.notes.offsets_s[n] - part.notes.onsets_s[n])
    u = np.clip((times_s - part.notes.onsets_s[n]) / max(length_s, 0.05), 0.0, 1.0)
    depth_db = 5.0 * float(np.clip((length_s - 0.3) / 1.2, 0.0, 1.0))
    soft_db = 0.0 if part.phrasing.starts[n] else 2.0
    return np.asarray(-depth_db * (1.0 - np.sin(np.pi * u)) - soft_db)


# ----------------------------------------------------------------------- fluidsynth


def find_sound_font(settings: SimulationSettings) -> Path:
    """The sound font that was asked for, or the best one installed."""
    asked = settings.sound_font or os.environ.get("AVSTEM_SOUNDFONT")
    if asked:
        if not Path(asked).is_file():
            raise MissingExtra(f"The sound font {asked} does not exist.", _HINT)
        return Path(asked)
    for name in _PREFERRED:
        for folder in _FOLDERS:
            if (folder / name).is_file():
                return folder / name
    raise MissingExtra("No General MIDI sound font was found.", _HINT)


def _fluidsynth(
    part: PerformedPart, duration_s: float, settings: SimulationSettings, scratch: Path
) -> FloatArray:
    program = shutil.which("fluidsynth")
    if program is None:
        raise MissingExtra("The program fluidsynth was not found.", _HINT)
    midi, wav = scratch / "part.mid", scratch / "part.wav"
    performed_midi(part, duration_s).save(midi)
    command = [
        program, "-ni", "-q", "-R", "0", "-C", "0", "-g", "0.6", "-r", str(settings.rate_hz),
        "-O", "float", "-T", "wav", "-F", str(wav), str(find_sound_font(settings)), str(midi),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0 or not wav.exists():
        raise MediaError(
            f"FluidSynth failed with status {done.returncode}: {done.stderr.strip()[-300:]}", _HINT
        )
    sound, _ = soundfile.read(wav, dtype="float32", always_2d=True)
    wav.unlink()
    return np.asarray(sound.mean(axis=1))


def performed_midi(part: PerformedPart, duration_s: float) -> mido.MidiFile:
    """The part as a MIDI file in media time, with bends and expression."""
    events: list[tuple[float, int, mido.Message]] = []
    for channel in _CHANNELS:
        events += [(0.0, 0, message) for message in _channel_setup(channel, part)]
    free_s = dict.fromkeys(_CHANNELS, 0.0)
    for n in range(len(part.notes)):
        channel = min(free_s, key=lambda c: free_s[c])
        free_s[channel] = float(part.notes.offsets_s[n])
        events += _note_events(part, n, channel)
    end = mido.Message("control_change", channel=0, control=11, value=100)
    events.append((duration_s, 0, end))
    events.sort(key=lambda event: event[:2])
    track, ticks = mido.MidiTrack(), 0
    track.append(mido.MetaMessage("set_tempo", tempo=1_000_000))
    for time_s, _, message in events:
        now = max(ticks, round(time_s * _TICKS_PER_S))
        track.append(message.copy(time=now - ticks))
        ticks = now
    file = mido.MidiFile(type=0, ticks_per_beat=_TICKS_PER_S)
    file.tracks.append(track)
    return file


def _channel_setup(channel: int, part: PerformedPart) -> list[mido.Message]:
    control = [(101, 0), (100, 0), (6, int(_BEND_SEMITONES)), (38, 0), (10, 64), (7, 110)]
    return [mido.Message("program_change", channel=channel, program=part.instrument.program)] + [
        mido.Message("control_change", channel=channel, control=c, value=v) for c, v in control
    ]


def _note_events(
    part: PerformedPart, n: int, channel: int
) -> list[tuple[float, int, mido.Message]]:
    """Note n with its bends and swells; (time, order, message), controls before the note."""
    on_s, off_s = float(part.notes.onsets_s[n]), float(part.notes.offsets_s[n])
    pitch, velocity = int(part.notes.pitches[n]), int(part.notes.velocities[n])
    times_s = np.arange(on_s, max(off_s, on_s + _CONTROL_S), _CONTROL_S)
    bends = np.round(8192 * bend_semitones(part, n, times_s) / _BEND_SEMITONES).astype(int)
    # FluidSynth follows the MIDI recommendation: 40 log10(value / 127) dB.
    swells = np.round(120 * 10 ** (swell_db(part, n, times_s) / 40)).astype(int)
    events = []
    for time_s, bend, swell in zip(times_s.tolist(), bends.tolist(), swells.tolist(), strict=True):
        events.append((time_s, 1, mido.Message("pitchwheel", channel=channel, pitch=bend)))
        events.append(
            (time_s, 1, mido.Message("control_change", channel=channel, control=11, value=swell))
        )
    note = {"channel": channel, "note": pitch}
    events.append((on_s, 2, mido.Message("note_on", velocity=velocity, **note)))
    events.append((off_s, 0, mido.Message("note_off", velocity=64, **note)))
    return events


# ----------------------------------------------------------------------- additive


def _additive(
    part: PerformedPart, duration_s: float, settings: SimulationSettings, scratch: Path
) -> FloatArray:
    """Harmonics with a spectral slope of the instrument's own and a soft attack."""
    rate_hz = settings.rate_hz
    sound = np.zeros(round((duration_s + 1.0) * rate_hz))
    rng = settings.rng("additive", part.instrument.name)
    slope_db = rng.uniform(-9.0, -5.0)  # per octave of harmonic number
    colour_db = rng.uniform(-6.0, 3.0, 16)
    release_s = 0.12
    for n in range(len(part.notes)):
        on_s, off_s = float(part.notes.onsets_s[n]), float(part.notes.offsets_s[n])
        first = round(on_s * rate_hz)
        times_s = np.arange(first, round((off_s + release_s) * rate_hz)) / rate_hz
        times_s = times_s[: len(sound) - first]
        semitones = part.notes.pitches[n] - 69 + bend_semitones(part, n, times_s)
        phase = 2 * np.pi * np.cumsum(440.0 * 2.0 ** (semitones / 12)) / rate_hz
        envelope = np.clip((times_s - on_s) / 0.03, 0, 1) * np.exp(
            -np.clip(times_s - off_s, 0, None) / (release_s / 5)
        )
        envelope *= 10 ** (swell_db(part, n, times_s) / 20) * part.notes.velocities[n] / 127
        highest_hz = 440.0 * 2.0 ** (float(semitones.max()) / 12)
        for h in range(1, min(16, int(0.45 * rate_hz / highest_hz)) + 1):
            gain = 10 ** ((slope_db * np.log2(h) + colour_db[h - 1]) / 20)
            sound[first : first + len(times_s)] += 0.2 * gain * envelope * np.sin(h * phase)
    breath = 0.002 * rng.standard_normal(len(sound)) * lfilter([1], [1, -0.99], np.abs(sound)) / 20
    return np.asarray(sound + breath)
