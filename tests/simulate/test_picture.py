"""Picture: what moves is what the truth says, when it says so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
from small_scores import make_part

from avstem.datatypes import Score
from avstem.simulate import SimulationSettings
from avstem.simulate.figures import View
from avstem.simulate.instruments import INSTRUMENTS
from avstem.simulate.perform import Performance, perform
from avstem.simulate.picture import draw_frames, make_scene

EASY = SimulationSettings(seed=1, difficulty=0.0, seconds=10.0, size=(320, 180))


def _solo(settings: SimulationSettings) -> Performance:
    lengths = [0.4, 0.6, 0.5, 0.8, 0.35, 0.55] * 4
    part = make_part(0, "Cello", lengths, [45, 47, 48, 50, 52, 53] * 4)
    return perform(Score((part,)), (INSTRUMENTS["Violoncello"],), settings)[1]


def _luma(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="gray") for frame in container.decode(video=0)]


def _bow_velocity(
    frames: list[np.ndarray], x_px: tuple[int, int], y_px: tuple[int, int]
) -> np.ndarray:
    """Mean horizontal flow of what moves within a region, one value per pair of frames."""
    flow = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    found = []
    for before, after in zip(frames[:-1], frames[1:], strict=True):
        motion = flow.calc(before, after, None)[slice(*y_px), slice(*x_px), 0]
        found.append(motion[np.abs(motion) >= np.quantile(np.abs(motion), 0.9)].mean())
    return np.array(found)


def test_the_drawn_bow_arm_turns_at_the_strokes() -> None:
    performance = _solo(EASY)
    scene = make_scene(performance, (0,), EASY)
    frames = [planes[:180].copy() for planes in draw_frames(scene, EASY)]
    hands = scene.figures[0].pose.hands[0] * scene.figures[0].seat.head_px
    hands = hands + (scene.figures[0].seat.x_px, scene.figures[0].seat.y_px)
    low, high = hands.min(axis=0).astype(int) - 8, hands.max(axis=0).astype(int) + 8
    low, high = np.maximum(low, 0), np.minimum(high, (320, 180))
    velocity = _bow_velocity(frames, (low[0], high[0]), (low[1], high[1]))
    times_s = (scene.times_s[1:] + scene.times_s[:-1]) / 2
    strokes = performance.parts[0].strokes
    agree = []
    for k in range(len(strokes.starts_s)):
        inside = (times_s > strokes.starts_s[k] + 0.06) & (times_s < strokes.ends_s[k] - 0.06)
        if inside.sum() >= 3:
            agree.append(np.sign(velocity[inside].sum()) * strokes.directions[k])
    # A down-bow carries the hand to the picture's left, an up-bow to its right.
    assert len(agree) > 5
    assert np.mean(np.array(agree) < 0) > 0.9


def test_players_move_inside_their_boxes(duo: Path, truth: dict[str, Any]) -> None:
    frames = np.array(_luma(duo / "video.mp4"), dtype=float)
    change = np.abs(frames[3:] - frames[:-3]).mean(axis=0)
    inside = np.zeros(change.shape, bool)
    for player in truth["players"]:
        x0, y0, x1, y1 = (round(v) for v in player["box_px"])
        assert 0 <= x0 < x1 <= 320
        assert 0 <= y0 < y1 <= 180
        assert np.quantile(change[y0:y1, x0:x1], 0.95) > 8
        inside[y0:y1, x0:x1] = True
    assert np.quantile(change[~inside], 0.95) < 8


def test_every_picture_is_noisy_when_it_should_be() -> None:
    noise = []
    for difficulty in (0.0, 1.0):
        settings = SimulationSettings(seed=1, difficulty=difficulty, seconds=4.0, size=(160, 90))
        pictures = draw_frames(make_scene(_solo(settings), (0,), settings), settings)
        first, second = (next(pictures)[:20, :40].astype(float) for _ in range(2))
        noise.append((first - second).std())
    assert noise[1] > 2 * noise[0]


def test_cuts_change_the_view_at_their_times() -> None:
    settings = SimulationSettings(seed=2, seconds=6.0, size=(320, 180), cuts=2)
    scene = make_scene(_solo(settings), (0,), settings)
    assert len(scene.camera.cuts_s) == 2
    pictures = [planes[:180:4, ::4].astype(float) for planes in draw_frames(scene, settings)]
    change = np.array(
        [np.abs(b - a).mean() for a, b in zip(pictures[:-1], pictures[1:], strict=True)]
    )
    largest = np.sort(np.argsort(change)[-2:])
    expected = np.searchsorted(scene.times_s, scene.camera.cuts_s) - 1
    assert largest.tolist() == expected.tolist()
    wide, closer, again = (scene.camera.at(frame) for frame in scene.camera.first_frames())
    assert closer.zoom > 1.25 and wide.zoom == again.zoom == 1.0


@pytest.mark.parametrize(
    ("rate", "fraction"),
    [(30.0, "30"), (29.97, "30000/1001"), (25.0, "25"), (12.5, "25/2")],
)
def test_frame_rates_are_exact(rate: float, fraction: str) -> None:
    assert str(SimulationSettings(frame_rate_hz=rate).frame_rate) == fraction


def test_a_pan_carries_the_players_and_stays_within_the_hall() -> None:
    settings = SimulationSettings(seed=3, seconds=8.0, size=(320, 180), pans=1)
    scene = make_scene(_solo(settings), (0,), settings)
    first, last = scene.camera.at(0), scene.camera.at(len(scene.times_s) - 1)
    assert scene.camera.cuts_s == ()
    assert first.zoom == last.zoom > 1.2
    assert abs(first.x_px - last.x_px) == pytest.approx((first.zoom - 1) * 320, abs=3)
    steps = np.abs(np.diff([scene.camera.at(n).x_px for n in range(len(scene.times_s))]))
    assert steps.max() < 4  # nobody sees a jump


def test_a_hidden_player_is_not_to_be_seen_for_half() -> None:
    settings = SimulationSettings(seed=1, seconds=8.0, size=(320, 180), hidden=1)
    scene = make_scene(_solo(settings), (0,), settings)
    (screen,) = scene.screens
    x0, y0, x1, y1 = (int(v) for v in scene.figures[0].box())
    body = (slice(max(y0, 0), min(y1, 180)), slice(max(x0, 0), min(x1, 320)))
    pictures = [planes[:180][body].astype(float) for planes in draw_frames(scene, settings)]
    change = np.array([np.abs(b - a).mean() for a, b in zip(pictures, pictures[1:], strict=False)])
    hidden = (scene.times_s[1:] > screen.start_s) & (scene.times_s[1:] < screen.stop_s)
    assert hidden.mean() == pytest.approx(0.5, abs=0.05)
    looks = np.array([p.mean(axis=1) for p in pictures])[1:]
    assert np.abs(looks[hidden].mean(axis=0) - looks[~hidden].mean(axis=0)).mean() > 5
    assert np.isfinite(change).all()


def test_a_view_from_the_side_keeps_a_box_on_its_player() -> None:
    view = View(1.4, -60.0, -40.0, 0.22)
    straight = View(1.4, -60.0, -40.0)
    box = (120.0, 60.0, 180.0, 150.0)
    turned, plain = view.box(box, 320, 180), straight.box(box, 320, 180)
    assert turned is not None and plain is not None
    assert np.abs(turned - plain).max() < 40 and not np.allclose(turned, plain)
    assert straight.box((-300.0, 0.0, -250.0, 50.0), 320, 180) is None
