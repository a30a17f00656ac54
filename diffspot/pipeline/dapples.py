"""Ragged shade, as trees, fences and cranes cast it: all places of one depth in which the ground is seen as before."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

from diffspot.backends.channels import largest, mean, reduced
from diffspot.pipeline.cells import CELL, in_px
from diffspot.pipeline.sampling import median
from diffspot.pipeline.shade import DARK, DEEPEST, FAINTEST, LEAST_SHARE, MOSTLY, SEEN, STEADY
from diffspot.pipeline.shadows import (
    DARKNESS,
    LEAST_LEVELS,
    SAME_COLOUR,
    Shadow,
    in_light,
    means_in_other_light,
    rim_of,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend
    from diffspot.pipeline.pair import RegisteredPair

FINE = 5
"""Px, side of the median that takes noise and details out of the ratio of brightness, and keeps borders."""
LARGEST = 2_000_000
"""Px of a picture: of a larger one several px are one where shade is worked out."""
DEEP = 0.95
"""Quantile of the depth of all places in another light that is the depth of the shade: half-shadows are the rest."""
KEPT = 0.4
"""Share of the variance of details that both pictures have in common where the ground is seen: a part of shade keeps
0.6 to 1.2 of it, and what hides the ground 0.2 at most. All of it together keeps SEEN, as in `shade.py`."""
SURE = 4.0
"""Standard errors by which details must be missing, or seen, to count as such."""
WINDOW = 15
"""Px, side of the square in which details are looked for."""
INDEPENDENT = 2.0
"""Px of noise that are as good as one: cameras and compression blur it."""
GLANCE = 4
"""Px that are one at the first look."""
RAGGED = 2.0
"""Border of the shade beside that of a disc as large: a shade that is less ragged is judged by its border."""
ALONE = 31
"""Px that lie between two places which are not of one shade."""
HALF, BORDER = 0.5, 5
"""Share of the shade at its border; and px, side of the square that such a border lies within."""
LEAST_GRAIN = 1e-9
"""Keeps places without any px from dividing by zero."""
HALF_SHADOW = 7
"""Px around a place in shade in which it fades out."""
EDGE = 4
"""Px around a thing in which its edge looks like shade."""
SPECK, HIDDEN = 5, 9
"""Px that a thing is thick at least, told by its light and by what it hides; less is noise."""


class _Logs(NamedTuple):
    """A pair as logarithms of its brightness.

    Attributes:
        one: (H, W) the reference.
        other: (H, W) the candidate.
        levels: (H, W, C) grey levels of the darker of the two.
        ratio: (H, W, C) of the reference's over the candidate's, smooth, beside what is usual.
        strength: (H, W) the same of the mean of the channels.
    """

    one: NDArray[np.float32]
    other: NDArray[np.float32]
    levels: NDArray[np.float32]
    ratio: NDArray[np.float32]
    strength: NDArray[np.float32]


class _Details(NamedTuple):
    """Details of the ground, in the window around each px.

    Attributes:
        common: (H, W) covariance of those of both pictures.
        whole: (H, W) variance of those of the brighter one, without noise.
        error: (H, W) standard error of `common`.
    """

    common: NDArray[np.float32]
    whole: NDArray[np.float32]
    error: NDArray[np.float32]


def even_dapples(pair: RegisteredPair, backend: Backend) -> tuple[RegisteredPair, list[Shadow]]:
    """Takes ragged shade out of the candidate, and ragged sunlight that the reference has not.

    A tree's shadow that wandered is light here and shade there, in pieces and with half-shadows between. All of it has
    the depth and the colour that the sun's part of the light has, and the details of the ground are the same in both
    pictures: as logarithms they are neither weaker nor stronger. What came hides them; so does what went.

    Args:
        pair: a single one of photos or scans, in one light on the whole.
        backend: what the arrays live on.

    Returns:
        The pair, and what was evened out.
    """
    means = means_in_other_light(pair, backend)
    if means is None:
        return pair, []
    grey = (np.log(mean(side) + DARKNESS) for side in means[:2])
    relit = means[2] & (np.abs(np.subtract(*grey)) > FAINTEST)
    if np.count_nonzero(relit) < LEAST_SHARE * relit.size:  # most pairs end here
        return pair, []
    host = pair.to_host(backend)
    light = _light(host) if _is_ragged(host) else None
    if light is None:
        return pair, []
    lit = backend.select(pair.valid, in_light(pair.candidate, light, backend), pair.reference)
    shade = _as_shadow(light, means[0], pair.valid.shape)
    return replace(pair, candidate=lit, difference=backend.absdiff(pair.reference, lit)), [shade]


def _is_ragged(pair: RegisteredPair) -> bool:
    """Whether what has another light is ragged at a glance: things that came are not, and need no closer look."""
    size = tuple(-(-side // GLANCE) for side in pair.valid.shape[::-1])
    first, second = (
        _log(mean(cv2.resize(side, size, interpolation=cv2.INTER_AREA).reshape(*size[::-1], -1).astype(np.float32)))
        for side in (pair.reference, pair.candidate)
    )
    strength = cv2.medianBlur(first - second, 3)
    relit = np.abs(strength - median(strength.ravel()))
    area = (relit > FAINTEST) & (relit < DEEPEST)
    return bool(area.any()) and _raggedness(area) >= RAGGED


def _light(pair: RegisteredPair) -> NDArray[np.float32] | None:
    """(H, W, C) logarithm of what the candidate's light lacks in the shade, 0 elsewhere; None where there is none."""
    height, width = pair.valid.shape
    step = int(np.ceil(np.sqrt(height * width / LARGEST)))
    size = -(-width // step), -(-height // step)
    one, other = (
        cv2.resize(side, size, interpolation=cv2.INTER_AREA).reshape(size[1], size[0], -1).astype(np.float32)
        for side in (pair.reference, pair.candidate)
    )
    valid = cv2.resize(pair.valid.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
    light = _fine_light(one, other, valid)
    if light is None or step == 1:
        return light
    whole = cv2.resize(light, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(whole, np.float32).reshape(height, width, -1)


def _fine_light(
    one: NDArray[np.float32], other: NDArray[np.float32], valid: NDArray[np.bool_]
) -> NDArray[np.float32] | None:
    """`_light` of (H, W, C) levels of both pictures."""
    logs = _logs(one, other, valid)
    size, bright = np.abs(logs.strength), mean(logs.levels) >= DARK
    relit = valid & (size > FAINTEST)
    neutral = relit & bright & (size < DEEPEST) & ~_coloured(logs, np.ones(one.shape[2], np.float32))
    thick = _thick(neutral, SPECK)
    least = max(LEAST_SHARE * np.count_nonzero(valid), MOSTLY * np.count_nonzero(relit & bright))
    if np.count_nonzero(thick) < least or _raggedness(thick) < RAGGED:
        return None
    details = _details(logs, valid & ~relit, float(np.quantile(size[thick], DEEP)))
    if details.common[thick].sum() < SEEN * details.whole[thick].sum():
        return None
    hidden = _hidden(details)
    depth = _depth(logs, _seen_pieces(details, thick & ~hidden, apart=1, sure=0))
    if depth is None:
        return None
    deep = float(depth.mean())
    unlike = _deeper(logs, deep) | _coloured(logs, depth / deep)
    things = _grown(_thick(relit & hidden, HIDDEN) | _thick(relit & unlike, SPECK), EDGE)
    area = _seen_pieces(details, relit & ~things, apart=ALONE, sure=SURE)
    if not area.any():
        return None
    near = _grown(area, HALF_SHADOW) & ~things & valid
    return np.asarray((np.clip(logs.strength / deep, -1, 1) * near)[..., None] * depth, np.float32)


def _logs(one: NDArray[np.float32], other: NDArray[np.float32], valid: NDArray[np.bool_]) -> _Logs:
    """The logarithms of (H, W, C) levels."""
    planes = [cv2.medianBlur(plane, FINE) for plane in cv2.split(_log(one) - _log(other))]
    ratio = np.asarray([plane - median(plane[valid]) for plane in planes], np.float32).transpose(1, 2, 0)
    first, second = (_log(mean(side)) for side in (one, other))
    strength = np.asarray(cv2.medianBlur(first - second, FINE), np.float32)
    return _Logs(first, second, np.minimum(one, other), ratio, np.asarray(strength - median(strength[valid])))


def _log(levels: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(np.log(levels + np.float32(DARKNESS)))


def _details(logs: _Logs, lit: NDArray[np.bool_], depth: float) -> _Details:
    """Looks for details of the ground, but not along the border of the shade.

    Args:
        logs: the pair.
        lit: (H, W) bool, places in the same light, which tell the noise.
        depth: about that of the shade.
    """
    sides = np.digitize(logs.strength, (-HALF * depth, HALF * depth)).astype(np.uint8)
    inner = (cv2.morphologyEx(sides, cv2.MORPH_GRADIENT, _square(BORDER)) == 0).astype(np.float32)
    first, second = ((grey - cv2.medianBlur(grey, FINE)) * inner for grey in (logs.one, logs.other))
    grains = [_around(np.exp(-2 * grey) * inner) for grey in (logs.one, logs.other)]
    variances, common = [_around(first**2), _around(second**2)], _around(first * second)
    noises = ((sum(variances) - 2 * common) / np.maximum(sum(grains), np.float32(LEAST_GRAIN)))[lit]
    noise = median(noises) if noises.size else np.float32(0)
    without = [variance - noise * grain for variance, grain in zip(variances, grains, strict=True)]
    whole = np.maximum(np.where(logs.strength > 0, *without), 0)
    looked_at = np.maximum(_around(inner), np.float32(1 / WINDOW**2)) * (WINDOW**2 / INDEPENDENT)
    return _Details(common, whole, np.sqrt(variances[0] * variances[1] / looked_at))


def _hidden(details: _Details) -> NDArray[np.bool_]:
    """(H, W) where the ground is surely not seen."""
    missing = details.whole - details.common
    return (details.common < KEPT * details.whole) & (missing > SURE * details.error)


def _coloured(logs: _Logs, colour: NDArray[np.float32]) -> NDArray[np.bool_]:
    """(H, W) where the light changed by another colour than (C,) `colour`, whose mean is 1."""
    off, grey = (logs.ratio - colour * logs.strength[..., None]) * logs.levels, mean(logs.levels)
    apart = largest(off) - reduced(np.minimum, off)
    return np.asarray(apart > SAME_COLOUR * np.abs(logs.strength) * grey + LEAST_LEVELS)


def _deeper(logs: _Logs, depth: float) -> NDArray[np.bool_]:
    """(H, W) where shade of that depth surely does not explain the brightness."""
    return np.asarray((np.abs(logs.strength) - (1 + STEADY) * depth) * mean(logs.levels) > LEAST_LEVELS)


def _around(plane: NDArray[np.float32]) -> NDArray[np.float32]:
    """The mean over the window around each px."""
    return np.asarray(cv2.blur(plane, (WINDOW, WINDOW)))


def _grown(mask: NDArray[np.bool_], reach: int) -> NDArray[np.bool_]:
    """An area and so many px around it."""
    return cv2.dilate(mask.view(np.uint8), _square(2 * reach + 1)).view(bool)


def _square(side: int) -> NDArray[np.uint8]:
    return np.ones((side, side), np.uint8)


def _raggedness(area: NDArray[np.bool_]) -> float:
    """The border of an area beside that of a disc as large."""
    borders, _ = cv2.findContours(area.view(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    length = sum(cv2.arcLength(border, closed=True) for border in borders)
    return float(length / np.sqrt(4 * np.pi * area.sum()))


def _depth(logs: _Logs, shown: NDArray[np.bool_]) -> NDArray[np.float32] | None:
    """(C,) logarithm of the ratio of brightness in full shade, from places in it; None where these are no shade's."""
    if not shown.any():
        return None
    strength = logs.strength[shown]
    full = float(np.quantile(np.abs(strength), DEEP))
    core = np.abs(np.abs(strength) - full) <= STEADY * full
    ratios, levels = (logs.ratio[shown] * np.sign(strength)[:, None])[core], logs.levels[shown][core]
    depth = [
        np.median(ratio[bright]) if (bright := level >= DARK).any() else full
        for ratio, level in zip(ratios.T, levels.T, strict=True)
    ]
    possible = FAINTEST < full < DEEPEST and np.ptp(depth) <= SAME_COLOUR * full
    return np.asarray(depth, np.float32) if possible else None


def _thick(mask: NDArray[np.bool_], least: int) -> NDArray[np.bool_]:
    """The parts of an area that are so many px thick."""
    return cv2.morphologyEx(mask.view(np.uint8), cv2.MORPH_OPEN, _square(least)).view(bool)


def _seen_pieces(details: _Details, area: NDArray[np.bool_], *, apart: int, sure: float) -> NDArray[np.bool_]:
    """The pieces of an area, closer than `apart` px to each other, where the ground is seen by so many errors."""
    joined = cv2.dilate(area.view(np.uint8), _square(apart))
    count, labels = cv2.connectedComponents(joined, connectivity=8)
    own = np.where(area, labels, 0).ravel()
    common, whole, squares = (
        np.bincount(own, each.ravel(), count) for each in (details.common, details.whole, details.error**2)
    )
    seen = (common >= KEPT * whole) & (common >= sure * WINDOW * np.sqrt(squares)) & (common > 0)
    seen[0] = False
    return np.asarray(seen[labels] & area)


def _as_shadow(light: NDArray[np.float32], reference: NDArray[np.float32], shape: tuple[int, ...]) -> Shadow:
    """What was evened out, in cells.

    Args:
        light: (H, W, C), see `_light`.
        reference: (rows, columns, C) means of the cells.
        shape: (H, W).
    """
    rows, columns = reference.shape[:2]
    plane = np.abs(mean(light))[: rows * CELL, : columns * CELL]
    strength = cv2.resize(plane, (columns, rows), interpolation=cv2.INTER_AREA)
    area = strength > 0
    whole = slice(0, rows), slice(0, columns)
    x, y, w, h = cv2.boundingRect(area.view(np.uint8))
    return Shadow(in_px((x, y, w, h), shape), (strength * mean(reference))[area], rim_of(area, whole, shape))
