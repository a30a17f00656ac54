"""The verdict on each candidate of a noisy pair: is it a change, or what the noise of this pair does elsewhere, too?

Candidates are proposed with the least tolerance and below the threshold, so that nothing is missed. Where both
pictures show the same structure, a candidate is a measurement of the noise: glints, steep edges and ringing are far
stronger than the median of a picture tells, and only such places show how strong.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import cv2
import numpy as np

from diffspot.backends.channels import TINTED, largest, smoothed, tint
from diffspot.backends.interface import blur_radius
from diffspot.pipeline.segmentation import MIN_WEIGHT

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend
    from diffspot.model import Box
    from diffspot.pipeline.pair import RegisteredPair

CANDIDATE_SHARE = 0.6
"""Of the threshold: what passes it is a candidate, if only to measure the noise."""
PARTS_JOIN = 3.0
"""Px: parts closer than that are one candidate, however far apart the regions of the result are."""
SAME_STRUCTURE = 0.8
"""Correlation of the two pictures around a candidate: what was exchanged, added or removed stays below."""
ALIKE = 0.9
"""Correlation around a candidate from which both pictures show the same, only brighter or darker in one."""
LIKE_PLACES = 12
"""Stronger places of the same structure that are passed over: changes of an object's colour keep its structure. Those
in one square of PLACE px are one: an object that changed leaves many parts."""
GLINTS = 3
"""Of the places that show the same and were taken for noise, those that are passed over: a glint is one of many."""
NOISE_MULTIPLE = 2.0
"""A change is that many times as strong as the next strongest place of the same structure."""
CLEAR = 1.5
"""Times the threshold that a change must reach which the tolerance of the whole picture would take away."""
UNMOVED = 0.35
"""Share of its difference that is left of such a change under the best movement: an edge that moved leaves less."""
LARGE = 1000
"""Px from which a candidate below the threshold is a change if it has an outline: evidence grows with area."""
FILLED = 0.85
"""Share of its box that such a change covers; what light and noise leave is ragged, three quarters at most."""
REACH = 3
"""Px that edges wander at most, or that parallax moves them."""
LEAST_MARGIN, MOST_MARGIN = 4, 12
"""Px around a candidate that tell its structure, at least and at most; half of its longer side between them."""
COMPACT_SIDE, COMPACT_SHARE = 8, 0.5
"""Px that the box of such a place measures at least, and share of it that differs: coloured fringes are thinner."""
PLACE = 48
"""Px, side of the squares by which it is asked whether candidates lie all over a pair, and by which they count."""
QUIET = 0.75
"""Share of such squares that show what noise does all over, however many changes the others hold."""
SPECK_SIDE, SPECK = 12, 0.6
"""Px that the box of a speck measures at most, and share of its peak that is left of it without single px: hot pixels
and dust leave half, lines two px wide and stars more than four fifths."""
TINT_SIGMA = 1.0
"""Px: of the blur that takes the noise off before it is asked where a place changed."""
FLAT = 0.5
"""Grey levels of standard deviation below which there is no structure to compare."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place that may have changed.

    Attributes:
        box: in px of the reference.
        peak: highest score after opening, with the least tolerance, see `Parameters`.
        weight: sum of its scores.
        area: px.
    """

    box: Box
    peak: float
    weight: float
    area: int


class Match(NamedTuple):
    """How a candidate's surroundings lie in the other picture.

    Attributes:
        correlation: of the brightness at the best movement of whole px, in [-1, 1]; 0 without structure.
        left: share of the difference within the candidate's box that is left there.
        tint: score by which its channels change unlike each other, in the mean over its box; glints change all alike.
            0 where that is the lesser part of the difference.
        core: the same in the mean over what changes at least half as much as the most of it: the boxes of large places
            that are slanted or bent hold much that did not change. 0 for boxes of fewer than LARGE px, of which it says
            less: where light is clipped and in the shades of video single channels change alone.
    """

    correlation: float
    left: float
    tint: float = 0.0
    core: float = 0.0


NO_MATCH = Match(0.0, 1.0)


def noise_of_places(candidates: list[Candidate], threshold: float, match: Callable[[Box], Match]) -> float:
    """The score that places of unchanged structure reach in this pair; 0 where too few of them show any difference.

    It is the peak of the strongest but LIKE_PLACES: so many changes of colour do not raise it.

    Args:
        candidates: of one pair.
        threshold: a score; candidates whose double is below it change nothing.
        match: looks at the surroundings of a box.
    """
    same: set[tuple[int, int]] = set()
    for candidate in sorted(candidates, key=lambda one: -one.peak):
        if candidate.peak * NOISE_MULTIPLE < threshold:
            break
        found = match(candidate.box)
        if found.correlation > SAME_STRUCTURE and not _is_recolored(candidate, threshold, found):
            same.add(square_of(candidate.box))
        if len(same) > LIKE_PLACES:
            return candidate.peak
    return 0.0


def square_of(box: Box) -> tuple[int, int]:
    """Row and column of the square of PLACE px that the middle of a box lies in."""
    x, y, w, h = box
    return (y + h // 2) // PLACE, (x + w // 2) // PLACE


def noise_all_over(candidates: list[Candidate], threshold: float, shape: tuple[int, int]) -> float:
    """The score that noise reaches in most places of a pair: what is weak and all over is no change.

    It is at most CLEAR / NOISE_MULTIPLE of the threshold, so that no number of strong changes raises what they have to
    exceed.

    Args:
        candidates: of one pair.
        threshold: a score.
        shape: (height, width) of the pair, px.
    """
    places = np.zeros([-(-side // PLACE) for side in shape])
    for candidate in candidates:
        place = square_of(candidate.box)
        places[place] = max(places[place], candidate.peak)
    weak = sorted(one.peak for one in candidates if one.peak < NOISE_MULTIPLE * threshold)
    tail = weak[-LIKE_PLACES - 1] if len(weak) > LIKE_PLACES else 0.0
    return min(max(tail, float(np.quantile(places, QUIET))), CLEAR / NOISE_MULTIPLE * threshold)


def is_speck(pair: RegisteredPair, candidate: Candidate, backend: Backend) -> bool:
    """Whether little is left of a small candidate once single px are taken out of both pictures.

    Args:
        pair: a single one.
        candidate: one that stands out.
        backend: what the pair lives on.
    """
    x, y, w, h = candidate.box
    if max(w, h) > SPECK_SIDE:
        return False
    near = slice(max(0, y - REACH), y + h + REACH), slice(max(0, x - REACH), x + w + REACH)
    r, c = (cv2.medianBlur(backend.to_host(picture[near]), 3) for picture in (pair.reference, pair.candidate))
    left = cv2.blur(np.atleast_3d(cv2.absdiff(r, c)).max(axis=2).astype(np.float32), (3, 3))
    return float(cv2.erode(left, np.ones((3, 3))).max()) < SPECK * 255 * candidate.peak


def _is_recolored(candidate: Candidate, threshold: float, match: Match) -> bool:
    """Whether a place became another colour all over, which says nothing of noise; rims are too thin to tell."""
    width, height = candidate.box[2:]
    compact = min(width, height) >= COMPACT_SIDE and candidate.area >= COMPACT_SHARE * width * height
    return compact and match.tint > threshold


def stands_out(candidate: Candidate, threshold: float, noise: float, match: Callable[[Box], Match]) -> bool:
    """Whether a candidate is stronger than the threshold and than places like it.

    Where both pictures show the same, only brighter or darker in one, that is light which falls otherwise, a glint or
    a sheen; the threshold is taken for the noise of such places unless their colour became another one.

    Args:
        candidate: of a pair.
        threshold: a score.
        noise: score that noise reaches in this pair.
        match: looks at the surroundings of a box.
    """
    if candidate.peak <= max(threshold, NOISE_MULTIPLE * noise):
        return False
    if candidate.peak > NOISE_MULTIPLE * threshold:
        return True
    return not _shows_the_same(candidate, match)


def without_glints(
    candidates: Sequence[Candidate], strong: NDArray[np.bool_], match: Callable[[Box], Match]
) -> NDArray[np.bool_]:
    """(N,) which of the candidates that stand out are no glints.

    Light on solder, metal or film has a heavy tail: the strongest of many glints is far above the threshold, but not
    twice as strong as the next. So what shows the same in both pictures, only brighter or darker in one, is held to
    places that show the same and do not stand out; changes stand out and leave it where it is.

    Args:
        candidates: N of one pair.
        strong: (N,) whether each stands out.
        match: looks at the surroundings of a box.
    """
    pairs = list(zip(candidates, strong.tolist(), strict=True))
    alike = np.array([own and _shows_the_same(one, match) for one, own in pairs], bool)
    if not alike.any():
        return strong
    peaks = np.array([one.peak for one in candidates])
    least = peaks[alike].min() / NOISE_MULTIPLE
    forgiven = [one.peak for one, own in pairs if not own and one.peak > least and _shows_the_same(one, match)]
    noise = sorted(forgiven)[-GLINTS - 1] if len(forgiven) > GLINTS else 0.0
    return np.asarray(strong & ~(alike & (peaks <= NOISE_MULTIPLE * noise)))


def _shows_the_same(candidate: Candidate, match: Callable[[Box], Match]) -> bool:
    """Whether both pictures show the same there, only brighter or darker in one, and in no other colour."""
    found = match(candidate.box)
    tinted = found.core if candidate.area >= LARGE else found.tint
    return found.correlation > ALIKE and tinted <= TINTED * candidate.peak


def is_clear(candidate: Candidate, threshold: float, match: Callable[[Box], Match]) -> bool:
    """Whether a candidate is a change although it would vanish under the tolerance that the pair's edges ask for."""
    strong = candidate.peak > CLEAR * threshold and candidate.weight > MIN_WEIGHT * threshold
    return strong and match(candidate.box).left > UNMOVED


def is_large(candidate: Candidate, noise: float) -> bool:
    """Whether a candidate, though no pixel of it need pass the threshold, is a change by its size and its outline."""
    width, height = candidate.box[2:]
    return (
        candidate.area >= max(LARGE, FILLED * width * height)
        and min(width, height) ** 2 >= LARGE / 4
        and candidate.peak > NOISE_MULTIPLE * noise
    )


def match_surroundings(pair: RegisteredPair, box: Box, backend: Backend, *, sigma: float) -> Match:
    """Looks for the surroundings of a box of the reference in the candidate, up to REACH px away, on the host.

    Args:
        pair: a single one.
        box: in px of the reference.
        backend: what the pair lives on.
        sigma: of the blur, px.
    """
    (x, y, w, h), (height, width) = box, pair.valid.shape
    margin = min(max(max(w, h) // 2, LEAST_MARGIN), MOST_MARGIN)
    rows = slice(max(REACH, y - margin), min(height - REACH, y + h + margin))
    columns = slice(max(REACH, x - margin), min(width - REACH, x + w + margin))
    if min(rows.stop - rows.start, columns.stop - columns.start) < LEAST_MARGIN:
        return NO_MATCH
    outer = slice(rows.start - REACH, rows.stop + REACH), slice(columns.start - REACH, columns.stop + REACH)
    r, c = (_blurred(backend.to_host(picture[outer]), sigma) for picture in (pair.reference, pair.candidate))
    inner = r[REACH:-REACH, REACH:-REACH]
    if inner.std() < FLAT:
        return NO_MATCH
    found = np.nan_to_num(cv2.matchTemplate(c, inner, cv2.TM_CCOEFF_NORMED), posinf=0, neginf=0)
    top, left = max(0, y - rows.start), max(0, x - columns.start)
    bottom, right = max(top, min(y + h, rows.stop) - rows.start), max(left, min(x + w, columns.stop) - columns.start)
    own = slice(top, bottom), slice(left, right)
    if not inner[own].size:
        return NO_MATCH
    around = c[top : bottom + 2 * REACH, left : right + 2 * REACH]
    nearest = cv2.matchTemplate(around, inner[own], cv2.TM_SQDIFF)
    dy, dx = np.unravel_index(int(nearest.argmin()), nearest.shape)
    still = c[REACH:-REACH, REACH:-REACH]
    moved = c[dy : dy + inner.shape[0], dx : dx + inner.shape[1]]
    before, after = (float(np.abs(inner - other)[own].sum()) for other in (still, moved))
    return Match(float(found[dy, dx]), after / before if before else 1.0, *_tints(pair, box, backend))


def _tints(pair: RegisteredPair, box: Box, backend: Backend) -> tuple[float, float]:
    """Tint and core, see `Match`."""
    x, y, w, h = box
    place = slice(y, y + h), slice(x, x + w)
    r, c = (backend.to_host(picture[place]).astype(np.float32) for picture in (pair.reference, pair.candidate))
    change = (c - r).reshape(h, w, -1)
    whole = tint(change.reshape(w * h, -1)) / 255
    if w * h < LARGE:  # then nobody asks for its core
        return whole, 0.0
    strength = largest(np.abs(smoothed(change, TINT_SIGMA)))
    return whole, tint(change[2 * strength >= strength.max()]) / 255


def _blurred(picture: NDArray[Any], sigma: float) -> NDArray[Any]:
    """(H, W) float32 mean of the channels, blurred."""
    grey: NDArray[Any] = picture.mean(axis=2, dtype=np.float32)
    if not sigma:
        return grey
    size = 2 * blur_radius(sigma) + 1
    blurred: NDArray[Any] = cv2.GaussianBlur(grey, (size, size), sigma, borderType=cv2.BORDER_REFLECT)
    return blurred
