"""Effects on stems: a chain of pedalboard plugins per part, read from a small TOML file.

    [all]                                   # every stem, after its own chain
    chain = [{effect = "Compressor", threshold_db = -18, ratio = 2.5}]

    ["Violin 1"]                            # by the part's name
    chain = [
        {effect = "HighpassFilter", cutoff_frequency_hz = 180},
        {vst3 = "plugins/Room.vst3", preset = "hall.vstpreset", parameters = {mix = 0.4}},
    ]

Paths are relative to the file. With effects, stems no longer sum to the mixture.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from avstem.datatypes import FloatArray
from avstem.errors import RequestError
from avstem.stems.plugins import PluginError, make_plugin

if TYPE_CHECKING:
    import pedalboard

EVERY = "all"
BLOCK = 8192  # samples; fixed, so that the outcome does not depend on how the sound arrives
# These do not refuse more than two channels: they leave them as they are, or mix them up.
STEREO_ONLY = {"Reverb", "Convolution", "GSMFullRateCompressor"}
PATIENCE_S = 60.0  # how much silence a plugin may swallow before it gives its last samples


@dataclass(frozen=True, eq=False)
class Effects:
    """Plugins per part, in the order in which the sound passes them; none for most parts."""

    chains: tuple[tuple[pedalboard.Plugin, ...], ...]

    def chain(self, part: int) -> tuple[pedalboard.Plugin, ...]:
        """The plugins of one part."""
        return self.chains[part] if self.chains else ()

    def check(self, rate_hz: int, channels: int) -> None:
        """Run silence through every plugin; RequestError if one refuses rate or channels."""
        silence = np.zeros((channels, BLOCK), dtype=np.float32)
        for plugin in (p for chain in self.chains for p in chain):
            name = type(plugin).__name__
            try:
                if channels > 2 and name in STEREO_ONLY:
                    raise ValueError("it takes mono or stereo")
                plugin.process(silence, rate_hz, reset=True)
            except (ValueError, RuntimeError, TypeError) as error:
                raise RequestError(
                    f"The effect {name} cannot process {channels} channel(s) at {rate_hz} Hz: "
                    f"{error}.",
                    "Remove it from the effects file.",
                ) from error


NO_EFFECTS = Effects(())


def load_effects(path: Path, part_names: Sequence[str], aside: Sequence[str] = ()) -> Effects:
    """Read an effects file and load its plugins, one instance per part.

    aside : parts that the file may name although there is no stem of them.

    Raises
    ------
    RequestError
        The file cannot be read, or names a part, an effect, a parameter or a plugin that does
        not exist; the message lists what does.

    """
    sections = _read(path)
    unknown = [name for name in sections if name not in (EVERY, *part_names, *aside)]
    if unknown:
        raise RequestError(
            f"The score has no part {unknown[0]!r}, which {path.name} names.",
            f"Sections are [{EVERY}] or one of: {', '.join(map(repr, part_names))}.",
        )
    chains = []
    for part in part_names:
        wanted = [(n, i) for n in (part, EVERY) if n in sections for i in sections[n]]
        chains.append(tuple(_make(path, section, item) for section, item in wanted))
    return Effects(tuple(chains))


class EffectStream:
    """One part's sound on its way through its plugins, exactly as long as it came in.

    Plugins with latency return fewer samples than they get and the rest later (pedalboard takes
    the latency off the beginning); silence is fed at the end until all samples are there.
    """

    def __init__(self, chain: Sequence[pedalboard.Plugin], rate_hz: int, samples: int) -> None:
        self._rate_hz = rate_hz
        self._left = samples  # samples still to be given out
        self._waiting: list[FloatArray] = []
        self._board = None
        if chain:
            from pedalboard import Pedalboard  # type: ignore[attr-defined]

            for plugin in chain:
                plugin.reset()
            self._board = Pedalboard(list(chain))

    def process(self, block: FloatArray, *, last: bool) -> Iterator[FloatArray]:
        """Give in (channels, samples) and take what is ready; all of it after the ``last``."""
        if self._board is None:
            yield block
            return
        self._waiting.append(np.asarray(block, dtype=np.float32))
        sound = np.concatenate(self._waiting, axis=1)
        whole = sound.shape[1] // BLOCK * BLOCK
        self._waiting = [sound[:, whole:]]
        for start in range(0, whole, BLOCK):
            yield from self._run(sound[:, start : start + BLOCK])
        if last:
            yield from self._flush()

    def _flush(self) -> Iterator[FloatArray]:
        rest = self._waiting.pop()
        yield from self._run(np.pad(rest, ((0, 0), (0, BLOCK - rest.shape[1]))))
        silence = np.zeros((len(rest), BLOCK), dtype=np.float32)
        patience = int(PATIENCE_S * self._rate_hz / BLOCK)
        while self._left and patience:
            yield from self._run(silence)
            patience -= 1
        if self._left:
            raise RequestError(
                f"An effect kept {self._left} samples to itself.",
                "Remove it from the effects file.",
            )

    def _run(self, block: FloatArray) -> Iterator[FloatArray]:
        assert self._board is not None
        ready = self._board(block, self._rate_hz, reset=False)[:, : self._left]
        self._left -= ready.shape[1]
        if ready.shape[1]:
            yield ready


def _read(path: Path) -> dict[str, list[dict[str, Any]]]:
    """Chains by section name, with their form checked."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RequestError(
            f"Cannot read the effects file {path}: {error.strerror}.",
            "Check the name and the folder.",
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RequestError(
            f"The effects file {path.name} is not TOML: {error}.",
            "See docs/effects.md for its form.",
        ) from error
    for name, section in content.items():
        chain = section.get("chain") if isinstance(section, dict) else None
        if not isinstance(chain, list) or not all(isinstance(item, dict) for item in chain):
            raise RequestError(
                f"Section [{name}] of {path.name} has no chain of effects.",
                'It needs a line chain = [{effect = "Gain"}, ...].',
            )
        if extra := sorted(set(section) - {"chain"}):
            raise RequestError(
                f"Section [{name}] of {path.name} holds {extra[0]!r}, expected only chain.",
                "Leave it out.",
            )
    return {name: section["chain"] for name, section in content.items()}


def _make(path: Path, section: str, item: dict[str, Any]) -> pedalboard.Plugin:
    try:
        return make_plugin(item, path.parent)
    except PluginError as error:
        message = f"Section [{section}] of {path.name}: {error}"
        raise RequestError(message, error.hint) from error
