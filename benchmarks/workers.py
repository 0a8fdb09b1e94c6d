"""Processes that measure side by side, on one thread each: more than cores wait for each other."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor


def workers(jobs: int) -> ProcessPoolExecutor:
    """So many processes."""
    return ProcessPoolExecutor(jobs, initializer=_one_thread)


def _one_thread() -> None:
    import torch

    torch.set_num_threads(1)
