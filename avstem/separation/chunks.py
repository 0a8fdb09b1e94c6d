"""Long recordings in overlapping chunks, so that memory does not grow with length.

Every chunk is separated with some context on both sides; neighbouring estimates are faded into
each other inside the shared context. Both sum to the mixture there, so the fade does too.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable, Iterator

import numpy as np
import torch
from torch import Tensor

from avstem.datatypes import (
    Absent,
    Condition,
    Conditions,
    FloatArray,
    Mixture,
    Notes,
    Progress,
    SourceBlock,
    no_progress,
)
from avstem.errors import RequestError

CHUNK_S = 30.0
CONTEXT_S = 1.0
M_MMAP_THRESHOLD = -3  # of glibc's mallopt
LARGE_BYTES = 16 << 20


# (channels, samples) sound and the media time of its first sample
# -> estimates (sources, channels, samples)
Stretch = Callable[[Tensor, float], Tensor]

# (channels, samples) sound, its rate, notes per part in seconds from its first sample
# -> estimates (parts, channels, samples)
Estimate = Callable[[Tensor, int, tuple[Notes, ...]], Tensor]


class ScoreSeparator:
    """A separation method that needs the score and works chunk by chunk."""

    needs = frozenset({Condition.SCORE})

    def __init__(
        self,
        begin: Callable[[], Estimate],
        chunk_s: float = CHUNK_S,
        context_s: float = CONTEXT_S,
    ) -> None:
        """Wrap what ``begin`` returns: a function that separates one stretch after the other.

        It is called once per recording, so what it returns may remember earlier stretches.
        """
        self.begin = begin
        self.chunk_s = chunk_s
        self.context_s = context_s

    def __call__(
        self, mixture: Mixture, conditions: Conditions, progress: Progress = no_progress
    ) -> Iterator[SourceBlock]:
        """Sources of the mixture, one per part, in blocks that cover it and sum to it.

        Raises RequestError where the aligned notes are absent.
        """
        notes = conditions.notes
        if isinstance(notes, Absent):
            raise RequestError(
                f"This separation method needs the aligned score, but {notes.why}.",
                "Give a score, or choose a method that needs none.",
            )
        estimate = self.begin()

        def separate(sound: Tensor, start_s: float) -> Tensor:
            duration_s = sound.shape[-1] / mixture.rate_hz
            near = tuple(within(part, start_s, duration_s) for part in notes)
            return estimate(sound, mixture.rate_hz, near)

        return in_chunks(mixture, separate, progress, self.chunk_s, self.context_s)


def in_chunks(
    mixture: Mixture,
    separate: Stretch,
    progress: Progress = no_progress,
    chunk_s: float = CHUNK_S,
    context_s: float = CONTEXT_S,
) -> Iterator[SourceBlock]:
    """Sources of the mixture in blocks that cover it and sum to it, ``separate`` called in order.

    ``separate`` must give every stretch as many sources, in the same order.
    """
    edges, context = _edges(mixture, chunk_s, context_s)
    fade = (np.arange(2 * context, dtype=np.float32) + 0.5) / max(2 * context, 1)
    tail: FloatArray | None = None
    _give_memory_back()
    for start, stop in zip(edges[:-1], edges[1:], strict=True):
        first, last = start == 0, stop == mixture.samples
        begin = start if first else start - context
        end = stop if last else stop + context
        sources = _separate(mixture, separate, begin, end)
        if tail is not None:
            sources[..., : 2 * context] *= fade
            sources[..., : 2 * context] += tail * (1.0 - fade)
        keep = end - begin - (0 if last else 2 * context)
        tail = sources[..., keep:].copy()
        yield SourceBlock(begin, sources[..., :keep])
        del sources
        _give_memory_back()
        progress(stop / mixture.samples)


def _edges(mixture: Mixture, chunk_s: float, context_s: float) -> tuple[list[int], int]:
    """Borders of equal chunks that are not longer than asked for, and the context."""
    chunks = max(1, int(np.ceil(mixture.samples / (chunk_s * mixture.rate_hz))))
    edges = [round(i * mixture.samples / chunks) for i in range(chunks + 1)]
    return edges, min(round(context_s * mixture.rate_hz), edges[1] // 3)


def _separate(mixture: Mixture, separate: Stretch, start: int, stop: int) -> FloatArray:
    """Sources of samples [start, stop); what rounding has left over goes to all alike."""
    sound = mixture.read(start, stop - start).astype(np.float32, copy=False)
    with torch.inference_mode():
        found = separate(torch.from_numpy(sound), mixture.start_s + start / mixture.rate_hz)
    sources = found.cpu().numpy().astype(np.float32, copy=False)
    rest = sound - sources.sum(0)
    return np.asarray(sources + rest / len(sources), dtype=np.float32)


def within(notes: Notes, start_s: float, duration_s: float, margin_s: float = 1.0) -> Notes:
    """Notes that sound in the stretch or near it, in seconds from its start."""
    onsets_s, offsets_s = notes.onsets_s - start_s, notes.offsets_s - start_s
    near = (offsets_s > -margin_s) & (onsets_s < duration_s + margin_s)
    return Notes(onsets_s[near], offsets_s[near], notes.pitches[near], notes.velocities[near])


def _give_memory_back() -> None:
    """Return freed pages to the system, and let large tensors come and go as pages of their own.

    glibc keeps what is freed, and the gaps between the tensors of one chunk do not fit those of
    the next: without this the process grows with the number of chunks.
    """
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt") and hasattr(libc, "malloc_trim"):
        libc.mallopt(M_MMAP_THRESHOLD, LARGE_BYTES)
        libc.malloc_trim(0)
