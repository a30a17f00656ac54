"""What is explained of two pictures as a whole, one entry a cause."""

from __future__ import annotations

import numpy as np
import pytest

from diffspot.backends import get_backend
from diffspot.model import Forgiven
from diffspot.pipeline.explained import Evened, one_each, with_evened

BACKEND = get_backend("numpy")
NOISE = Forgiven(cause="noise", pixels=7, places=2, largest=(1, 2, 3, 3))
LIGHT = Forgiven(cause="light", pixels=9, places=1, largest=(0, 0, 5, 4))


def _evened(kind: type, before: float, after: float) -> Evened:
    """Levels of 10 x 12 px before and after, in a box of 4 x 2 px; else nothing."""
    planes = np.zeros((2, 10, 12), kind)
    planes[:, 5:7, 3:7] = np.array([before, after]).reshape(2, 1, 1)
    return Evened("noise", *planes)


@pytest.mark.parametrize(
    ("kind", "before", "after", "pixels"),
    [
        (np.uint8, 9, 8, 8),
        (np.uint8, 8, 0, 0),
        (np.uint8, 12, 9, 0),
        (np.float32, 8.4, 0, 0),  # of 16 bits: finer steps than levels, and below the threshold
        (np.float32, 8.6, 8.4, 8),
    ],
)
def test_counted_is_what_passed_the_threshold_and_does_no_more(
    kind: type, before: float, after: float, pixels: int
) -> None:
    valid = np.ones((10, 12), bool)
    found = with_evened((), _evened(kind, before, after), valid, 8.5 / 255, BACKEND)
    assert found == ((Forgiven(cause="noise", pixels=8, places=1, largest=(3, 5, 4, 2)),) if pixels else ())
    valid[5] = False
    assert sum(one.pixels for one in with_evened((), _evened(kind, before, after), valid, 8.5 / 255, BACKEND)) == (
        pixels / 2
    )


def test_a_cause_has_one_entry_with_the_largest_place_of_all() -> None:
    valid, evened = np.ones((10, 12), bool), _evened(np.uint8, 90, 0)
    found = with_evened((NOISE, LIGHT), evened, valid, 0.1, BACKEND)
    assert found == (Forgiven(cause="noise", pixels=15, places=3, largest=NOISE.largest), LIGHT)
    assert one_each((NOISE, LIGHT, NOISE))[0].pixels == 14
