"""One palette for both: colours that a picture lost when it was saved with a palette became their nearest ones.

Formats of few colours (GIF, PNG with a palette) keep the colours that cover much of a picture and bring each other one,
those of blended edges above all, to the nearest that they have. That is no noise: it is the same for every pixel of a
colour, and leaves up to 60 levels where few pixels have it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from diffspot.pipeline.compression import Alike, lies_still

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend
    from diffspot.pipeline.placement import Placement

LARGEST = 256
"""Colours that a palette of 8 bits holds."""
LOOKED_AT = 1 << 14
"""Px that differ by which it is asked whether a palette can be the cause."""
LEAST_COLOURS, FEWER = 16, 0.75
"""Colours that became one other each, and the most that is left of them, and of all of the picture, as a share: a
palette merges colours."""
MANY = 0.5
"""Share of the colours that differ which became one other each, wherever they are; letters drawn anew mix theirs."""
BESIDE = 8.0
"""Levels beyond the nearest colour at which programs that measure otherwise still end for rare colours: what is
fainter than the 8 levels that make a pixel differ is none by itself."""
ROUNDING = 3.0
"""The same for common colours, which palettes keep: a level and a half a channel."""
EXPLAINED = 0.25
"""Share of the colours that differ which it explains in full: of changed pages 0.4 at least where one was saved with
a palette, 0.06 of one that has few colours by itself."""
BITS = 8
"""Of a channel."""


def in_one_palette(reference: NDArray[Any], placement: Placement, backend: Backend) -> Alike | None:
    """Both pictures with the palette of one of them; None where neither has one that explains what differs.

    Args:
        reference: (H, W, C) levels.
        placement: the candidate in its frame.
        backend: what the candidate lives on.
    """
    if not lies_still(reference, placement, backend) or reference.shape[2] * BITS > np.iinfo(np.uint32).bits:
        return None
    here = backend.to_host(placement.candidate)
    colours = [_packed(side) for side in (reference, here)]
    differing = colours[0] != colours[1]
    for richer, poorer in ((0, 1), (1, 0)):
        if not _may_be_palette(*(_thinned(colours[side][differing]) for side in (richer, poorer))):
            continue
        palette = np.unique(colours[poorer])
        # A page of few colours of which some changed has as many as before.
        if len(palette) > min(LARGEST, FEWER * len(np.unique(colours[richer]))):
            continue
        shown = _explained(colours[richer], colours[poorer], differing, palette)
        if shown is None:
            continue
        sides = [reference, here]
        sides[richer] = np.where(shown[..., None], sides[poorer], sides[richer])
        return Alike(sides[0], backend.from_host(sides[1]), traces=False)
    return None


def _packed(picture: NDArray[Any]) -> NDArray[np.uint32]:
    """(H, W) one number for each colour of (H, W, C) bytes."""
    packed = picture[..., 0].astype(np.uint32)
    for channel in range(1, picture.shape[2]):
        packed <<= BITS
        packed |= picture[..., channel]
    return packed


def _thinned(values: NDArray[np.uint32]) -> NDArray[np.uint32]:
    return values[:: len(values) // LOOKED_AT + 1]


def _may_be_palette(richer: NDArray[np.uint32], poorer: NDArray[np.uint32]) -> bool:
    """Whether many of the (N,) colours of one picture became one of fewer colours each in the other."""
    pairs = np.unique(richer.astype(np.uint64) << np.uint64(32) | poorer)
    own, became = pairs >> np.uint64(32), pairs & np.uint64(0xFFFFFFFF)
    count = len(np.unique(own))
    once = np.append(own[1:] != own[:-1], True) & np.append(True, own[1:] != own[:-1])
    single = int(np.count_nonzero(once))
    return single >= max(LEAST_COLOURS, MANY * count) and len(np.unique(became[once])) <= FEWER * single


def _explained(
    richer: NDArray[np.uint32], poorer: NDArray[np.uint32], differing: NDArray[np.bool_], palette: NDArray[np.uint32]
) -> NDArray[np.bool_] | None:
    """(H, W) bool: pixels whose colour became the nearest of a palette, or all but the nearest; None where few did.

    A colour that covers more than its share of a picture is kept by a palette as well as others that do: that it became
    another one where those stayed is no work of it.
    """
    own, where = np.unique(richer[differing], return_inverse=True)
    nearest, _ = cv2.batchDistance(_channels(own), _channels(palette), cv2.CV_32F, normType=cv2.NORM_L2, K=1)
    apart = _channels(richer[differing]).astype(np.float32) - _channels(poorer[differing])
    distance = np.linalg.norm(apart, axis=1)
    most = nearest[:, 0] + BESIDE
    colours, counts = np.unique(richer, return_counts=True)
    frequent = colours[counts * len(palette) > richer.size]
    common = np.isin(own, frequent)
    farthest = np.zeros(len(own))
    np.maximum.at(farthest, where, distance)
    moved = np.zeros(len(frequent))  # those that do not differ stayed
    moved[: np.count_nonzero(common)] = farthest[common]
    if len(frequent):
        most[common] = np.minimum(nearest[common, 0], 2 * np.median(moved)) + ROUNDING
    if np.mean(farthest <= most) < EXPLAINED:
        return None
    found = np.zeros(differing.shape, bool)
    found[differing] = distance <= most[where]
    return found


def _channels(packed: NDArray[np.uint32]) -> NDArray[np.uint8]:
    """(N, 4) bytes of (N,) packed colours."""
    return np.ascontiguousarray(packed).view(np.uint8).reshape(-1, 4)
