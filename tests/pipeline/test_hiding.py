"""What is ignored has no say in the result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage import data

from diffspot import compare
from diffspot.errors import OptionError
from tests.pictures import page
from tests.sweep import sweep

if TYPE_CHECKING:
    from diffspot import PairResult

CAT = np.ascontiguousarray(data.chelsea()[:200, :300])
BOX = (100, 40, 60, 50)
INSIDE = np.s_[40:90, 100:160]


def seen(result: PairResult) -> tuple[object, ...]:
    """All that a comparison found."""
    return result.status, result.regions, result.threshold, result.tolerance, result.normalization


@pytest.mark.parametrize("ignore", [[BOX], [("30%", "20%", "25%", "30%")]])
def test_a_change_inside_is_none(ignore: list[object]) -> None:
    candidate = CAT.copy()
    candidate[INSIDE] = 255
    assert compare(CAT, candidate).status == "different"
    result = compare(CAT, candidate, ignore=ignore)
    assert (result.status, result.regions) == ("same", ())
    assert result.ignored is not None
    assert 0.05 <= result.ignored <= 0.08
    assert result.registration is not None
    assert result.registration.method == "none"


def test_without_an_ignored_area_the_share_is_null() -> None:
    assert compare(CAT, CAT).ignored is None
    assert compare(CAT, CAT, ignore=[BOX]).ignored == 0.05


@pytest.mark.parametrize("metric", sweep(["absdiff", "ssim"]))
@settings(derandomize=True, deadline=None, max_examples=8)
@given(seed=st.integers(0, 99), noise=st.sampled_from([0, 3]), blur=st.sampled_from(["auto", 2.0]))
def test_what_the_candidate_shows_inside_changes_nothing(metric: str, seed: int, noise: int, blur: object) -> None:
    rng = np.random.default_rng(seed)
    grain = np.rint(rng.normal(0, noise, CAT.shape))
    candidate = np.clip(CAT + grain, 0, 255).astype(np.uint8)
    candidate[120:150, 200:240] = 20
    options: dict[str, Any] = {"ignore": [BOX], "metric": metric, "blur": blur, "align": "none"}
    without = compare(CAT, candidate, **options)
    candidate[INSIDE] = rng.integers(0, 256, 3)
    candidate[INSIDE][: 10 + seed // 4] = rng.integers(0, 256, (10 + seed // 4, 60, 3))
    assert seen(compare(CAT, candidate, **options)) == seen(without)
    assert without.status == "different"


def test_a_region_is_judged_by_what_lies_outside() -> None:
    candidate = CAT.copy()
    candidate[60:70, 150:170] = 255  # half inside
    whole, half = compare(CAT, candidate), compare(CAT, candidate, ignore=[BOX])
    (x, _, w, _) = half.regions[0].bbox
    assert (x, w) == (160, 10)
    assert half.regions[0].area < whole.regions[0].area
    assert compare(CAT, candidate, ignore=[BOX], dilation=9).regions[0].bbox[0] == 160
    assert compare(CAT, candidate, ignore=[BOX], min_area=120).status == "same"


def test_only_is_the_other_way_round() -> None:
    candidate = CAT.copy()
    candidate[INSIDE] = 255
    candidate[150:160, 20:40] = 0
    (region,) = compare(CAT, candidate, only=[(0, 140, 300, 60)]).regions
    assert region.bbox == (20, 150, 20, 10)


@pytest.mark.parametrize(
    ("ignore", "area"),
    [((0, 190, 300, 20), None), ((0, 190, 150, 20), 6000), ((0, 10, 300, 20), 12000)],
)
def test_inserted_rows_count_by_the_seam_outside(ignore: tuple[int, ...], area: int | None) -> None:
    reference = page()
    candidate = np.concatenate([reference[:200], np.full((40, 300, 3), 90, np.uint8), reference[200:]])
    result = compare(reference, candidate, ignore=[ignore])
    assert [region.area for region in result.regions] == ([] if area is None else [area])


def test_everything_ignored_is_an_error_whatever_the_sizes() -> None:
    with pytest.raises(OptionError, match="leave nothing to compare"):
        compare(CAT, CAT[:90, :70] // 2, ignore=[(0, 0, "100%", "100%")])


def test_nothing_left_of_what_the_candidate_covers_is_an_error() -> None:
    candidate = CAT[:100].copy()
    candidate[:50] = 0
    with pytest.raises(OptionError, match="covers nothing"):
        compare(CAT, candidate, only=[(0, 150, 300, 50)], align="none")
