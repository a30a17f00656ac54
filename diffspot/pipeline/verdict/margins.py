"""Slivers along the margin of a registered picture: what lies beyond the paper, or was cut off in one picture alone.

A sheet that lies a little askew on the glass shows the lid of the scanner, or what a program filled in, in a wedge a
few px wide; two cuts of one picture end a few px apart. Both differ along the margin, and hardly reach into the
picture.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

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

DEEPEST, SHARE = 6, 0.01
"""Px that a sliver reaches into what is compared: blur and resampling alone make it 4; or that share of the picture's
shorter side."""
LONG = 3
"""Times its depth that it measures along the margin at the least; what changed at a margin is as deep as it is long."""


def without_slivers(
    components: Sequence[Component], pair: RegisteredPair, threshold: float, backend: Backend
) -> tuple[list[Component], Tally]:
    """The components that are no slivers, and the count of the others as movement.

    Args:
        components: of a noisy pair that was registered.
        pair: a single one.
        threshold: a score.
        backend: what the pair lives on.
    """
    deepest = max(DEEPEST, round(SHARE * min(pair.valid.shape)))
    left, tally = [], Tally()
    for one in components:
        if _is_sliver(one[0], pair, 255 * threshold, backend, deepest=deepest):
            tally.add("movement", one[0], one[1])
        else:
            left.append(one)
    return left, tally


def _is_sliver(box: Box, pair: RegisteredPair, limit: float, backend: Backend, *, deepest: int) -> bool:
    """Whether all that differs in a box lies close to the edge of what is compared, and along it."""
    depths = _depths(box, pair.valid, backend, deepest=deepest)
    if depths is None:
        return False
    x, y, w, h = box
    reached = depths[backend.to_host(pair.difference[y : y + h, x : x + w]) > limit]
    depth = int(reached.max(initial=0))
    return 0 < depth <= deepest and max(w, h) >= LONG * depth


def _depths(box: Box, valid: NDArray[np.bool_], backend: Backend, *, deepest: int) -> NDArray[np.intp] | None:
    """(h, w) how many px each one of a box lies within what is compared, `deepest` + 1 at most; None if all do."""
    x, y, w, h = box
    (height, width), reach = valid.shape, deepest + 1
    top, left = max(y - reach, 0), max(x - reach, 0)
    around = backend.to_host(valid[top : y + h + reach, left : x + w + reach]).view(np.uint8)
    outside = (reach - (y - top), max(y + h + reach - height, 0), reach - (x - left), max(x + w + reach - width, 0))
    if not any(outside) and around.all():
        return None
    inner = cv2.copyMakeBorder(np.ascontiguousarray(around), *outside, cv2.BORDER_CONSTANT, value=0)
    distances = cv2.distanceTransform(inner, cv2.DIST_C, 3)
    own = distances[reach : reach + h, reach : reach + w]
    return np.asarray(np.minimum(own, reach), np.intp)
