"""The transform gives back what it was given, at every rate and length."""

from __future__ import annotations

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from separation_sounds import notes

from avstem.separation.gates import open_gates
from avstem.separation.spectra import Transform


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 20000), st.sampled_from([8000, 11025, 44100, 96000]))
def test_round_trip(samples, rate_hz):
    transform = Transform.for_rate(rate_hz)
    sound = torch.randn(2, samples, generator=torch.Generator().manual_seed(samples))
    spectra = transform.forward(sound)
    assert spectra.shape == (2, transform.bins, transform.frames(samples))
    torch.testing.assert_close(transform.inverse(spectra, samples), sound, atol=1e-4, rtol=0)


def test_windows_last_equally_long_at_every_rate():
    for rate_hz in (8000, 16000, 44100, 48000, 96000):
        transform = Transform.for_rate(rate_hz, 160.0)
        assert 0.16 <= transform.size / rate_hz < 0.18
        assert transform.size == 4 * transform.hop


def test_gates_open_around_the_notes_and_cost_grows_outside():
    gates = open_gates((notes((1.0, 2.0, 60), (4.0, 5.0, 60)), notes()), 600, 0.01)
    assert gates.parts.tolist() == [0] and gates.pitches.tolist() == [60]
    assert gates.open[0, [80, 90, 150, 250, 300, 450]].tolist() == [0, 1, 1, 1, 0, 1]
    assert gates.cost[0, 150] == 0 and 0 < gates.cost[0, 210] < gates.cost[0, 250]
    assert gates.onset[0, [80, 100, 150, 400]].tolist() == [0, 1, 0, 1]
    assert not gates.onset[1].any()
