from __future__ import annotations

import sys
import xml.etree.ElementTree as ET
import zipfile
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from make_musicxml import score as make_score

from avstem.errors import MissingExtra, ScoreError
from avstem.media.musicxml import GRACE_S
from avstem.media.score import read_score

pytest.importorskip("partitura", reason="the extra musicxml is not installed")

Q = 0.5  # seconds of a quarter note where the score gives no tempo (120 per minute)


def read(folder: Path, *parts: tuple[str, str], **options):
    path = folder / "score.musicxml"
    path.write_text(make_score(*parts, **options), encoding="utf-8")
    return read_score(path)


def listed(part) -> list[tuple[float, float, int]]:
    notes = part.notes
    rows = zip(notes.onsets_s, notes.offsets_s, notes.pitches, strict=True)
    return [(round(float(a), 6), round(float(b), 6), int(p)) for a, b, p in rows]


def test_notes_chords_rests_and_names(tmp_path):
    score = read(
        tmp_path, ("Violin", "C4 r E4:2 +G4:2 | C#5:4"), ("Violin", "r:4 | C4:2 +E4:2 Bb3:2")
    )
    assert [(p.name, p.instrument) for p in score.parts] == [
        ("Violin 1", "Violin"),
        ("Violin 2", "Violin"),
    ]
    assert listed(score.parts[1]) == [
        (4 * Q, 6 * Q, 60),
        (4 * Q, 6 * Q, 64),
        (6 * Q, 8 * Q, 58),
    ]


def test_ties_are_one_note(tmp_path):
    (part,) = read(tmp_path, ("Cello", "C3 E3:3~ | E3:4~ | E3:1 C3:3")).parts
    assert listed(part) == [(0, Q, 48), (Q, 9 * Q, 52), (9 * Q, 12 * Q, 48)]


def test_tempo_marks_hold_for_all_parts(tmp_path):
    parts = read(
        tmp_path,
        ("Violin", "<tempo=60> C4:4 | <tempo=240> C4:4 | <metronome=half,60> C4:4 | C4:4"),
        ("Cello", "C3:4 | C3:4 | C3:4 | C3:4"),
    ).parts
    for part in parts:
        np.testing.assert_allclose(part.notes.onsets_s, [0, 4, 5, 7])


def test_grace_notes_sound_before_the_beat(tmp_path):
    (part,) = read(tmp_path, ("Violin", "C4:4 | gD5 gE5 F5:4")).parts
    beat = 4 * Q
    assert listed(part) == [
        (0, pytest.approx(beat - 2 * GRACE_S), 60),
        (pytest.approx(beat - 2 * GRACE_S), pytest.approx(beat - GRACE_S), 74),
        (pytest.approx(beat - GRACE_S), beat, 76),
        (beat, 2 * beat, 77),
    ]


def test_a_grace_note_at_the_very_beginning(tmp_path):
    (part,) = read(tmp_path, ("Violin", "gD5 F5:4")).parts
    assert part.notes.onsets_s.tolist() == [0, 0]
    assert np.all(part.notes.offsets_s > part.notes.onsets_s)


def test_written_pitches_become_sounding_ones(tmp_path):
    score = read(tmp_path, ("Clarinet in B", "<transpose=-2> C5:4 | <|:> D5:4 <:|>"))
    assert score.parts[0].notes.pitches.tolist() == [70, 72, 72]


def test_cues_are_silent_but_take_their_time(tmp_path):
    (part,) = read(tmp_path, ("Oboe", "cC5:2 +E5:2 C5:2")).parts
    assert listed(part) == [(2 * Q, 4 * Q, 72)]


def test_a_short_measure_does_not_put_parts_out_of_step(tmp_path):
    parts = read(tmp_path, ("Violin", "C4:2 | C4:4"), ("Cello", "C3:4 | C3:4")).parts
    assert parts[0].notes.onsets_s.tolist() == parts[1].notes.onsets_s.tolist()


def test_jumps_of_the_first_part_hold_for_all(tmp_path):
    parts = read(
        tmp_path,
        ("Violin", "C4:4 | D4:4 <fine> | <tempo=60> E4:4 <dacapo>"),
        ("Cello", "C3:4 | D3:4 | E3:4"),
    ).parts
    for part, base in zip(parts, (60, 48), strict=True):
        assert (part.notes.pitches - base).tolist() == [0, 2, 4, 0, 2]
        # From the beginning again, no tempo is marked: the last one goes on.
        np.testing.assert_allclose(part.notes.onsets_s, [0, 2, 4, 8, 12])


def test_an_empty_direction_is_no_obstacle(tmp_path):
    assert len(read(tmp_path, ("Violin", "<empty> C4:4")).parts[0].notes) == 1


def test_programs_name_instruments(tmp_path):
    score = read(tmp_path, ("Solo", "C4:4"), program=69)  # counted from 1 in MusicXML
    assert score.parts[0].instrument == "Oboe"


def test_compressed_scores(tmp_path):
    path = tmp_path / "score.mxl"
    container = '<container><rootfiles><rootfile full-path="in/s.xml"/></rootfiles></container>'
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("META-INF/container.xml", container)
        archive.writestr("in/s.xml", make_score(("Bratsche", "C4:4")))
    assert read_score(path).parts[0].instrument == "Viola"


# --------------------------------------------------------------------------- what cannot serve


def test_no_notes(tmp_path):
    with pytest.raises(ScoreError, match="pitched notes, found none"):
        read(tmp_path, ("Violin", "r:4 | r:4"))


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("<score-partwise><part>", "no MusicXML or damaged"),
        ("<html><body/></html>", "found <html>"),
        ("<score-timewise/>", "found <score-timewise>"),
    ],
)
def test_damaged_or_other_xml(tmp_path, content, found):
    (tmp_path / "a.xml").write_text(content)
    with pytest.raises(ScoreError, match=found):
        read_score(tmp_path / "a.xml")


def test_a_truncated_archive(tmp_path):
    (tmp_path / "a.mxl").write_bytes(b"PK\x03\x04" + bytes(100))
    with pytest.raises(ScoreError, match="no MusicXML or damaged"):
        read_score(tmp_path / "a.mxl")


def test_the_missing_extra_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "partitura", None)
    with pytest.raises(MissingExtra, match=r"pip install avstem\[musicxml\]"):
        read(tmp_path, ("Violin", "C4:4"))


# --------------------------------------------------------------------------- real scores


def by_hand(root: ET.Element) -> list[tuple[Fraction, int]]:
    """(onset in quarters, pitch) of the first part, read without any library."""
    found, start, divisions, tied = [], Fraction(0), 1, set()
    for measure in root.find("part").findall("measure"):
        at = before = length = Fraction(0)
        for element in measure:
            divisions = int(element.findtext("divisions") or divisions)
            step = Fraction(element.findtext("duration") or 0) / divisions
            if element.tag in ("backup", "forward"):
                at += step if element.tag == "forward" else -step
            elif element.tag == "note":
                onset = before if element.find("chord") is not None else at
                if element.find("chord") is None:
                    before, at = at, at + step
                pitch = element.find("pitch")
                if pitch is None or element.find("grace") is not None:
                    continue
                number = 12 * (int(pitch.findtext("octave")) + 1) + int(
                    pitch.findtext("alter") or 0
                )
                number += "C D EF G A B".index(pitch.findtext("step"))
                ties = {tie.get("type") for tie in element.findall("tie")}
                if not ("stop" in ties and (start + onset, number) in tied):
                    found.append((start + onset, number))
                if "start" in ties:
                    tied.add((start + onset + step, number))
            length = max(length, at)
        start += length
    return sorted(found)


@pytest.mark.real_data
def test_a_real_score_without_repeats_agrees_with_a_plain_reading(data_dir):
    """The Great Fugue: 2230 quarters, double stops, ties, triplets; no repeats."""
    (path,) = (data_dir / "scores").glob("Beethoven*Grosse_Fuge*.mxl")
    with zipfile.ZipFile(path) as archive:
        (name,) = [n for n in archive.namelist() if n.endswith("xml") and "META" not in n]
        root = ET.fromstring(archive.read(name))
    graces = len(root.find("part").findall("measure/note/grace"))
    score = read_score(path)
    assert [p.instrument for p in score.parts] == ["Violin", "Violin", "Viola", "Cello"]
    assert len(score.parts[0].notes) == len(by_hand(root)) + graces
    heard = np.bincount(score.parts[0].notes.pitches, minlength=128)
    read_off = np.bincount([pitch for _, pitch in by_hand(root)], minlength=128)
    assert (heard - read_off).min() >= 0
    assert (heard - read_off).sum() == graces


@pytest.mark.real_data
@pytest.mark.parametrize(
    "name",
    [
        "Mozart*No.18_*",  # the minuet's D.C. stands in the first part alone
        "Saint-Georges*",  # measure numbers begin anew within the file, odd endings
    ],
)
def test_real_scores_end_together(data_dir, name):
    (path,) = (data_dir / "scores").glob(name)
    score = read_score(path)
    ends_s = [part.notes.offsets_s.max() for part in score.parts]
    assert len(score.parts) == 4
    assert max(ends_s) - min(ends_s) < 5.0
