"""Colours that ran: JPEG and video keep colour coarser than brightness, so it runs beside every coloured edge."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from diffspot.pipeline.verdict.interface import Tally

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from diffspot.backends.components import Component
    from diffspot.backends.interface import Backend
    from diffspot.pipeline.pair import RegisteredPair

COLOURED = 3
"""Channels of pictures that have colour and no alpha."""
BLOCK = 16
"""Px: a block of 8 x 8 samples of colour at half the resolution; colour runs within one."""
LONGEST = 3 * BLOCK
"""Px, the longer side of a place where colours ran: blocks beside each other seldom differ alike."""
LIGHT = 0.5
"""Of the threshold, what brightness differs by at most where colour alone ran: a third there, all of it in a change."""
OTHER_COLOUR = 0.25
"""Of the threshold, what may be left of the colour: a sixth there at most."""
ALLOWANCE = 0.08
"""Share of the local contrast that coding leaves of any edge; see `WANDERING_ALLOWANCE`."""
BLUR = 1.0
"""Px, that of noisy pairs."""


def without_bleeding(
    components: Sequence[Component], pair: RegisteredPair, threshold: float, backend: Backend
) -> tuple[list[Component], Tally]:
    """The components of a noisy pair but for those where colours ran while the brightness stayed, which are counted.

    What ran has a colour that lies between those within half a block of it in the other picture, both ways round;
    another colour, and a coloured thing that came or went, has not.

    Args:
        components: that nothing explains yet.
        pair: a single one.
        threshold: a score.
        backend: what the pair lives on.
    """
    kept, tally = [], Tally()
    for component in components:
        if pair.reference.shape[2] == COLOURED and _ran(component, pair, 255 * threshold, backend):
            tally.add("noise", *component[:2])
        else:
            kept.append(component)
    return kept, tally


def _ran(component: Component, pair: RegisteredPair, limit: float, backend: Backend) -> bool:
    x, y, w, h = component[0]
    if max(w, h) > LONGEST:
        return False
    left, top = max(0, x - BLOCK), max(0, y - BLOCK)
    near = slice(top, y + h + BLOCK), slice(left, x + w + BLOCK)
    own = slice(y - top, y - top + h), slice(x - left, x - left + w)
    r, c = (_brightness_and_colour(backend.to_host(picture[near])) for picture in (pair.reference, pair.candidate))
    if _most(np.abs(r[..., 0] - c[..., 0])[own]) > LIGHT * limit:
        return False
    outside = [_unexplained(r[..., plane], c[..., plane])[own] for plane in (1, 2)]
    return max(map(_most, outside)) <= OTHER_COLOUR * limit


def _most(levels: NDArray[np.float32]) -> float:
    """The highest level that 3 x 3 px reach, as those that noise is told from."""
    return float(cv2.erode(levels, np.ones((3, 3), np.uint8)).max())


def _brightness_and_colour(picture: NDArray[Any]) -> NDArray[np.float32]:
    """(H, W, 3) levels of Y, Cr and Cb without noise."""
    blurred = cv2.GaussianBlur(picture.astype(np.float32), (0, 0), BLUR)
    return np.asarray(cv2.cvtColor(blurred, cv2.COLOR_RGB2YCrCb), np.float32)


def _unexplained(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float32]:
    """(H, W) levels by which px lie outside the other plane's range within half a block, both ways round.

    A share of the local contrast is allowed for.
    """
    around = np.ones((BLOCK + 1, BLOCK + 1), np.uint8)
    low, high = ([each(plane, around) for plane in (one, other)] for each in (cv2.erode, cv2.dilate))
    outside = [np.maximum(low[1] - one, one - high[1]), np.maximum(low[0] - other, other - high[0])]
    contrast = np.minimum(high[0] - low[0], high[1] - low[1])
    return np.asarray((np.maximum(*outside) - ALLOWANCE * contrast).clip(0, None), np.float32)
