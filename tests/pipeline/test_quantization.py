"""What qualities of JPEG leave is what libjpeg leaves."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
import PIL.Image
import pytest

from benchmarks.scenes.photo import load_photo
from diffspot.pipeline.preparation import luminance
from diffspot.pipeline.quantization import left_by_quality, steps_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Units = NDArray[np.uint8]

QUALITIES = range(10, 99)


def units(name: str) -> Units:
    """Sixteen places of 16 x 16 px of a photo."""
    grey = luminance(load_photo(name, 256, 256))
    return np.ascontiguousarray(grey[:64, :64].reshape(4, 16, 4, 16).swapaxes(1, 2).reshape(-1, 16, 16))


def jpeg(places: Units, quality: int) -> Units:
    file = io.BytesIO()
    PIL.Image.fromarray(places.reshape(-1, 16)).save(file, "JPEG", quality=quality)
    return np.asarray(PIL.Image.open(file)).reshape(places.shape)


@pytest.mark.parametrize("quality", [1, 10, 49, 50, 51, 75, 98, 100])
def test_the_steps_of_a_quality_are_those_of_libjpeg(quality: int) -> None:
    file = io.BytesIO()
    PIL.Image.new("L", (8, 8)).save(file, "JPEG", quality=quality)
    assert steps_of(quality).tolist() == PIL.Image.open(file).quantization[0]
    PIL.Image.new("RGB", (8, 8)).save(file := io.BytesIO(), "JPEG", quality=quality)
    assert steps_of(quality, colours=True).tolist() == PIL.Image.open(file).quantization[1]


@pytest.mark.parametrize("name", ["astronaut", "coffee"])
def test_each_quality_leaves_what_an_encoder_and_a_decoder_leave(name: str) -> None:
    better = units(name)
    other = np.clip(better + np.random.default_rng(1).normal(0, 3, better.shape), 0, 255).astype(np.uint8)
    expected = [
        np.abs(jpeg(better, quality).astype(int) - other)[:, 1:-1, 1:-1].mean(axis=(1, 2)) for quality in QUALITIES
    ]
    found = left_by_quality(better, other, QUALITIES)
    assert found.shape == (len(QUALITIES), 16)
    # libjpeg rounds each frequency to an eighth and each sum to a level: together below a third of a level in the mean
    assert np.abs(found - expected).max() < 1 / 3
    assert np.abs(found - expected).mean() < 1 / 30


@pytest.mark.parametrize("quality", [15, 40, 60, 85, 95])
@pytest.mark.parametrize("name", ["astronaut", "coffee"])
def test_the_quality_of_a_jpeg_leaves_least_and_nothing_else_as_little(name: str, quality: int) -> None:
    left = left_by_quality(units(name), jpeg(units(name), quality), QUALITIES).mean(axis=1)
    same = [one for one in QUALITIES if np.abs(steps_of(one) - steps_of(quality)).max() <= 1]
    assert QUALITIES[int(left.argmin())] in same
    assert left[quality - 10] <= 1 / 3
    assert left.max() > 5 * left.min()
