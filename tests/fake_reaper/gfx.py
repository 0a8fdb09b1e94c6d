"""The window of a script: what it drew, and a mouse to click with."""

from __future__ import annotations

from typing import Any

from fake_reaper.checks import StrictError

ARGUMENTS = {
    "init": (2, 6), "quit": (0, 0), "getchar": (0, 1), "set": (3, 6), "rect": (4, 5),
    "drawstr": (1, 4), "setfont": (1, 4), "update": (0, 0),
}  # fmt: skip
CLOSED = -1


class FakeGfx:
    def __init__(self) -> None:
        self.values: dict[str, float] = dict.fromkeys(("x", "y", "w", "h"), 0.0)
        self.values |= dict.fromkeys(("mouse_x", "mouse_y", "mouse_cap"), 0)
        self.is_open = False
        self.opened = 0
        self.title = ""
        self.texts: list[str] = []  # of the last drawing
        self.places: dict[str, tuple[float, float]] = {}
        self.drawing: list[str] = []

    def get(self, name: str) -> Any:
        if name in ARGUMENTS:
            return "function"
        if name not in self.values:
            raise StrictError(f"gfx has no field {name}")
        return self.values[name]

    def set(self, name: str, value: float) -> None:
        if name not in ("x", "y"):
            raise StrictError(f"gfx.{name} is not for scripts to set")
        self.values[name] = value

    def call(self, name: str, *args: Any) -> Any:
        low, high = ARGUMENTS[name]
        if not low <= len(args) <= high:
            raise StrictError(f"gfx.{name} takes {low} to {high} arguments, got {len(args)}")
        return getattr(self, "do_" + name)(*args)

    def do_init(self, title: str, width: float, height: float, *_: Any) -> int:
        self.title, self.is_open, self.opened = title, True, self.opened + 1
        self.values["w"], self.values["h"] = width, height
        return 1

    def do_quit(self) -> None:
        self.is_open = False

    def do_getchar(self, *_: Any) -> int:
        return 0 if self.is_open else CLOSED

    def do_set(self, *_: Any) -> None: ...

    def do_rect(self, *_: Any) -> None: ...

    def do_setfont(self, *_: Any) -> int:
        return 1

    def do_drawstr(self, text: str, *_: Any) -> None:
        self.drawing.append(text)
        self.places[text] = (self.values["x"], self.values["y"])

    def do_update(self) -> None:
        self.texts, self.drawing = self.drawing, []

    def press(self, text: str) -> None:
        """Put the mouse on a text of the window and hold the button."""
        x, y = self.places[text]
        self.values |= {"mouse_x": x + 2, "mouse_y": y + 2, "mouse_cap": 1}

    def release(self) -> None:
        self.values["mouse_cap"] = 0
