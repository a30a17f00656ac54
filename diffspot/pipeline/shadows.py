"""Shadows and light that falls off: smooth changes of brightness with soft borders, evened out place by place."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import cv2
import numpy as np

from diffspot.backends.channels import mean, reduced
from diffspot.pipeline.areas import large_areas
from diffspot.pipeline.cells import CELL, around, cells_inside, in_px, pair_means
from diffspot.pipeline.verdict.interface import Tally

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend
    from diffspot.model import Box, Forgiven
    from diffspot.pipeline.pair import RegisteredPair

WITHOUT_DETAILS = 5
"""Cells, side of the median that drops parts which are there in one picture only."""
DARKNESS = 4.0
"""Grey levels added to both means: ratios of black say nothing."""
DIMMED = 0.02
"""Logarithm of the ratio of brightness from which the light is another one."""
LEAST_LEVELS = 4.0
"""Grey levels that a shadow changes at its strongest; what changes less is no region anyway."""
LEAST_CELLS = 25
"""Cells that a shadow covers: smaller soft spots are parts out of focus."""
STEEPEST = 0.3
"""Share of its strength by which a shadow changes from cell to cell at most; a border of content takes a half."""
RIM, MOSTLY = 5, 0.95
"""Cells, side of the square that finds the rim, which is soft all around; and share of all cells that change slowly:
the others may hold the border of an object that lies in the shadow."""
SAME_COLOUR = 0.5
"""Share of its strength by which a shadow differs between the channels; a stain differs by all of it."""
FEW, SMALL = 2, 0.4
"""Soft areas that are light although each is small and lies within the picture, if there are more; and share of the
picture's shorter side that such an area measures at most: light comes from outside and reaches further, a spot that is
warm, wet or stained has all of its border here."""
BORDER = 2
"""Cells on both sides of the border of a shadow that belong to its rim."""
UNTOUCHED = 0.2
"""Share of the cells that are equal to the bit: other light changes nearly every cell of a photo, an edit does not."""


class Shadow(NamedTuple):
    """A place where the light was evened out.

    Attributes:
        box: in px of the reference.
        levels: (N,) grey levels by which its cells changed.
        rim: boxes, px, of what lies along its border, where a thin rest of it is left.
    """

    box: Box
    levels: NDArray[np.float32]
    rim: list[Box]


def rim_of(area: NDArray[np.bool_], place: tuple[slice, slice], shape: tuple[int, ...]) -> list[Box]:
    """Boxes of the cells along the border of an area, run by run in each row, in px of a picture of that shape.

    Args:
        area: (h, w) bool of cells.
        place: rows and columns in which these lie.
        shape: (H, W) px.
    """
    cells, square = area.astype(np.uint8), np.ones((2 * BORDER + 1, 2 * BORDER + 1), np.uint8)
    border = cv2.dilate(cells, square) > cv2.erode(cells, square)
    top, left = place[0].start, place[1].start
    steps = np.diff(np.pad(border, ((0, 0), (1, 1))).view(np.int8), axis=1)
    runs = zip(np.argwhere(steps > 0).tolist(), np.argwhere(steps < 0).tolist(), strict=True)
    return [in_px((left + x, top + y, end - x, 1), shape) for (y, x), (_, end) in runs]


def even_light(pair: RegisteredPair, backend: Backend) -> tuple[RegisteredPair, list[Shadow]]:
    """Takes soft shadows, and soft bright spots, out of the candidate.

    A change of light multiplies whatever lies below it and fades out over many pixels; what was exchanged, added or
    removed has a border. So areas of one sign are evened out where their strength changes slowly all over.

    Args:
        pair: a single one of photos or scans, in one light on the whole.
        backend: what the arrays live on.

    Returns:
        The pair, and what was evened out.
    """
    means = means_in_other_light(pair, backend)
    if means is None or min(means[2].shape) < WITHOUT_DETAILS:
        return pair, []
    reference, candidate, inside = means
    ratios = nearest(np.log((reference + DARKNESS) / (candidate + DARKNESS)), inside)
    smooth = np.dstack([cv2.medianBlur(plane, WITHOUT_DETAILS) for plane in np.moveaxis(ratios, 2, 0)])
    strength = mean(smooth)
    levels = np.abs(strength * mean(reference))
    shadows, light = [], np.zeros_like(smooth)
    areas = list(_soft_areas(smooth, strength, levels))
    lone = len(areas) <= FEW
    for box, place, own in areas:
        if lone and _is_spot(box, strength.shape):
            continue
        rim = rim_of(own, place, pair.valid.shape)
        shadows.append(Shadow(in_px(box, pair.valid.shape), levels[place][own], rim))
        light[place][own] = smooth[place][own]
    if not shadows:
        return pair, []
    lit = backend.select(pair.valid, _multiplied(pair.candidate, light, backend), pair.reference)
    return replace(pair, candidate=lit, difference=backend.absdiff(pair.reference, lit)), shadows


def forgiven_light(shadows: Sequence[Shadow], limit: float) -> tuple[Forgiven, ...]:
    """What was evened out of the places that would differ by `limit` grey levels and more."""
    tally = Tally()
    for shadow in shadows:
        tally.add("light", shadow.box, int(np.count_nonzero(shadow.levels >= limit)) * CELL**2)
    return tally.forgiven()


def means_in_other_light(
    pair: RegisteredPair, backend: Backend
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.bool_]] | None:
    """What `pair_means` gives; None where too many cells are equal to the bit for the light to be another one."""
    # Each px makes one cell unequal at most: where few differ, there is no need to look at the cells.
    cells = np.count_nonzero(cells_inside(pair, backend))
    if not cells or backend.xp.count_nonzero(pair.difference) < (1 - UNTOUCHED) * cells:
        return None
    reference, candidate, inside = pair_means(pair, backend)
    equal = reduced(np.logical_and, reference == candidate)
    return None if np.mean(equal[inside]) > UNTOUCHED else (reference, candidate, inside)


def nearest(planes: NDArray[np.float32], inside: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Fills what lies outside from the nearest cell inside: the edge of the valid area is no border of a shadow."""
    if inside.all() or not inside.any():
        return planes
    _, labels = cv2.distanceTransformWithLabels(
        (~inside).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
    )
    values = np.zeros((labels.max() + 1, planes.shape[2]), np.float32)
    values[labels[inside]] = planes[inside]
    filled: NDArray[np.float32] = values[labels]
    return filled


def _soft_areas(
    smooth: NDArray[np.float32], strength: NDArray[np.float32], levels: NDArray[np.float32]
) -> Iterator[tuple[Box, tuple[slice, slice], NDArray[np.bool_]]]:
    """The areas of other light whose borders are soft all around: box in cells, rows and columns, and bool in these.

    Args:
        smooth: (H, W, C) logarithm of the ratio of brightness.
        strength: (H, W) its mean over the channels.
        levels: (H, W) grey levels that this amounts to.
    """
    masks = [sign * strength > DIMMED for sign in (-1, 1)]
    if max(map(np.count_nonzero, masks)) < LEAST_CELLS:
        return
    padded = np.pad(strength, 1, mode="edge")
    across, down = padded[1:-1, 2:] - padded[1:-1, :-2], padded[2:, 1:-1] - padded[:-2, 1:-1]
    steps = np.hypot(across, down) / 2
    for mask in masks:
        for box, area in large_areas(mask, LEAST_CELLS):
            place = around(box, RIM // 2)
            own = area[place]
            slopes = steps[place]
            most = float(np.abs(strength[place][own]).max())
            rim = own & (cv2.erode(own.astype(np.uint8), np.ones((RIM, RIM), np.uint8)) == 0)
            if not rim.any():  # the whole picture: what no fit explains of its light is no shadow
                continue
            if slopes[rim].max() > STEEPEST * most or levels[place][own].max() < LEAST_LEVELS:  # of most, noise
                continue
            soft = np.quantile(slopes[own], MOSTLY) <= STEEPEST * most
            if soft and np.median(np.ptp(smooth[place][own], axis=1)) <= SAME_COLOUR * most:
                yield box, place, own


def _is_spot(box: Box, shape: tuple[int, ...]) -> bool:
    """Whether an area of a grid of cells is small and lies within it."""
    (x, y, w, h), (rows, columns) = box, shape
    return min(x, y) > 0 and x + w < columns and y + h < rows and max(w, h) <= SMALL * min(shape)


def _multiplied(candidate: NDArray[Any], light: NDArray[np.float32], backend: Backend) -> NDArray[Any]:
    """(H, W, C) levels of the candidate in another light, given as the logarithm for each of its cells."""
    (height, width), (rows, columns) = candidate.shape[:2], light.shape[:2]
    # cells that are not whole at the right and lower edge go on as their neighbours do
    padded = cv2.copyMakeBorder(
        light, 0, -(-height // CELL) - rows, 0, -(-width // CELL) - columns, cv2.BORDER_REPLICATE
    )
    tall = padded.reshape(*padded.shape[:2], -1)
    size = (tall.shape[1] * CELL, tall.shape[0] * CELL)
    fine = cv2.resize(tall, size, interpolation=cv2.INTER_LINEAR).reshape(size[1], size[0], -1)[:height, :width]
    return in_light(candidate, np.asarray(fine, np.float32), backend)


def in_light(candidate: NDArray[Any], light: NDArray[np.float32], backend: Backend) -> NDArray[Any]:
    """(H, W, C) levels of the candidate in another light, given as the logarithm for each px, on the host."""
    lit: NDArray[Any] = backend.xp.empty_like(candidate)
    for strip in backend.strips(candidate.shape):
        factor = backend.from_host(np.exp(light[strip]))
        levels = ((candidate[strip] + DARKNESS) * factor - DARKNESS).clip(0, 255)
        lit[strip] = backend.xp.rint(levels) if lit.dtype == np.uint8 else levels
    return lit
