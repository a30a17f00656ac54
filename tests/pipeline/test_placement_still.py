"""A page of which most lies still is asked for no motion; one that moved is."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from diffspot.model import Registration
from diffspot.pipeline.placement import find_motion
from diffspot.pipeline.preparation import luminance
from diffspot.pipeline.registration import interface
from diffspot.pipeline.registration.auto import Choice
from diffspot.pipeline.registration.interface import LEAST_STILL, unmoved_agreement
from tests.pipeline.layout.pages import page, stacked

PAGE = stacked(page())[:900]
MOVED = np.asarray(cv2.warpAffine(PAGE, np.array([[1, 0, 0.5], [0, 1, 0]]), PAGE.shape[1::-1], borderValue=(255,) * 3))


@pytest.mark.parametrize(("share", "asked"), [(0.3, False), (1.0, True)])
def test_a_page_that_lies_still_is_asked_for_no_motion(
    share: float,
    asked: bool,  # noqa: FBT001 - a column of the table
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    candidate, columns = PAGE.copy(), int(share * PAGE.shape[1])
    candidate[:, :columns] = MOVED[:, :columns]
    agreeing = unmoved_agreement(luminance(PAGE), luminance(candidate))
    assert (agreeing < LEAST_STILL) == asked
    asks: list[tuple[str, ...]] = []

    def choose(_: object, models: tuple[str, ...]) -> Choice:
        asks.append(models)
        return Choice("none", np.eye(3), 0.5)

    monkeypatch.setattr(interface, "choose", choose)
    motion = find_motion(PAGE, candidate, align="auto", rendered=True)
    assert isinstance(motion, Registration)
    assert motion.method == "none"
    assert asks == [("translation", "euclidean", "similarity")] * asked
