"""Shade with borders: what stands outside the picture casts it over all that lies there, and it is evened out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import cv2
import numpy as np

from diffspot.backends.channels import largest, mean, reduced
from diffspot.pipeline.areas import large_areas
from diffspot.pipeline.cells import CELL, around, in_px
from diffspot.pipeline.shadows import DARKNESS, SAME_COLOUR, Shadow, in_light, means_in_other_light, nearest, rim_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend
    from diffspot.model import Box
    from diffspot.pipeline.pair import RegisteredPair

FAINTEST, DEEPEST = 0.1, 1.2
"""Logarithm of the ratio of brightness in the shade: a tenth to two thirds of the light are gone."""
LEAST_CELLS, LEAST_SHARE = 100, 0.02
"""Cells that the shade covers at least, and their share of the picture: less is the shadow of a thing in it."""
DARK = 24.0
"""Grey levels: what is darker says little of the light."""
STEADY, MOSTLY = 0.35, 0.8
"""Share of its depth by which the shade of most cells may be deeper or weaker, and what most is."""
SEEN = 0.7
"""Correlation of the details of what lies in the shade with the same without it: what is new hides them."""
CROSSED = 1.6
"""Times the steepness beside the border of the shade that is found along it: light ends anywhere, things at edges."""
TOUCHED, FRAMED = 0.04, 0.15
"""Share of the rim of the picture that shade from outside has, and that is lit where most of the picture lies in it."""
FILLED = 0.85
"""Share of its box that a shade within the picture covers at most: cards, screens and windows fill theirs."""
NEAR, BESIDE = 2.0, (8.0, 24.0)
"""Px from the border: along it, and beside it."""
SIGMA = 1.5
"""Px: of the blur that takes the noise off edges."""
SMOOTH = 11
"""Px, side of the mean that takes the details of what lies there out of the border."""
HALF = 0.5
"""Share of the shade at its border."""
MOST_SHADES = 8
"""Areas, each of which is looked for in what the others left."""
ROOM = 3
"""Cells on both sides of its border where the shade is worked out px by px."""
FINE = 5
"""Px, side of the median that takes the noise out of the ratio there, and keeps a border."""


class Shade(NamedTuple):
    """An area of another light.

    Attributes:
        area: (H, W) bool, its cells.
        steady: (H, W) bool, those that are as deep as most.
        depth: (H, W, C) logarithm of the ratio of brightness, taken from these, beside `base`.
        base: (C,) the same of all else.
        box: in cells.
    """

    area: NDArray[np.bool_]
    steady: NDArray[np.bool_]
    depth: NDArray[np.float32]
    base: NDArray[np.float32]
    box: Box


def even_shade(pair: RegisteredPair, backend: Backend) -> tuple[RegisteredPair, list[Shadow]]:
    """Takes shade that ends in borders out of the candidate, and sunlight that the reference has not.

    A house or a tree beside the picture darkens all that lies in its shade by the same share and in all colours; what
    lies there is seen as before, and its border crosses what it falls on. A thing that came hides what was there; a
    thing that became darker ends at its own edges.

    Args:
        pair: a single one of photos or scans, in one light on the whole.
        backend: what the arrays live on.

    Returns:
        The pair, and what was evened out.
    """
    shadows: list[Shadow] = []
    while len(shadows) < MOST_SHADES:
        found = _find(pair, backend)
        if not found:
            break
        pair, shadow = found
        shadows.append(shadow)
    return pair, shadows


def _find(pair: RegisteredPair, backend: Backend) -> tuple[RegisteredPair, Shadow] | None:
    """The pair without its largest shade, and that; None where it has none."""
    means = means_in_other_light(pair, backend)
    if means is None or min(means[2].shape) < FINE:
        return None
    reference, candidate, inside = means
    grey = mean(reference), mean(candidate)
    bright = inside & (np.minimum(*grey) >= DARK)
    relit = np.abs(np.log((grey[0] + DARKNESS) / (grey[1] + DARKNESS))) > FAINTEST / 2
    if np.count_nonzero(bright & relit) < _least(bright):  # most pairs end here
        return None
    one, other = (nearest(np.log(levels + DARKNESS), bright) for levels in (reference, candidate))
    for shade in _shades(one - other):
        lit = _relit(pair, shade, backend) if _seen(one, other, shade.steady) else None
        if lit is None:
            continue
        lit = backend.select(pair.valid, lit, pair.reference)
        levels = np.abs(mean(shade.depth) * mean(reference))[shade.area]
        evened = replace(pair, candidate=lit, difference=backend.absdiff(pair.reference, lit))
        whole = slice(0, shade.area.shape[0]), slice(0, shade.area.shape[1])
        return evened, Shadow(in_px(shade.box, pair.valid.shape), levels, rim_of(shade.area, whole, pair.valid.shape))
    return None


def _shades(ratios: NDArray[np.float32]) -> Iterator[Shade]:
    """Large areas of one shade, the largest first.

    Args:
        ratios: (H, W, C) logarithm of the ratio of brightness of each cell.
    """
    smooth = np.dstack([cv2.medianBlur(plane, 3) for plane in np.moveaxis(ratios, 2, 0)])
    strength = mean(smooth)
    least = _least(strength)
    found = []
    for sign in (-1, 1):
        mask = (sign * strength > FAINTEST) & (sign * strength < DEEPEST)
        for (_, _, w, h), area in large_areas(mask, least):
            cells = np.count_nonzero(area)
            if cells < strength.size and (cells <= FILLED * w * h or _of_rim(area) >= TOUCHED):
                shade = _shade(ratios, smooth, area)
                found += [shade] if shade else []
    yield from sorted(found, key=lambda shade: -np.count_nonzero(shade.area))


def _least(cells: NDArray[Any]) -> float:
    """How many of the cells of a picture a shade covers at least."""
    return max(LEAST_CELLS, LEAST_SHARE * cells.size)


def _shade(ratios: NDArray[np.float32], smooth: NDArray[np.float32], area: NDArray[np.bool_]) -> Shade | None:
    """An area as a shade; None where it is not as deep all over, or has another colour."""
    base, deep = (np.median(smooth[part], axis=0) for part in (~area, area))
    depth = abs(float(np.mean(deep - base)))
    level = np.abs(mean(smooth - np.where(area[..., None], deep, base))) <= STEADY * depth
    coloured, most = _range(smooth - base), SAME_COLOUR * depth
    if depth < FAINTEST or min(level[area].mean(), level[~area].mean()) < MOSTLY or np.median(coloured[area]) > most:
        return None
    steady = area & level & (coloured <= most)
    full = np.moveaxis(nearest(ratios, steady) - base, 2, 0)
    x, y, w, h = cv2.boundingRect(area.view(np.uint8))
    return Shade(area, steady, np.dstack([cv2.medianBlur(plane, FINE) for plane in full]), base, (x, y, w, h))


def _range(planes: NDArray[np.float32]) -> NDArray[np.float32]:
    """(H, W) by which the channels lie apart."""
    return np.asarray(largest(planes) - reduced(np.minimum, planes))


def _seen(one: NDArray[np.float32], other: NDArray[np.float32], core: NDArray[np.bool_]) -> bool:
    """Whether both pictures show the same details in the shade."""
    # OpenCV drops the axis of a single channel
    first, second = ((side - cv2.blur(side, (3, 3)).reshape(side.shape))[core].ravel() for side in (one, other))
    return float(np.nan_to_num(np.corrcoef(first, second)[0, 1])) >= SEEN


def _crosses(lit: NDArray[np.float32], share: NDArray[np.float32]) -> bool:
    """Whether the border of a shade lies where the picture without it has no more edges than it has beside.

    Args:
        lit: (H, W) logarithm of the brightness without shade.
        share: (H, W) of the shade, 0 to 1.
    """
    side = (cv2.blur(share, (SMOOTH, SMOOTH)) < HALF).astype(np.uint8)
    border = cv2.morphologyEx(side, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    away = cv2.distanceTransform(1 - border, cv2.DIST_L2, cv2.DIST_MASK_5)
    near, beside = away <= NEAR, (away > BESIDE[0]) & (away <= BESIDE[1])
    if not beside.any():
        return False
    soft = cv2.GaussianBlur(lit, (0, 0), SIGMA)
    steep = np.hypot(cv2.Sobel(soft, cv2.CV_32F, 1, 0), cv2.Sobel(soft, cv2.CV_32F, 0, 1))
    return bool(steep[near].mean() <= CROSSED * steep[beside].mean())


def _of_rim(area: NDArray[np.bool_]) -> float:
    """The share of the rim of the picture that an area has."""
    return float(np.mean(np.concatenate([area[0], area[-1], area[1:-1, 0], area[1:-1, -1]])))


def _relit(pair: RegisteredPair, shade: Shade, backend: Backend) -> NDArray[Any] | None:
    """The candidate without a shade; None where that ends at the edges of what lies there."""
    place = around(shade.box, ROOM)
    here = slice(place[0].start * CELL, place[0].stop * CELL), slice(place[1].start * CELL, place[1].stop * CELL)
    one, other = (
        np.ascontiguousarray(mean(np.log(backend.to_host(picture[here]).astype(np.float32) + DARKNESS)), np.float32)
        for picture in (pair.reference, pair.candidate)
    )
    size = one.shape[1], one.shape[0]
    kernel, area = np.ones((2 * ROOM + 1, 2 * ROOM + 1), np.uint8), shade.area[place].astype(np.uint8)
    inner, outer = (_fine(part, size) for part in (cv2.erode(area, kernel, borderValue=1), cv2.dilate(area, kernel)))
    full = _fine(shade.depth[place], size)
    between = np.clip((cv2.medianBlur(one - other, FINE) - shade.base.mean()) / mean(full), 0, 1)
    share = inner + outer * (1 - inner) * between
    brighter, darker = (one, other) if np.median(full) > 0 else (other, one)
    if not _crosses(brighter, share) and not (_of_rim(shade.area) >= FRAMED and _crosses(darker, share)):
        return None
    light = np.empty((*pair.valid.shape, len(shade.base)), np.float32)
    light[:] = shade.base
    light[here] += full * share[..., None]
    return in_light(pair.candidate, light, backend)


def _fine(cells: NDArray[Any], size: tuple[int, int]) -> NDArray[np.float32]:
    """What cells hold, for each px of a part of the picture; the last cells may be cut off, or go on as they were."""
    whole = cells.shape[1] * CELL, cells.shape[0] * CELL
    fine = cv2.resize(cells.astype(np.float32), whole, interpolation=cv2.INTER_LINEAR)[: size[1], : size[0]]
    missing = [max(0, side - had) for side, had in zip(size[::-1], fine.shape, strict=False)]
    filled = cv2.copyMakeBorder(fine, 0, missing[0], 0, missing[1], cv2.BORDER_REPLICATE)
    return np.asarray(filled.reshape(*filled.shape[:2], *cells.shape[2:]), np.float32)  # OpenCV drops an axis of one
