"""The picture of the matched players for the summary, taken from a finished result's report."""

from __future__ import annotations

import base64
import json
import os
import re
from pathlib import Path
from typing import Any

import numpy as np

WIDTH_PX = 360
_BOX = re.compile(
    r"--c: #([0-9a-f]{6}); left: ([\d.-]+)%; top: ([\d.-]+)%; width: ([\d.]+)%; height: ([\d.]+)%"
)
_EMBEDDED = re.compile(r"data:image/jpeg;base64,([A-Za-z0-9+/=]+)")


def write_picture(result: Path, target: Path) -> bool:
    """Write a small JPEG with a box per player, in the colour of the part; False without one."""
    import cv2

    report = result / "report.html"
    page = report.read_text("utf-8") if report.is_file() else ""
    found = _EMBEDDED.search(page)
    if found is None:
        return False
    code = np.frombuffer(base64.b64decode(found[1]), np.uint8)
    picture = cv2.imdecode(code, cv2.IMREAD_COLOR)
    if picture is None:
        return False
    height = max(1, round(picture.shape[0] * WIDTH_PX / picture.shape[1]))
    small = cv2.resize(picture, (WIDTH_PX, height), interpolation=cv2.INTER_AREA)
    for colour, *place in _BOX.findall(page):
        left, top, width, tall = (float(percent) / 100 for percent in place)
        start = (round(left * WIDTH_PX), round(top * height))
        end = (round((left + width) * WIDTH_PX), round((top + tall) * height))
        blue_green_red = tuple(int(colour[n : n + 2], 16) for n in (4, 2, 0))
        cv2.rectangle(small, start, end, blue_green_red, 2)
    done, packed = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, 80])
    if not done:
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f"{target.name}.{os.getpid()}.part")
    partial.write_bytes(packed.tobytes())
    partial.replace(target)
    return True


def manifest(result: Path) -> dict[str, Any] | None:
    """The manifest of a result as plain data; None when there is none that can be read."""
    try:
        data = json.loads((result / "result.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return data if isinstance(data, dict) else None
