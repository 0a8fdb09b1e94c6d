"""The benchmark's pieces are those of the paper's Table 1 and playable."""

from __future__ import annotations

import numpy as np
import pytest

from avstem.simulate.instruments import named_instrument
from benchmarks.pieces import PIECES, piece_score

TABLE_1 = """
Vn Vc | Vn1 Vn2 | Fl Vn | Tp Vn | Ob Vc
Vn1 Vn2 Vc | Vn1 Vn2 Va | Cl Vn Vc | Tp Vn Vc
Vn1 Vn2 Va Vc | Vn1 Vn2 Va Sax | Vn1 Vn2 Va Vc | Vn1 Vn2 Va Sax | Vn1 Vn2 Va Vc | Vn1 Vn2 Va DB
Vn1 Vn2 Va Vc
Vn1 Vn2 Va Vc DB | Vn1 Vn2 Va Sax DB | Vn1 Vn2 Va1 Va2 Vc
"""


def test_ensembles_are_those_of_the_table() -> None:
    table = [cell.split() for cell in TABLE_1.strip().replace("\n", "|").split("|")]
    assert [list(piece.ensemble) for piece in PIECES] == table
    assert [piece.number for piece in PIECES] == list(range(1, 20))
    assert sum(len(piece.ensemble) for piece in PIECES) == 65


def test_a_score_is_playable_on_its_instruments() -> None:
    pytest.importorskip("music21")
    piece = PIECES[12]
    score = piece_score(piece)
    assert [part.name for part in score.parts] == ["Violin 1", "Violin 2", "Viola", "Alto Sax"]
    for part in score.parts:
        instrument = named_instrument(part.instrument)
        assert part.notes.pitches.min() >= instrument.lowest
        assert part.notes.pitches.max() <= instrument.highest
        assert np.all(part.notes.onsets_s[1:] >= part.notes.offsets_s[:-1] - 1e-9)
