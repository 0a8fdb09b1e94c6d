"""The 19 simulated pieces: exactly the ensembles of Table 1 of Li et al. (2017).

Scores come from the corpus inside the ``music21`` package (extra ``bench``). Parts of quartets
and of five-voice madrigals are given to the instruments of the table, by octaves where a range
needs it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from avstem.datatypes import Notes, Part, Score
from avstem.errors import MissingExtra
from avstem.simulate import simulate
from avstem.simulate.instruments import Instrument, named_instrument

VERSION = 3  # raise when the simulation itself changes, so that cached pieces are made anew


@dataclass(frozen=True)
class Piece:
    """One simulated piece.

    source : work in the music21 corpus. voices : number of the corpus part for each player.
    ensemble : instruments in score order, numbered where there are two. octaves : shift of each
    part. tempo : quarters per minute. start : quarter at which the excerpt begins.
    """

    number: int
    ensemble: tuple[str, ...]
    source: str
    voices: tuple[int, ...]
    tempo: float
    octaves: tuple[int, ...] = ()
    start: float = 0.0

    @property
    def name(self) -> str:
        """Folder name, such as ``06_Vn1_Vn2_Vc``."""
        return f"{self.number:02d}_{'_'.join(self.ensemble)}"


PIECES = (
    Piece(1, ("Vn", "Vc"), "mozart/k155/movement3", (0, 3), 104),
    Piece(2, ("Vn1", "Vn2"), "mozart/k80/movement1", (0, 1), 66, (), 6.0),
    Piece(3, ("Fl", "Vn"), "mozart/k155/movement2", (0, 1), 72),
    Piece(4, ("Tp", "Vn"), "corelli/opus3no1/1grave", (0, 1), 60),
    Piece(5, ("Ob", "Vc"), "mozart/k458/movement2", (0, 3), 108),
    Piece(6, ("Vn1", "Vn2", "Vc"), "mozart/k155/movement1", (0, 1, 3), 126),
    Piece(7, ("Vn1", "Vn2", "Va"), "mozart/k156/movement2", (0, 1, 2), 60),
    Piece(8, ("Cl", "Vn", "Vc"), "haydn/opus74no1/movement2", (0, 1, 3), 50),
    Piece(9, ("Tp", "Vn", "Vc"), "haydn/opus1no1/movement5", (1, 0, 3), 116),
    Piece(10, ("Vn1", "Vn2", "Va", "Vc"), "mozart/k458/movement3", (0, 1, 2, 3), 52),
    Piece(11, ("Vn1", "Vn2", "Va", "Sax"), "haydn/opus74no1/movement1",
          (0, 1, 2, 3), 120, (0, 0, 0, 1)),
    Piece(12, ("Vn1", "Vn2", "Va", "Vc"), "mozart/k458/movement1", (0, 1, 2, 3), 174),
    Piece(13, ("Vn1", "Vn2", "Va", "Sax"), "mozart/k156/movement1",
          (0, 1, 2, 3), 96, (0, 0, 0, 1)),
    Piece(14, ("Vn1", "Vn2", "Va", "Vc"), "schumann_robert/opus41no1/movement1", (0, 1, 2, 3), 46),
    Piece(15, ("Vn1", "Vn2", "Va", "DB"), "mozart/k156/movement3",
          (0, 1, 2, 3), 120, (0, 0, 0, -1)),
    Piece(16, ("Vn1", "Vn2", "Va", "Vc"), "haydn/opus74no1/movement4", (0, 1, 2, 3), 120),
    Piece(17, ("Vn1", "Vn2", "Va", "Vc", "DB"), "monteverdi/madrigal.5.4.mxl",
          (0, 1, 2, 3, 4), 126, (0, 0, 0, 0, -1), 40.0),
    Piece(18, ("Vn1", "Vn2", "Va", "Sax", "DB"), "monteverdi/madrigal.4.13.mxl",
          (0, 1, 2, 3, 4), 132, (0, 0, 0, 0, -1), 48.0),
    Piece(19, ("Vn1", "Vn2", "Va1", "Va2", "Vc"), "monteverdi/madrigal.4.4.mxl",
          (0, 1, 2, 3, 4), 116, (), 8.0),
)  # fmt: skip

_PRINTED = {"Violoncello": "Cello", "Contrabass": "Double Bass"}


def piece_score(piece: Piece) -> Score:
    """The score of a piece from the corpus, in its ensemble's instruments.

    Raises
    ------
    MissingExtra
        music21 is not installed.
    """
    try:
        from music21 import corpus
    except ImportError:
        raise MissingExtra(
            "The benchmark's scores need the package music21.", "Install avstem[bench]."
        ) from None
    voices = corpus.parse(piece.source).parts
    octaves = piece.octaves or (0,) * len(piece.ensemble)
    parts = []
    for index, (short, voice, octave) in enumerate(
        zip(piece.ensemble, piece.voices, octaves, strict=True)
    ):
        instrument = named_instrument(short)
        name = _PRINTED.get(instrument.name, instrument.name)
        name = f"{name} {short[-1]}" if short[-1].isdigit() else name
        notes = _notes(voices[voice], instrument, 12 * octave, piece)
        parts.append(Part(index, name, instrument.name, notes))
    return Score(tuple(parts))


def _notes(voice: Any, instrument: Instrument, shift: int, piece: Piece) -> Notes:
    """One line of notes: the outer note of chords, ties joined, octaves folded into range."""
    quarter_s = 60.0 / piece.tempo
    outer = min if instrument.name in ("Violoncello", "Contrabass") else max
    rows = {}
    for element in voice.stripTies().flatten().notes:
        length = float(element.duration.quarterLength)
        onset = float(element.offset) - piece.start
        if length > 0 and onset >= 0 and hasattr(element, "pitches") and element.pitches:
            pitch = outer(int(p.midi) for p in element.pitches) + shift
            while pitch < instrument.lowest:
                pitch += 12
            while pitch > instrument.highest:
                pitch -= 12
            rows[onset] = (onset, onset + length, pitch)
    table = np.array(sorted(rows.values()))
    offsets = np.minimum(table[:, 1], np.append(table[1:, 0], np.inf))
    velocities = np.full(len(table), 80)
    return Notes(table[:, 0] * quarter_s, offsets * quarter_s, table[:, 2].astype(int), velocities)


def make_piece(piece: Piece, folder: Path, *, seconds: float = 40.0, **settings: Any) -> Path:
    """The piece's folder below ``folder``, simulated unless it is there with the same settings."""
    target = folder / piece.name
    wanted = {"seed": piece.number, "seconds": seconds} | settings
    key = json.dumps([VERSION, asdict(piece), wanted], sort_keys=True, default=str)
    stamp = target / "made-of.txt"
    digest = hashlib.sha256(key.encode()).hexdigest()
    if stamp.is_file() and stamp.read_text() == digest:
        return target
    simulate(piece_score(piece), target, overwrite=True, **wanted)
    stamp.write_text(digest)
    return target
