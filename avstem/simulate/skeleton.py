"""Skeleton: gestures to joints, for all pictures at once.

Coordinates are head heights in the picture plane: x to the right, y down, origin at the seat.
Players face the camera, so their right (bow) arm is at the left of the picture. A player turned
by ``yaw`` shows the same movement under another angle, down to almost end-on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from avstem.datatypes import FloatArray
from avstem.simulate.gestures import Gestures
from avstem.simulate.instruments import Instrument

# A point of the upper body (x, y) as it is carried by lean, shift and lift: (frames, 2).
Carried = Callable[[float, float], FloatArray]

_UPPER_ARM, _FOREARM = 1.3, 1.35
_BOW = 3.1
_LENGTHS = {
    "shoulder": 2.6, "knees": 5.3, "floor": 7.2, "flute": 2.9, "reed": 2.7, "trumpet": 2.1,
}  # fmt: skip
# Fractions of the instrument's length: bow contact, left hand at the nut, left hand highest.
_TOUCH = {"shoulder": (0.34, 0.86, 0.55), "knees": (0.62, 0.14, 0.46), "floor": (0.6, 0.13, 0.42)}


@dataclass(frozen=True, eq=False)
class Pose:
    """Joints of one player; points are (frames, 2), the instrument runs from ``tail`` to ``tip``.

    ``bow_tip`` is None without a bow; ``fingers`` are (4, frames, 2) finger tips.
    """

    seat: FloatArray
    neck: FloatArray
    head: FloatArray
    shoulders: tuple[FloatArray, FloatArray]  # picture left (bow side), picture right
    elbows: tuple[FloatArray, FloatArray]
    hands: tuple[FloatArray, FloatArray]
    tail: FloatArray
    tip: FloatArray
    bow_tip: FloatArray | None
    fingers: FloatArray


def _points(x: FloatArray | float, y: FloatArray | float, frames: int) -> FloatArray:
    return np.stack(np.broadcast_arrays(x, y, np.zeros(frames))[:2], axis=-1)


def _mix(a: FloatArray, b: FloatArray, weight: FloatArray) -> FloatArray:
    return np.asarray(a + (b - a) * weight[:, None])


def pose_of(gestures: Gestures, instrument: Instrument, yaw: float) -> Pose:
    """All joints of a player; ``yaw`` in radians, positive when turned to the picture's right."""
    frames = len(gestures.lean)
    narrow = 0.7 + 0.3 * np.cos(yaw)

    def upper(x: float, y: float) -> FloatArray:
        """A point of the upper body, carried by lean, shift and lift."""
        c, s = np.cos(gestures.lean), np.sin(gestures.lean)
        px = x * narrow * c - y * s + gestures.shift
        py = x * narrow * s + y * c - gestures.lift
        return np.stack([px, py], axis=-1)

    neck = upper(0.0, -2.5)
    head = neck + np.stack(
        [0.5 * np.sin(gestures.lean) + 0.18 * gestures.turn, -0.5 + 0.12 * gestures.nod], axis=-1
    )
    shoulders = (upper(-0.85, -2.2), upper(0.85, -2.2))
    rest = (_points(-0.75, -0.15, frames), _points(0.7, -0.2, frames))
    if instrument.bowed:
        tail, tip, left = _string_instrument(gestures, instrument, yaw, upper)
        right, bow_tip = _bow_hand(gestures, instrument, yaw, tail, tip, rest[0])
    else:
        tail, tip, right, left = _wind_instrument(gestures, instrument, yaw, head, upper)
        bow_tip = None
    hands = (right, left)
    elbows = (_elbow(shoulders[0], right, -1.0), _elbow(shoulders[1], left, 1.0))
    fingers = _finger_tips(gestures, instrument, hands, tail, tip)
    seat = upper(0.0, 0.0)
    return Pose(seat, neck, head, shoulders, elbows, hands, tail, tip, bow_tip, fingers)


def _string_instrument(
    g: Gestures, instrument: Instrument, yaw: float, upper: Carried
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Tail, tip and left hand of a bowed instrument; lowered while idle if held up."""
    frames, length = len(g.lean), _LENGTHS[instrument.hold]
    scale = 1.07 if instrument.name == "Viola" else 1.0
    if instrument.hold == "shoulder":
        tail = upper(0.3, -2.3)
        away = scale * length * max(0.4, np.cos(np.deg2rad(35) - yaw))
        slope = np.deg2rad(14) - 0.5 * g.raise_ + g.lean
        tip = tail + away * np.stack([np.cos(slope), np.sin(slope)], axis=-1)
        down_tail, down_tip = upper(0.25, -0.5), upper(0.75, -2.6)
        tail, tip = _mix(tail, down_tail, g.idle), _mix(tip, down_tip, g.idle)
    else:
        top = upper(0.62, -3.0) if instrument.hold == "knees" else upper(0.75, -3.6)
        foot = _points(0.0 + 0.25 * np.sin(yaw), length - 3.1, frames)
        # The instrument stands on the floor: its foot stays, its neck follows the body.
        tail, tip = foot, top + 0.15 * g.raise_[:, None]
    _, nut, high = _TOUCH[instrument.hold]
    along = nut + (high - nut) * g.hand + 0.018 * g.vibrato
    along = along if instrument.hold == "shoulder" else 1.0 - along
    return tail, tip, tail + (tip - tail) * along[:, None]


def _bow_hand(
    g: Gestures,
    instrument: Instrument,
    yaw: float,
    tail: FloatArray,
    tip: FloatArray,
    rest: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """Right hand and tip of the bow: the bow crosses the string at the contact point."""
    assert g.bow is not None
    touch = _TOUCH[instrument.hold][0]
    share = touch if instrument.hold == "shoulder" else 1.0 - touch
    contact = tail + (tip - tail) * share
    if instrument.hold == "shoulder":
        across, steep = np.sin(np.deg2rad(50) - yaw), np.deg2rad(22 + 8 * g.bow.string)
    else:
        across, steep = np.cos(yaw + 0.15), np.deg2rad(16 - 7 * g.bow.string)
    steep = steep + 0.6 * g.lean
    axis = np.stack([-max(0.25, across) * np.cos(steep), np.sin(steep)], axis=-1)
    contact = contact - np.stack([0.0 * g.lean, 0.35 * g.bow.lift], axis=-1)
    reach = 0.2 + (_BOW - 0.35) * g.bow.position
    hand = contact + axis * reach[:, None]
    hand, axis = _mix(hand, rest, g.idle), _mix(axis, _points(0.15, -1.0, len(rest)), g.idle)
    return hand, hand - axis * _BOW


def _wind_instrument(
    g: Gestures, instrument: Instrument, yaw: float, head: FloatArray, upper: Carried
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Tail (mouthpiece), tip and both hands of a wind instrument."""
    length = _LENGTHS[instrument.hold]
    mouth = head + np.array([0.0, 0.28])
    angle_deg, near, far, short = {
        "flute": (172.0, 0.28, 0.62, 0.95),
        "reed": (76.0, 0.4, 0.7, 0.95),
        "trumpet": (158.0, 0.38, 0.52, 0.75),
    }[instrument.hold]
    angle = np.deg2rad(angle_deg) - 0.35 * g.raise_ + 0.7 * g.lean
    short = short * (np.cos(yaw) if instrument.hold == "flute" else 1.0)
    tip = mouth + length * short * np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    mouth = _mix(mouth, upper(-0.1, -1.5), g.idle)
    tip = _mix(tip, upper(0.3, 0.2), g.idle)
    span = tip - mouth
    right, left = mouth + span * far, mouth + span * near
    return mouth, tip, right, left


def _elbow(shoulder: FloatArray, hand: FloatArray, side: float) -> FloatArray:
    """Elbow of a two-link arm, bent outwards and down; arms that are too short stretch."""
    way = hand - shoulder
    reach = np.linalg.norm(way, axis=-1)
    bent = np.clip(reach, 0.3, _UPPER_ARM + _FOREARM - 0.02)
    along = (bent**2 + _UPPER_ARM**2 - _FOREARM**2) / (2 * bent)
    out = np.sqrt(np.maximum(_UPPER_ARM**2 - along**2, 0.0))
    unit = way / np.maximum(reach, 1e-6)[:, None]
    normal = np.stack([-unit[:, 1], unit[:, 0]], axis=-1)
    # The elbow hangs: of the two solutions take the lower one, nudged outwards.
    lower = np.where(normal[:, 1] + 0.15 * side * normal[:, 0] >= 0, 1.0, -1.0)
    flip = np.sign(np.median(lower) + 0.1)
    # A bent arm also points to the camera, so less of it shows.
    return np.asarray(shoulder + unit * along[:, None] + normal * (0.75 * flip * out)[:, None])


def _finger_tips(
    g: Gestures,
    instrument: Instrument,
    hands: tuple[FloatArray, FloatArray],
    tail: FloatArray,
    tip: FloatArray,
) -> FloatArray:
    """Four finger tips beside the neck or the keys, nearer when pressed."""
    along = (tip - tail) / np.maximum(np.linalg.norm(tip - tail, axis=-1), 1e-6)[:, None]
    aside = np.stack([along[:, 1], -along[:, 0]], axis=-1)
    tips = []
    for k, pressed in enumerate(g.fingers):
        hand = hands[1] if instrument.bowed or k < 2 else hands[0]
        spread = (k - 1.5) * 0.1 if instrument.bowed else (k % 2 - 0.5) * 0.2
        lift = 0.16 * (1.0 - pressed) * (1.0 - g.idle) - 0.02
        tips.append(hand + along * spread + aside * lift[:, None])
    return np.stack(tips)
