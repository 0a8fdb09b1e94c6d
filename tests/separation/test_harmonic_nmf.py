"""The harmonic model: what its updates promise."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from separation_sounds import notes, play

from avstem.separation import harmonic_nmf
from avstem.separation.gates import open_gates
from avstem.separation.harmonic_nmf import HarmonicModel
from avstem.separation.harmonics import Peaks
from avstem.separation.spectra import Transform

PARTS = (notes((0.2, 1.0, 76), (1.0, 1.8, 79)), notes((0.2, 1.8, 57)))


def model(samples: int = 32000) -> tuple[HarmonicModel, torch.Tensor, torch.Tensor]:
    """A fresh model, the mixture's magnitude and the parts' magnitudes."""
    transform = Transform.for_rate(16000)
    truth = transform.forward(torch.from_numpy(np.stack([play(p, samples) for p in PARTS])))
    magnitude = truth.sum(0).abs() + 0.01
    gates = open_gates(PARTS, magnitude.shape[1], transform.hop_s)
    return HarmonicModel(magnitude, gates, transform.bin_hz), magnitude, truth.abs()


@pytest.mark.parametrize("by_part", [False, True])
def test_the_divergence_never_rises(monkeypatch, by_part):
    monkeypatch.setattr(harmonic_nmf, "NEIGHBOUR", 0.0)  # lending is a prior, not descent
    m, magnitude, parts = model()
    evidence = parts + 0.01 if by_part else magnitude[None]
    costs = [m.divergence(evidence)]
    for _ in range(10):
        m.update_activations(evidence)
        costs.append(m.divergence(evidence))
        m.update_templates(evidence)
        costs.append(m.divergence(evidence))
    assert np.all(np.diff(costs) <= 1e-4 * costs[0])
    assert costs[-1] < 0.2 * costs[0]


def test_the_parts_are_found():
    m, magnitude, truth = model()
    m.fit(magnitude[None])
    error = (m.magnitudes() - truth).abs().sum() / truth.sum()
    assert error < 0.4


def test_activations_stay_zero_outside_the_gates():
    m, magnitude, _ = model()
    m.fit(magnitude[None], 3)
    for g in m.groups:
        closed = m.gates.open[g.entries, g.frames].repeat_interleave(len(m.shifts), 0) == 0
        assert not g.activations[closed].any()


def test_experience_of_a_stretch_goes_into_the_next():
    m, magnitude, _ = model()
    m.fit(magnitude[None])
    again = HarmonicModel(magnitude, m.gates, 6.25, m.experience())
    first, second = m.past_energy, again.past_energy
    assert not first.any()
    torch.testing.assert_close(second, m.energy)


def test_project_is_the_transpose_of_spectra():
    peaks = Peaks.at(torch.tensor([40, 70]), torch.tensor([-0.1, 0.0]), 7.8, 500, 30)
    rng = torch.Generator().manual_seed(1)
    amplitudes = torch.rand(2, 30, generator=rng)
    templates = torch.rand(2, 2, 500, generator=rng)
    left = (peaks.spectra(amplitudes) * templates).sum()
    right = (amplitudes[:, None] * peaks.project(templates)).sum()
    torch.testing.assert_close(left, right)


def test_a_template_peaks_at_its_harmonics():
    peaks = Peaks.at(torch.tensor([69]), torch.zeros(1), 10.0, 400, 5)
    spectrum = peaks.spectra(torch.ones(1, 5))[0, 0]
    assert torch.topk(spectrum, 5).indices.sort().values.tolist() == [44, 88, 132, 176, 220]
