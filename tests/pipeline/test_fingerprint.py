"""Fingerprints of changes: equal for equal changes, and for no others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from diffspot.model import Image, Region
from diffspot.pipeline.fingerprint import fingerprint

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.model import Box, Kind


def noise(seed: int, channels: int = 3) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 100, (60, 80, channels), np.uint8)


def region(bbox: Box, candidate_bbox: Box | None = None, kind: Kind = "content") -> Region:
    return Region(bbox=bbox, candidate_bbox=candidate_bbox or bbox, kind=kind, area=9, peak=0.5, mean=0.5)


def edited(pixels: NDArray[np.uint8], box: Box, by: int = 50) -> NDArray[np.uint8]:
    x, y, width, height = box
    after = pixels.copy()
    after[y : y + height, x : x + width] += by
    return after


def mark(before: NDArray[np.uint8], after: NDArray[np.uint8], *regions: Region) -> str:
    return fingerprint(Image(before), Image(after), regions)


LOGO = (5, 6, 12, 8)
HERE = mark(noise(1), edited(noise(1), LOGO), region(LOGO))


def test_the_same_edit_of_other_pictures_is_the_same_change() -> None:
    assert mark(noise(2), edited(noise(2), LOGO), region(LOGO)) == HERE


def test_where_it_lies_does_not_count() -> None:
    there = (50, 40, *LOGO[2:])
    assert mark(noise(2), edited(noise(2), there), region(there)) == HERE


def test_a_moved_candidate_is_read_where_its_box_lies() -> None:
    rolled = np.roll(edited(noise(1), LOGO), (9, 4), axis=(0, 1))
    assert mark(noise(1), rolled, region(LOGO, (9, 15, 12, 8))) == HERE


def test_order_of_regions_does_not_count() -> None:
    other = (40, 30, 7, 7)
    after = edited(edited(noise(1), LOGO), other, by=20)
    regions = region(LOGO), region(other)
    assert mark(noise(1), after, *regions) == mark(noise(1), after, *reversed(regions)) != HERE


@pytest.mark.parametrize(
    ("box", "by"),
    [(LOGO, 51), ((5, 6, 13, 8), 50), ((5, 6, 8, 12), 50)],
    ids=["other colour", "wider", "turned"],
)
def test_another_edit_is_another_change(box: Box, by: int) -> None:
    assert mark(noise(1), edited(noise(1), box, by), region(box)) != HERE


def test_red_and_blue_are_not_the_same_change() -> None:
    white = np.full((20, 20, 3), 255, np.uint8)
    red, blue = white.copy(), white.copy()
    red[5:9, 5:9] = 255, 0, 0
    blue[5:9, 5:9] = 0, 0, 255
    box = region((5, 5, 4, 4))
    assert mark(white, red, box) != mark(white, blue, box)


@pytest.mark.parametrize(("kind", "own"), [("inserted-rows", 1), ("removed-rows", 0)])
def test_inserted_and_removed_rows_count_alone(kind: Kind, own: int) -> None:
    banner, seam = (0, 10, 80, 5), (0, 10, 80, 1)
    boxes = (seam, banner) if own else (banner, seam)
    pictures = [noise(1), noise(2)]
    others = [noise(3), noise(4)]
    others[own][10:15] = pictures[own][10:15]
    first = mark(*pictures, region(*boxes, kind=kind))
    assert first == mark(*others, region(*boxes, kind=kind))
    others[own][12] += 1
    assert first != mark(*others, region(*boxes, kind=kind))


def test_forms_may_differ_and_boxes_may_stick_out() -> None:
    grey, colour = noise(1, 1), np.repeat(edited(noise(1, 1), LOGO), 3, axis=2)
    assert mark(grey, colour, region(LOGO)) == mark(np.repeat(grey, 3, axis=2), colour, region(LOGO))
    assert mark(grey, colour, region(LOGO, (-3, -2, 12, 8))) != HERE
