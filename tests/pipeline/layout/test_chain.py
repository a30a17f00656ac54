"""The best chain of bands, against trying every chain."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from diffspot.pipeline.layout.chain import BAND_PRICE, STEP_PRICE, STRIDE, best_chain, best_staircase


def test_follows_the_offset_that_holds() -> None:
    scores = np.full((3, 90), -1, np.float32)
    scores[1, :40], scores[2, 40:] = 1, 1
    chain = best_chain(scores, np.zeros(90, np.float32), [-20, 0, 20])
    assert chain.starts == ((0, 1), (40, 2))
    assert chain.score == pytest.approx(90 - BAND_PRICE)


def test_lines_are_left_out_where_they_were_removed() -> None:
    scores = np.full((2, 90), -1, np.float32)
    scores[1, :40], scores[0, 60:] = 1, 1
    chain = best_chain(scores, np.full(90, -0.1, np.float32), [-20, 0])
    assert chain.starts == ((0, 1), (60, 0))
    assert chain.score == pytest.approx(70 - 20 * 0.1 - BAND_PRICE)


def test_a_band_that_does_not_pay_is_left_out() -> None:
    scores = np.zeros((2, 50), np.float32)
    scores[0], scores[1, 20 : 20 + int(BAND_PRICE)] = 0.3, 1
    assert best_chain(scores, np.zeros(50, np.float32), [0, 7]).starts == ((0, 0),)


@pytest.mark.parametrize("seed", range(6))
def test_no_chain_of_two_bands_is_better(seed: int) -> None:
    rng = np.random.default_rng(seed)
    offsets, scores = [-3, 0, 4], rng.uniform(-1, 1, (3, 60)).astype(np.float32) * 3
    unseen = -rng.uniform(0, 1, 60).astype(np.float32)
    best = max(float(scores[index].sum()) for index in range(3))
    for before, after in product(range(3), repeat=2):
        gap = max(0, offsets[before] - offsets[after])
        for start in range(gap, 60 if before != after else 0):
            kept = scores[before, : start - gap].sum() + unseen[start - gap : start].sum() + scores[after, start:].sum()
            best = max(best, float(kept) - BAND_PRICE)
    assert best_chain(scores, unseen, offsets).score >= best - 1e-4


def test_a_staircase_has_as_many_steps_as_pay() -> None:
    steps, height = 20, 4 * STRIDE
    scores = np.full((steps, steps * height), -1, np.float32)
    for step in range(steps):
        scores[step, step * height : (step + 1) * height] = 1
    chain = best_staircase(scores, np.zeros(steps * height, np.float32), list(range(steps)))
    assert chain.starts == tuple((step * height, step) for step in range(steps))
    assert chain.score == pytest.approx(steps * height - (steps - 1) * STEP_PRICE)


def test_a_staircase_that_goes_up_leaves_out_lines() -> None:
    scores = np.full((2, 20 * STRIDE), -1, np.float32)
    scores[1, : 10 * STRIDE - 1], scores[0, 10 * STRIDE :] = 1, 1
    unseen = np.full(20 * STRIDE, -0.5, np.float32)
    chain = best_staircase(scores, unseen, [-1, 0])
    assert chain.starts == ((0, 1), (10 * STRIDE, 0))
    assert chain.score == pytest.approx(20 * STRIDE - 1 - 0.5 - STEP_PRICE)
