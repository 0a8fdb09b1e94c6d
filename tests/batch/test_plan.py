"""Finding, naming and listing: what becomes a job, and the reason where nothing does."""

from __future__ import annotations

from pathlib import Path

import pytest
from batch_bench import batch_of
from hypothesis import given
from hypothesis import strategies as st

from avstem.arguments import parse_conditioning
from avstem.batch.find import ScoreFrom, Search
from avstem.batch.names import DEFAULT, parse_names
from avstem.batch.records import Recording, Refused
from avstem.batch.run import preview
from avstem.errors import RequestError
from avstem.request import Request
from avstem.stems import template_names


def touch(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)


def found(folder: Path, **more: object) -> dict[str, str]:
    """Name -> group of what can be done, or the message of what cannot."""
    rows = Search(**more).find(folder, folder / "out")  # type: ignore[arg-type]
    return {r.name: r.group if isinstance(r, Recording) else r.reason.message for r in rows}


def test_folders_of_video_and_score(tmp_path: Path) -> None:
    touch(tmp_path, "duo/film.mp4", "duo/anything.mid", "trio/a.mov", "trio/a.mid", "trio/b.mp4")
    touch(tmp_path, "trio/b.MusicXML", ".hidden/x.mp4", "out/y.mp4", "old/result.json", "old/z.mp4")
    assert found(tmp_path) == {"film": "duo", "a": "trio", "b": "trio"}
    assert found(tmp_path, score_from=ScoreFrom.RPP) == {}


def test_what_has_no_partner_says_so(tmp_path: Path) -> None:
    touch(tmp_path, "a/one.mp4", "a/two.mp4", "a/score.mid", "b/lonely.mid")
    rows = found(tmp_path)
    assert rows["one.mp4"] == "No score lies beside one.mp4 (1 score(s) in the folder)."
    assert rows["lonely.mid"] == "No video lies beside the score lonely.mid."
    assert len(rows) == 4


def test_without_scores(tmp_path: Path) -> None:
    """Each recording says what it lacks for the conditioning that was asked for."""
    touch(tmp_path, "a/film.mp4", "b/film.mp4", "b/film.mid")
    (tmp_path / "l.csv").write_text("name,audio,score\nmix,b/film.mp4,\n")

    def settings(text: str) -> Request:
        return Request(None, Path(), conditioning=parse_conditioning(text))

    def of(text: str, **more: object) -> list[object]:
        search = Search(settings=settings(text), **more)  # type: ignore[arg-type]
        return list(search.find(tmp_path, tmp_path / "out"))

    assert [one.request.score for one in of("motion")] == [None, tmp_path / "b/film.mid"]
    assert [one.request.score for one in of("audio", score_from=ScoreFrom.NONE)] == [None, None]
    alone, scored = of("score+motion")
    assert isinstance(alone, Refused)
    assert "No score lies beside film.mp4" in alone.reason.message
    assert isinstance(scored, Recording)
    for text, words in (("score", "no score"), ("motion", "no video"), ("audio", "How many")):
        (row,) = Search(settings=settings(text)).find(tmp_path / "l.csv", tmp_path / "out")
        assert isinstance(row, Refused)
        assert words in row.reason.message


def test_two_recordings_with_one_name(tmp_path: Path) -> None:
    touch(tmp_path, "x/take.mp4", "x/take.mid", "y/take.mp4", "y/take.mid", "y/other.mp4")
    touch(tmp_path, "y/other.mid")
    plan = preview(batch_of(tmp_path, tmp_path / "out", name="{name}/{index} {part}")).plan
    assert [job.folder for job in plan.jobs] == ["other"]
    assert [r.reason.message for r in plan.refused] == [
        "2 recordings would share the folder 'take'."
    ] * 2
    plan = preview(batch_of(tmp_path, tmp_path / "out")).plan
    assert sorted(job.folder for job in plan.jobs) == ["x/take", "y/other", "y/take"]


def test_lists(tmp_path: Path) -> None:
    touch(tmp_path, "a.mp4", "a.mid", "b.wav", "b.mid")
    rows = "name,video,audio,score,audio_offset_s,players\nA,a.mp4,,a.mid,,2\n,,b.wav,b.mid,1.5,\n"
    (tmp_path / "l.csv").write_text("\ufeff" + rows + "C,none.mp4,,a.mid,,\nD,a.mp4,,,,\n")
    one, two, gone, poor = Search().find(tmp_path / "l.csv", tmp_path / "out")
    assert isinstance(one, Recording)
    assert (one.name, one.request.video, one.request.players) == ("A", tmp_path / "a.mp4", 2)
    assert isinstance(two, Recording)
    assert (two.name, two.request.audio_offset_s, two.request.video) == ("b", 1.5, None)
    assert isinstance(gone, Refused)
    assert "none.mp4 is not there" in gone.reason.message
    assert isinstance(poor, Refused)
    assert "has no score" in poor.reason.message
    (tmp_path / "l.toml").write_text('[[recording]]\nvideo = "a.mp4"\nscore = "a.mid"\n')
    (same,) = Search().find(tmp_path / "l.toml", tmp_path / "out")
    assert isinstance(same, Recording)
    assert same.request.score == tmp_path / "a.mid"


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("l.csv", "video,scoer\na,b\n", "unknown column 'scoer'"),
        ("l.csv", "video,score\na,b,c\n", "more values than the header"),
        ("l.toml", "video = 3\n", r"tables \[\[recording\]\]"),
        ("l.toml", "= nothing", "Cannot read the list"),
        ("l.txt", "", "A folder, a project"),
    ],
)
def test_lists_that_are_wrong(tmp_path: Path, name: str, text: str, words: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(RequestError, match=words):
        list(Search().find(tmp_path / name, tmp_path / "out"))


def test_names_of_the_issue() -> None:
    names = parse_names("{project}/{index:02d} {part} - {player}")
    assert names.folder_of("night 1/Concert", "Take 1") == "night 1/Concert"
    rows = [{"index": 1, "part": "Violin 1", "instrument": "", "player": "player 0"}]
    assert template_names(names.stem, rows) == ("01 Violin 1 - player 0",)


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("{part}", "a folder and a file name"),
        ("{project}/{player}", "would be one file"),
        ("{index}/{part}", "holds {index}, which is unknown in the folder"),
        ("{project}/{parts}", "holds {parts}, which is unknown in the file name"),
        ("{project}/{index:02x$}", "--name does not work"),
        ("{project}/{part", "--name does not work"),
        ("{project}/{part.__class__.__mro__}{index}", "unknown in the file name"),
        ("{project}/{}{part}", "holds {}, which is unknown"),
        ("{project}/{index:{part}}", "at most three digits and holds no field"),
        ("{project}/{part:>9999999999}", "at most three digits"),
        ("{name:<99999}/{part}", "at most three digits"),
        ("", "a folder and a file name"),
        ("/abs/{part}", "stays inside the output folder"),
        ("/{part}", "stays inside the output folder"),
        ("{project}/../../{part}", "stays inside the output folder"),
        ("~/{part}", "stays inside the output folder"),
        ("C:\\x/{part}", "stays inside the output folder"),
        ("{project}/\0{part}", "stays inside the output folder"),
    ],
)
def test_templates_are_checked_before_anything_runs(template: str, words: str) -> None:
    with pytest.raises(RequestError) as caught:
        parse_names(template)
    assert words in caught.value.message


@given(st.text(max_size=30), st.text(max_size=30))
def test_folders_stay_inside_the_output(project: str, name: str) -> None:
    folder = parse_names(DEFAULT).folder_of(project, name)
    assert folder
    assert not folder.startswith("/")
    assert not any(piece in ("", ".", "..") for piece in folder.split("/"))


@given(st.lists(st.text(max_size=8), min_size=1, max_size=6))
def test_stem_names_never_collide(parts: list[str]) -> None:
    rows = [{"part": part} for part in parts]
    names = template_names("{part}", rows)
    assert len({name.casefold() for name in names}) == len(parts)
