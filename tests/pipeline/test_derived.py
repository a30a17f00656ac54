"""What is worked out of a shared picture: once, the same as ever, and let go with it."""

from __future__ import annotations

import numpy as np
import pytest

from diffspot.pipeline import derived
from diffspot.pipeline.derived import keep, once, release


def test_of_a_kept_picture_and_what_comes_of_it_all_is_worked_out_once() -> None:
    picture, calls = np.arange(6, dtype=np.uint8), []

    def halves(values: np.ndarray) -> np.ndarray:
        calls.append(values)
        return values // 2

    keep(picture)
    for _ in range(3):
        half = once(picture, "half", lambda: halves(picture))
        quarter = once(half, "half", lambda given=half: halves(given))
    assert half.tolist() == [0, 0, 1, 1, 2, 2]
    assert quarter.tolist() == [0, 0, 0, 0, 1, 1]
    assert len(calls) == 2
    release(picture)
    assert derived._STORES == {}  # noqa: SLF001  nothing is left behind
    once(picture, "half", lambda: halves(picture))
    once(picture, "half", lambda: halves(picture))
    assert len(calls) == 4


def test_of_other_pictures_nothing_is_kept() -> None:
    picture, calls = np.zeros(4, np.uint8), []
    for _ in range(2):
        once(picture, "name", lambda: calls.append(1))
    assert len(calls) == 2
    assert derived._STORES == {}  # noqa: SLF001


def test_what_ends_after_the_release_is_not_kept() -> None:
    picture = np.zeros(4, np.uint8)
    keep(picture)

    def work() -> np.ndarray:
        release(picture)
        return picture + 1

    assert once(picture, "more", work).tolist() == [1, 1, 1, 1]
    assert derived._STORES == {}  # noqa: SLF001


def test_a_fault_leaves_the_next_try_free() -> None:
    picture = np.zeros(4, np.uint8)
    keep(picture)
    with pytest.raises(ZeroDivisionError):
        once(picture, "name", lambda: 1 // 0)
    assert once(picture, "name", lambda: 7) == 7
    release(picture)
