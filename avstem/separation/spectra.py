"""Short-time Fourier transform with windows in milliseconds, so that every rate is treated alike.

Hann windows (Hamming where a published method says so) at a quarter's hop on both ways: a mask of
ones gives the sound back exactly.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

WINDOW_MS = 160.0
HOPS_PER_WINDOW = 4


def device() -> torch.device:
    """The GPU when there is one, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def _smooth_size(samples: float) -> int:
    """Smallest size of the form 2^a 3^b 5^c that divides by 8 and reaches ``samples``."""
    size = 8 * -(-int(samples) // 8)
    while _without_small_factors(size) != 1:
        size += 8
    return size


def _without_small_factors(n: int) -> int:
    for prime in (2, 3, 5):
        while n % prime == 0:
            n //= prime
    return n


@dataclass(frozen=True)
class Transform:
    """Sound ``(..., samples)`` to spectra ``(..., bins, frames)`` and back.

    Frame n is centred on sample n x hop; beyond the ends the sound counts as zero.
    """

    rate_hz: int
    size: int
    hop: int
    hamming: bool = False

    @classmethod
    def for_rate(
        cls, rate_hz: int, window_ms: float = WINDOW_MS, *, hamming: bool = False
    ) -> Transform:
        """The transform whose window lasts about ``window_ms``."""
        size = _smooth_size(rate_hz * window_ms / 1000)
        return cls(rate_hz, size, size // HOPS_PER_WINDOW, hamming)

    def window(self, on: torch.device) -> Tensor:
        """The window (size,) of both ways."""
        shape = torch.hamming_window if self.hamming else torch.hann_window
        return shape(self.size, device=on)

    @property
    def bins(self) -> int:
        """Number of frequencies, from 0 to half the rate."""
        return self.size // 2 + 1

    @property
    def bin_hz(self) -> float:
        """Distance between neighbouring bins."""
        return self.rate_hz / self.size

    @property
    def hop_s(self) -> float:
        """Time between neighbouring frames."""
        return self.hop / self.rate_hz

    def frames(self, samples: int) -> int:
        """Number of frames of a sound; the last is centred on its end or behind it."""
        return 1 + -(-samples // self.hop)

    def forward(self, sound: Tensor) -> Tensor:
        """Complex spectra ``(..., bins, frames)`` of sound ``(..., samples)``."""
        window = self.window(sound.device)
        flat = sound.reshape(-1, sound.shape[-1])
        flat = torch.nn.functional.pad(flat, (0, -flat.shape[-1] % self.hop))
        spectra = torch.stft(
            flat, self.size, self.hop, window=window, pad_mode="constant", return_complex=True
        )
        return spectra.reshape(*sound.shape[:-1], *spectra.shape[-2:])

    def inverse(self, spectra: Tensor, samples: int) -> Tensor:
        """Sound ``(..., samples)`` of spectra ``(..., bins, frames)``."""
        window = self.window(spectra.device)
        flat = spectra.reshape(-1, *spectra.shape[-2:])
        sound = torch.istft(flat, self.size, self.hop, window=window, length=samples)
        return sound.reshape(*spectra.shape[:-2], samples)
