"""Brightness, contrast, white balance and uneven light, fitted so that real changes cannot drag the fit along."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from diffspot.model import Normalization
from diffspot.pipeline.derived import once
from diffspot.pipeline.pair import RegisteredPair
from diffspot.pipeline.preparation import to_levels
from diffspot.pipeline.sampling import MEDIAN_TO_SIGMA, median

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend
    from diffspot.pipeline.placement import Placement

CELL = 4
"""Px: means over 4 x 4 px carry a quarter of the noise, which would otherwise flatten the fitted gain."""
SPREADS = (64.0, 32.0, 16.0, 8.0, 4.0, 2.0, 1.0, 0.5, 0.5, 0.5, 0.5, 0.5)
"""Grey levels, the least spread of each round: near least squares at first, or a two-tone picture fits one of its
tones; in the end the rounding of 8-bit pictures, below which a spread would be made up."""
TUNING = 2.0
"""Residuals beyond this many spreads count less and less; changes lie far beyond it."""
CORRELATED = 0.7
"""Correlation below which a channel shows noise rather than a common signal, and its gain is undetermined."""
FLAT_VARIANCE = 4.0
"""Squared grey levels: below it a channel is flat and its gain undetermined."""
SATURATED = (3, 252)
"""Grey levels: a cell mean beyond them holds clipped pixels."""
MOSTLY_SATURATED = 0.25
"""Share of the cells that must be left for the fit to stand for the whole picture."""
GAIN_LIMITS = (0.4, 2.5)
"""A camera's exposure between two shots; more than a stop is a change worth reporting."""
MOST_LIGHT = 96.0
"""Grey levels: an offset that shifts the middle by more is a change, not the light; exposure has none, and dusk takes
more from what is bright."""
UNTOUCHED = 0.2
"""Other light changes nearly every cell; where so many are equal, what differs is content."""
WORTH = 0.9
"""The fit must take at least a tenth off the median residual, otherwise it fits noise."""
SHADING_WORTH = 0.7
"""Seven more numbers must take three tenths off what the line leaves: uneven light and a bent tone curve do, noise does
not."""
HOPELESS = 0.95
"""Share of what the line leaves that one round must fall short of: noise leaves 0.98 or more of it, uneven light less
than it does in the end."""
MOST_SHADING = 3.0
"""Brightest over darkest shading: the corners of a lens have a third of the light of its middle at the least."""
NO_LIGHT = np.array([1.0, *(0.0,) * 8])
"""Gain, shading, offset and bends of light that did not change."""
UNUSUAL = np.array([1.0, *(1.0,) * 5, 32.0, 0.25, 0.25])
"""By how much each of them differs from that where it is as unlikely as a misfit of a grey level everywhere: of a wall
of nearly one shade any gain is as good as another offset or another curve, and light changes the gain first."""
MOST_TONE = 0.8
"""Share of the gain: sum of the sizes of both bends, below which a tone curve rises all along; a gamma of 0.6 takes
half."""
SAMPLES = 20_000
"""Cells that are looked at, about: medians of so many are as good as those of all."""
GLANCE, PROMISE = 2_500, 1.05
"""Cells, about, that are fitted first; where those fall short by more than a twentieth of what a fit is worth, the
others are spared."""
MIN_SAMPLES = 100
"""Too little valid area says nothing about the light."""

Channel = tuple[float, float, tuple[float, ...], tuple[float, ...]]
NO_LINE = (1.0, 0.0)
EVEN, STRAIGHT = (0.0,) * 6, (0.0,) * 2
UNCHANGED: Channel = (*NO_LINE, EVEN, STRAIGHT)


def fit_normalization(
    reference: NDArray[Any], candidate: NDArray[Any], valid: NDArray[Any], backend: Backend
) -> Normalization | None:
    """Fits candidate * gain * shading + offset + tone to the reference by channel; None where that does not help.

    Reweighted least squares with the weight of Geman and McClure, hardened round by round (graduated non-convexity);
    its spread is never below the median absolute deviation.

    Args:
        reference: (H, W, C) levels.
        candidate: (H, W, C) levels, in the reference's frame.
        valid: (H, W) bool.
        backend: what the arrays live on.

    References:
        Black, Rangarajan: On the unification of line processes, outlier rejection, and robust statistics with
        applications in early vision. IJCV 19, 1996. doi:10.1007/BF00131148
    """
    whole = backend.to_host(backend.whole_cells(valid, CELL))
    inside = np.flatnonzero(whole)
    rows, columns = np.divmod(inside[:: max(1, len(inside) // SAMPLES)], max(1, whole.shape[1]))
    places = backend.from_host(rows), backend.from_host(columns)
    x = backend.to_host(backend.cell_mean(candidate, CELL, *places))
    of_reference = partial(backend.cell_mean, reference, CELL, *places)
    y = backend.to_host(once(reference, "cells", of_reference) if whole.all() else of_reference())
    terms = _shading_terms(whole.shape, rows, columns)
    channels = [_fit_channel(x[:, c], y[:, c], terms, SHADING_WORTH) for c in range(reference.shape[2])]
    if any(any(shading) for _, _, shading, _ in channels):  # what lights one channel unevenly lights the others, too
        channels = [
            own if any(own[2]) else _fit_channel(x[:, c], y[:, c], terms, WORTH) for c, own in enumerate(channels)
        ]
    if all(channel == UNCHANGED for channel in channels):
        return None
    gain, offset, shading, tone = zip(*channels, strict=True)
    return Normalization(
        gain=gain,
        offset=offset,
        shading=shading if any(map(any, shading)) else None,
        tone=tone if any(map(any, tone)) else None,
    )


def normalize_pair(
    reference: NDArray[Any], placement: Placement, backend: Backend, *, normalize: bool
) -> tuple[RegisteredPair, Normalization | None]:
    """The registered pair in one light, and how its light was evened out.

    Args:
        reference: (H, W, C) uint8 or uint16.
        placement: the candidate in the reference's frame.
        backend: what does the array work.
        normalize: whether the light may differ.
    """
    r, c, valid = backend.from_host(to_levels(reference)), placement.candidate, placement.valid
    light = fit_normalization(r, c, valid, backend) if normalize else None
    if light:
        r, c = apply_normalization(r, c, light, backend)
    c = backend.select(valid, c, r)
    ignored = None if placement.ignored is None else backend.from_host(placement.ignored)
    return RegisteredPair(r, c, valid, backend.absdiff(r, c), ignored), light


def apply_normalization(
    reference: NDArray[Any], candidate: NDArray[Any], light: Normalization, backend: Backend
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Maps the candidate to the reference's light, and cuts both to the levels that both can show.

    Where the brighter picture is saturated the darker one still shows detail; after mapping, that detail would look
    like a change. Clipping the reference to what the candidate's range maps to removes it from both.

    Args:
        reference: (H, W, C) levels.
        candidate: (H, W, C) levels, in the reference's frame.
        light: what was fitted.
        backend: what the arrays live on.

    Returns:
        Reference and candidate, (H, W, C) levels of the dtype given.
    """
    if light.shading is None and reference.dtype == candidate.dtype == np.uint8:
        steps = np.repeat(np.arange(256, dtype=np.uint8)[:, None, None], reference.shape[2], axis=2)
        every = backend.from_host(steps)
        shown, mapped = (table[:, 0] for table in _lit(every, every, light, backend))
        low, high = once(reference, "range", lambda: (int(reference.min()), int(reference.max())))
        cuts = bool((shown[low : high + 1] != every[low : high + 1, 0]).any())
        # as it is, what is worked out of a reference that pairs share stays of use
        cut = backend.look_up(reference, shown) if cuts else reference
        return cut, backend.look_up(candidate, mapped)
    return _lit(reference, candidate, light, backend)


def _lit(
    reference: NDArray[Any], candidate: NDArray[Any], light: Normalization, backend: Backend
) -> tuple[NDArray[Any], NDArray[Any]]:
    """See `apply_normalization`; worked out for each pixel.

    Numbers of the channels are repeated along a line first: along so short an axis NumPy takes several times as long.
    """
    xp, (height, width) = backend.xp, reference.shape[:2]
    wide = partial(_repeated, width=width, backend=backend)
    gain, offset = wide(light.gain), wide(light.offset)
    terms, bends = ([wide(each) for each in zip(*own or (), strict=True)] for own in (light.shading, light.tone))
    u, v = (backend.from_host(np.linspace(-1, 1, side, dtype=np.float32)) for side in (width, height))
    shading = _shading(u[:, None], *terms) if terms else None
    cut, mapped = xp.empty_like(reference), xp.empty_like(candidate)
    for rows in backend.strips(reference.shape):
        shade = _shade(shading, v[rows, None, None]) if shading else xp.ones(1, np.float32)
        levels = candidate[rows].astype(np.float32)
        lit = levels * (gain * shade) + offset
        if bends:
            lit += _toned(levels, *bends)
        lowest, highest = offset, 255 * gain * shade + offset
        shown = xp.minimum(xp.maximum(reference[rows].astype(np.float32), lowest), highest)
        for picture, held in ((cut, shown.clip(0, 255)), (mapped, lit.clip(0, 255))):
            picture[rows] = xp.rint(held) if picture.dtype == np.uint8 else held
    return cut, mapped


def _repeated(numbers: Sequence[float], *, width: int, backend: Backend) -> NDArray[Any]:
    """(W, C) float32, a number of each channel for each px of a line."""
    return backend.from_host(np.tile(np.array(numbers, np.float32), (width, 1)))


def _shading(u: NDArray[Any], *terms: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """What shading adds to 1 along a line, times how far down it lies, and times the square of that, (W, C) each.

    Args:
        u: (W, 1), see `_shading_terms`.
        terms: the six factors, (W, C) each.
    """
    flat, x, y, xx, xy, yy = terms
    return flat + x * u + xx * (u * u), y + xy * u, yy


def _shade(shading: tuple[NDArray[Any], NDArray[Any], NDArray[Any]], v: NDArray[Any]) -> NDArray[Any]:
    """By what the light is multiplied, (rows, W, C); v, (rows, 1, 1), as in `_shading_terms`."""
    along, slope, bow = shading
    return 1 + along + slope * v + bow * (v * v)  # type: ignore[no-any-return]


def _shading_terms(shape: tuple[int, ...], rows: NDArray[np.intp], columns: NDArray[np.intp]) -> NDArray[np.float32]:
    """1, u, v, u * u, u * v, v * v at N places of a grid, (6, N); over it u and v run from -1 to 1."""
    v, u = (np.linspace(-1, 1, side, dtype=np.float32) for side in shape)
    u, v = u[columns], v[rows]
    return np.stack([np.ones_like(u), u, v, u * u, u * v, v * v])


def _fit_channel(x: NDArray[Any], y: NDArray[Any], terms: NDArray[Any], worth: float) -> Channel:
    """Gain, offset and shading of one channel from the means of its cells, (N,), and their terms, (6, N).

    Args:
        x: levels of the candidate.
        y: levels of the reference.
        terms: see `_shading_terms`.
        worth: see `_uneven`.
    """
    kept = _samples(x, y)
    x, y = x[kept], y[kept]
    if x.size < MIN_SAMPLES or np.count_nonzero(x == y) > UNTOUCHED * x.size:
        return UNCHANGED
    few = slice(None, None, max(1, x.size // GLANCE))
    gain, offset = NO_LINE
    if _line(x[few], y[few], PROMISE * WORTH) != NO_LINE:
        gain, offset = _line(x, y, WORTH)
    line = gain * x + offset
    if abs(float(median(y - line))) > MOST_LIGHT:  # then no line is light, and a curve would only bend it into one
        return UNCHANGED
    if _uneven(x[few], y[few], terms[:, kept[few]], line[few], PROMISE * worth):
        return _uneven(x, y, terms[:, kept], line, worth) or (round(gain, 6), round(offset, 4), EVEN, STRAIGHT)
    return round(gain, 6), round(offset, 4), EVEN, STRAIGHT


def _line(x: NDArray[Any], y: NDArray[Any], worth: float) -> tuple[float, float]:
    """Gain and offset that bring the median residual below `worth` of what it was, or NO_LINE."""
    gain, offset = NO_LINE
    for least in SPREADS:
        weight = _weights(y - (gain * x + offset), least)
        gain, offset = _weighted_line(x, y, weight / weight.sum())
    line = gain * x + offset
    if _typical(y - line) >= worth * _typical(y - x) or not _is_light(x, line, gain, offset):
        return NO_LINE
    return gain, offset


def _is_light(x: NDArray[Any], lit: NDArray[Any], gain: float, offset: float) -> bool:
    """Whether light may have made levels (N,) of the other ones, (N,): see MOST_LIGHT and GAIN_LIMITS."""
    # of either to the other one: which of them is the reference does not count
    exposed = GAIN_LIMITS[0] < gain < GAIN_LIMITS[1] and abs(offset) <= MOST_LIGHT * min(gain, 1)
    return exposed or abs(float(median(lit - x))) <= MOST_LIGHT


def _uneven(x: NDArray[Any], y: NDArray[Any], terms: NDArray[Any], line: NDArray[Any], worth: float) -> Channel | None:
    """A channel in uneven light or with a bent tone curve; None if that is not worth it or too much.

    Light and curve are fitted at once: either alone takes what belongs to the other for its own.

    Args:
        x: (N,) levels of the candidate.
        y: (N,) levels of the reference.
        terms: (6, N), see `_shading_terms`.
        line: (N,) the candidate by gain and offset alone.
        worth: share of the median residual that may be left of what the line leaves.
    """
    columns = np.stack([*(terms * x), np.ones_like(x), *_bends(x)]).astype(np.float64)
    before = _typical(y - line)
    if _typical(y - _fitted(columns, y, line, SPREADS[-1]) @ columns) > HOPELESS * before:
        return None
    factors = NO_LIGHT
    for least in SPREADS:
        factors = _fitted(columns, y, factors @ columns, least)
    shade = factors[:6] @ terms
    lit, (gain, *rest) = factors @ columns, factors.tolist()
    left = _typical(y - lit)
    possible = 0 < shade.max() <= MOST_SHADING * shade.min() and _is_light(x, lit, *factors[[0, 6]].tolist())
    rising = np.abs(factors[7:]).sum() <= MOST_TONE * shade.min()
    if not (possible and rising) or left >= worth * before or not GAIN_LIMITS[0] <= gain <= GAIN_LIMITS[1]:
        return None
    shading = tuple(round(term / gain, 6) for term in rest[:5])
    return round(gain, 6), round(rest[5], 4), (0.0, *shading), tuple(round(bend, 6) for bend in rest[6:])


def _fitted(columns: NDArray[Any], y: NDArray[Any], lit: NDArray[Any], least: float) -> NDArray[np.float64]:
    """(9,) factors by which (9, N) columns come closest to (N,) levels y, weighted by how close those are to `lit`.

    What the levels leave open is as it is in NO_LIGHT: a prior of UNUSUAL, which is ridge regression (Hoerl and Kennard
    1970, doi:10.1080/00401706.1970.10488634).
    """
    weights = _weights(y - lit, least)
    weighted, prior = columns * weights, weights.sum() / UNUSUAL**2
    normal = weighted @ columns.T + np.diag(prior)
    return np.asarray(np.linalg.solve(normal, weighted @ y + prior * NO_LIGHT))


def _bends(levels: Any) -> tuple[Any, Any]:  # noqa: ANN401  arrays of any backend
    """What bends a tone curve: nothing at black and white, most between them; and the same in two directions."""
    middle = levels * (255 - levels) / 255
    return middle, middle * (levels / 127.5 - 1)


def _toned(levels: NDArray[Any], first: NDArray[Any], second: NDArray[Any]) -> NDArray[Any]:
    """What the tone curve adds to (rows, W, C) levels; the factors of its two bends, (W, C) each."""
    one, other = _bends(levels)
    return first * one + second * other  # type: ignore[no-any-return]


def _typical(residual: NDArray[Any]) -> float:
    """The median size."""
    return float(median(np.abs(residual)))


def _weights(residual: NDArray[Any], least: float) -> NDArray[Any]:
    """Geman and McClure's weight for a spread of the median absolute deviation, `least` at least."""
    spread = max(MEDIAN_TO_SIGMA * _typical(residual), least)
    return 1 / (1 + (residual / (TUNING * spread)) ** 2) ** 2


def _samples(x: NDArray[Any], y: NDArray[Any]) -> NDArray[np.intp]:
    """Cells that count: not saturated ones, which bend the line; unless, as in two-tone pictures, nearly all are."""
    low, high = SATURATED
    kept = (np.minimum(x, y) >= low) & (np.maximum(x, y) <= high)
    if not kept.size or np.count_nonzero(kept) <= MOSTLY_SATURATED * kept.size:
        return np.arange(x.size)
    return np.flatnonzero(kept)


def _weighted_line(x: NDArray[Any], y: NDArray[Any], weight: NDArray[Any]) -> tuple[float, float]:
    """Gain and offset of the line that treats both pictures alike (reduced major axis): both carry noise."""
    mean_x, mean_y = float(weight @ x), float(weight @ y)
    dx, dy = x - mean_x, y - mean_y
    var_x, var_y, cov = float(weight @ (dx * dx)), float(weight @ (dy * dy)), float(weight @ (dx * dy))
    if min(var_x, var_y) < FLAT_VARIANCE or cov < CORRELATED * (var_x * var_y) ** 0.5:
        return 1.0, mean_y - mean_x
    gain = min(max((var_y / var_x) ** 0.5, GAIN_LIMITS[0]), GAIN_LIMITS[1])
    return gain, mean_y - gain * mean_x
