"""Every metric, filter and measure through the whole pipeline: odd kinds of pictures, and tiny ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import diffspot
from tests.pipeline.metrics.asked import GIVEN

if TYPE_CHECKING:
    from numpy.typing import NDArray

WAYS: list[dict[str, Any]] = [
    *({"metric": name} for name in GIVEN),
    *({"metric": name, "score": "gradient"} for name in ("absdiff", "ssim", "ms-ssim")),
    {"metric": "tiles", "tile": 7, "tile_match": "pearson"},
    {"channels": "mean"},
    {"filter": "lowpass=0.8"},
    {"filter": "highpass=0.05"},
    {"normalize": "stretch"},
    {"blur": "1%"},
]
ALL = ("mse", "psnr", "ssim", "ms-ssim", "ncc", "norm")


def name_of(way: dict[str, Any]) -> str:
    return ",".join(f"{name}={value}" for name, value in way.items())


def page(height: int, width: int, channels: int, dtype: type[np.unsignedinteger[Any]]) -> NDArray[Any]:
    full = int(np.iinfo(dtype).max)
    picture = np.full((height, width, channels), full, dtype)
    picture[20:80:9, 20 : width - 20, : max(1, channels - (channels % 2 == 0))] = full // 5
    return picture


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS, ids=name_of)
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_a_spot_is_found_in_every_kind_of_picture(
    way: dict[str, Any], dtype: type[np.unsignedinteger[Any]], channels: int
) -> None:
    reference = page(120, 160, channels, dtype)
    candidate = reference.copy()
    candidate[90:106, 60:84, 0] = np.iinfo(dtype).max // 5
    candidate[94:98, 60:84, 0] = np.iinfo(dtype).max
    result = diffspot.compare(reference, candidate, measure=ALL, **way)
    assert result.status == "different"
    x, y, width, height = max(result.regions, key=lambda region: region.area).bbox
    assert x <= 72 <= x + width
    assert y <= 98 <= y + height
    assert all(value is not None for value in result.measures.values())
    assert diffspot.compare(reference, reference.copy(), **way).status == "same"


@pytest.mark.parametrize("way", WAYS, ids=name_of)
def test_tiny_pictures(way: dict[str, Any]) -> None:
    rng = np.random.default_rng(1)
    for height, width in ((1, 1), (1, 20), (3, 2), (7, 11), (20, 20)):
        picture = rng.integers(0, 100, (height, width, 3), dtype=np.uint8)
        options = {"threshold": 0.01, "align": "none"} | way
        result = diffspot.compare(picture, picture + np.uint8(120), layout="HWC", measure=ALL, **options)
        assert result.status in ("same", "different")
        assert result.size == (width, height)
        assert result.measures["mse"] is not None


@pytest.mark.parametrize("metric", ["ssim", "ms-ssim", "ncc", "flip"])
def test_what_a_metric_alone_sees_on_an_even_page_is_found(metric: str) -> None:
    """Stripes of five levels, which score high where nothing else is, though no pixel of them differs by much."""
    reference = page(120, 160, 3, np.uint8)
    candidate = reference.copy()
    for picture, start in ((reference, 60), (candidate, 64)):
        for x in range(start, 120, 8):
            picture[92:104, x : x + 4] -= np.uint8(5)
    (region,) = diffspot.compare(reference, candidate, metric=metric).regions
    assert region.kind == "content"
    assert np.allclose(region.bbox, (60, 92, 60, 12), atol=2)
