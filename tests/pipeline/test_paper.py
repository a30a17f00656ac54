"""Paper as even as a rendered page: scans of it are brought into one light, pages that lie still are not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from diffspot import compare
from diffspot.pipeline.layout import looks_rendered

if TYPE_CHECKING:
    from numpy.typing import NDArray

DARKER = 0.94
"""Share of the light under which the second scan was made."""


def sheet(*, changed: bool) -> NDArray[np.uint8]:
    """Twelve numbers of thin strokes; the fourth begins with another digit where it changed."""
    paper = np.full((300, 400, 3), 250, np.uint8)
    for number, text in enumerate(["1407", "2319", "8850", "5731" if changed else "7731"] * 3):
        shown = text if number == 3 else text.replace("5731", "7731")
        where = 20 + 130 * (number % 3), 50 + 60 * (number // 3)
        cv2.putText(paper, shown, where, cv2.FONT_HERSHEY_SIMPLEX, 0.8, (30, 30, 30), 1, cv2.LINE_AA)
    return paper


def scanned(paper: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The sheet once more, darker, turned by 0.4 degrees and on a larger picture."""
    turn = cv2.getRotationMatrix2D((200, 150), 0.4, 1)
    turned = cv2.warpAffine(paper, turn, (406, 304), borderValue=(250, 250, 250))
    return np.asarray(np.rint(turned * DARKER), np.uint8)


def test_scans_on_even_paper_are_compared_in_one_light() -> None:
    first, same, other = sheet(changed=False), scanned(sheet(changed=False)), scanned(sheet(changed=True))
    assert looks_rendered(first)
    assert looks_rendered(same)
    assert compare(first, same).status == "same"
    result = compare(first, other)
    assert result.registration
    assert result.registration.method not in ("none", "layout")
    assert result.normalization
    assert result.threshold is not None
    assert result.threshold < 0.08  # the light alone makes it 0.17
    (region,) = result.regions
    x, y, *_ = region.bbox
    assert (abs(x - 20) < 8, abs(y - 92) < 8) == (True, True)


def test_the_ground_of_a_page_that_lies_still_is_content() -> None:
    first = sheet(changed=False)
    assert compare(first, np.asarray(np.rint(first * DARKER), np.uint8)).status == "different"
