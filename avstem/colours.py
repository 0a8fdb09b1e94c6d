"""One colour per part, the same in report, panel and DAW tracks."""

from __future__ import annotations

import colorsys

# Picked one after the other, each as far as possible in CIE Lab from those before it for normal,
# protanope and deuteranope eyes: the fewer the parts, the further apart their colours.
_PALETTE = (
    "#56b4e9",  # sky
    "#f0a030",  # amber
    "#6ceec0",  # mint
    "#6478f6",  # indigo
    "#ea4260",  # crimson
    "#ea3a9c",  # magenta
    "#c8e88a",  # lime
    "#86e8f6",  # ice
    "#dc5a30",  # vermilion
    "#4c7cd0",  # steel
    "#e8e440",  # lemon
    "#6cb486",  # fern
)
_GOLDEN = 0.61803398875  # steps of the golden ratio keep any number of hues apart


def colour(index: int) -> str:
    """Colour of the part with this index, ``"#rrggbb"``; defined for every index from 0."""
    if index < 0:
        raise ValueError(f"an index from 0 was expected, found {index}")
    if index < len(_PALETTE):
        return _PALETTE[index]
    step = index - len(_PALETTE)
    lightness = (0.64, 0.76, 0.56)[step % 3]
    red, green, blue = colorsys.hls_to_rgb((0.08 + step * _GOLDEN) % 1.0, lightness, 0.6)
    return f"#{round(red * 255):02x}{round(green * 255):02x}{round(blue * 255):02x}"
