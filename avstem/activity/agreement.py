"""Where movement and score contradict each other for long: worth a look by the editor."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from avstem.datatypes import Activity, Match

LONG_S = 15.0  # of playing or resting by the score; less decides nothing
HARDLY = 0.2  # share of that time in which the movement agrees, below which it is worth a line


def disagreements(
    by_motion: Activity, by_score: Activity, matches: Sequence[Match], names: Sequence[str]
) -> tuple[str, ...]:
    """One line for each player who hardly seems to play while the part does, or seems to play on.

    by_motion : rows of players; by_score : rows of parts; names : of the parts, in score order.
    Before the first and after the last of all notes nothing is compared: there is no music yet.
    """
    return tuple(
        line
        for match in matches
        if match.player is not None
        for line in _lines(by_motion, by_score, match.part, match.player, names[match.part])
    )


def _lines(
    by_motion: Activity, by_score: Activity, part: int, player: int, name: str
) -> Iterator[str]:
    steps = by_score.playing.shape[1]
    moving = by_motion.at(by_score.start_s + by_score.step_s * (np.arange(steps) + 0.5))[player]
    music = by_score.playing.max(axis=0) > 0.5
    within = (np.cumsum(music) > 0) & (np.cumsum(music[::-1])[::-1] > 0)
    known = within & (moving != 0.5)  # exactly one half: nothing was to be seen
    plays = by_score.playing[part] > 0.5
    for asked, agrees, text in (
        (plays, moving > 0.5, "hardly ever seems to play while {} has notes"),
        (~plays, moving < 0.5, "seems to play on while {} rests"),
    ):
        those = known & asked
        length_s = by_score.step_s * int(those.sum())
        if length_s >= LONG_S and agrees[those].mean() < HARDLY:
            yield (
                f"Player {player} {text.format(name)} ({length_s:.0f} s of the score): look at the"
                " player's box and at who plays this part."
            )
