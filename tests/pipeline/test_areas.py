"""The joined areas of a mask, and which boxes cover it."""

from __future__ import annotations

import cv2
import numpy as np

from diffspot.backends import get_backend
from diffspot.pipeline.areas import joined_areas, large_areas
from diffspot.pipeline.noise import to_scores

HOST = get_backend("numpy")


def test_areas_are_found_where_they_lie_as_on_the_whole() -> None:
    rng, found = np.random.default_rng(0), 0
    for _ in range(20):
        mask = np.zeros((700, 900), bool)
        for y, x in rng.integers(0, (690, 890), (int(rng.integers(1, 9)), 2)):
            mask[y : y + 10, x : x + 10] = rng.random((10, 10))[: 700 - y, : 900 - x] < 0.3
        levels = rng.integers(0, 256, mask.shape).astype(np.uint8)
        labels, count = HOST.label(mask, 6)
        whole = {box: rest for box, *rest in HOST.components(labels, count, to_scores(levels)).of(0)}
        areas = list(joined_areas(mask, levels, 12))
        assert len(areas) == count
        for (box, area, *scores), own in areas:
            x, y, w, h = box
            assert area == whole[box][0] == np.count_nonzero(own)
            assert np.allclose(scores, whole[box][1:])
            assert not (own & ~mask[y : y + h, x : x + w]).any()
        found += count
    assert found > 60


def test_large_areas_are_those_of_the_whole_table() -> None:
    rng, found = np.random.default_rng(1), 0
    for _ in range(30):
        mask = rng.random(rng.integers(1, 60, 2)) < rng.uniform(0, 0.7)
        _, labels, table, _ = cv2.connectedComponentsWithStats(mask.view(np.uint8), connectivity=4)
        large = [number for number in range(1, len(table)) if table[number, cv2.CC_STAT_AREA] >= 5]
        areas = list(large_areas(mask, 5))
        assert [box for box, _ in areas] == [tuple(table[number, :4].tolist()) for number in large]
        for number, (_, own) in zip(large, areas, strict=True):
            np.testing.assert_array_equal(own, labels == number)
        found += len(areas)
    assert found > 60
