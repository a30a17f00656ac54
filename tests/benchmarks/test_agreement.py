"""Boxes made by hand, with answers worked out by hand."""

from __future__ import annotations

import pytest

from benchmarks.agreement import Agreement, agree, overlap

pytestmark = pytest.mark.slow
TRUE = (100, 100, 40, 20)
ELSEWHERE = (300, 300, 10, 10)
SEAM = (0, 200, 800, 1)


@pytest.mark.parametrize(
    ("true", "found", "counts"),
    [
        # recalled, right, matched
        pytest.param([TRUE], [TRUE], (1, 1, 1), id="the same box"),
        pytest.param([TRUE], [], (0, 0, 0), id="missed"),
        pytest.param([TRUE], [ELSEWHERE], (0, 0, 0), id="elsewhere"),
        pytest.param([TRUE], [(100, 100, 20, 20)], (1, 1, 1), id="half of it"),
        pytest.param([TRUE], [(100, 100, 19, 20)], (0, 1, 1), id="a bit less than half"),
        pytest.param([TRUE], [(90, 90, 60, 40)], (1, 1, 1), id="10 px too wide: 800 of 2400 px"),
        pytest.param([TRUE], [(50, 50, 200, 200)], (1, 0, 0), id="far too wide"),
        pytest.param([TRUE], [(100, 100, 20, 20), (120, 100, 20, 20)], (1, 2, 1), id="in two"),
        pytest.param([TRUE], [(146, 100, 6, 20)], (0, 1, 0), id="within 12 px of it"),
        pytest.param([TRUE], [(153, 100, 6, 20)], (0, 0, 0), id="further than 12 px from it"),
        pytest.param([SEAM], [(0, 208, 800, 1)], (1, 1, 1), id="a seam 8 px lower"),
        pytest.param([SEAM], [(0, 240, 800, 1)], (0, 0, 0), id="a seam 40 px lower"),
        pytest.param([SEAM], [(0, 190, 800, 30)], (1, 1, 1), id="a band about a seam"),
    ],
)
def test_counts(true: list[tuple[int, ...]], found: list[tuple[int, ...]], counts: tuple[int, ...]) -> None:
    got = agree(true, found)  # type: ignore[arg-type]
    assert (got.recalled, got.right, got.matched) == counts
    assert (got.true, got.found, got.unchanged, got.errors) == (len(true), len(found), 0, 0)


def test_one_found_box_matches_one_true_box_only() -> None:
    got = agree([TRUE, (104, 100, 40, 20)], [(102, 100, 40, 20)])
    assert (got.recalled, got.right, got.matched) == (2, 1, 1)


@pytest.mark.parametrize(("found", "clean"), [([], 1), ([ELSEWHERE], 0), (None, 0)])
def test_an_unchanged_pair_is_clean_when_nothing_is_found(
    found: list[tuple[int, int, int, int]] | None, clean: int
) -> None:
    got = agree([], found)
    assert (got.unchanged, got.clean, got.errors) == (1, clean, int(found is None))


def test_shares_over_several_pairs() -> None:
    got = agree([TRUE, ELSEWHERE], [TRUE]) + agree([TRUE], [TRUE, ELSEWHERE]) + agree([], [])
    assert got.pairs == 3
    assert got.recall == pytest.approx(2 / 3)
    assert got.precision == pytest.approx(2 / 3)
    assert got.f1 == pytest.approx(2 / 3)
    assert got.tight_f1 == pytest.approx(2 / 3)
    assert got.clean_share == 1.0


def test_nothing_compared_has_no_clean_share() -> None:
    assert Agreement().clean_share is None


@pytest.mark.parametrize(
    ("one", "other", "share"),
    [
        ((0, 0, 10, 10), (0, 0, 10, 10), 1.0),
        ((0, 0, 10, 10), (5, 0, 10, 10), 1 / 3),
        ((0, 0, 10, 10), (10, 0, 10, 10), 0.0),
        ((0, 0, 10, 10), (2, 2, 5, 5), 0.25),
    ],
)
def test_overlap(one: tuple[int, int, int, int], other: tuple[int, int, int, int], share: float) -> None:
    assert overlap(one, other) == pytest.approx(share)
    assert overlap(other, one) == pytest.approx(share)
