"""A pair's time is up between the steps of its comparison."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from diffspot import compare
from diffspot.errors import TimeLimitError
from diffspot.pipeline.deadline import check_deadline, deadline

PAST = -1.0


def test_time_is_up_within_the_block_alone() -> None:
    with (
        deadline(PAST, "a.png"),
        pytest.raises(TimeLimitError, match=r"^a\.png took longer than the -1 s of --timeout"),
    ):
        check_deadline()
    check_deadline()
    with deadline(None, "a.png"):
        check_deadline()
    with deadline(3600, "a.png"):
        check_deadline()


def test_other_threads_have_their_own() -> None:
    with deadline(PAST, "a.png"):
        thread = threading.Thread(target=check_deadline)
        thread.start()
        thread.join()


def test_a_comparison_ends_between_its_steps(rng: np.random.Generator) -> None:
    reference, candidate = rng.integers(0, 255, (2, 60, 80, 3), np.uint8)
    with pytest.raises(TimeLimitError, match=r"^array took longer than the 0\.001 s of --timeout; raise it or leave"):
        compare(reference, candidate, timeout=0.001)
    assert compare(reference, candidate, timeout=3600) == compare(reference, candidate)
