"""By movement alone from films with trouble in them, from the command's request to the stems."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile
from make_duo import make_duo

from avstem.datatypes import Box
from avstem.errors import RequestError
from avstem.pipeline import run
from avstem.request import Request
from avstem.result import Result
from avstem.separation import AUDIO, MOTION

TROUBLE = {
    "cuts": "The camera cuts at",
    "pans": "The camera pans or zooms",
    "hidden": "is hidden or away",
}


@pytest.fixture
def separate(tmp_path: Path) -> Callable[..., Result]:
    """Run a job on a folder of a simulated duo, by movement alone unless said otherwise."""

    def job(duo: Path, **more) -> Result:
        given = {"score": None, "video": duo / "video.mp4", "audio": duo / "mix.wav", "players": 2}
        given |= {"conditioning": MOTION, "cache": tmp_path / "cache", "overwrite": True}
        return run(Request(output=tmp_path / "out", **(given | more)))

    return job


def truth_of(duo: Path) -> dict:
    return json.loads((duo / "truth.json").read_text(encoding="utf-8"))


def likeness(duo: Path, result: Result, folder: Path) -> np.ndarray:
    """(parts, players) correlation of each stem with what each player truly plays."""
    true = {p["player"]: soundfile.read(duo / p["stem"])[0][:, 0] for p in truth_of(duo)["parts"]}
    stems = [soundfile.read(folder / part.stem)[0][:, 0] for part in result.parts]
    return np.array(
        [[abs(np.corrcoef(s, true[k][: len(s)])[0, 1]) for k in sorted(true)] for s in stems]
    )


def assert_sums_to_the_mixture(duo: Path, result: Result, folder: Path) -> None:
    mix, _ = soundfile.read(duo / "mix.wav")
    stems = [soundfile.read(folder / part.stem)[0] for part in result.parts]
    np.testing.assert_allclose(sum(stems), mix, atol=1e-6)


def repainted(source: Path, target: Path, paint: Callable[[int, np.ndarray], np.ndarray]) -> Path:
    """The film with every picture (height, width, 3) changed, without sound."""
    with av.open(str(source)) as film, av.open(str(target), "w") as copy:
        seen = film.streams.video[0]
        made = copy.add_stream("libx264", rate=seen.average_rate)
        made.width, made.height, made.pix_fmt = seen.width, seen.height, "yuv420p"
        for number, frame in enumerate(film.decode(seen)):
            picture = paint(number, frame.to_ndarray(format="rgb24"))
            copy.mux(made.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        copy.mux(made.encode(None))
    return target


@pytest.mark.parametrize("kind", TROUBLE)
def test_trouble_in_the_film_is_told_and_the_stems_are_right(kind, separate, tmp_path) -> None:
    duo = make_duo(tmp_path, **{kind: 1})
    result = separate(duo)
    assert any(TROUBLE[kind] in warning for warning in result.warnings)
    assert [part.player for part in result.parts] == [0, 1]
    alike = likeness(duo, result, tmp_path / "out")
    assert np.diag(alike).min() > 0.8
    assert max(alike[0, 1], alike[1, 0]) < 0.5
    assert_sums_to_the_mixture(duo, result, tmp_path / "out")


def test_a_film_in_which_nothing_moves_is_refused_with_what_to_do(duo, separate, tmp_path) -> None:
    first: list[np.ndarray] = []

    def still(number: int, picture: np.ndarray) -> np.ndarray:
        return (first or first.append(picture) or first)[0]

    film = repainted(duo / "video.mp4", tmp_path / "still.mp4", still)
    with pytest.raises(RequestError, match="no player's movement can be followed.*") as refused:
        separate(duo, video=film)
    assert "audio" in refused.value.hint
    result = separate(duo, video=film, conditioning=AUDIO)
    assert_sums_to_the_mixture(duo, result, tmp_path / "out")


def test_a_player_in_a_place_without_texture_is_told_and_has_a_stem(
    duo, separate, tmp_path
) -> None:
    """The other player's movement says which voice is left for the one who is not to be seen."""
    boxes = [player["box_px"] for player in truth_of(duo)["players"]]

    def grey(number: int, picture: np.ndarray) -> np.ndarray:
        x0, y0, x1, y1 = (round(edge) for edge in boxes[1])
        picture = picture.copy()
        picture[max(0, y0 - 16) : y1 + 16, x0 - 16 : x1 + 16] = 128
        return picture

    film = repainted(duo / "video.mp4", tmp_path / "grey.mp4", grey)
    result = separate(duo, video=film, boxes=tuple(Box(*box) for box in boxes))
    assert any("Player 1's place in the picture has no texture" in w for w in result.warnings)
    assert [part.player for part in result.parts] == [0, 1]
    assert np.diag(likeness(duo, result, tmp_path / "out")).min() > 0.8


def test_a_player_too_many_has_a_silent_stem_and_is_told(duo, separate, tmp_path) -> None:
    """Three boxes, two sounds: one box lies on the empty stage between the players."""
    boxes = [player["box_px"] for player in truth_of(duo)["players"]]
    middle = (boxes[0][2] + boxes[1][0]) / 2
    empty = (middle - 10.0, boxes[0][1], middle + 10.0, boxes[0][3])
    result = separate(duo, boxes=tuple(Box(*box) for box in (*boxes, empty)))
    assert any("Fewer sounds than players" in warning for warning in result.warnings)
    assert len(result.parts) == 3
    levels = [np.abs(soundfile.read(tmp_path / "out" / p.stem)[0]).max() for p in result.parts]
    assert sorted(levels)[0] < 1e-6 < 0.01 < sorted(levels)[1]
    assert_sums_to_the_mixture(duo, result, tmp_path / "out")
