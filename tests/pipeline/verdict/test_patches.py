"""Even patches of noisy pairs are told from lines that waver."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from diffspot.backends import get_backend
from diffspot.pipeline.pair import RegisteredPair
from diffspot.pipeline.verdict.patches import find_patches

if TYPE_CHECKING:
    from numpy.typing import NDArray

NUMPY = get_backend("numpy")
SIZE = (240, 320)
THRESHOLD = 11 / 255


def patches(reference: NDArray[Any], candidate: NDArray[Any], rng: np.random.Generator) -> list[tuple[int, ...]]:
    """Boxes of the patches of a grey pair to which noise is added."""
    noisy = [(each + rng.normal(0, 2, SIZE))[..., None].astype(np.float32) for each in (reference, candidate)]
    pair = RegisteredPair(*noisy, np.ones(SIZE, bool), np.abs(noisy[0] - noisy[1]).max(axis=2))
    return [box for box, *_ in find_patches(pair, [], THRESHOLD, NUMPY, still=False)]


@pytest.mark.parametrize("sign", [-1, 1])
def test_a_double_frame_line_that_wavers_by_one_px_is_no_patch(rng: np.random.Generator, sign: int) -> None:
    page, drawn = np.full(SIZE, 140.0), []
    for row in (102, 103):
        drawn.append(page.copy())
        drawn[-1][[row, row + 2], 80:240] += 40 * sign
    assert patches(*drawn, rng) == []
    drawn[1][160:200, 80:240] += 6 * sign
    ((x, y, w, h),) = patches(*drawn, rng)
    assert abs(x - 80) <= 8 and abs(y - 160) <= 8 and abs(x + w - 240) <= 8 and abs(y + h - 200) <= 8  # noqa: PT018
