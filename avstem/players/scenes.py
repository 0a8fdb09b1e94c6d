"""Views of one place laid together: what a camera shows of it from near, from far, panning.

Views that follow each other by a pan are connected by the camera's own motion, others where their
pictures register. All motion of a scene is gathered on one canvas of cells, on which players are
found once, however little of them a single view shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from avstem.datatypes import FloatArray, MotionField, Similarity, View
from avstem.players.density import mean_speed
from avstem.players.flow import CELL_PX
from avstem.players.register import Marked, marked, registered

# How many of a scene's longest views another one is compared with.
_COMPARED = 4


@dataclass(frozen=True, eq=False)
class Scene:
    """Views of one place.

    views : their numbers, the longest first. places : where each view's pixels lie on the
    longest view. frames : of all together.
    """

    views: tuple[int, ...]
    places: tuple[Similarity, ...]
    frames: int


@lru_cache(maxsize=1)  # asked for by several stages, and dear
def scenes_of(views: tuple[View, ...]) -> tuple[Scene, ...]:
    """All views in scenes; the scene that is shown for longest first."""
    runs = sorted(_runs(views), key=lambda run: -max(_length(views[n]) for n in run))
    stills: dict[int, Marked] = {}
    scenes: list[dict[int, Similarity]] = []
    for run in runs:
        for scene in scenes:
            if (way := _way(views, run, scene, stills)) is not None:
                scene.update({n: place.then(way) for n, place in run.items()})
                break
        else:
            scenes.append(run)
    found = (_scene(views, places) for places in scenes)
    return tuple(sorted(found, key=lambda scene: -scene.frames))


def _length(view: View) -> int:
    return view.stop - view.start


def _runs(views: Sequence[View]) -> list[dict[int, Similarity]]:
    """Views joined by pans, with each one's place on the first of them."""
    runs: list[dict[int, Similarity]] = []
    for number, view in enumerate(views):
        if view.follows is None:
            runs.append({number: Similarity()})
        else:
            runs[-1][number] = view.follows.then(runs[-1][number - 1])
    return runs


def _way(
    views: Sequence[View],
    run: dict[int, Similarity],
    scene: dict[int, Similarity],
    stills: dict[int, Marked],
) -> Similarity | None:
    """From the first view of a run to that of a scene, where two of their pictures register.

    stills : what is known of the views' pictures, by number; what is not is added.
    """
    mine, theirs = (sorted(v, key=lambda n: -_length(views[n]))[:_COMPARED] for v in (run, scene))
    for number in {*mine, *theirs} - set(stills):
        stills[number] = marked(views[number].still)
    for one in mine:
        for other in theirs:
            found = registered(stills[one], stills[other])
            if found is not None:
                return run[one].inverse().then(found).then(scene[other])
    return None


def _scene(views: Sequence[View], places: dict[int, Similarity]) -> Scene:
    """With places on the longest view instead of the first."""
    order = sorted(places, key=lambda n: -_length(views[n]))
    home = places[order[0]].inverse()
    frames = sum(_length(view) for view in (views[n] for n in order))
    return Scene(tuple(order), tuple(places[n].then(home) for n in order), frames)


@dataclass(frozen=True)
class Canvas:
    """Cells of a scene: those of its longest view (rows, columns), and more on all sides.

    left, top : the canvas' first cell, counted from the longest view's first one.
    """

    rows: int
    columns: int
    left: int
    top: int
    width: int
    height: int

    @classmethod
    def of(cls, scene: Scene, rows: int, columns: int) -> Canvas:
        """One that holds all views of a scene."""
        low, high = complex(-columns, -rows) / 2, complex(-columns, rows) / 2
        corners = CELL_PX * np.array([low, high, -low, -high])
        points = np.concatenate([place.of(corners) for place in scene.places])
        x, y = points.real / CELL_PX + columns / 2, points.imag / CELL_PX + rows / 2
        # rounding and small shifts of the camera shall not add a row of cells
        left, top = int(np.floor(x.min() + 0.5)), int(np.floor(y.min() + 0.5))
        right, bottom = int(np.ceil(x.max() - 0.5)), int(np.ceil(y.max() - 0.5))
        return cls(rows, columns, left, top, right - left, bottom - top)

    def gather(self, values: FloatArray, place: Similarity) -> FloatArray:
        """Values on a view's cells (rows, columns), on the canvas; 0 around them."""
        matrix = self._matrix(place)
        return np.asarray(cv2.warpAffine(values, matrix, (self.width, self.height)))

    def show(self, values: FloatArray, place: Similarity) -> FloatArray:
        """Values on the canvas, on a view's cells (rows, columns)."""
        matrix = cv2.invertAffineTransform(self._matrix(place))
        return np.asarray(cv2.warpAffine(values, matrix, (self.columns, self.rows)))

    def on_view(
        self, box: tuple[float, float, float, float], place: Similarity
    ) -> tuple[float, float, float, float]:
        """A rectangle in cells of the canvas, in cells of a view; may leave the picture."""
        middle = complex(self.columns, self.rows) / 2
        origin = complex(self.left, self.top) - middle
        corners = np.array([complex(box[0], box[1]), complex(box[2], box[3])]) + origin
        a, b = place.inverse().of(CELL_PX * corners) / CELL_PX + middle
        return a.real, a.imag, b.real, b.imag

    def of_view(
        self, box: tuple[float, float, float, float], place: Similarity
    ) -> tuple[float, float, float, float]:
        """A rectangle in cells of a view, in cells of the canvas."""
        middle = complex(self.columns, self.rows) / 2
        origin = complex(self.left, self.top) - middle
        corners = np.array([complex(box[0], box[1]), complex(box[2], box[3])]) - middle
        a, b = place.of(CELL_PX * corners) / CELL_PX - origin
        return a.real, a.imag, b.real, b.imag

    def _matrix(self, place: Similarity) -> FloatArray:
        """From indices of a view's cells to those of the canvas, (2, 3)."""
        turn, shift = place.turn, place.shift / CELL_PX
        linear = np.array([[turn.real, -turn.imag], [turn.imag, turn.real]])
        middle = np.array([self.columns, self.rows]) / 2 - 0.5
        offset = np.array([shift.real, shift.imag]) + middle - linear @ middle
        return np.column_stack([linear, offset - [self.left, self.top]])


def gathered_speed(
    field: MotionField, scene: Scene, canvas: Canvas
) -> tuple[FloatArray, FloatArray]:
    """Mean speed where texture can be trusted, and for how many frames each cell was seen.

    Both (canvas height, canvas width); speeds in pixels of the longest view.
    """
    total = np.zeros((canvas.height, canvas.width))
    frames = np.zeros_like(total)
    for number, place in zip(scene.views, scene.places, strict=True):
        view = field.views[number]
        speed = mean_speed(field, view.start, view.stop) * view.texture * abs(place.turn)
        length = float(_length(view))
        total += length * canvas.gather(speed, place)
        frames += length * canvas.gather(np.ones_like(speed), place)
    return total / np.maximum(frames, 1e-9), frames
