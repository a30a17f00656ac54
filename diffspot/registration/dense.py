"""A small smooth displacement field on top of a registration: boards, prints and parts whose pieces moved a little apart.

Dense inverse search, Kroeger 2016, doi:10.1007/978-3-319-46493-0_29; smoothed far beyond the size of a real change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from diffspot.registration.evidence import by_chance, gain, scale_of, weigh
from diffspot.registration.pair import LEAST_GRADIENT, POINTS
from diffspot.registration.pictures import grey, noise, strongest_points, structure

if TYPE_CHECKING:
    from diffspot.registration.pictures import Grey, Picture

Pixels = NDArray[np.uint8] | NDArray[np.float32]

FARTHEST = 3.0  # px a piece may move beyond the registration; more is a real change
SMOOTHNESS = (
    20.0  # px, sigma; wider than most planted changes, narrower than the pieces that move together
)
STEEPEST = (
    200.0  # grey levels of Sobel slope that already have full weight; flat areas follow their edges
)
LEAST_GAIN = (
    0.05  # share of the structure the field must explain beyond the registration to be used
)
LEAST_T = 3.0  # standard errors over blocks of the picture


def displacement(reference: Picture, registered: Picture) -> NDArray[np.float32] | None:
    """Return (H, W, 2) float32, px (x, y) from a reference pixel to its place in the registered candidate, None unless it pays.

    reference, registered: uint8 of one size, the second resampled onto the first.
    """
    here, there = grey(reference), grey(registered)
    if min(here.shape) < 32:
        return None
    field = _smooth_flow(here, there)
    moved = apply_displacement(there, field)
    return field if _pays(here, there, moved) else None


def apply_displacement(picture: Pixels, field: NDArray[np.float32]) -> Pixels:
    """Return the picture resampled (bicubic) so that it lies on the reference; shape and dtype stay."""
    rows, cols = np.indices(field.shape[:2], dtype=np.float32)
    x, y = cols + field[..., 0], rows + field[..., 1]
    moved = cv2.remap(picture, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved, picture.dtype)


def _smooth_flow(here: Grey, there: Grey) -> NDArray[np.float32]:
    """Return the flow from the reference, averaged with the slope as weight."""
    finder = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
    flow = finder.calc(
        here.astype(np.uint8), there.astype(np.uint8), np.zeros((*here.shape, 2), np.float32)
    )
    slope = np.hypot(cv2.Sobel(here, cv2.CV_32F, 1, 0), cv2.Sobel(here, cv2.CV_32F, 0, 1))
    weight = np.minimum(slope, STEEPEST) + np.float32(1)
    total = cv2.GaussianBlur(weight, (0, 0), SMOOTHNESS)
    sides = [cv2.medianBlur(np.ascontiguousarray(flow[..., i]), 5) for i in (0, 1)]
    smooth = [
        cv2.GaussianBlur(np.clip(s, -FARTHEST, FARTHEST) * weight, (0, 0), SMOOTHNESS) / total
        for s in sides
    ]
    return np.stack(smooth, axis=2).astype(np.float32)


def _pays(here: Grey, there: Grey, moved: Pixels) -> bool:
    """Tell whether the field explains clearly more of the reference's structure than the registration alone."""
    grain, still = noise(here), np.eye(3)
    points = strongest_points(structure(here, grain), POINTS, LEAST_GRADIENT)
    plain, better = structure(there, grain), structure(np.asarray(moved, np.float32), grain)
    scale = min(scale_of(points, p, still) for p in (plain, better))
    chance = by_chance(points, plain, still, scale)
    told = [weigh(points, p, still, scale, chance) for p in (better, plain)]
    more, t = gain(told[0], told[1], points, (here.shape[0], here.shape[1]))
    return more >= LEAST_GAIN and t >= LEAST_T
