"""Jobs that do not lean on the score: by movement, by sound alone, and by both with the score."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from make_duo import write_score
from stand_in import Shares, install

from avstem.cast import Cast, of_voices, voice_order, with_voices
from avstem.datatypes import (
    NO_NOTES,
    Absent,
    Affinity,
    Association,
    Match,
    Notes,
    Part,
    Players,
    Stage,
    Voices,
)
from avstem.errors import AlignmentError, RequestError
from avstem.pipeline import associate, run
from avstem.players.detect import find_players
from avstem.progress import ProgressEvent
from avstem.request import Request
from avstem.result import Result
from avstem.separation import AUDIO, MOTION, SCORE
from avstem.stems import onsets_in

BOTH = SCORE | MOTION


@pytest.fixture
def shares(monkeypatch: pytest.MonkeyPatch) -> Shares:
    """The one method of every conditioning."""
    return install(monkeypatch.setitem)


@pytest.fixture
def job(duo: Path, motion_cache: Path, tmp_path: Path):
    """Make a request; what is not said is the duo's video and mixture without a score."""

    def make(conditioning: frozenset, **more) -> Request:
        given = {"score": None, "video": duo / "video.mp4", "audio": duo / "mix.wav"}
        given["cache"] = motion_cache
        return Request(output=tmp_path / "o", conditioning=conditioning, **(given | more))

    return make


def sums_to_the_mixture(result: Result, folder: Path, duo: Path) -> bool:
    mix, _ = soundfile.read(duo / "mix.wav", always_2d=True)
    stems = [soundfile.read(folder / p.stem, always_2d=True)[0] for p in result.parts]
    return bool(np.abs(sum(stems) - mix).max() < 1e-6)


def test_by_movement_alone_every_player_has_a_stem(duo, job, shares, tmp_path) -> None:
    result = run(job(MOTION, players=2))
    assert [part.name for part in result.parts] == ["Player 0", "Player 1"]
    assert [part.player for part in result.parts] == [0, 1]
    assert [part.stem for part in result.parts] == ["01 Player 0.wav", "02 Player 1.wav"]
    assert all(part.instrument == "" and part.onsets_s == () for part in result.parts)
    assert len({part.colour for part in result.parts}) == 2
    assert result.alignment == {} and result.settings["score"] is None
    assert sums_to_the_mixture(result, tmp_path / "o", duo)
    assert Result.read(tmp_path / "o" / "result.json") == result
    (given,) = shares.given
    assert isinstance(given.notes, Absent) and given.count == 2
    assert list(given.clusters.players) == sorted(given.clusters.players)
    assert [match.player for match in given.association.matches] == [0, 1]
    assert given.activity.playing.shape[0] == 2 and given.activity.source == "motion"


def test_the_report_of_a_job_without_a_score(duo, job, shares, tmp_path) -> None:
    run(job(MOTION, players=2))
    page = (tmp_path / "o" / "report.html").read_text("utf-8")
    assert "Player 1" in page and "aspect-ratio" in page
    for absent in ("Alignment of score", "Score fits", "notes</span>", "Who plays what"):
        assert absent not in page
    assert json.loads((tmp_path / "o" / "result.json").read_text())["version"] == 1


def test_where_no_notes_are_known_the_stems_say_when_tones_begin(
    job, shares, monkeypatch, tmp_path
) -> None:
    """For the mark of what makes the sound on the report's frame."""
    asked = []
    monkeypatch.setattr(
        "avstem.separation.localisation.sounding_clusters",
        lambda clusters, onsets_s, at_s: asked.append((onsets_s, at_s)) or (None, None),
    )
    result = run(job(MOTION, players=2))
    ((onsets_s, at_s),) = asked
    assert at_s is None
    expected = [onsets_in(tmp_path / "o" / part.stem, result.start_s) for part in result.parts]
    for found, known in zip(onsets_s, expected, strict=True):
        assert len(found) > 10
        np.testing.assert_array_equal(found, known)


def test_players_that_nobody_counted_are_counted_and_said(job, shares) -> None:
    result = run(job(MOTION))
    assert len(result.players) == len(result.parts) == 2
    assert any("Counting the players found 2 in the picture: look" in w for w in result.warnings)


@pytest.mark.parametrize("conditioning", [MOTION, BOTH])
def test_a_score_names_the_stems_also_where_movement_separates(
    duo, job, shares, tmp_path, conditioning
) -> None:
    result = run(job(conditioning, score=duo / "score.mid"))
    assert [part.name for part in result.parts] == ["Violin", "Cello"]
    truth = json.loads((duo / "truth.json").read_text())["parts"]
    assert [part.player for part in result.parts] == [part["player"] for part in truth]
    assert (tmp_path / "o" / "evidence.json").is_file()
    assert len(result.activity["parts"]["playing"]) == 2
    assert len(result.activity["players"]["playing"]) == 2
    (given,) = shares.given
    assert isinstance(given.notes, Absent) == (conditioning == MOTION)
    assert given.activity.source == ("motion" if conditioning == MOTION else "score")
    assert not isinstance(given.clusters, Absent)
    assert [m.player for m in given.association.matches] == [p.player for p in result.parts]


def test_by_the_score_alone_no_clusters_are_looked_for(duo, job, shares) -> None:
    run(job(SCORE, score=duo / "score.mid"))
    assert isinstance(shares.given[0].clusters, Absent)


def test_sources_that_were_counted_in_the_picture_are_told_as_sources(job, shares) -> None:
    warnings = run(job(AUDIO)).warnings
    assert [w for w in warnings if "players in the picture found 2, so the sound was divided" in w]
    assert not any("boxes" in warning for warning in warnings)


def test_voices_without_a_note_are_told(monkeypatch) -> None:
    """Of one channel, where notes are all there is to separate by."""
    affinity = Affinity("default", np.eye(2), np.zeros((2, 3)), np.arange(3.0))
    monkeypatch.setattr(
        "avstem.cast.association_stage.best_explained", lambda *given: (0, affinity)
    )
    note = Notes(*(np.array([value]) for value in (0.0, 1.0, 60, 80)))
    guesses = [Voices((note, NO_NOTES), (0, 0), np.zeros(0), np.zeros(0))]
    found, _ = of_voices(guesses, None, Absent(""), ())
    assert "these stems are silent: Voice 2." in found.association.warnings[0]


@pytest.mark.parametrize(
    ("more", "count"),
    [
        ({"players": 3}, 3),
        ({}, 2),
        ({"score": "score.mid"}, 2),
        ({"score": "score.mid", "players": "auto"}, 2),
    ],
)
def test_by_sound_alone_sources_have_no_player(duo, job, shares, tmp_path, more, count) -> None:
    """As many as the user says, as the picture shows, or as the score has parts."""
    if "score" in more:
        more = {"score": duo / more["score"], "video": None}
    result = run(job(AUDIO, assignments=(("Violin", 0),), **more))
    assert [part.name for part in result.parts] == [f"Source {k + 1}" for k in range(count)]
    assert all(p.player is None and "sound alone" in p.why for p in result.parts)
    assert not any("off-screen" in p.stem for p in result.parts)
    assert result.players == () and result.alignment == {} and "players" not in result.activity
    assert any("assignments were left aside" in w for w in result.warnings)
    assert sums_to_the_mixture(result, tmp_path / "o", duo)
    assert "told apart" not in (tmp_path / "o" / "report.html").read_text("utf-8")


def test_voices_are_given_to_the_players_who_move_like_them(duo, job, tmp_path) -> None:
    """The real method of motion: each stem is closer to its own player's part."""
    result = run(job(MOTION, players=2))
    assert [part.name for part in result.parts] == ["Voice 1", "Voice 2"]
    assert [part.player for part in result.parts] == [0, 1]
    assert all(0.5 < part.confidence < 1.0 for part in result.parts)
    truth = json.loads((duo / "truth.json").read_text())["parts"]
    true = {p["player"]: soundfile.read(duo / p["stem"])[0].mean(axis=1) for p in truth}
    for part in result.parts:
        stem = soundfile.read(tmp_path / "o" / part.stem)[0].mean(axis=1)
        likeness = [abs(np.corrcoef(stem, true[k][: len(stem)])[0, 1]) for k in (0, 1)]
        assert likeness[part.player] > 0.8 > 0.5 > likeness[1 - part.player]
    assert sums_to_the_mixture(result, tmp_path / "o", duo)
    assert all(len(part.onsets_s) > 5 for part in result.parts), "as heard"
    assert (tmp_path / "o" / "evidence.json").is_file()
    assert "Who plays what" in (tmp_path / "o" / "report.html").read_text("utf-8")


def test_a_voice_goes_to_the_player_whom_the_user_says(duo, job, tmp_path) -> None:
    """A name stays with its sound, so that the user can take a correction back."""
    found = run(job(MOTION, players=2))
    before = [soundfile.read(tmp_path / "o" / part.stem)[0] for part in found.parts]
    swapped = (("Voice 1", 1), ("Voice 2", 0))
    result = run(job(MOTION, players=2, assignments=swapped, overwrite=True))
    assert [(part.name, part.player) for part in result.parts] == list(swapped)
    assert all(part.confidence == 1.0 for part in result.parts)
    for part, sound in zip(result.parts, before, strict=True):
        assert np.allclose(soundfile.read(tmp_path / "o" / part.stem)[0], sound, atol=1e-4)


@pytest.mark.parametrize(
    ("heard", "parts", "expected"),
    [
        ([1, 0], [0, 1], (1, 0)),
        ([None, 0, 1], [1, None, 0], (2, 0, 1)),
        ([2, 0], [1, 0], (0, 1)),
        ([2, 1], [None, None], (0, 1)),
    ],
)
def test_voices_come_in_the_order_of_the_parts(heard, parts, expected) -> None:
    """The voice of a part is that of its player; what is left goes to the others in order."""
    voices, cast = (
        Association(tuple(Match(k, player, 0.5) for k, player in enumerate(players)), None)
        for players in (heard, parts)
    )
    assert voice_order(voices, cast) == expected


@pytest.mark.parametrize("said", [(), (("Voice 1", 1), ("Voice 2", 0))])
def test_voices_are_numbered_by_the_players_found_for_them(monkeypatch, said) -> None:
    """The first voice heard is of the right player: it is "Voice 2" whatever the user says."""
    scores = np.array([[0.0, 9.0], [8.0, 1.0]])
    affinity = Affinity("default", scores, np.zeros((2, 3)), np.arange(3.0))
    monkeypatch.setattr(
        "avstem.cast.association_stage.best_explained", lambda *given: (0, affinity)
    )
    heard = tuple(Notes(*(np.array([value]) for value in (k, k + 1, 60, 80))) for k in (0.0, 1.0))
    guesses = [Voices(heard, (0, 1), np.zeros(0), np.zeros(0))]
    found, voices = of_voices(guesses, None, Absent(""), said)
    assert found.names == ("Voice 1", "Voice 2")
    assert found.notes == voices.notes == heard[::-1]
    assert found.association.affinity.scores.tolist() == [[8.0, 1.0], [0.0, 9.0]]
    assert [m.player for m in found.association.matches] == ([1, 0] if said else [0, 1])


def test_stems_that_are_silent_because_nothing_was_left_are_told(monkeypatch) -> None:
    scores = np.array([[9.0, 0.0], [0.0, 9.0]])
    affinity = Affinity("default", scores, np.zeros((2, 3)), np.arange(3.0))
    monkeypatch.setattr(
        "avstem.cast.association_stage.best_explained", lambda *given: (0, affinity)
    )
    guesses = [Voices((NO_NOTES,) * 2, (0, 1), np.array([np.nan, 0.0]), np.array([np.nan, 0.0]))]
    said = "Fewer sounds than players were told apart: these stems are silent: {}."
    found, _ = of_voices(guesses, None, Absent(""), ())
    assert found.association.warnings == (said.format("Voice 1"),)
    silent, sure = found.association.matches
    assert (silent.confidence, silent.ambiguous) == (0.0, True)
    assert "nothing was left for this one" in silent.why
    assert sure.confidence > 0.9 and not sure.ambiguous
    assigned, _ = of_voices(guesses, None, Absent(""), (("Voice 1", 0),))
    assert assigned.association.matches[0].confidence == 1.0
    matches = (Match(0, 1, 1.0), Match(1, 0, 1.0))
    parts = tuple(Part(k, name, "", NO_NOTES) for k, name in enumerate(("Oboe", "Horn")))
    cast = Cast(parts, (NO_NOTES,) * 2, Association(matches, None))
    named, voices = with_voices(cast, None, guesses, Absent(""))
    assert named.association.warnings == (said.format("Horn"),)
    assert voices.sounding == (0,)


def test_effects_are_checked_against_the_names_that_were_found(duo, job, shares, tmp_path) -> None:
    chain = tmp_path / "fx.toml"
    chain.write_text('["Player 0"]\nchain = [{effect = "Gain", gain_db = -6.0}]\n')
    run(job(MOTION, effects=chain, players=2))
    with pytest.raises(RequestError, match="no part 'Player 0'.*'Source 1', 'Source 2'"):
        run(job(AUDIO, effects=chain, score=duo / "score.mid", overwrite=True))
    with pytest.raises(RequestError, match="no part 'Player 0'.*'Violin', 'Cello'"):
        run(job(MOTION, effects=chain, score=duo / "score.mid", overwrite=True))


def test_progress_passes_only_what_has_to_be_done(job, shares) -> None:
    events: list[ProgressEvent] = []
    run(job(AUDIO, players=2), events.append)
    last = {event.stage: event.overall for event in events}
    assert last[Stage.MEDIA] == last[Stage.ALIGNMENT] == last[Stage.PLAYERS] < 0.1
    assert last[Stage.STEMS] == pytest.approx(1.0)


def test_what_a_conditioning_needs_is_asked_for(duo, job, shares) -> None:
    for conditioning in (SCORE, BOTH):
        with pytest.raises(RequestError, match="by the score was asked for, but there is no score"):
            run(job(conditioning))
    for conditioning in (MOTION, BOTH):
        with pytest.raises(RequestError, match="by movement was asked for, but there is no pict"):
            run(job(conditioning, score=duo / "score.mid", video=None))
    with pytest.raises(RequestError, match="How many sources.*is not known"):
        run(job(AUDIO, video=None))
    with pytest.raises(RequestError, match="who plays which part needs the score"):
        associate(job(SCORE))


def test_a_movement_is_its_players_own(job, shares) -> None:
    run(job(MOTION, players=2, assignments=(("Player 1", 1),)))
    with pytest.raises(RequestError, match="'Player 1' is what the movement of player 1 explains"):
        run(job(MOTION, players=2, assignments=(("Player 1", 0),), overwrite=True))
    with pytest.raises(RequestError, match="'Player 0'.*cannot be assigned to nobody"):
        run(job(MOTION, players=2, assignments=(("Player 0", None),), overwrite=True))


def test_players_who_do_not_move_tell_nothing(duo, job, shares, monkeypatch) -> None:
    def still(*given, **how) -> Players:
        found = find_players(*given, **how)
        return replace(found, players=tuple(replace(p, moves=False) for p in found.players))

    monkeypatch.setattr("avstem.analysis.find_players", still)
    with pytest.raises(RequestError, match="no player's movement can be followed"):
        run(job(MOTION, players=2))
    run(job(BOTH, score=duo / "score.mid"))


def test_where_movement_and_score_contradict_each_other_is_told(duo, job, shares, monkeypatch):
    def told(by_motion, by_score, matches, names) -> tuple[str, ...]:
        assert (by_motion.source, by_score.source) == ("motion", "score")
        assert len(matches) == len(names) == 2
        return ("Player 1 seems to play on.",)

    monkeypatch.setattr("avstem.outcome.disagreements", told)
    assert run(job(SCORE, score=duo / "score.mid")).warnings[-1] == "Player 1 seems to play on."


def test_a_score_that_does_not_fit_names_no_stems(job, shares, tmp_path) -> None:
    notes = [(0.37 * k, 0.37 * k + 0.3, 61 + (5 * k) % 13) for k in range(60)]
    wrong = write_score(tmp_path / "wrong.mid", {"Oboe": (68, notes)})
    chain = tmp_path / "fx.toml"
    chain.write_text('[Oboe]\nchain = [{effect = "Gain", gain_db = -6.0}]\n')
    result = run(job(MOTION, score=wrong, assignments=(("Oboe", 0),), effects=chain))
    assert [part.name for part in result.parts] == ["Player 0", "Player 1"]
    assert any(w.startswith("The score and what was said of its parts") for w in result.warnings)
    with pytest.raises(AlignmentError):
        run(job(BOTH, score=wrong, overwrite=True))
