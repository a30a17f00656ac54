"""Light fitted to some of the cells is that of all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from benchmarks.scenes.photo import load_photo
from diffspot.backends import get_backend
from diffspot.pipeline.normalization import CELL, fit_normalization
from tests.pipeline.test_normalization import GAIN, OFFSET, PHOTOS, SHADING
from tests.sweep import sweep

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.model import Normalization

    Picture = NDArray[np.uint8]

NUMPY = get_backend("numpy")
WIDTH, HEIGHT = 1200, 900
SIGMA = 3.0
"""Grey levels of noise."""
CELLS = WIDTH * HEIGHT // CELL**2
TAKEN = CELLS // 3
"""Cells that are looked at. Of a third of the cells all are, so the mean of three fits is that of all of them."""
DEVIATIONS = 5 * 2**0.5
"""Five of them; the weights make half of what all cells would say of the fit at the worst."""
SPREAD = DEVIATIONS * (1 / TAKEN - 1 / CELLS) ** 0.5
"""By how many deviations of a cell's residual a mean over those taken may be off that over all."""


def photo(name: str) -> Picture:
    picture = load_photo(name, WIDTH, HEIGHT)
    return picture.reshape(HEIGHT, WIDTH, -1)


def residual(gain: NDArray[np.float64]) -> NDArray[np.float64]:
    """Deviation of a cell's mean, grey levels of the reference: noise, and rounding to whole levels."""
    return gain * (SIGMA**2 + 1 / 12) ** 0.5 / CELL


def seen(picture: NDArray[np.float64]) -> Picture:
    noise = np.random.default_rng(1).normal(0, SIGMA, picture.shape)
    return np.clip(np.rint(picture + noise), 0, 255).astype(np.uint8)


def fitted(reference: Picture, candidate: Picture) -> tuple[Normalization | None, list[Normalization]]:
    """The light fitted to some of all cells, and to all of each third of the cells."""
    cells = np.arange(CELLS).reshape(HEIGHT // CELL, WIDTH // CELL) % 3
    valid = np.kron(cells, np.ones((CELL, CELL), int))
    thirds = [fit_normalization(reference, candidate, valid == third, NUMPY) for third in range(3)]
    some = fit_normalization(reference, candidate, np.ones((HEIGHT, WIDTH), bool), NUMPY)
    return some, [light for light in thirds if light]


@pytest.mark.parametrize("name", sweep(PHOTOS))
def test_gain_and_offset(name: str) -> None:
    reference = photo(name)
    gain, offset = GAIN[: reference.shape[2]], OFFSET[: reference.shape[2]]
    candidate = seen((reference - offset) / gain)
    some, thirds = fitted(reference, candidate)
    assert some is not None
    assert len(thirds) == 3
    assert {light.shading for light in (some, *thirds)} == {None}
    middle, spread = candidate.mean(axis=(0, 1)), candidate.std(axis=(0, 1))
    # A line through n points is off by s / sqrt(n) at their middle, by s / (sqrt(n) their spread) in its slope.
    slope = np.subtract(some.gain, np.mean([light.gain for light in thirds], axis=0))
    offset = np.subtract(some.offset, np.mean([light.offset for light in thirds], axis=0))
    assert slope.any()
    assert (abs(slope) <= SPREAD * residual(gain) / spread).all()
    assert (abs(slope * middle + offset) <= SPREAD * residual(gain)).all()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["astronaut", "chelsea"])
def test_uneven_light(name: str) -> None:
    reference = photo(name)
    v, u = np.meshgrid(np.linspace(-1, 1, HEIGHT), np.linspace(-1, 1, WIDTH), indexing="ij")
    terms = np.stack([np.ones_like(u), u, v, u * u, u * v, v * v])
    candidate = seen(reference / (1 + np.tensordot(SHADING, terms, 1)[..., None]))
    some, thirds = fitted(reference, candidate)
    assert some is not None
    assert some.shading is not None
    every = np.mean([light.shading for light in thirds if light.shading], axis=0)
    for channel, (one, other) in enumerate(zip(some.shading, every, strict=True)):
        bright = float(np.square(candidate[..., channel].astype(float)).mean()) ** 0.5
        # Six terms of a square are off most in its corners, sqrt(26) times as much as in the mean (the sum of the
        # squares of Legendre's polynomials), if all of it is as bright.
        off = abs(np.tensordot(np.subtract(one, other), terms, 1)).max()
        assert 0 < off <= SPREAD * 26**0.5 * float(residual(np.ones(1))[0]) / bright


@pytest.mark.parametrize("name", sweep(PHOTOS))
def test_unchanged_light(name: str) -> None:
    reference = photo(name)
    assert fitted(reference, seen(reference.astype(float))) == (None, [])
