"""Where a crop lies in a picture: exactly, or as compression and light left it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import cv2
import numpy as np

from diffspot.pipeline.finding.exact import exact_places
from diffspot.pipeline.finding.places import MOST_PLACES, Place, near, rank, without_overlap
from diffspot.pipeline.preparation import common_form, to_levels

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.model import Image

EVEN = 1.0
"""Grey levels of standard deviation; a crop with less has no structure to correlate."""
MOST_CONTRAST = 4.0
"""Times that light may change the contrast of a place, either way; the structure of evener places is noise."""
COARSE_SIDE = 16
"""Px of the crop's shorter side that the coarsest level keeps."""
COARSE_PIXELS = 1 << 20
"""Px of a picture that are searched as they are; a level of the pyramid is not made smaller."""
SLACK = 0.25
"""How much lower than the best, or than is asked for, a place may score on the coarse level and still be looked at."""
MOST_CANDIDATES = 64
"""Places of the coarse level that are looked at where the best alone are asked for."""
EQUAL = 0.01
"""Scores of places that are equally good: what another JPEG grid makes of two equal places."""


class Located(NamedTuple):
    """The places of a crop in a picture, best first, and a note for what was not looked for."""

    places: list[Place]
    notes: tuple[str, ...] = ()


def locate(
    picture: Image,
    crop: Image,
    *,
    min_score: float = 0.9,
    top: int | None = 1,
    equals: bool = True,
) -> Located:
    """Finds where a crop lies in a picture.

    Places that are equal in every pixel are found whatever is in the crop; others by normalised cross-correlation of
    the colours (J. P. Lewis, Fast Template Matching, Vision Interface 1995), first on a smaller picture. Light may
    change in brightness and contrast, and each channel in brightness; size and direction may not.

    Args:
        picture: where to look; 8 or 16 bits, with alpha or not.
        crop: what to look for; a larger one is nowhere.
        min_score: correlation, 0..1, that a place which is not equal must reach.
        top: how many of the best places; None is all.
        equals: whether to return also those that are as good as the last of `top`.

    Returns:
        Places of which none covers another's middle: exact ones first, then by score.
    """
    height, width = crop.pixels.shape[:2]
    if height > picture.pixels.shape[0] or width > picture.pixels.shape[1]:
        return Located([], ("the crop is larger than the picture",))
    form = common_form(picture, crop)
    found, notes = exact_places(form.reference, form.candidate), list[str]()
    if top is None or len(found) < top:
        levels, part = to_levels(form.reference), to_levels(form.candidate)
        if _contrast(part) < EVEN:
            notes.append("the crop is of one colour, so only places equal in every pixel are found")
        else:
            found = without_overlap([*found, *_similar(levels, part, min_score, best=top == 1)])
    if len(found) >= MOST_PLACES:
        notes.append(f"only {MOST_PLACES} places are reported")
    return Located(_best(sorted(found, key=rank), top, equals=equals), tuple(notes))


def _best(places: list[Place], top: int | None, *, equals: bool) -> list[Place]:
    if top is None or len(places) <= top:
        return places[:MOST_PLACES]
    last = places[top - 1]
    more = [one for one in places[top:] if one.exact == last.exact and one.score >= last.score - EQUAL]
    return (places[:top] + (more if equals else []))[:MOST_PLACES]


def _contrast(pixels: NDArray[Any]) -> float:
    """Standard deviation about the mean of each channel, grey levels; over all channels."""
    return float(np.sqrt(np.mean(pixels.reshape(-1, pixels.shape[2]).var(axis=0, dtype=np.float64))))


def _similar(picture: NDArray[Any], crop: NDArray[Any], min_score: float, *, best: bool) -> list[Place]:
    """Places whose correlation with the crop reaches `min_score`: found on a smaller picture, then to the px."""
    height, width = crop.shape[:2]
    shrink = _shrinking(picture.shape, min(height, width))
    small, part = _shrunk(picture, shrink), _shrunk(crop, shrink)
    found = []
    for x, y in _peaks(_correlation(small, part), near(part.shape[:2]), min_score - SLACK * (shrink > 1), best=best):
        box = _refined(picture, crop, x * shrink, y * shrink, shrink)
        left, top, _, _ = box
        window = picture[top : top + height, left : left + width]
        score = correlate(window, crop)
        if score >= min_score:
            found.append(Place(bbox=box, score=round(score, 6), exact=False))
    return found


def _shrinking(shape: tuple[int, ...], side: int) -> int:
    """How many times smaller the coarse level is: a power of two."""
    shrink = 1
    while shape[0] * shape[1] > COARSE_PIXELS * shrink**2 and side >= 2 * shrink * COARSE_SIDE:
        shrink *= 2
    return shrink


def _shrunk(pixels: NDArray[Any], shrink: int) -> NDArray[Any]:
    """Means of blocks of `shrink` px a side, whole blocks alone."""
    if shrink == 1:
        return pixels
    height, width = (side // shrink for side in pixels.shape[:2])
    whole = pixels[: height * shrink, : width * shrink]
    small = cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA)
    return small.reshape(height, width, -1)


def _correlation(picture: NDArray[Any], crop: NDArray[Any]) -> NDArray[np.float32]:
    """(H - h + 1, W - w + 1) float32, -1..1; 0 where a window has another contrast than light explains."""
    scores = cv2.matchTemplate(picture, crop, cv2.TM_CCOEFF_NORMED)
    variance = np.zeros(scores.shape, np.float64)
    for plane in cv2.split(picture):
        total, squares = cv2.integral2(plane, sdepth=cv2.CV_64F, sqdepth=cv2.CV_64F)
        variance += _window_sums(squares, crop.shape) - _window_sums(total, crop.shape) ** 2 / crop[..., 0].size
    own = _contrast(crop) ** 2 * crop.size
    scores[(variance * MOST_CONTRAST**2 < own) | (variance > own * MOST_CONTRAST**2)] = 0
    return np.asarray(scores, np.float32)


def _window_sums(integral: NDArray[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    """Sums over windows of a shape, from (H + 1, W + 1) sums of all that lies above and to the left."""
    height, width = shape[:2]
    down = integral[height:] - integral[:-height]
    return np.asarray(down[:, width:] - down[:, :-width])


def _peaks(scores: NDArray[np.float32], reach: tuple[int, int], least: float, *, best: bool) -> list[tuple[int, int]]:
    """(x, y) of the scores above 0 that none within reach surpasses, the highest first; or those near the best."""
    window = np.ones((2 * reach[0] - 1, 2 * reach[1] - 1), np.uint8)
    highest = cv2.dilate(scores, window)
    least = max(least, float(scores.max()) - SLACK) if best else least
    ys, xs = np.nonzero((scores == highest) & (scores >= least) & (scores > 0))
    order = np.argsort(-scores[ys, xs], kind="stable")[: MOST_CANDIDATES if best else MOST_PLACES]
    return [(int(xs[index]), int(ys[index])) for index in order]


def _refined(picture: NDArray[Any], crop: NDArray[Any], x: int, y: int, reach: int) -> tuple[int, int, int, int]:
    """The box within `reach` px of (x, y) that correlates best."""
    height, width = crop.shape[:2]
    if reach == 1:
        return x, y, width, height
    top, left = max(0, y - reach), max(0, x - reach)
    around = picture[top : y + height + reach, left : x + width + reach]
    scores = cv2.matchTemplate(around, crop, cv2.TM_CCOEFF_NORMED)
    row, column = np.unravel_index(int(scores.argmax()), scores.shape)
    return left + int(column), top + int(row), width, height


def correlate(window: NDArray[Any], crop: NDArray[Any]) -> float:
    """Normalised correlation of two (h, w, C) pictures about the mean of each channel, 0..1; 0 where one is even."""
    one, other = (pixels.reshape(-1, pixels.shape[2]).astype(np.float64) for pixels in (window, crop))
    one, other = one - one.mean(axis=0), other - other.mean(axis=0)
    spread = float(np.sqrt((one * one).sum() * (other * other).sum()))
    return min(1.0, max(0.0, float((one * other).sum()) / spread)) if spread else 0.0
