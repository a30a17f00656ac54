"""Which levels of the pyramid are searched."""

from __future__ import annotations

import numpy as np
import pytest

from diffspot.registration.pair import LONGEST_SIDE, Pair


@pytest.mark.parametrize("shape", [(LONGEST_SIDE + 1, 60), (60, LONGEST_SIDE + 1)])
def test_no_level_is_longer_than_opencv_can_resample(rng: np.random.Generator, shape: tuple[int, int]) -> None:
    picture = np.repeat(np.repeat(rng.integers(0, 255, (shape[0] // 4 + 1, shape[1] // 4 + 1), np.uint8), 4, 0), 4, 1)
    picture = np.ascontiguousarray(picture[: shape[0], : shape[1]])
    pair = Pair(picture, picture)
    near = pair.brought(np.eye(3), pair.finest)
    assert max(near.shape) <= LONGEST_SIDE
    assert np.allclose(near.candidate, near.reference, atol=1e-3)
