"""The joined areas of a mask, and which boxes cover it."""

from __future__ import annotations

import numpy as np

from diffspot.backends import get_backend
from diffspot.pipeline.areas import joined_areas
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
