"""What stands up from the plane that a photo was registered by moves by its height when it is seen from elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import cv2
import numpy as np

from diffspot.backends.channels import largest
from diffspot.pipeline.verdict.interface import Tally

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from diffspot.backends.components import Component
    from diffspot.backends.interface import Backend
    from diffspot.model import Box
    from diffspot.pipeline.pair import RegisteredPair

LEAST_MARGIN = 32
"""Px around a component within which its content is looked for; half of its longer side where that is more."""
LEAST_SIDE = 16
"""Px that the sides of what is looked at measure at least: optical flow starts from patches of 8 px."""
LEAST_ROWS = 32
"""Px of the height from which OpenCV's optical flow has rows enough for a patch in its smallest picture, whose size it
takes from the width alone: of lower ones of 100 px and more in width it reads beyond the end."""
LEAST_PLACES = 2
"""Places that parallax explains at the least: where nothing else stands up, what lies elsewhere was moved."""
SAME_WAY = 0.7
"""Cosine to their common direction with which all such places move, 45 degrees: what stands up moves one way, by its
height; objects of a drawing that were moved, turned or resized move each its own way."""
MUCH = 0.08
"""Share of a pair from which such places may move otherwise: the plane itself was fitted to some of what stands up.
Objects that moved in drawings cover a twentieth at most, photos of a crowded desk a tenth and more."""
LEFT = 0.5
"""Share of the px of a component that still differ once either picture was bent onto the other. What was added to one
has nothing to be bent from in the other: two thirds and more are left in one of the directions."""
NO_WAY = 1e-6
"""Px: keeps places that did not move from dividing by zero."""
SIGMA = 1.0
"""Px: of the blur that takes the noise off."""


class Moved(NamedTuple):
    """How a place moved.

    Attributes:
        pixels: px that differ there.
        way: px to the right and down, the median of them.
        bent: share of these px that still differ where it moved by that way all over, the larger of both directions: a
            thing keeps its shape, while flow squeezes what came or went out of sight.
    """

    pixels: int
    way: tuple[float, float]
    bent: float


def without_parallax(
    components: Sequence[Component], pair: RegisteredPair, threshold: float, backend: Backend
) -> tuple[list[Component], Tally]:
    """The components whose content the other picture does not show a few px beside, and what was explained.

    Args:
        components: of a noisy pair.
        pair: a single one, registered as seen from elsewhere.
        threshold: a score.
        backend: what the pair lives on.
    """
    found = [(component, explain(component, pair, 255 * threshold, backend)) for component in components]
    explained = [(component[0], moved) for component, moved in found if moved]
    if not _is_parallax(explained, pair, backend):
        return list(components), Tally()
    tally = Tally()
    for box, moved in explained:
        tally.add("movement", box, moved.pixels)
    return [component for component, moved in found if not moved], tally


def _is_parallax(explained: Sequence[tuple[Box, Moved]], pair: RegisteredPair, backend: Backend) -> bool:
    """Whether places that movement explains moved as what stands up does; objects that someone moved do not."""
    if len(explained) < LEAST_PLACES:
        return False
    ways = np.array([moved.way for _, moved in explained])
    ways /= np.maximum(np.hypot(*ways.T), NO_WAY)[:, None]
    common = ways.sum(axis=0)
    if (ways @ common >= SAME_WAY * np.hypot(*common)).all():
        return True
    area = sum(width * height for (_, _, width, height), _ in explained)
    return area >= MUCH * int(backend.xp.count_nonzero(pair.valid))


def explain(component: Component, pair: RegisteredPair, limit: float, backend: Backend) -> Moved | None:
    """How a component moved; None where the other picture does not show it elsewhere, one way or the other."""
    (x, y, w, h), (height, width) = component[0], pair.valid.shape
    margin = max(LEAST_MARGIN, max(w, h) // 2)
    top, left = max(0, y - margin), max(0, x - margin)
    near = slice(top, min(height, y + h + margin)), slice(left, min(width, x + w + margin))
    own = slice(y - top, y - top + h), slice(x - left, x - left + w)
    r, c = (backend.to_host(picture[near]) for picture in (pair.reference, pair.candidate))
    if r.dtype != np.uint8 or min(r.shape[:2]) < LEAST_SIDE:
        return None
    smooth = [softened(picture) for picture in (r, c)]
    differs = _difference(*smooth)[own] > limit
    differing = int(np.count_nonzero(differs))
    if not differing:
        return None
    ways, kept = [], []
    for one, other in ((0, 1), (1, 0)):
        flow = find_flow(smooth[one], smooth[other])
        way = np.median(flow[own][differs], axis=0).astype(np.float32)
        along, straight = (
            int(np.count_nonzero(_difference(smooth[one], bend(smooth[one], smooth[other], each))[own] > limit))
            for each in (flow, np.broadcast_to(way, flow.shape))
        )
        if along > LEFT * differing:
            return None
        ways.append(way.tolist())
        kept.append(straight / differing)
    return Moved(differing, tuple(ways[0]), max(kept))


def softened(picture: NDArray[Any]) -> NDArray[Any]:
    """(H, W, C) a picture with less noise, so that it can be bent."""
    return cv2.GaussianBlur(picture, (0, 0), SIGMA).reshape(picture.shape)


def find_flow(onto: NDArray[Any], picture: NDArray[Any]) -> NDArray[np.float32]:
    """(H, W, 2) px to the right and down by which dense optical flow finds the content of one picture in another.

    Kroeger et al. 2016, doi:10.1007/978-3-319-46493-0_29.
    """
    below = max(0, LEAST_ROWS - len(onto))
    here, there = (
        cv2.copyMakeBorder(each.mean(axis=2).astype(np.uint8), 0, below, 0, 0, cv2.BORDER_REPLICATE)
        for each in (onto, picture)
    )
    start = np.zeros((*here.shape, 2), np.float32)
    flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST).calc(here, there, start)
    return np.asarray(flow[: len(onto)], np.float32)


def bend(onto: NDArray[Any], picture: NDArray[Any], flow: NDArray[np.float32]) -> NDArray[np.uint8]:
    """A picture bent onto another by a flow (H, W, 2), px."""
    columns, rows = np.meshgrid(*(np.arange(side, dtype=np.float32) for side in (onto.shape[1], onto.shape[0])))
    bent = cv2.remap(
        picture, columns + flow[..., 0], rows + flow[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(bent.reshape(onto.shape), np.uint8)


def _difference(one: NDArray[Any], other: NDArray[Any]) -> NDArray[np.uint8]:
    """(H, W) levels, the largest of the channels."""
    return largest(cv2.absdiff(one, other).reshape(one.shape))
