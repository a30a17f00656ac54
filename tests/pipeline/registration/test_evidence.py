"""What a motion leaves of two pictures is worked out once, whatever it is held to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from diffspot.pipeline.preparation import luminance
from diffspot.pipeline.registration import evidence
from diffspot.pipeline.registration.evidence import KERNEL, PUSHES, Residuals
from diffspot.pipeline.registration.pair import Pair
from diffspot.pipeline.registration.refine import residual, spread
from tests.pipeline.registration import scenes

if TYPE_CHECKING:
    import pytest


def test_residuals_are_worked_out_once_for_all_scales(monkeypatch: pytest.MonkeyPatch) -> None:
    picture = luminance(scenes.photo("coffee"))[:200, :300]
    level = Pair(picture, np.roll(picture, 2, axis=1)).levels[0]
    scales, sides = (0.1, 0.4), [np.eye(3), *PUSHES]
    left = [residual(level.points, level.moving, matrix) for matrix in sides]
    shares = [
        [np.where(inside, np.maximum(1 - (error / (KERNEL * scale)) ** 2, 0), 0.3) for error, inside in left]
        for scale in scales
    ]
    asked = []
    monkeypatch.setattr(evidence, "residual", lambda *given: asked.append(given) or residual(*given))
    of = Residuals(level.points, level.moving, np.eye(3))
    for scale, (own, *aside) in zip(scales, shares, strict=True):
        np.testing.assert_array_equal(of.weigh(scale, 0.3).explained, own.astype(np.float32))
        pushed = [share[inside].mean() for share, (_, inside) in zip(aside, left[1:], strict=True)]
        np.testing.assert_allclose(of.by_chance(scale), np.mean(pushed), rtol=1e-5)  # which adds up float32
    assert of.scale() == spread(left[0][0][left[0][1]])
    assert len(asked) == len(sides)
