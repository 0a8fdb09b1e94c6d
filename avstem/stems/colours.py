"""One colour per part, the same in report, panel and DAW tracks."""

from __future__ import annotations

import colorsys

# Twelve colours that stay apart on a dark background and in a black-and-white print of it, ordered
# so that the first few differ in lightness as well as in hue: what a colour-blind editor sees.
_PALETTE = (
    "#56b4e9",  # sky
    "#f0a030",  # amber
    "#2fbf8f",  # jade
    "#f27ba5",  # rose
    "#f2e35c",  # lemon
    "#8b7cf0",  # iris
    "#e2592f",  # vermilion
    "#b6e3f2",  # ice
    "#8fae3c",  # olive
    "#c95fc9",  # orchid
    "#d9b48f",  # sand
    "#4f86c6",  # steel
)
_GOLDEN = 0.61803398875  # steps of the golden ratio keep any number of hues apart


def colour(index: int) -> str:
    """Colour of the part with this index, ``"#rrggbb"``; defined for every index from 0."""
    if index < 0:
        raise ValueError(f"an index from 0 was expected, found {index}")
    if index < len(_PALETTE):
        return _PALETTE[index]
    step = index - len(_PALETTE)
    lightness = (0.62, 0.75, 0.52)[step % 3]
    red, green, blue = colorsys.hls_to_rgb((0.08 + step * _GOLDEN) % 1.0, lightness, 0.6)
    return f"#{round(red * 255):02x}{round(green * 255):02x}{round(blue * 255):02x}"
