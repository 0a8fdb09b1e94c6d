"""A mixture of Gaussians on a picture: each cell counts as much as its density says.

``published`` is the plain mixture of the paper. ``alike`` is what people on a stage ask for: all
components have the same covariance (players are about the same size), upright, their shares lean
towards equal ones (the one who moves most does not become two) and their places towards even ones.

Reference for the update equations: C. Bishop, "Pattern Recognition and Machine Learning", 9.2.2.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.mixture import GaussianMixture

from avstem.datatypes import FloatArray

_SAMPLES = 3000
_RESTARTS = 4
_SEED = 0
_UPDATES = 100
_EQUAL_SHARES = 0.5  # weight of "all the same" beside what the density says
_EVEN_SPACING = 1.0  # pull towards even places, beside the mass of a mean player
_LEAST_VARIANCE = 0.3  # cells squared, about that of a cell's own extent
# People are upright: how high something moves says little about whose it is.
_UPRIGHT = 4.0
_TINY = 1e-12


@dataclass(frozen=True, eq=False)
class Mixture:
    """A fitted mixture.

    shares : (components, rows, columns), what of each cell belongs to whom; sums to 1.
    log_likelihood : mean over the density.
    """

    shares: FloatArray
    log_likelihood: float


def centres(rows: int, columns: int) -> FloatArray:
    """(cells, 2) x and y of cell centres, in cells."""
    y, x = np.mgrid[:rows, :columns] + 0.5
    return np.column_stack([x.ravel(), y.ravel()])


def published(density: FloatArray, count: int) -> Mixture:
    """The best of several plain mixtures, on points drawn from the density."""
    random = np.random.default_rng(_SEED)
    places = centres(*density.shape)
    cells = random.choice(density.size, size=_SAMPLES, p=density.ravel() / density.sum())
    points = places[cells] + random.uniform(-0.5, 0.5, (_SAMPLES, 2))
    fit = GaussianMixture(count, n_init=_RESTARTS, random_state=_SEED, reg_covar=_LEAST_VARIANCE)
    fit.fit(points)
    shares = fit.predict_proba(places).T.reshape(count, *density.shape)
    return Mixture(shares, float(fit.score(points)))


def alike(density: FloatArray, count: int) -> Mixture:
    """The likeliest mixture of components that are alike, from several starts."""
    fits = [_alike(density, start) for start in _starts(density, count)]
    return max(fits, key=lambda fit: fit.log_likelihood)


def _starts(density: FloatArray, count: int) -> list[FloatArray]:
    """Horizontal places (count,) to start from: equal parts of the mass, of the width, random."""
    columns = density.shape[1]
    mass = np.concatenate([[0.0], np.cumsum(density.sum(axis=0))])
    low, high = np.interp([0.02, 0.98], mass / mass[-1], np.arange(columns + 1))
    middles = (np.arange(count) + 0.5) / count
    random = np.random.default_rng(_SEED)
    return [
        np.interp(middles, mass / mass[-1], np.arange(columns + 1)),
        low + (high - low) * middles,
        *(np.sort(random.uniform(low, high, count)) for _ in range(_RESTARTS)),
    ]


def _alike(density: FloatArray, start: FloatArray) -> Mixture:
    count = len(start)
    mass = density.ravel() / density.sum()
    places = centres(*density.shape)
    means = np.column_stack([start, np.full(count, mass @ places[:, 1])])
    spread = places - mass @ places
    covariance = (spread.T * mass) @ spread / np.array([[count**2, count], [count, 1]])
    weights = np.full(count, 1.0 / count)
    for _ in range(_UPDATES):
        logs = np.log(weights)[:, None] + _log_gauss(places, means, covariance)
        total = np.logaddexp.reduce(logs, axis=0)
        shares = np.exp(logs - total)
        held = shares * mass
        sums = held.sum(axis=1) + _TINY
        weights = (sums + _EQUAL_SHARES) / (1.0 + count * _EQUAL_SHARES)
        means = held @ places / sums[:, None]
        means = _pulled(means, sums)
        covariance = _LEAST_VARIANCE * np.eye(2)
        for mean, part in zip(means, held, strict=True):
            covariance += ((places - mean).T * part) @ (places - mean)
        covariance = np.diag(np.diag(covariance) * [1.0, _UPRIGHT])
    return Mixture(shares.reshape(count, *density.shape), float(mass @ total))


def _pulled(means: FloatArray, sums: FloatArray) -> FloatArray:
    """Means (components, 2) drawn towards even spacing along a line, the lighter the more."""
    count = len(means)
    if count < 3:
        return means
    order = np.argsort(means[:, 0])
    ranks = np.empty(count)
    ranks[order] = np.arange(count)
    design = np.column_stack([np.ones(count), ranks])
    even = design @ np.linalg.lstsq(design, means, rcond=None)[0]
    pull = _EVEN_SPACING / count
    return (sums[:, None] * means + pull * even) / (sums[:, None] + pull)


def _log_gauss(places: FloatArray, means: FloatArray, covariance: FloatArray) -> FloatArray:
    """(components, cells) logarithms of the Gaussians."""
    whiten = np.linalg.inv(np.linalg.cholesky(covariance))
    away = (places[None] - means[:, None]) @ whiten.T
    norm = np.log(2 * np.pi) + 0.5 * np.log(np.linalg.det(covariance))
    return np.asarray(-0.5 * (away**2).sum(axis=-1) - norm)
