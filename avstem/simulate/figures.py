"""Figures: one player drawn on the picture from a pose."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from avstem.datatypes import FloatArray
from avstem.simulate.instruments import Instrument
from avstem.simulate.skeleton import Pose
from avstem.simulate.sprites import Picture, Sprite, dot, line, place, similarity, stretched
from avstem.simulate.stage import Seat
from avstem.simulate.wardrobe import Wardrobe

_INSTRUMENT_LENGTHS = {
    "shoulder": 2.6, "knees": 5.3, "floor": 7.2, "flute": 2.9, "reed": 2.7, "trumpet": 2.1,
}  # fmt: skip


@dataclass(frozen=True)
class View:
    """How the stage falls on the picture: picture pixel = zoom x stage pixel + offset.

    turn : 0 from the front; else the picture is then seen from the side, one edge lower than the
        other by this share.
    """

    zoom: float
    x_px: float
    y_px: float
    turn: float = 0.0

    def seen_from(self, width: int, height: int) -> FloatArray:
        """The map (3, 3) that ``turn`` lays on a picture of that size."""
        near, far = np.clip(np.array([-self.turn, self.turn]), 0.0, None) * height / 2
        edges = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
        turned = np.array(
            [[0, near], [width, far], [width, height - far], [0, height - near]], np.float32
        )
        return np.asarray(cv2.getPerspectiveTransform(turned, edges))

    def box(
        self, stage_box: tuple[float, float, float, float], width: int, height: int
    ) -> FloatArray | None:
        """A box of the stage (x0, y0, x1, y1) in picture pixels; None where it is not shown."""
        x0, y0, x1, y1 = (self.zoom * v for v in stage_box)
        x = np.array([x0, x1, x1, x0]) + self.x_px
        y = np.array([y0, y0, y1, y1]) + self.y_px
        if self.turn:
            across, down, depth = self.seen_from(width, height) @ np.array([x, y, np.ones(4)])
            x, y = across / depth, down / depth
        x, y = np.clip(x, 0, width), np.clip(y, 0, height)
        if np.ptp(x) < 1 or np.ptp(y) < 1:
            return None
        return np.array([x.min(), y.min(), x.max(), y.max()])


@dataclass(frozen=True, eq=False)
class Figure:
    """One player ready to be drawn: looks, joints in stage pixels (``pose`` x head + seat)."""

    instrument: Instrument
    seat: Seat
    wardrobe: Wardrobe
    pose: Pose
    lean: FloatArray
    turn: FloatArray
    stand: Sprite | None
    stand_at: tuple[float, float]

    def draw(self, picture: Picture, frame: int, view: View) -> None:
        """Draw the player as at picture number ``frame``."""
        _Pen(picture, self, frame, view).draw()

    def box(self) -> tuple[float, float, float, float]:
        """The region of body, arms and instrument over the whole video, in stage pixels."""
        pose = self.pose
        joints = [pose.head, *pose.shoulders, *pose.elbows, *pose.hands, pose.tip, pose.tail]
        points = np.concatenate(joints)
        points = points * self.seat.head_px + (self.seat.x_px, self.seat.y_px)
        low, high = np.percentile(points, 2, axis=0), np.percentile(points, 98, axis=0)
        pad = 0.35 * self.seat.head_px
        bottom = max(high[1], self.seat.y_px + 0.6 * self.seat.head_px)
        return low[0] - pad, low[1] - 2 * pad, high[0] + pad, bottom + pad


class _Pen:
    """Draws one figure at one picture; joints become picture pixels on the way."""

    def __init__(self, picture: Picture, figure: Figure, frame: int, view: View) -> None:
        self.picture, self.figure, self.frame, self.view = picture, figure, frame, view
        self.px = figure.seat.head_px * view.zoom
        self.narrow = 0.75 + 0.25 * float(np.cos(figure.seat.yaw))

    def at(self, joint: FloatArray) -> FloatArray:
        seat, view = self.figure.seat, self.view
        stage = joint[self.frame] * seat.head_px + (seat.x_px, seat.y_px)
        return np.asarray(stage * view.zoom + (view.x_px, view.y_px))

    def draw(self) -> None:
        if self.figure.instrument.hold in ("knees", "floor"):
            steps = (
                self.legs,
                self.torso,
                self.head,
                self.instrument,
                self.left_arm,
                self.right_arm,
            )
        else:
            steps = (
                self.legs,
                self.torso,
                self.left_arm,
                self.head,
                self.instrument,
                self.right_arm,
            )
        for step in (*steps, self.stand):
            step()

    def sprite(self, sprite: Sprite, at: FloatArray, angle: float, narrow: float = 1.0) -> None:
        place(self.picture, sprite, similarity(sprite, at, angle, self.px, narrow))

    def legs(self) -> None:
        seat, view = self.figure.seat, self.view
        at = np.array([seat.x_px, seat.y_px]) * view.zoom + (view.x_px, view.y_px)
        self.sprite(self.figure.wardrobe.legs, at, 0.0, self.narrow)

    def torso(self) -> None:
        figure = self.figure
        self.sprite(
            figure.wardrobe.torso,
            self.at(figure.pose.seat),
            float(figure.lean[self.frame]),
            self.narrow,
        )

    def head(self) -> None:
        figure = self.figure
        angle = float(1.2 * figure.lean[self.frame] + 0.15 * figure.turn[self.frame])
        self.sprite(figure.wardrobe.head, self.at(figure.pose.head), angle)

    def instrument(self) -> None:
        figure, pose = self.figure, self.figure.pose
        length = _INSTRUMENT_LENGTHS[figure.instrument.hold]
        sprite = figure.wardrobe.instrument
        place(
            self.picture,
            sprite,
            stretched(sprite, self.at(pose.tail), self.at(pose.tip), self.px, length),
        )
        if figure.instrument.hold not in ("knees", "floor"):
            self.fingers()

    def arm(self, side: int) -> None:
        pose, wardrobe = self.figure.pose, self.figure.wardrobe
        shoulder, elbow = self.at(pose.shoulders[side]), self.at(pose.elbows[side])
        hand = self.at(pose.hands[side])
        place(
            self.picture,
            wardrobe.upper_arm,
            stretched(wardrobe.upper_arm, shoulder, elbow, self.px, 1.3),
        )
        place(
            self.picture, wardrobe.forearm, stretched(wardrobe.forearm, elbow, hand, self.px, 1.35)
        )
        way = hand - elbow
        self.sprite(wardrobe.hand, hand, float(np.arctan2(way[1], way[0])))

    def left_arm(self) -> None:
        self.arm(1)
        if self.figure.instrument.hold in ("knees", "floor"):
            self.fingers()

    def right_arm(self) -> None:
        pose = self.figure.pose
        if pose.bow_tip is not None:
            hand, tip = self.at(pose.hands[0]), self.at(pose.bow_tip)
            line(self.picture, hand, tip, (200, 208, 212), 0.05 * self.px)
            aside = np.array([0.0, -0.07 * self.px])
            line(self.picture, hand + aside, tip, (30, 45, 85), 0.06 * self.px)
        self.arm(0)

    def fingers(self) -> None:
        pose, skin = self.figure.pose, self.figure.wardrobe.skin
        for k, tips in enumerate(pose.fingers):
            bowed = self.figure.instrument.bowed
            hand = self.at(pose.hands[1] if bowed or k < 2 else pose.hands[0])
            tip = self.at(tips)
            line(self.picture, hand, tip, skin, 0.1 * self.px)
            dot(self.picture, tip, 0.07 * self.px, skin)

    def stand(self) -> None:
        if self.figure.stand is None:
            return
        at = np.array(self.figure.stand_at) * self.view.zoom + (self.view.x_px, self.view.y_px)
        self.sprite(self.figure.stand, at, 0.0)
