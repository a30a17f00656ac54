"""Bands of rows stand for a whole picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.scenes.photo import load_photo
from diffspot.backends import get_backend
from diffspot.backends.interface import QUANTILE_BINS
from diffspot.pipeline.noise import EDGE_RANGE, GRAINY_ROWS, measure_noise
from diffspot.pipeline.sampling import (
    BANDS,
    GLANCE,
    MANY,
    ROWS,
    WORTHWHILE,
    held,
    median,
    medians,
    sample_bands,
    sample_rows,
)
from diffspot.pipeline.tolerance import shared_contrast
from tests.placing import registered, told_grainy
from tests.sweep import sweep

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from diffspot.pipeline.sampling import Band

    Picture = NDArray[np.uint8]

NUMPY = get_backend("numpy")
LOW = int(WORTHWHILE * ROWS)
"""Rows of the highest picture that is taken whole."""
HIGH = 1400
"""Rows of one that is sampled."""
HEIGHTS = st.integers(1, 3000)
BAND_HEIGHTS = st.sampled_from([1, 16, 32, 128])
COUNTS = st.integers(1, 20)
REACHES = st.integers(0, 40)


def kept_rows(bands: Iterable[Band]) -> list[int]:
    """The rows of the picture that bands keep, band by band."""
    return [row for band in bands for row in range(band.source.start, band.source.stop)[band.crop]]


@settings(derandomize=True, deadline=None, max_examples=100)
@given(height=HEIGHTS, band=BAND_HEIGHTS, count=COUNTS, reach=REACHES)
def test_bands_lie_in_the_picture_with_the_neighbours_they_need(height: int, band: int, count: int, reach: int) -> None:
    for source, crop in sample_bands(height, count * band, band, reach):
        first, stop = source.start + crop.start, source.start + crop.stop
        assert 0 <= source.start <= first < stop <= source.stop <= height
        assert source.start == max(0, first - reach)
        assert source.stop == min(height, stop + reach)


@settings(derandomize=True, deadline=None, max_examples=100)
@given(height=HEIGHTS, band=BAND_HEIGHTS, count=COUNTS, reach=REACHES)
def test_bands_keep_all_rows_once_or_as_many_as_asked(height: int, band: int, count: int, reach: int) -> None:
    bands = sample_bands(height, count * band, band, reach)
    rows = kept_rows(bands)
    if height <= count * band:
        assert rows == list(range(height))
        assert all((source.start + crop.start) % band == 0 for source, crop in bands)
    else:
        assert rows == sorted(set(rows))
        assert len(rows) == count * band
        assert rows[0] == 0
        assert count == 1 or rows[-1] == height - 1


@settings(derandomize=True, deadline=None, max_examples=50)
@given(height=st.integers(1, 9000), band=BAND_HEIGHTS, count=st.integers(2, 20))
def test_bands_are_evenly_spread(height: int, band: int, count: int) -> None:
    starts = [source.start + crop.start for source, crop in sample_bands(height, count * band, band, 0)]
    steps = np.diff(starts)
    assert len(steps) == 0 or np.ptp(steps) <= 1


@pytest.mark.parametrize("height", [1, ROWS, ROWS + 1, LOW])
def test_a_low_picture_is_taken_whole(height: int) -> None:
    source, crop = sample_rows(height, 5)
    rows = np.arange(height)
    np.testing.assert_array_equal(rows[source], rows)
    np.testing.assert_array_equal(rows[source][crop], rows)


@pytest.mark.parametrize(("height", "count"), [(LOW + 1, ROWS), (1000, ROWS), (9999, ROWS), (1121, 320), (9999, 2048)])
@pytest.mark.parametrize("reach", [0, 1, 4, 31])
def test_of_a_high_picture_the_rows_of_the_bands_are_kept(height: int, count: int, reach: int) -> None:
    source, crop = sample_rows(height, reach, count)
    rows = np.arange(height)[source]
    assert rows[crop].tolist() == kept_rows(sample_bands(height, count, count // BANDS, reach))
    assert len(rows[crop]) == count
    # Each kept row has its neighbours beside it among the taken ones, or lies at the picture's edge.
    for place in np.arange(len(rows))[crop]:
        above, below = min(reach, rows[place]), min(reach, height - 1 - rows[place])
        beside = rows[place - above : place + below + 1]
        assert beside.tolist() == list(range(rows[place] - above, rows[place] + below + 1))


def noisy_pair(sigma: float, height: int = HIGH) -> tuple[Picture, Picture]:
    """Photos below each other twice, with noise of its own each time."""
    rng, photo = np.random.default_rng(3), np.resize(load_photo("coffee", 300, HIGH), (height, 300, 3)).astype(float)
    one, other = (np.clip(np.rint(photo + rng.normal(0, sigma, photo.shape)), 0, 255).astype(np.uint8) for _ in "ab")
    return one, other


@pytest.mark.parametrize("levels", [2, 6, 12])
def test_a_share_of_the_sample_is_that_of_the_whole(levels: int) -> None:
    reference, candidate = (picture.astype(int) for picture in noisy_pair(5))
    source, crop = sample_rows(len(reference), 1)
    beyond = abs(reference - candidate) > levels
    share, sampled = beyond.mean(), beyond[source][crop].mean()
    # Noise is drawn for each sample on its own, and clipping at 0 and 255 moves the chance of a photo's samples by
    # less than that, so shares of n of N samples differ by a deviation of sqrt(p (1 - p) (1 / n - 1 / N)) from chance.
    deviation = np.sqrt(share * (1 - share) * (1 / beyond[source][crop].size - 1 / beyond.size))
    assert 0.05 < share < 0.95
    assert abs(share - sampled) < 5 * deviation


@pytest.mark.parametrize(("grainy", "rows"), [(False, ROWS), (True, GRAINY_ROWS)])
@pytest.mark.parametrize("blur", sweep([0.0, 1.0, 2.5]))
def test_the_noise_is_that_of_the_sampled_rows_of_the_whole(blur: float, grainy: bool, rows: int) -> None:  # noqa: FBT001 - a column of the table
    reference, candidate = noisy_pair(5, int(WORTHWHILE * rows) + 1)
    valid = np.random.default_rng(0).random(reference.shape[:2]) < 0.7
    found = measure_noise(registered(reference, candidate, valid), NUMPY, sigma=blur, grainy=grainy, step=1 / 255)
    r, c = (NUMPY.gaussian_blur(picture, blur) for picture in (reference, candidate))
    sample = kept_rows(sample_bands(len(reference), rows, rows // BANDS, 0))
    plain, contrast, inside = NUMPY.absdiff(r, c)[sample], shared_contrast(r, c, 1, NUMPY)[sample], valid[sample]
    edges = inside & (contrast > EDGE_RANGE)
    assert found.level == np.quantile(plain[inside], 0.5, method="lower") / 255
    shares = (plain[edges] / contrast[edges].astype(float)).clip(0, 1)
    # Read from a histogram of QUANTILE_BINS bins, rounded up.
    assert 0 <= found.edge_noise - np.quantile(shares, 0.5, method="lower") <= 1.001 / QUANTILE_BINS


def test_grain_is_told_from_the_neighbours_in_the_picture() -> None:
    reference = np.full((HIGH, 40, 1), 100, np.uint8)
    candidate = reference.copy()
    for source, crop in sample_bands(HIGH, ROWS, ROWS // BANDS, 1):
        for row, beyond in ((source.start + crop.start, -1), (source.start + crop.stop - 1, 1)):
            candidate[row] = 104
            if 0 <= row + beyond < HIGH:
                candidate[row + beyond] = 96
    # Rows on either side of a band's edge cancel out; those of neighbouring bands beside each other would not.
    assert told_grainy(registered(reference, candidate), NUMPY)
    candidate[candidate == 96] = 104
    assert not told_grainy(registered(reference, candidate), NUMPY)


@pytest.mark.parametrize(("sigma", "grainy"), [(0.0, False), (2.0, True), (10.0, True)])
@pytest.mark.parametrize("blur", sweep([0.0, 1.0]))
def test_the_noise_of_the_sample_is_that_of_the_whole(
    sigma: float,
    grainy: bool,  # noqa: FBT001 - a column of the table
    blur: float,
) -> None:
    reference, candidate = noisy_pair(sigma)
    candidate[600:650, 100:200] = 255 - candidate[600:650, 100:200]
    valid = np.ones(reference.shape[:2], bool)
    # Told of a pair that is not grainy, it takes as few rows as it ever does.
    level = measure_noise(registered(reference, candidate, valid), NUMPY, sigma=blur, grainy=False, step=1 / 255).level
    blurred = (NUMPY.gaussian_blur(picture, blur) for picture in (reference, candidate))
    whole_level = np.quantile(NUMPY.absdiff(*blurred), 0.5, method="lower") / 255
    assert told_grainy(registered(reference, candidate), NUMPY) is grainy
    assert (level > 0) is grainy
    # Shares of 192 * 300 px are off by 0.012 at most (Dvoretzky, Kiefer and Wolfowitz, at one in a million), 0.04 where
    # some 13 px hang together by the blur; a level about the median holds 0.045 of them or more, and 0.15 of blurred
    # ones, so that the median moves to the next level and no further.
    assert level == pytest.approx(whole_level, abs=1.001 / 255)


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("count", [1, 2, 3, 10, 101, 5000])
def test_the_median_is_numpys_to_the_bit(count: int, kind: type) -> None:
    values = np.random.default_rng(count).normal(0, 3, count).astype(kind)
    assert median(values) == np.median(values)
    assert median(values).dtype == kind


@pytest.mark.parametrize("count", [MANY, MANY + 1, 7 * GLANCE, 7 * GLANCE + 1, 30_001])
def test_the_median_of_many_values_is_numpys_to_the_bit(count: int, rng: np.random.Generator) -> None:
    noise = rng.normal(0, 3, count).astype(np.float32)
    wave = np.arange(count, dtype=np.float32) % (count // GLANCE)  # of which the glance sees a single value
    mostly = np.where(noise > 8, noise, 0).astype(np.float32)
    for values in (noise, np.abs(noise), np.sort(noise), np.rint(noise), wave, mostly, np.zeros_like(noise)):
        assert median(values) == np.median(values)
        assert median(values[::-1]) == np.median(values)


@pytest.mark.parametrize("share", [0.0, 0.4, 1.0])
def test_what_is_held_is_what_is_set(share: float, rng: np.random.Generator) -> None:
    levels, inside = rng.integers(0, 256, (9, 14)).astype(np.uint8), rng.random((9, 14)) < share
    for one, own in ((levels, inside), (levels[::2, ::3], inside[::2, ::3])):
        np.testing.assert_array_equal(held(one, own), one[own])


@pytest.mark.parametrize("kind", [np.uint8, np.int16, np.float32])
@pytest.mark.parametrize("count", [1, 2, 3, 10, 101])
def test_the_medians_of_columns_are_numpys(count: int, kind: type) -> None:
    values = np.random.default_rng(count).integers(0, 256, (count, 3)).astype(kind)
    np.testing.assert_array_equal(medians(values), np.median(values, axis=0))
