"""Takes cast shadows off the objects that throw them: a shadow darkens what it falls on, alike in all channels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from diffspot.backends.channels import largest, mean, reduced, smoothed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from diffspot.backends.components import Component
    from diffspot.backends.interface import Backend
    from diffspot.model import Box
    from diffspot.pipeline.pair import RegisteredPair

DARKNESS = 4.0
"""Grey levels added to both pictures: ratios of black say nothing."""
FAINTEST, DEEPEST = 0.12, 1.2
"""Logarithm of the ratio of brightness in a shadow: an eighth to two thirds of the light are gone."""
SAME_COLOUR = 0.12
"""By which that differs between the channels at most."""
EVEN = 0.1
"""Standard deviation of that over 5 x 5 px: on one ground a shadow is as deep all over, an object has details."""
LARGE = 1200
"""Px that object and shadow change together: the details of smaller places tell too little."""
LEAST_SHARE = 0.15
"""Share of what changed that either has."""
OUTSIDE = 0.3
"""Share of the shadow that lies beside the box of the object, or else it is the object's own shading."""
FILLED = 0.5
"""Share of its box that an object covers."""
SIGMA = 1.0
"""Px: of the blur that takes the noise off."""
DEEPER = 1.25
"""Times the depth of the shadows that objects of the same pair throw that another shadow has at the most."""
FAINTER = 0.4
"""Of that depth, the least that it has in the median: soft rims are half as deep."""
WHOLLY = 0.97
"""Share of what changed that looks like shadow where nothing else is there; of a dark car it is 0.91."""
SEEN = 0.1
"""Correlation of the details of the ground with and without a shadow: what covers the ground hides them."""
GREY = 4
"""Levels between the channels up to which a picture has no colour that a shadow could keep."""
SOLID = 5
"""Px: what is left of the rim of a shadow is thinner."""
GAPS = 9
"""Px between parts of one object that are as even as a shadow."""


def without_shadows(
    components: Sequence[Component], pair: RegisteredPair, threshold: float, backend: Backend
) -> tuple[list[Component], list[Component]]:
    """The objects of the components without the shadows that they throw, and the components that are a shadow alone.

    What throws a shadow from outside the picture, or from farther than parts of one object lie apart, leaves the shadow
    alone. It is told by the objects of the same pair: nothing of it is darker than their shadows, or brighter than it
    was.

    Args:
        components: of a noisy pair.
        pair: a single one.
        threshold: a score.
        backend: what the pair lives on.
    """
    taken = [_objects(component, pair, threshold, backend) for component in components]
    deepest = max((depth for _, depth in taken), default=0.0)
    kept: list[Component] = []
    alone: list[Component] = []
    for component, (objects, depth) in zip(components, taken, strict=True):
        lone = deepest > 0 and not depth and _is_shadow(component, deepest, pair, threshold, backend)
        (alone if lone else kept).extend(objects)
    return kept, alone


def _objects(
    component: Component, pair: RegisteredPair, threshold: float, backend: Backend
) -> tuple[list[Component], float]:
    """The objects of a component and how deep their shadow is; the component itself and 0 where there is none."""
    (x, y, _, _), area, peak, average = component
    if area < LARGE:
        return [component], 0.0
    r, c, changed = _looked_at(component, pair, threshold, backend)
    if changed.sum() < LARGE or _range(c).max() <= GREY:
        return [component], 0.0
    for lit, shaded in ((r, c), (c, r)):  # the object came, or it went
        shadow = changed & _is_shaded(lit, shaded)
        boxes = _casting(shadow, changed)
        if boxes and _lies_on_ground(lit, shaded, shadow, changed):
            return [
                ((x + u, y + v, width, height), int(changed[v : v + height, u : u + width].sum()), peak, average)
                for u, v, width, height in boxes
            ], float(np.median(mean(_ratios(lit, shaded))[shadow]))
    return [component], 0.0


def _looked_at(
    component: Component, pair: RegisteredPair, threshold: float, backend: Backend
) -> tuple[NDArray[Any], NDArray[Any], NDArray[np.bool_]]:
    """The levels of both pictures within the box of a component, and which px of it changed."""
    x, y, w, h = component[0]
    here = slice(y, y + h), slice(x, x + w)
    r, c = (smoothed(backend.to_host(picture[here]), SIGMA) for picture in (pair.reference, pair.candidate))
    return r, c, largest(np.abs(r - c)) > 255 * threshold / 2


def _is_shadow(component: Component, deepest: float, pair: RegisteredPair, threshold: float, backend: Backend) -> bool:
    """Whether all of a component is a shadow no deeper than that, soft rim included."""
    r, c, changed = _looked_at(component, pair, threshold, backend)
    for lit, shaded in ((r, c), (c, r)):
        ratios = _ratios(lit, shaded)
        depth = mean(ratios)
        own = changed & _alike(ratios, depth) & (depth > 0) & (depth <= DEEPER * deepest)
        if own.any() and own.sum() >= WHOLLY * changed.sum():
            return float(np.median(depth[own])) >= FAINTER * deepest
    return False


def _casting(shadow: NDArray[np.bool_], changed: NDArray[np.bool_]) -> list[Box]:
    """The boxes of what casts a shadow; none where the shadow is too small, or where they would leave a part out."""
    least = LEAST_SHARE * changed.sum()
    if shadow.sum() < least:
        return []
    objects = _solid(changed & ~shadow)
    boxes, own = _boxes(objects, least), np.zeros_like(changed)
    for left, top, width, height in boxes:
        own[top : top + height, left : left + width] = True
    if not boxes or objects[~own].sum() >= least:  # what is solid is never dropped with the shadow
        return []
    return boxes if np.mean(~own[shadow]) >= OUTSIDE and objects[own].mean() >= FILLED else []


def _lies_on_ground(
    lit: NDArray[Any], shaded: NDArray[Any], shadow: NDArray[np.bool_], changed: NDArray[np.bool_]
) -> bool:
    """Whether a shadow hides nothing, and its ground is like the ground around; pale paint that went is not."""
    if changed.all() or _seen_through(lit, shaded, shadow) < SEEN:
        return False
    around, there, then = (float(np.mean(levels)) for levels in (lit[~changed], lit[shadow], shaded[shadow]))
    return abs(there - around) <= abs(then - around)


def _is_shaded(lit: NDArray[Any], shaded: NDArray[Any]) -> NDArray[np.bool_]:
    """(H, W) bool: where a picture is darker than the other as in a shadow."""
    ratios = _ratios(lit, shaded)
    depth = mean(ratios)
    variance = cv2.blur(depth**2, (5, 5)) - cv2.blur(depth, (5, 5)) ** 2
    # Squares at the soft rim hold the ground as well; so shadows of few px in height would have no even px at all.
    even = cv2.dilate((variance <= EVEN**2).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    return np.asarray(_alike(ratios, depth) & even & (depth >= FAINTEST) & (depth <= DEEPEST))


def _alike(ratios: NDArray[Any], depth: NDArray[Any]) -> NDArray[Any]:
    """(H, W) bool: where all channels lost the same share of their light."""
    return np.asarray(_range(ratios) <= SAME_COLOUR * (1 + np.abs(depth)))


def _ratios(lit: NDArray[Any], shaded: NDArray[Any]) -> NDArray[Any]:
    """(H, W, C) logarithm of the ratio of brightness."""
    return np.asarray(np.log((lit + DARKNESS) / (shaded + DARKNESS)))


def _range(picture: NDArray[Any]) -> NDArray[Any]:
    """(H, W) by which the channels lie apart."""
    return np.asarray(largest(picture) - reduced(np.minimum, picture))


def _seen_through(r: NDArray[Any], c: NDArray[Any], shadow: NDArray[np.bool_]) -> float:
    """The correlation of the details of two pictures within a shadow, in [-1, 1]."""
    inner = cv2.erode(shadow.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    if inner.sum() < LARGE * LEAST_SHARE / 2:
        return 0.0
    one, other = ((grey - cv2.GaussianBlur(grey, (0, 0), 3))[inner] for grey in (r.mean(axis=2), c.mean(axis=2)))
    return float(np.nan_to_num(np.corrcoef(one, other)[0, 1]))


def _solid(mask: NDArray[np.bool_]) -> NDArray[Any]:
    """A mask without thin parts, its gaps closed."""
    opened = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, np.ones((SOLID, SOLID), np.uint8))
    padded = cv2.morphologyEx(np.pad(opened, GAPS), cv2.MORPH_CLOSE, np.ones((GAPS, GAPS), np.uint8))
    return padded[GAPS:-GAPS, GAPS:-GAPS]


def _boxes(mask: NDArray[Any], least: float) -> list[Box]:
    """The boxes of the parts of a mask that have at least so many px."""
    _, _, table, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    return [(x, y, w, h) for x, y, w, h, area in table[1:].tolist() if area >= least]
