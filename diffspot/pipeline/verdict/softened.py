"""Fine structure that resampling left softer: small print, hatching and thin strokes of a picture that was laid.

A picture that was turned is interpolated at another part of a pixel in each place, so that fine strokes are softer here
and sharper there, and no one kernel tells all of them. Each place for itself is told by a small blur of what the other
picture shows there; and a blur takes no ink away, as what fades does.
"""

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
    from diffspot.model import Box
    from diffspot.pipeline.pair import RegisteredPair

SIGMA = 0.8
"""Px: of the blur that interpolation amounts to at most."""
AROUND = 2
"""Px around a component that the blur carries its ink to."""
MOST = 0.75
"""Share of that blur at most: interpolating two times makes 0.62 of it, another stroke would need as much as 2."""
LEFT = 0.65
"""Share of the squares of the difference that the blur may leave: of small print it leaves 0.6 at most, of what changed
0.76 and more."""
INK = 0.15
"""Sum of the difference in parts of its size: of small print 0.08 at most, of strokes that faded nearly all of it."""


def without_softened(
    components: Sequence[Component], pair: RegisteredPair, backend: Backend
) -> tuple[list[Component], Tally]:
    """The components that a small blur of either picture does not tell, and the count of the others as noise.

    Args:
        components: of a noisy pair that was resampled.
        pair: a single one, levels.
        backend: what the pair lives on.
    """
    left, tally = [], Tally()
    for one in components:
        here, there = (backend.to_host(_around(picture, one[0])) for picture in (pair.reference, pair.candidate))
        if _is_softer(here, there) or _is_softer(there, here):
            tally.add("noise", one[0], one[1])
        else:
            left.append(one)
    return left, tally


def _around(picture: NDArray[Any], box: Box) -> NDArray[Any]:
    x, y, w, h = box
    return picture[max(y - AROUND, 0) : y + h + AROUND, max(x - AROUND, 0) : x + w + AROUND]


def _is_softer(sharp: NDArray[Any], soft: NDArray[Any]) -> bool:
    """Whether one of two (h, w, C) cuts is the other under a part of the blur, and has as much ink."""
    levels = sharp.astype(np.float32)
    lost = cv2.GaussianBlur(levels, (0, 0), SIGMA, borderType=cv2.BORDER_REPLICATE).reshape(levels.shape) - levels
    change = soft.astype(np.float32) - levels
    size = float(np.abs(change).sum())
    if abs(float(change.sum())) > INK * size:
        return False
    part = float((lost * change).sum()) / max(float(np.square(lost).sum()), 1)
    energy = float(np.square(change - part * lost).sum())
    return 0 < part <= MOST and energy <= LEFT * float(np.square(change).sum())
