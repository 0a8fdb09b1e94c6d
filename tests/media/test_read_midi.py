from __future__ import annotations

import mido
import numpy as np
import pretty_midi
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from avstem.errors import ScoreError
from avstem.media.parts import unique_names
from avstem.media.score import read_score

TICKS = 480  # per quarter note: 1 s at the tempo of 60 that most tests set


def track(name: str, notes, *, channel: int = 0, program: int | None = None, extra=()):
    """A track of (onset, offset, pitch) in ticks and of (tick, message) besides."""
    events = [(0, 0, mido.MetaMessage("track_name", name=name))] if name else []
    if program is not None:
        events.append((0, 1, mido.Message("program_change", channel=channel, program=program)))
    for onset, offset, pitch in notes:
        on = mido.Message("note_on", channel=channel, note=pitch, velocity=64)
        off = mido.Message("note_off", channel=channel, note=pitch)
        events += [(onset, 3, on), (offset, 2 if offset > onset else 4, off)]
    events += [(tick, 1, message) for tick, message in extra]
    return events


def midi(path, *tracks, kind: int = 1, ticks: int = TICKS):
    file = mido.MidiFile(type=kind, ticks_per_beat=ticks)
    for events in tracks:
        made, now = mido.MidiTrack(), 0
        for tick, _, message in sorted(events, key=lambda event: event[:2]):
            made.append(message.copy(time=tick - now))
            now = tick
        file.tracks.append(made)
    file.save(path)
    return path


def tempo(tick: int, bpm: float):
    return tick, mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(bpm))


CONDUCTOR = track("", [], extra=[tempo(0, 60)])
TUNE = [(0, 480, 60), (480, 960, 62), (960, 1440, 64)]


# --------------------------------------------------------------------------- parts and names


def test_tracks_are_parts_in_order(tmp_path):
    path = midi(
        tmp_path / "a.mid",
        CONDUCTOR,
        track("Violin I", TUNE, program=40),
        track("Comments", []),
        track("Vc.", TUNE[:2], channel=1, program=42),
    )
    score = read_score(path)
    assert [(p.index, p.name, p.instrument) for p in score.parts] == [
        (0, "Violin I", "Violin"),
        (1, "Vc.", "Cello"),
    ]
    np.testing.assert_allclose(score.parts[0].notes.onsets_s, [0, 1, 2])
    np.testing.assert_allclose(score.parts[0].notes.offsets_s, [1, 2, 3])
    assert score.parts[0].notes.pitches.tolist() == [60, 62, 64]
    assert score.parts[0].notes.velocities.tolist() == [64] * 3
    assert score.duration_s == pytest.approx(3.0)
    assert score.warnings == ()


def test_channels_of_a_single_track_are_parts(tmp_path):
    everything = [
        *track("Duet in C", TUNE, channel=0, program=68),
        *track("", [(0, 960, 48)], channel=3, program=70),
        *track("", [(0, 1, 36)], channel=9),
        tempo(0, 60)[:1] + (0,) + tempo(0, 60)[1:],
    ]
    score = read_score(midi(tmp_path / "a.mid", everything, kind=0))
    assert [(p.name, len(p.notes)) for p in score.parts] == [("Oboe", 3), ("Bassoon", 1)]
    assert score.warnings == ("1 drum track(s) skipped: drums have no pitch to follow.",)


def test_a_track_on_two_channels_is_one_part(tmp_path):
    both = [*track("Violin", TUNE[:1]), *track("", TUNE[1:], channel=5)]
    score = read_score(midi(tmp_path / "a.mid", CONDUCTOR, both, track("Viola", [(0, 9, 50)])))
    assert [(p.name, len(p.notes)) for p in score.parts] == [("Violin", 3), ("Viola", 1)]


def test_same_names_are_numbered(tmp_path):
    tracks = [track(n, [(0, 9, 50 + k)]) for k, n in enumerate(["Violin", "violin", "Viola", ""])]
    score = read_score(midi(tmp_path / "a.mid", *tracks))
    assert [p.name for p in score.parts] == ["Violin 1", "violin 2", "Viola", "Part"]


@given(st.lists(st.sampled_from(["Violin", "Violin 1", "violin 2", "Viola", "Part"]), max_size=8))
def test_names_become_unique_and_stay_recognisable(names):
    made = unique_names(names)
    assert len({name.casefold() for name in made}) == len(names)
    assert all(new.startswith(old) for old, new in zip(names, made, strict=True))
    folded = [name.casefold() for name in names]
    once = [n for n, name in enumerate(folded) if folded.count(name) == 1]
    assert all(made[n] == names[n] for n in once)


@pytest.mark.parametrize(
    ("name", "program", "instrument"),
    [
        ("Violine 2", None, "Violin"),
        ("vln", 45, "Violin"),  # pizzicato, still a violin
        ("Kontrabass", 0, "Contrabass"),
        ("Bassklarinette", None, "Bass Clarinet"),
        ("Flöte", None, "Flute"),
        ("tpt 1", 56, "Trumpet"),
        ("hn 3", None, "French Horn"),
        ("Tromba in B", None, "Trumpet"),
        ("Trombone", None, "Trombone"),
        ("cantabile", 73, "Flute"),
        ("melody", 0, ""),
        ("melody", None, ""),
        ("obligato", None, ""),
    ],
)
def test_instruments_by_name_then_program(tmp_path, name, program, instrument):
    path = midi(tmp_path / "a.mid", track("-", [(0, 9, 50)], program=program))
    content = path.read_bytes().replace(b"\xff\x03\x01-", _raw_name(name.encode()))
    path.write_bytes(_with_length(content))
    assert read_score(path).parts[0].instrument == instrument


def _raw_name(raw: bytes) -> bytes:
    return b"\xff\x03" + bytes([len(raw)]) + raw


def _with_length(content: bytes) -> bytes:
    return content[:18] + (len(content) - 22).to_bytes(4, "big") + content[22:]


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_track_names_in_either_encoding(tmp_path, encoding):
    path = midi(tmp_path / "a.mid", track("-", [(0, 9, 50)]))
    name = "Großes  Fagott\0"
    content = path.read_bytes().replace(b"\xff\x03\x01-", _raw_name(name.encode(encoding)))
    path.write_bytes(_with_length(content))
    part = read_score(path).parts[0]
    assert (part.name, part.instrument) == ("Großes Fagott", "Bassoon")


# --------------------------------------------------------------------------- time


def test_tempo_changes_in_any_track(tmp_path):
    path = midi(
        tmp_path / "a.mid",
        CONDUCTOR,
        track("Violin", [(480, 960, 60), (1920, 2400, 60)], extra=[tempo(960, 30)]),
    )
    notes = read_score(path).parts[0].notes
    np.testing.assert_allclose(notes.onsets_s, [1.0, 2.0 + 4.0])
    np.testing.assert_allclose(notes.offsets_s, [2.0, 2.0 + 6.0])


def test_frames_as_unit_of_time(tmp_path):
    path = midi(tmp_path / "a.mid", track("Violin", [(1000, 3000, 60)]))
    content = bytearray(path.read_bytes())
    content[12:14] = bytes([256 - 25, 40])  # 25 frames of 40 ticks: milliseconds
    path.write_bytes(content)
    notes = read_score(path).parts[0].notes
    np.testing.assert_allclose([notes.onsets_s[0], notes.offsets_s[0]], [1.0, 3.0])


note_lists = st.lists(
    st.tuples(st.integers(0, 4000), st.integers(1, 900), st.integers(30, 90)), min_size=1
)


@settings(max_examples=30, deadline=None)
@given(notes=note_lists, changes=st.lists(st.tuples(st.integers(0, 4000), st.integers(30, 240))))
def test_agreement_with_pretty_midi(tmp_path_factory, notes, changes):
    """Where notes of one pitch do not overlap, both readers must find the same."""
    free = dict.fromkeys(range(128), -1)
    kept = []
    for onset, length, pitch in sorted(notes):
        if onset > free[pitch]:
            kept.append((onset, onset + length, pitch))
            free[pitch] = onset + length
    tempos = dict(changes) | {0: 60}
    conductor = track("", [], extra=[tempo(t, b) for t, b in sorted(tempos.items())])
    path = midi(tmp_path_factory.mktemp("m") / "a.mid", conductor, track("Violin", kept))
    ours = read_score(path).parts[0].notes
    theirs = sorted(
        pretty_midi.PrettyMIDI(str(path)).instruments[0].notes, key=lambda n: (n.start, n.pitch)
    )
    np.testing.assert_allclose(ours.onsets_s, [n.start for n in theirs], atol=1e-6)
    np.testing.assert_allclose(ours.offsets_s, [n.end for n in theirs], atol=1e-6)
    assert ours.pitches.tolist() == [n.pitch for n in theirs]


# --------------------------------------------------------------------------- odd notes


def test_a_note_without_length_gets_a_short_one(tmp_path):
    path = midi(tmp_path / "a.mid", CONDUCTOR, track("Violin", [(480, 480, 60), (960, 1000, 62)]))
    notes = read_score(path).parts[0].notes
    assert len(notes) == 2
    assert 0 < notes.offsets_s[0] - notes.onsets_s[0] < 0.1


def test_overlapping_notes_of_one_pitch_stay_two(tmp_path):
    path = midi(tmp_path / "a.mid", CONDUCTOR, track("Violin", [(0, 480, 60), (240, 960, 60)]))
    notes = read_score(path).parts[0].notes
    np.testing.assert_allclose(notes.onsets_s, [0.0, 0.5])
    np.testing.assert_allclose(notes.offsets_s, [1.0, 2.0])


def test_a_note_that_never_ends(tmp_path):
    hanging = (480, mido.Message("note_on", note=70, velocity=9))
    path = midi(tmp_path / "a.mid", CONDUCTOR, track("Violin", [(0, 960, 60)], extra=[hanging]))
    score = read_score(path)
    assert score.parts[0].notes.offsets_s.tolist() == [2.0, 2.0]
    assert score.warnings[0].startswith("1 note(s) never end")


def test_two_notes_at_once_on_an_oboe_are_kept_and_told(tmp_path):
    notes = [(0, 480, 60), (240, 700, 64), (960, 1440, 67)]
    score = read_score(midi(tmp_path / "a.mid", CONDUCTOR, track("Oboe", notes)))
    assert len(score.parts[0].notes) == 3
    (warning,) = score.warnings
    assert warning.startswith("Part Oboe: 1 of 3 notes begin while another still sounds")


def test_double_stops_on_a_violin_are_no_oddity(tmp_path):
    notes = [(n * 480, n * 480 + 480, 60 + p) for n in range(6) for p in (0, 7)]
    assert read_score(midi(tmp_path / "a.mid", CONDUCTOR, track("Violin", notes))).warnings == ()


def test_short_chords_are_no_overlaps(tmp_path):
    notes = [(n * 60, n * 60 + 50, 60 + p) for n in range(12) for p in (0, 7)]
    assert read_score(midi(tmp_path / "a.mid", CONDUCTOR, track("Violin", notes))).warnings == ()


def test_brief_overlaps_on_a_violin_are_told(tmp_path):
    notes = [(n * 480, n * 480 + 500, 60 + n % 3) for n in range(6)]
    (warning,) = read_score(midi(tmp_path / "a.mid", CONDUCTOR, track("Violin", notes))).warnings
    assert warning == "Part Violin: 5 of 6 notes briefly overlap the next; all are kept."


def test_unisons_cannot_be_told_apart(tmp_path):
    tune = [(n * 240, n * 240 + 200, 60 + n % 5) for n in range(40)]
    octave = [(on, off, pitch - 12) for on, off, pitch in tune]
    path = midi(
        tmp_path / "a.mid", CONDUCTOR, track("A", tune), track("B", tune[:39]), track("C", octave)
    )
    (warning,) = read_score(path).warnings
    assert warning.startswith("Parts A and B play the same notes at the same times")


# --------------------------------------------------------------------------- what cannot serve


def test_no_notes_at_all(tmp_path):
    path = midi(tmp_path / "a.mid", CONDUCTOR, track("Violin", []))
    with pytest.raises(ScoreError, match="found no notes at all"):
        read_score(path)


def test_nothing_but_drums(tmp_path):
    path = midi(tmp_path / "a.mid", CONDUCTOR, track("Kit", TUNE, channel=9))
    with pytest.raises(ScoreError, match=r"found only 1 drum track\(s\)"):
        read_score(path)


def test_format_2(tmp_path):
    path = midi(tmp_path / "a.mid", track("Violin", TUNE))
    content = bytearray(path.read_bytes())
    content[9] = 2
    path.write_bytes(content)
    with pytest.raises(ScoreError, match="found format 2"):
        read_score(path)


@pytest.mark.parametrize("keep", [10, 20, 30, 60])
def test_truncated(tmp_path, keep):
    path = midi(tmp_path / "a.mid", CONDUCTOR, track("Violin", TUNE))
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(ScoreError, match="damaged or truncated"):
        read_score(path)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_damage_ends_in_an_error_of_ours_or_not_at_all(tmp_path_factory, data):
    folder = tmp_path_factory.getbasetemp()
    path = midi(folder / "damaged.mid", CONDUCTOR, track("Violin", TUNE, program=40))
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(4, len(content) - 1))
        content[at] = data.draw(st.integers(0, 255))
    path.write_bytes(content)
    try:
        assert read_score(path).parts
    except ScoreError as error:
        assert error.hint


def test_missing_empty_and_foreign_files(tmp_path):
    with pytest.raises(ScoreError, match="no such file"):
        read_score(tmp_path / "absent.mid")
    with pytest.raises(ScoreError, match="a folder"):
        read_score(tmp_path)
    (tmp_path / "empty.mid").touch()
    with pytest.raises(ScoreError, match="empty"):
        read_score(tmp_path / "empty.mid")
    (tmp_path / "text.mid").write_bytes(b"plain words " * 50)
    with pytest.raises(ScoreError, match="neither MIDI nor MusicXML"):
        read_score(tmp_path / "text.mid")


def test_a_midi_file_in_a_riff_envelope(tmp_path):
    path = midi(tmp_path / "a.mid", CONDUCTOR, track("Violin", TUNE))
    content = path.read_bytes()
    size = len(content).to_bytes(4, "little")
    (tmp_path / "a.rmi").write_bytes(b"RIFF" + size + b"RMIDdata" + size + content)
    assert len(read_score(tmp_path / "a.rmi").parts[0].notes) == 3


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("piece", "instruments", "counts"),
    [
        ("11_Maria_ob_vc", ["Oboe", "Cello"], [113, 356]),
        (
            "33_Elise_tpt_tpt_hn_tbn",
            ["Trumpet", "Trumpet", "French Horn", "Trombone"],
            [73, 76, 52, 81],
        ),
    ],
)
def test_real_scores(data_dir, piece, instruments, counts):
    score = read_score(data_dir / "urmp" / piece / "score.mid")
    assert [p.instrument for p in score.parts] == instruments
    assert [len(p.notes) for p in score.parts] == counts
