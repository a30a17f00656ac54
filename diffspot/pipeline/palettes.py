"""One palette for both: colours that a picture lost when it was saved with a palette became their nearest ones.

Formats of few colours (GIF, PNG with a palette) keep the colours that cover much of a picture and bring each other one,
those of blended edges above all, to the nearest that they have. That is no noise: it is the same for every pixel of a
colour, and leaves up to 60 levels where few pixels have it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from diffspot.pipeline.compression import Alike

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend
    from diffspot.pipeline.placement import Placement

LARGEST = 256
"""Colours that a palette of 8 bits holds."""
SMALLEST = 8
"""Colours that it has at the least: fewer are no picture saved with a palette but one of blank paper, of two inks or of
a shape, into which everything would have become its nearest colour."""
LOOKED_AT = 1 << 15
"""Px of the rows by which it is asked whether a palette can be the cause, about."""
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
ONE_WAY = 0.92
"""Share of the px that differ whose colour became what most of it became, the first of each colour left out: a palette
has one colour for each, wherever it is, and the rest changed. Pages drawn anew blend colours by their place: 0.6 to 0.9
of theirs do, 0.95 of pages with four changes that were saved with a palette."""
STRAYED = 0.9
"""Share of the colours that went further than BESIDE whose goal lies aside of the mean of all that became it by half as
much: what a palette holds is such a mean, or its middle, and 0.75 of the colours at most go so much further than others
do; of letters in another colour 0.99 do and more."""
HASH = np.uint32(0x9E3779B1)
"""2 ** 32 by the golden ratio, odd: spreads numbers that lie close (Knuth, The Art of Computer Programming, 6.4)."""


def in_one_palette(reference: NDArray[np.uint8], placement: Placement, backend: Backend) -> Alike | None:
    """Both pictures with the palette of one of them; None where neither has one that explains what differs.

    Args:
        reference: (H, W, C) levels, C 1 to 4.
        placement: the candidate in its frame; it lies still.
        backend: what the candidate lives on.
    """
    if reference.shape[2] == 1:  # a palette of 8 bits has every level of grey
        return None
    sides = [reference, backend.to_host(placement.candidate)]
    every = reference[..., 0].size // LOOKED_AT + 1
    few = [_packed(side[every // 2 :: every]) for side in sides]  # whole pictures only where a few rows say so
    ways = [(richer, 1 - richer) for richer in _fewer(few) if _may_be_palette(few[richer], few[1 - richer])]
    colours = [_packed(side) for side in sides] if ways else []
    for richer, poorer in ways:
        shown = _explained(colours[richer], colours[poorer])
        if shown is not None:
            sides[richer] = np.where(shown[..., None], sides[poorer], sides[richer])
            return Alike(sides[0], backend.from_host(sides[1]), traces=False)
    return None


def _packed(picture: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """(H, W) one number for each colour of (H, W, C) bytes."""
    padded = np.zeros((*picture.shape[:2], 4), np.uint8)
    for channel in range(picture.shape[2]):
        padded[..., channel] = picture[..., channel]
    return padded.view(np.uint32)[..., 0]


def _fewer(sides: Sequence[NDArray[np.uint32]]) -> list[int]:
    """Which of two pictures is the richer one: none where the other one has no palette, or nearly as many colours."""
    if np.array_equal(sides[0], sides[1]):
        return []
    counts = [_least_colours(side) for side in sides]
    return [way for way in (0, 1) if counts[1 - way] <= min(LARGEST, FEWER * counts[way])]


def _least_colours(colours: NDArray[np.uint32]) -> int:
    """How many there are at least: those of one hash count as one, which is rare among so few as a palette has."""
    seen = np.zeros(1 << 16, bool)
    seen[colours * HASH >> np.uint32(16)] = True  # a twentieth of the time that sorting a photo takes
    return int(np.count_nonzero(seen))


def ways(richer: NDArray[np.uint32], poorer: NDArray[np.uint32]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """(M,) each colour with one that it became, in order, and how many of (N,) px have them."""
    return np.unique(richer.astype(np.uint64) << np.uint64(32) | poorer, return_counts=True)


def one_way(pairs: NDArray[np.uint64], counts: NDArray[np.int64]) -> float:
    """Share of the px, see `ways`, whose colour became what most of it became; the first of each says nothing."""
    first = np.flatnonzero(np.diff(pairs >> np.uint64(32), prepend=np.uint64(1 << 63)))
    return float(np.maximum.reduceat(counts, first).sum() - len(first)) / max(int(counts.sum()) - len(first), 1)


def _may_be_palette(richer: NDArray[np.uint32], poorer: NDArray[np.uint32]) -> bool:
    """Whether many of the colours of some rows became, where these differ, one of fewer colours each."""
    differing = richer != poorer
    richer, poorer = richer[differing], poorer[differing]
    pairs, _ = ways(richer, poorer)
    own, became = pairs >> np.uint64(32), pairs & np.uint64(0xFFFFFFFF)
    new = np.append(own[1:] != own[:-1], True)
    once = new & np.append(True, new[:-1])
    single = int(np.count_nonzero(once))
    return single >= max(LEAST_COLOURS, MANY * np.count_nonzero(new)) and len(np.unique(became[once])) <= FEWER * single


def _explained(richer: NDArray[np.uint32], poorer: NDArray[np.uint32]) -> NDArray[np.bool_] | None:
    """(H, W) bool: pixels whose colour became the nearest of a palette, or all but the nearest; None where few did.

    A colour that covers more than its share of a picture is kept by a palette as well as others that do: that it became
    another one where those stayed is no work of it.
    """
    (palette, held), (colours, counts) = (np.unique(side, return_counts=True) for side in (poorer, richer))
    if not SMALLEST <= len(palette) <= min(LARGEST, FEWER * len(colours)):
        return None
    differing = richer != poorer
    pairs, counted = ways(richer[differing], poorer[differing])
    if one_way(pairs, counted) < ONE_WAY or _strayed(pairs, counted, palette, held) > STRAYED:
        return None
    own, where = np.unique(richer[differing], return_inverse=True)
    nearest, _ = cv2.batchDistance(_channels(own), _channels(palette), cv2.CV_32F, normType=cv2.NORM_L2, K=1)
    apart = _channels(richer[differing]).astype(np.float32) - _channels(poorer[differing])
    distance = np.linalg.norm(apart, axis=1)
    most = nearest[:, 0] + BESIDE
    often = counts * len(palette) > richer.size
    frequent, covered = colours[often], counts[often]
    common = np.isin(own, frequent)
    moved = np.zeros(len(frequent))  # in the mean of their px: those that do not differ stayed
    moved[np.isin(frequent, own)] = np.bincount(where, distance)[common]
    moved /= covered
    if len(frequent):
        most[common] = np.minimum(nearest[common, 0], 2 * _usual(moved, covered)) + ROUNDING
    found = np.zeros(differing.shape, bool)
    found[differing] = distance <= most[where]
    return found


def _strayed(
    pairs: NDArray[np.uint64], counts: NDArray[np.int64], palette: NDArray[np.uint32], held: NDArray[np.int64]
) -> float:
    """See STRAYED.

    Args:
        pairs: (M,) see `ways`, of the px that differ.
        counts: (M,) how many px each has.
        palette: (P,) those, in order.
        held: (P,) px of all of the picture that have each.
    """
    first, second = (pairs >> np.uint64(32)).astype(np.uint32), pairs.astype(np.uint32)  # the lower half of the bits
    before, after = (_channels(side).astype(np.float64) for side in (first, second))
    entry = np.searchsorted(palette, second)
    sums = np.stack([np.bincount(entry, counts * step, minlength=len(held)) for step in (before - after).T])
    aside, steps = np.linalg.norm(sums, axis=0) / held, np.linalg.norm(before - after, axis=1)
    far = steps > BESIDE
    return float(np.mean(2 * aside[entry[far]] > steps[far])) if far.any() else 0.0


def _usual(moved: NDArray[np.float64], covered: NDArray[np.int64]) -> float:
    """How far half of (F,) frequent colours moved, or those of half of the px that they cover, if that is less.

    A panel that went is one of few such colours, and covers less than the ground, which stayed; programs that move the
    ground itself by less than half of BESIDE may move the others by as much.
    """
    rising = np.argsort(moved)
    half = rising[np.searchsorted(np.cumsum(covered[rising]), covered.sum() / 2)]
    return min(float(np.median(moved)), max(float(moved[half]), BESIDE / 2))


def _channels(packed: NDArray[np.uint32]) -> NDArray[np.uint8]:
    """(N, 4) bytes of (N,) packed colours."""
    return np.ascontiguousarray(packed).view(np.uint8).reshape(-1, 4)
