"""A page of which most lies still is asked for no motion; one that moved is."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from diffspot.model import Registration
from diffspot.pipeline.placement import find_motion
from diffspot.pipeline.preparation import luminance
from diffspot.pipeline.registration.interface import LEAST_STILL, register, unmoved_agreement
from tests.pipeline.layout.pages import page, stacked

PAGE = stacked(page())[:900]
MOVED = np.asarray(cv2.warpAffine(PAGE, np.array([[1, 0, 0.5], [0, 1, 0]]), PAGE.shape[1::-1], borderValue=(255,) * 3))


@pytest.mark.parametrize(("share", "asked"), [(0.3, False), (1.0, True)])
def test_a_page_that_lies_still_is_asked_for_no_motion(
    share: float,
    asked: bool,  # noqa: FBT001 - a column of the table
) -> None:
    candidate, columns = PAGE.copy(), int(share * PAGE.shape[1])
    candidate[:, :columns] = MOVED[:, :columns]
    agreeing = unmoved_agreement(luminance(PAGE), luminance(candidate))
    assert (agreeing < LEAST_STILL) == asked
    motion = find_motion(PAGE, candidate, align="auto", rendered=True)
    assert isinstance(motion, Registration)
    if asked:
        assert motion.method == "translation"
        assert np.allclose(motion.matrix, [[1, 0, -0.5], [0, 1, 0], [0, 0, 1]], atol=0.1)
    else:
        assert (motion.method, motion.confidence) == ("none", round(agreeing, 3))


@pytest.mark.parametrize(("drawn", "method"), [(True, "similarity"), (False, "affine")])
def test_a_drawn_page_is_asked_for_no_motion_that_changes_shapes(
    drawn: bool,  # noqa: FBT001 - a column of the table
    method: str,
) -> None:
    stretched = np.array([[1.01, 0, 0], [0, 1 / 1.01, 0]])
    candidate = cv2.warpAffine(PAGE, stretched, PAGE.shape[1::-1], flags=cv2.INTER_CUBIC, borderValue=(255,) * 3)
    pair = luminance(PAGE), luminance(np.asarray(candidate, np.uint8))
    assert register(*pair, method="auto", drawn=drawn).method == method
