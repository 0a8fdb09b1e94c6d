"""Which voice plays which tone: tones of a mixture strung together to one line per voice.

A player plays one tone at a time, mostly near the one before and within a register; ghosts are
played by nobody. Of all ways to give tones to voices the likeliest is sought by a beam search
through time, in turns with the registers that it implies. How much a line may leap or stray is a
guess, and so is where two lines that met part again, for which it matters whether time is followed
forwards or backwards. So there are several answers; who knows more about the players chooses among
them (as movement does, see ``association.best_explained``).

The task is multi-pitch streaming (Duan, Han and Pardo 2014); costs that grow with the interval are
those of voice separation in symbolic music (McLeod and Steedman 2016).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np

from avstem.datatypes import FloatArray, IntArray
from avstem.separation.tones import Tones

NOBODY = -1
BEAM = 48  # hypotheses that are followed
KEPT = 4  # times as many are looked at for different ones
ROUNDS = 3  # of learning the registers
LONG_FRAMES = 5  # a tone of that many counts in full
FAINT_DB = 20.0  # below level 1, from which a tone counts for nothing
LEAST, MOST = 0.05, 1.2  # what a tone counts
FREE = 0.6  # share of a tone during which its voice may still hold the one before
HOLDING = 10.0  # cost of holding it all the time
LEAP, FARTHEST = 3.0, 14.0  # semitones that cost 1, and that cost no more
UNKNOWN = 1.0  # cost of a voice's first tone
WIDEST, NARROWEST = 5.0, 1.0  # spread of a register at first; what is added to the measured one
OWN_SPREAD = 2.0  # of a register of a single tone
TINY = 1e-9


@dataclass(frozen=True)
class Leaning:
    """What one line of thought holds for likely.

    sounding : reward for a loud, long tone that somebody plays. register : weight of registers.
    """

    sounding: float = 12.0
    register: float = 0.6


LEANINGS = (
    Leaning(),
    *(
        Leaning(s, r)
        for s, r in product((8.0, 12.0, 20.0), (0.3, 0.6, 1.2))
        if Leaning(s, r) != Leaning()
    ),
)


@dataclass(frozen=True, eq=False)
class Registers:
    """Where each voice plays: centres and spreads (voices,), rows of the salience."""

    centre: FloatArray
    spread: FloatArray

    def cost(self, pitch: int) -> FloatArray:
        """(voices,) how unlikely a pitch is, 0 in the middle of a register of usual width."""
        away = (pitch - self.centre) / self.spread
        return np.asarray(0.5 * away**2 + np.log(self.spread / WIDEST))


def streams(tones: Tones, voices: int) -> list[IntArray]:
    """The voice (tones,) that plays each tone, ``NOBODY`` for ghosts: in several likely ways.

    One for each leaning, forwards, then backwards in time.
    """
    backwards, number = tones.backwards()
    found = _one_way(tones, voices)
    for played in _one_way(backwards, voices):
        turned = np.empty_like(played)
        turned[number] = played
        found.append(turned)
    return found


def _one_way(tones: Tones, voices: int) -> list[IntArray]:
    registers = _first_registers(tones, voices)
    for _ in range(ROUNDS - 1):
        registers = _registers(tones, _played(tones, registers, LEANINGS[0]), registers)
    return [_played(tones, registers, leaning) for leaning in LEANINGS]


def _first_registers(tones: Tones, voices: int) -> Registers:
    """Even shares of all that sounds, from high to low."""
    order = np.argsort(-tones.pitch, kind="stable")
    weight = np.cumsum(_weight(tones)[order])
    if not len(tones):
        return Registers(np.zeros(voices), np.full(voices, WIDEST))
    shares = (np.arange(voices) + 0.5) / voices * weight[-1]
    centre = tones.pitch[order][np.searchsorted(weight, shares)]
    return Registers(centre.astype(float), np.full(voices, WIDEST))


def _registers(tones: Tones, played: IntArray, before: Registers) -> Registers:
    """Of the tones that each voice plays; of one that plays nothing as before."""
    centre, spread = before.centre.copy(), before.spread.copy()
    weight = _weight(tones)
    for voice in range(len(centre)):
        mine = played == voice
        if mine.any():
            pitch, w = tones.pitch[mine], weight[mine]
            centre[voice] = np.average(pitch, weights=w)
            variance = np.average((pitch - centre[voice]) ** 2, weights=w)
            spread[voice] = np.sqrt(variance + OWN_SPREAD**2) + NARROWEST
    return Registers(centre, spread)


def _weight(tones: Tones) -> FloatArray:
    return np.asarray((tones.stop - tones.first) * np.minimum(tones.level, 1.0) + TINY)


@dataclass(frozen=True, eq=False)
class _Beam:
    """Hypotheses, the best first.

    score : (hypotheses,). until : (hypotheses, voices) frame until which a voice is busy.
    last : (hypotheses, voices) its last pitch, -1 before the first.
    """

    score: FloatArray
    until: IntArray
    last: IntArray


def _played(tones: Tones, registers: Registers, leaning: Leaning) -> IntArray:
    """The likeliest voice (tones,) of each tone."""
    voices = len(registers.centre)
    nothing = np.zeros((1, voices), int)
    beam = _Beam(np.zeros(1), nothing, nothing - 1)
    reward = leaning.sounding * _certainty(tones)
    steps = []
    for k in range(len(tones)):
        first, stop, pitch = int(tones.first[k]), int(tones.stop[k]), int(tones.pitch[k])
        gain = reward[k] - leaning.register * registers.cost(pitch)
        beam, came_from, voice = _step(beam, first, stop, pitch, gain)
        steps.append((came_from, voice))
    return _traced(steps)


def _certainty(tones: Tones) -> FloatArray:
    """(tones,) what each counts: faint and short ones are ghosts more often."""
    level_db = 20.0 * np.log10(tones.level + TINY)
    long = np.sqrt((tones.stop - tones.first) / LONG_FRAMES)
    return np.asarray(long * np.clip(1.0 + level_db / FAINT_DB, LEAST, MOST))


def _step(
    beam: _Beam, first: int, stop: int, pitch: int, gain: FloatArray
) -> tuple[_Beam, IntArray, IntArray]:
    """The beam after a tone, and of each hypothesis its parent and the voice that took the tone."""
    until = np.maximum(beam.until, first)
    held = (np.minimum(until, stop) - first) / (stop - first)
    leap = np.minimum(np.abs(beam.last - pitch), FARTHEST) / LEAP
    taken = gain - HOLDING * held - np.where(beam.last < 0, UNKNOWN, leap)
    taken = np.where(held > FREE, -np.inf, taken)
    options = beam.score[:, None] + np.pad(taken, ((0, 0), (0, 1)))  # the last: nobody
    order = np.argsort(-options, axis=None, kind="stable")[: KEPT * BEAM]
    order = order[np.isfinite(options.ravel()[order])]
    came_from, voice = np.divmod(order, options.shape[1])
    now = _Beam(options.ravel()[order], until[came_from], beam.last[came_from])
    rows = np.flatnonzero(voice < until.shape[1])
    now.until[rows, voice[rows]] = np.maximum(now.until[rows, voice[rows]], stop)
    now.last[rows, voice[rows]] = pitch
    kept = _different(now)[:BEAM]
    voice = np.where(voice < until.shape[1], voice, NOBODY)[kept]
    return _Beam(now.score[kept], now.until[kept], now.last[kept]), came_from[kept], voice


def _different(beam: _Beam) -> IntArray:
    """Of hypotheses with one future the best; rows in the beam's order."""
    state = np.concatenate([beam.until, beam.last], axis=1)
    return np.sort(np.unique(state, axis=0, return_index=True)[1])


def _traced(steps: list[tuple[IntArray, IntArray]]) -> IntArray:
    """The voices on the way to the best hypothesis."""
    played = np.full(len(steps), NOBODY)
    row = 0
    for k in range(len(steps) - 1, -1, -1):
        came_from, voice = steps[k]
        played[k] = voice[row]
        row = int(came_from[row])
    return played
