"""What is explained of two pictures as a whole, one entry a cause."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from diffspot.backends import get_backend
from diffspot.model import Forgiven
from diffspot.pipeline.explained import Evened, one_each, places, with_evened

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


@pytest.mark.parametrize("share", [0.01, 0.3, 0.9])
def test_places_are_those_of_the_whole_table(share: float) -> None:
    rng = np.random.default_rng(3)
    for _ in range(20):
        mask = rng.random(rng.integers(1, 60, 2)) < share
        mask[0, 0] = True
        count, _, table, _ = cv2.connectedComponentsWithStats(mask.view(np.uint8), connectivity=4)
        largest = 1 + int(table[1:, cv2.CC_STAT_AREA].argmax())
        assert places(mask) == (count - 1, tuple(table[largest, :4].tolist()))
