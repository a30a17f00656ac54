"""Which levels of the pyramid are searched."""

from __future__ import annotations

import numpy as np
import pytest

from diffspot.pipeline.registration.pair import Pair
from diffspot.pipeline.registration.refine import residual


@pytest.mark.parametrize("shape", [(2**15, 60), (60, 2**15)])
def test_no_level_is_longer_than_opencv_can_resample(rng: np.random.Generator, shape: tuple[int, int]) -> None:
    picture = np.repeat(np.repeat(rng.integers(0, 255, (shape[0] // 4 + 1, shape[1] // 4 + 1), np.uint8), 4, 0), 4, 1)
    picture = np.ascontiguousarray(picture[: shape[0], : shape[1]])
    pair = Pair(picture, picture)
    level = pair.levels[pair.finest]
    assert max(level.shape) < 2**15 - 1
    left, known = residual(level.points, level.moving, np.eye(3))
    assert known.any()
    assert np.abs(left[known]).max() < 1e-3
