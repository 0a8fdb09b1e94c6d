"""Fixed item lanes of REAPER 7: which items of a track lie on a lane that does not play."""

from __future__ import annotations

from osc_bridge.rpp import Block

_FIXED_LANES = 2  # value of FREEMODE
_WORD = 32  # bits of one value of LANESOLO


def is_silent(item: Block, track: Block) -> bool:
    """Whether the track has lanes and the item's lane is switched off.

    An item tells its place by ``YPOS top height``, in parts of the track's height; the track tells
    the lanes that play by the bits of ``LANESOLO``. Without that row all of them play.
    """
    playing = track.row("LANESOLO")
    if track.number("FREEMODE") != _FIXED_LANES or playing.line < 0:
        return False
    lanes = max(track.number("ITEMLANES", 1.0), 1.0)
    lane = min(max(round(item.number("YPOS") * lanes), 0), round(lanes) - 1)
    word = int(playing.number(1 + lane // _WORD))
    return not word >> lane % _WORD & 1
