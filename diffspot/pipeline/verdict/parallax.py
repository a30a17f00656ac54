"""What stands up from the plane that a photo was registered by moves by its height when it is seen from elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from diffspot.backends.channels import largest
from diffspot.pipeline.verdict.interface import Tally

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from diffspot.backends.components import Component
    from diffspot.backends.interface import Backend
    from diffspot.pipeline.pair import RegisteredPair

LEAST_MARGIN = 32
"""Px around a component within which its content is looked for; half of its longer side where that is more."""
LEAST_SIDE = 16
"""Px that the sides of what is looked at measure at least: optical flow starts from patches of 8 px."""
LEAST_PLACES = 2
"""Places that parallax explains at the least: where nothing else stands up, what lies elsewhere was moved."""
LEFT = 0.5
"""Share of the px of a component that still differ once either picture was bent onto the other. What was added to one
has nothing to be bent from in the other: two thirds and more are left in one of the directions."""
SIGMA = 1.0
"""Px: of the blur that takes the noise off."""


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
    found = [(component, _explained(component, pair, 255 * threshold, backend)) for component in components]
    explained = [(component[0], pixels) for component, pixels in found if pixels]
    if len(explained) < LEAST_PLACES:
        return list(components), Tally()
    return [component for component, pixels in found if not pixels], Tally([("movement", *one) for one in explained])


def _explained(component: Component, pair: RegisteredPair, limit: float, backend: Backend) -> int:
    """How many px of a component differ by parallax; 0 where that does not explain it."""
    (x, y, w, h), (height, width) = component[0], pair.valid.shape
    margin = max(LEAST_MARGIN, max(w, h) // 2)
    top, left = max(0, y - margin), max(0, x - margin)
    near = slice(top, min(height, y + h + margin)), slice(left, min(width, x + w + margin))
    own = slice(y - top, y - top + h), slice(x - left, x - left + w)
    r, c = (backend.to_host(picture[near]) for picture in (pair.reference, pair.candidate))
    if r.dtype != np.uint8 or min(r.shape[:2]) < LEAST_SIDE:
        return 0
    smooth = [cv2.GaussianBlur(picture, (0, 0), SIGMA).reshape(r.shape) for picture in (r, c)]
    differing = int(np.count_nonzero(_difference(*smooth)[own] > limit))
    for one, other in ((0, 1), (1, 0)):
        bent = _bent(smooth[one], smooth[other])
        if np.count_nonzero(_difference(smooth[one], bent)[own] > limit) > LEFT * differing:
            return 0
    return differing


def _bent(onto: NDArray[Any], picture: NDArray[Any]) -> NDArray[np.uint8]:
    """A picture bent onto another by dense optical flow (Kroeger et al. 2016, doi:10.1007/978-3-319-46493-0_29)."""
    here, there = (each.mean(axis=2).astype(np.uint8) for each in (onto, picture))
    start = np.zeros((*here.shape, 2), np.float32)
    flow = np.asarray(cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST).calc(here, there, start))
    columns, rows = np.meshgrid(*(np.arange(side, dtype=np.float32) for side in (onto.shape[1], onto.shape[0])))
    bent = cv2.remap(
        picture, columns + flow[..., 0], rows + flow[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(bent.reshape(onto.shape), np.uint8)


def _difference(one: NDArray[Any], other: NDArray[Any]) -> NDArray[np.uint8]:
    """(H, W) levels, the largest of the channels."""
    return largest(cv2.absdiff(one, other).reshape(one.shape))
