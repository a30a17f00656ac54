"""What every metric promises."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, get_args

import numpy as np
import pytest

from diffspot.backends import get_backend
from diffspot.options.types import MetricName
from diffspot.pipeline.metrics import METRICS, find_metric
from diffspot.pipeline.metrics.absdiff import AbsDiff
from tests.pipeline.metrics.asked import ASKED

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend

LEAST = {"oklab": 0.15, "tiles": 0.01, "gradient of ssim": 0.1}
"""Of a quarter of a tile, of a colour that the eye is weak in, and of the middle of a change, which its rim outdoes."""
PARITY = 2e-4
"""Between backends: SSIM's is 5e-5 a side, see test_ssim; flip takes powers of 0.5 of small float32 sums."""


def score(
    name: str, reference: NDArray[np.uint8], candidate: NDArray[np.uint8], backend: Backend
) -> NDArray[np.float32]:
    """The metric's map where nothing is tolerated."""
    r, c = backend.from_host(reference), backend.from_host(candidate)
    return backend.to_host(ASKED[name].score(r, c, backend.absdiff(r, c), backend))


@pytest.mark.parametrize("name", list(ASKED))
def test_identical_pictures_score_exactly_zero(backend: Backend, name: str, rng: np.random.Generator) -> None:
    picture = rng.integers(0, 256, (19, 23, 3), dtype=np.uint8)
    assert score(name, picture, picture.copy(), backend).max() == 0.0


@pytest.mark.parametrize("name", list(ASKED))
def test_a_change_in_one_channel_alone_scores_there(backend: Backend, name: str) -> None:
    reference = np.full((40, 40, 3), 128, np.uint8)
    for channel in range(3):
        candidate = reference.copy()
        candidate[18:22, 18:22, channel] = 255
        found = score(name, reference, candidate, backend)
        assert found.shape == (40, 40)
        assert found.dtype == np.float32
        assert found[20, 20] > LEAST.get(name, 0.3), channel
        assert found[18:22, 18:22].min() > 0, channel
        found[18:22, 18:22] = 0
        assert found.max() == 0.0, channel


@pytest.mark.parametrize("name", list(ASKED))
def test_what_is_explained_scores_zero(backend: Backend, name: str, rng: np.random.Generator) -> None:
    r, c = (backend.from_host(rng.integers(0, 256, (20, 20, 3), dtype=np.uint8)) for _ in range(2))
    explained = backend.xp.zeros((20, 20), np.uint8)
    assert backend.to_host(ASKED[name].score(r, c, explained, backend)).max() == 0.0


def test_absdiff_is_the_largest_difference_over_channels(backend: Backend) -> None:
    reference, candidate = np.zeros((1, 1, 3), np.uint8), np.array([[[20, 179, 51]]], np.uint8)
    assert score("absdiff", reference, candidate, backend)[0, 0] == np.float32(179 / 255)


@pytest.mark.parametrize("name", list(ASKED))
def test_every_backend_gives_the_same_map_in_tiny_sizes(backend: Backend, name: str) -> None:
    rng = np.random.default_rng(7)
    for shape in [(1, 1), (1, 20), (20, 1), (2, 3), (5, 7), (11, 11), (20, 20)]:
        for channels in (1, 2, 3, 4):
            reference = rng.integers(0, 256, (*shape, channels), dtype=np.uint8)
            candidate = rng.integers(0, 256, (*shape, channels), dtype=np.uint8)
            candidate[: shape[0] // 2] = reference[: shape[0] // 2]
            found = score(name, reference, candidate, backend)
            assert found.shape == shape
            assert found.dtype == np.float32
            assert found.min() >= 0
            assert found.max() <= 1
            np.testing.assert_allclose(found, score(name, reference, candidate, get_backend("numpy")), atol=PARITY)


@pytest.mark.parametrize("name", list(ASKED))
def test_every_backend_gives_the_same_map(backend: Backend, name: str) -> None:
    rng = np.random.default_rng(8)
    reference = rng.integers(0, 256, (70, 90, 3), dtype=np.uint8)
    candidate = np.clip(reference + rng.normal(0, 20, reference.shape), 0, 255).astype(np.uint8)
    found = score(name, reference, candidate, backend)
    np.testing.assert_allclose(found, score(name, reference, candidate, get_backend("numpy")), atol=PARITY, rtol=0)
    assert 0 < found.mean() < 1


@pytest.mark.parametrize("name", ["absdiff", "ssim", "ms-ssim", "ncc"])
def test_the_mean_of_the_channels_is_that_of_each_alone(name: str) -> None:
    rng, backend = np.random.default_rng(9), get_backend("numpy")
    reference, candidate = (rng.integers(0, 256, (40, 50, 3), dtype=np.uint8) for _ in range(2))
    alone = [
        ASKED[name].distance(reference[..., c : c + 1].copy(), candidate[..., c : c + 1].copy(), backend)
        for c in range(3)
    ]
    for channels, expected in (("max", np.max(alone, axis=0)), ("mean", np.mean(alone, axis=0))):
        found = replace(ASKED[name], channels=channels).distance(reference, candidate, backend)  # type: ignore[call-arg]
        np.testing.assert_allclose(found, expected, atol=1e-6, rtol=0, err_msg=channels)


def test_a_mean_of_channels_is_no_more_than_the_residual(backend: Backend) -> None:
    reference, candidate = np.zeros((1, 2, 3), np.uint8), np.array([[[30, 60, 90], [30, 60, 90]]], np.uint8)
    residual = backend.from_host(np.array([[90, 51]], np.uint8))
    pair = backend.from_host(reference), backend.from_host(candidate)
    found = backend.to_host(AbsDiff(channels="mean").score(*pair, residual, backend))
    np.testing.assert_array_equal(found, [[np.float32(60 / 255), np.float32(51 / 255)]])


@pytest.mark.parametrize("name", list(ASKED))
def test_pictures_of_a_batch_score_as_each_alone(backend: Backend, name: str) -> None:
    """Those of NumPy never come in batches."""
    if backend.windowed:
        return
    rng = np.random.default_rng(11)
    reference, candidate = (rng.integers(0, 256, (2, 25, 33, 3), dtype=np.uint8) for _ in range(2))
    candidate[1, :12] = reference[1, :12]
    r, c = backend.from_host(reference), backend.from_host(candidate)
    together = backend.to_host(ASKED[name].score(r, c, backend.absdiff(r, c), backend))
    alone = [score(name, reference[index], candidate[index], backend) for index in range(2)]
    np.testing.assert_array_equal(together, np.stack(alone))


def test_the_table_has_every_metric_under_its_own_name() -> None:
    assert tuple(METRICS) == get_args(MetricName)
    assert {name: find_metric(name).name for name in METRICS} == {name: name for name in METRICS}
