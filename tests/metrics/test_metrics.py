"""What every metric promises."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from diffspot.metrics import METRICS

if TYPE_CHECKING:
    from diffspot.backends.interface import Backend


@pytest.mark.parametrize("name", list(METRICS))
def test_identical_pictures_score_exactly_zero(
    backend: Backend, name: str, rng: np.random.Generator
) -> None:
    picture = backend.from_host(rng.random((19, 23, 3), dtype=np.float32))
    assert backend.to_host(METRICS[name].score(picture, picture.copy(), backend)).max() == 0.0


@pytest.mark.parametrize("name", list(METRICS))
@pytest.mark.parametrize("channel", [0, 1, 2])
def test_a_change_in_one_channel_alone_scores_there(
    backend: Backend, name: str, channel: int
) -> None:
    reference = np.full((40, 40, 3), 0.5, np.float32)
    candidate = reference.copy()
    candidate[18:22, 18:22, channel] = 1.0
    score = backend.to_host(
        METRICS[name].score(backend.from_host(reference), backend.from_host(candidate), backend)
    )
    assert score.shape == (40, 40)
    assert score.dtype == np.float32
    assert score[20, 20] > 0.3
    assert score[:8].max() == 0.0
    assert score.min() >= 0.0
    assert score.max() <= 1.0


def test_absdiff_is_the_largest_difference_over_channels(backend: Backend) -> None:
    reference = np.zeros((1, 1, 3), np.float32)
    candidate = np.array([[[0.1, 0.7, 0.2]]], np.float32)
    score = METRICS["absdiff"].score(
        backend.from_host(reference), backend.from_host(candidate), backend
    )
    assert backend.to_host(score)[0, 0] == np.float32(0.7)
