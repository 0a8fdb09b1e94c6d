"""What the camera does: from picture to picture, and since a view began.

Maps are similarities in pixels of the flow picture, from its middle (`datatypes.Similarity`).
"""

from __future__ import annotations

import numpy as np

from avstem.datatypes import FloatArray, Similarity
from avstem.players.flow import CELL_PX, CellFlow, Picture

# A similarity motion of the whole picture is taken for the camera's when this share of the
# textured picture follows it within this tolerance.
_CAMERA_SHARE = 0.5
_CAMERA_TOLERANCE_PX = 0.25
# Over longer ways flow errs in proportion.
_FAR_TOLERANCE = 0.05
# The camera is looked at again every so many pictures.
_EVERY = 5
# Beyond this a key picture is too far away to be compared with.
_NEW_KEY_PX = 6.0
# Cells stay where they are until the camera has moved by half of one.
_MOVED_PX = CELL_PX / 2


def remove_camera(moved: FloatArray, trust: FloatArray) -> FloatArray:
    """The motion without pan, zoom and roll of the camera.

    moved : (2, rows, columns) displacement in pixels; trust : (rows, columns).
    A similarity transform is fitted robustly to the trusted cells; it is subtracted only when
    at least half of them follow it, so that one large player is not mistaken for the camera.
    """
    basis = _basis(*trust.shape)
    camera = np.tensordot(_fit(moved, trust, basis, _CAMERA_TOLERANCE_PX), basis, axes=1)
    if not _followed(moved, trust, camera, _CAMERA_TOLERANCE_PX):
        return moved
    return np.asarray(moved - camera)


def camera_between(moved: FloatArray, trust: FloatArray) -> Similarity | None:
    """The map that the camera laid on a picture, None where most of it does not follow one.

    moved, trust : as for `remove_camera`, but between pictures that may lie further apart.
    """
    basis = _basis(*trust.shape)
    far = float(np.hypot(*_weighted_median(moved, trust)))
    tolerance = 2 * _CAMERA_TOLERANCE_PX + _FAR_TOLERANCE * far
    x, y, zoom, roll = _fit(moved, trust, basis, tolerance)
    camera = np.tensordot(np.array([x, y, zoom, roll]), basis, axes=1)
    if not _followed(moved, trust, camera, tolerance):
        return None
    return Similarity(complex(1.0 + zoom, roll), complex(x, y))


def _basis(rows: int, columns: int) -> FloatArray:
    """Displacement = translation + zoom * (x, y) + roll * (-y, x), (4, 2, rows, columns)."""
    x = CELL_PX * (np.arange(columns) - (columns - 1) / 2) * np.ones((rows, 1))
    y = CELL_PX * (np.arange(rows) - (rows - 1) / 2)[:, None] * np.ones(columns)
    one, zero = np.ones_like(x), np.zeros_like(x)
    return np.array([[one, zero], [zero, one], [x, y], [-y, x]])


def _fit(moved: FloatArray, trust: FloatArray, basis: FloatArray, tolerance: float) -> FloatArray:
    """Robust weights of the basis (4,)."""
    camera = np.zeros_like(moved)
    camera[:] = _weighted_median(moved, trust)[:, None, None]
    for _ in range(3):
        residual = np.hypot(*(moved - camera))
        weight = trust / (1.0 + (residual / tolerance) ** 2) ** 2
        gram = np.einsum("iarc,jarc,rc->ij", basis, basis, weight)
        wanted = np.einsum("iarc,arc,rc->i", basis, moved, weight)
        gram += np.diag([1e-9, 1e-9, 1e-3, 1e-3])  # few trusted cells: no zoom, no roll
        found = np.linalg.solve(gram, wanted)
        camera = np.tensordot(found, basis, axes=1)
    return np.asarray(found)


def _followed(moved: FloatArray, trust: FloatArray, camera: FloatArray, tolerance: float) -> bool:
    follows = np.hypot(*(moved - camera)) < tolerance
    return bool(trust[follows].sum() >= _CAMERA_SHARE * trust.sum())


def _weighted_median(moved: FloatArray, weight: FloatArray) -> FloatArray:
    flat, weights = moved.reshape(2, -1), weight.ravel()
    order = np.argsort(flat, axis=1)
    mass = np.cumsum(weights[order], axis=1)
    middle = np.argmax(mass >= mass[:, -1:] / 2, axis=1)
    return np.asarray(flat[[0, 1], order[[0, 1], middle]])


class CameraPath:
    """Where the pixels of a view's first picture are now.

    Each picture looked at is compared with a key picture, which is replaced only when the camera
    has left it, so that nothing piles up while the camera stands.
    """

    def __init__(self, flow: CellFlow, first: Picture) -> None:
        self.now = Similarity()
        self._flow, self._key, self._at_key = flow, first, Similarity()
        self._seen = 0

    def follow(self, picture: Picture) -> None:
        """Take in the next picture."""
        self._seen += 1
        if self._seen % _EVERY:
            return
        step = camera_between(*self._flow.apart(self._key, picture))
        found = self.now if step is None else self._at_key.then(step)
        height, width = picture.shape
        if found.apart_px(self.now, width, height) > _MOVED_PX:
            self.now = found
        if step is None or step.apart_px(Similarity(), width, height) > _NEW_KEY_PX:
            self._key, self._at_key = picture, found


def carried(values: FloatArray, camera: Similarity) -> FloatArray:
    """Values on cells (..., rows, columns) of a picture, on the cells of the view's first one.

    Cells that have left the picture are 0. As they are when the camera has not moved.
    """
    if camera == Similarity():
        return values
    rows, columns = values.shape[-2:]
    y, x = np.mgrid[:rows, :columns] + 0.5
    middle = complex(columns, rows) / 2
    now = camera.of(CELL_PX * (x + 1j * y - middle)) / CELL_PX + middle
    row, column = np.floor(now.imag).astype(int), np.floor(now.real).astype(int)
    inside = (row >= 0) & (row < rows) & (column >= 0) & (column < columns)
    taken = values[..., np.clip(row, 0, rows - 1), np.clip(column, 0, columns - 1)]
    return np.asarray(taken * inside)
