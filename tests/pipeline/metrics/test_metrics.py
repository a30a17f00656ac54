"""What every metric promises."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from diffspot.pipeline.metrics import METRICS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend


def score(
    name: str, reference: NDArray[np.uint8], candidate: NDArray[np.uint8], backend: Backend
) -> NDArray[np.float32]:
    """The metric's map where nothing is tolerated."""
    r, c = backend.from_host(reference), backend.from_host(candidate)
    return backend.to_host(METRICS[name].score(r, c, backend.absdiff(r, c), backend))


@pytest.mark.parametrize("name", list(METRICS))
def test_identical_pictures_score_exactly_zero(backend: Backend, name: str, rng: np.random.Generator) -> None:
    picture = rng.integers(0, 256, (19, 23, 3), dtype=np.uint8)
    assert score(name, picture, picture.copy(), backend).max() == 0.0


@pytest.mark.parametrize("name", list(METRICS))
@pytest.mark.parametrize("channel", [0, 1, 2])
def test_a_change_in_one_channel_alone_scores_there(backend: Backend, name: str, channel: int) -> None:
    reference = np.full((40, 40, 3), 128, np.uint8)
    candidate = reference.copy()
    candidate[18:22, 18:22, channel] = 255
    found = score(name, reference, candidate, backend)
    assert found.shape == (40, 40)
    assert found.dtype == np.float32
    assert found[20, 20] > 0.3
    assert found[18:22, 18:22].min() > 0
    found[18:22, 18:22] = 0
    assert found.max() == 0.0


@pytest.mark.parametrize("name", list(METRICS))
def test_what_is_explained_scores_zero(backend: Backend, name: str, rng: np.random.Generator) -> None:
    r, c = (backend.from_host(rng.integers(0, 256, (20, 20, 3), dtype=np.uint8)) for _ in range(2))
    explained = backend.xp.zeros((20, 20), np.uint8)
    assert backend.to_host(METRICS[name].score(r, c, explained, backend)).max() == 0.0


def test_absdiff_is_the_largest_difference_over_channels(backend: Backend) -> None:
    reference, candidate = np.zeros((1, 1, 3), np.uint8), np.array([[[20, 179, 51]]], np.uint8)
    assert score("absdiff", reference, candidate, backend)[0, 0] == np.float32(179 / 255)
