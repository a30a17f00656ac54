"""Which levels of the pyramid are searched."""

from __future__ import annotations

import numpy as np
import pytest

from diffspot.pipeline.registration.pair import LONGEST_SIDE, Pair
from diffspot.pipeline.registration.refine import residual


@pytest.mark.parametrize("shape", [(LONGEST_SIDE + 1, 60), (60, LONGEST_SIDE + 1)])
def test_no_level_is_longer_than_opencv_can_resample(rng: np.random.Generator, shape: tuple[int, int]) -> None:
    picture = np.repeat(np.repeat(rng.integers(0, 255, (shape[0] // 4 + 1, shape[1] // 4 + 1), np.uint8), 4, 0), 4, 1)
    picture = np.ascontiguousarray(picture[: shape[0], : shape[1]])
    pair = Pair(picture, picture)
    level = pair.levels[pair.finest]
    assert max(level.shape) <= LONGEST_SIDE
    left, known = residual(level.points, level.moving, np.eye(3))
    assert known.any()
    assert np.abs(left[known]).max() < 1e-3
