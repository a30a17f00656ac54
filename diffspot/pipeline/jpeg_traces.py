"""How a picture was compressed as JPEG, told from its pixels alone, whatever file they lie in.

Each frequency of each block is a multiple of the step to which it was rounded (Fan and de Queiroz, IEEE TIP 12,
230-235, 2003, DOI 10.1109/TIP.2002.807361). Where a level would lie beyond black or white it was cut off, and may be
any beyond it: rounding and cutting in turn finds frequencies that agree with both, so that white pages tell it as well.
"""

from __future__ import annotations

from functools import lru_cache, reduce
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from diffspot.pipeline.quantization import (
    FULL,
    HALVED,
    MIDDLE,
    SIDE,
    UNIT,
    blocks_of,
    compression_of,
    cosines,
    steps_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from diffspot.model import Compression

BLACK, WHITE = 0, 255
"""Levels that may have been cut off."""
COLOURS = np.array([[0.299, 0.587, 0.114], [-0.168736, -0.331264, 0.5], [0.5, -0.418688, -0.081312]], np.float32)
"""Luminance and the two colour differences of red, green and blue: ITU-T T.871."""

INVERSE = np.array([-1, 3, 3, -1], np.float32) / 4
"""What gives the sample of two px back from them and their neighbours, where px were interpolated by 3/4 and 1/4."""

NEIGHBOURS = 5
"""Qualities to each side to which one is compared."""
QUALITIES = range(1, 101)
"""What is tried; of these the last `NEIGHBOURS` are neighbours alone: next to nothing is lost."""
LOOKED_AT, LEAST = 64, 8
"""Blocks that are looked at, those with most in them, and how many of them there must be at the least."""
ACTIVE = 2
"""Levels by which a block must vary."""
TELLING = 16
"""Blocks without a level cut off that tell for themselves."""
AT_ONCE = 20
"""Qualities tried at once, so that what is worked out stays in the cache."""
TURNS = 3
"""Times that rounding and cutting take turns."""
OFF = 1.3
"""How far a frequency may lie from a multiple: rounding of pixels and colours leaves 0.35 in the mean."""
SLACK = 0.02
"""What is added to shares before they are compared."""
DIP = 0.9
"""Share of the frequencies off their multiples with neighbouring qualities that are off with the true one, at most:
drawings on white keep 0.01 to 0.82, icons in colours at black and white 0.88, what no JPEG is 0.93 and more."""

APART = 1
"""Levels by which colours must vary within 2 x 2 px for them to tell their resolution."""
ENOUGH = 1000
"""Such px away from black and white, of which the others are not asked."""
FINE = 0.6
"""Share of it that half the resolution leaves at most: 0.1 to 0.5 of colours that had no more, else 0.7 to 1.1."""
FEW, USUAL = 50, 0.95
"""Px away from black and white below which, as of thin letters on white, that share tells little, so that half the
resolution, which is usual, is only ruled out by more: thin letters keep 0.76 to 0.92, in full resolution 0.9 to 1.1."""


def find_traces(units: NDArray[np.uint8]) -> Compression | None:
    """How a picture was compressed, by one of libjpeg's qualities; None where it has no traces of that.

    Args:
        units: (16 N, 16, C) uint8, C 1 or 3, units of the picture one below the other.
    """
    if (quality := _find_quality(units)) is None:
        return None
    return compression_of(quality, HALVED if units.shape[2] > 1 and _has_half_colours(units) else FULL)


def _find_quality(units: NDArray[np.uint8]) -> int | None:
    """The quality that leaves far less off its multiples than its neighbours; None where there is none."""
    if (looked_at := _bounded_blocks(units)) is None:
        return None
    low, levels, high = looked_at
    cut = (low != high).any(axis=1)
    whole = _off(lambda _: _frequencies(levels[~cut])[None])
    if np.count_nonzero(~cut) >= TELLING:
        return _deepest(*whole)  # what was cut off takes twenty times as long to ask
    parts = _off(lambda steps: _before_cut(low[cut], levels[cut], high[cut], steps))
    return _deepest(whole[0] + parts[0], whole[1] + parts[1])


def _deepest(off: NDArray[Any], present: NDArray[Any]) -> int | None:
    """The quality of the deepest dip in the (Q,) share of the frequencies that are off; None where none is deep."""
    shares = np.pad(off / np.maximum(1, present) + SLACK, (NEIGHBOURS, 0), mode="reflect")
    windows = np.lib.stride_tricks.sliding_window_view(shares, 2 * NEIGHBOURS + 1)
    dips = windows[:, NEIGHBOURS] / np.median(np.delete(windows, NEIGHBOURS, axis=1), axis=1)
    best = int(dips.argmin())
    return QUALITIES[best] if dips[best] <= DIP else None


def _bounded_blocks(units: NDArray[np.uint8]) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]] | None:
    """(N, 64) each: the least, the given and the highest luminance of the busiest blocks; None where few are busy."""
    colours = units.astype(np.float32)
    luminance = colours @ COLOURS[0] if units.shape[2] > 1 else colours[..., 0]
    channels = cv2.split(units)
    low = np.where(reduce(cv2.min, channels) == BLACK, np.float32(-np.inf), luminance)
    high = np.where(reduce(cv2.max, channels) == WHITE, np.float32(np.inf), luminance)
    low, luminance, high = (blocks_of(each.reshape(-1, UNIT, UNIT)) for each in (low, luminance, high))
    activity = luminance.std(axis=1) * (low == high).mean(axis=1) ** 2  # what is bounded on both sides tells most
    busiest = np.argsort(-activity, kind="stable")[:LOOKED_AT]
    busiest = busiest[activity[busiest] > ACTIVE]
    return None if len(busiest) < LEAST else (low[busiest], luminance[busiest], high[busiest])


def _off(of_steps: Callable[[NDArray[np.float32]], NDArray[np.float32]]) -> tuple[NDArray[Any], NDArray[Any]]:
    """(Q,) how many frequencies are not zero and off the multiples of each quality's steps, and how many not zero.

    Args:
        of_steps: gives the (Q or 1, N, 64) frequencies for (Q, 1, 64) steps.
    """
    off, present = [], []
    for first in range(0, len(QUALITIES), AT_ONCE):
        steps = np.stack([steps_of(quality) for quality in QUALITIES[first : first + AT_ONCE]])[:, None]
        frequencies = of_steps(steps)
        some = np.abs(frequencies) > OFF
        multiples = np.where(some, frequencies, 0) / steps
        off.append(np.count_nonzero(np.abs(multiples - np.rint(multiples)) > OFF / steps, axis=(1, 2)))
        present.append(np.broadcast_to(np.count_nonzero(some, axis=(1, 2)), len(steps)))
    return np.concatenate(off), np.concatenate(present)


def _before_cut(
    low: NDArray[Any], levels: NDArray[Any], high: NDArray[Any], steps: NDArray[np.float32]
) -> NDArray[np.float32]:
    """(Q, N, 64) frequencies that agree with what was cut off, and as far as may be with (Q, 1, 64) steps."""
    frequencies = _frequencies(levels)
    for _ in range(TURNS):
        rounded = np.rint(frequencies / steps) * steps
        frequencies = _frequencies(np.clip(rounded @ cosines() + MIDDLE, low, high))
    return frequencies


def _frequencies(levels: NDArray[Any]) -> NDArray[np.float32]:
    return np.asarray((levels - MIDDLE) @ cosines().T)


def _has_half_colours(units: NDArray[np.uint8]) -> bool:
    """Whether colours are what interpolating between means of 2 x 2 px gives."""
    channels = cv2.split(units)
    cut = (reduce(cv2.min, channels) == BLACK) | (reduce(cv2.max, channels) == WHITE)
    away = cv2.dilate(cut.view(np.uint8), np.ones((5, 5), np.uint8)).reshape(-1, UNIT, UNIT)[:, 3:-3, 3:-3] == 0
    colours = (units.astype(np.float32) @ COLOURS[1:].T).reshape(-1, UNIT, UNIT, 2).transpose(3, 0, 1, 2)
    inner = colours[..., 3:-3, 3:-3]
    interpolated, means = (np.abs(across @ colours @ across.T - inner) for across in (_interpolating(), _averaging()))
    told = means > APART
    clear = np.count_nonzero(told & away)
    if clear > ENOUGH:
        told &= away
    limit = FINE if clear >= FEW else USUAL
    return bool(interpolated[told].sum() <= limit * means[told].sum())


@lru_cache(maxsize=1)
def _interpolating() -> NDArray[np.float32]:
    """(10, 16) what samples between which 16 px were interpolated give again, for the inner ones of those px."""
    samples = np.zeros((6, UNIT), np.float32)
    pixels = np.zeros((UNIT - 6, 6), np.float32)
    for j in range(6):
        samples[j, 2 * j + 1 : 2 * j + 5] = INVERSE
    for j in range(5):
        pixels[2 * j, j : j + 2] = 0.75, 0.25
        pixels[2 * j + 1, j : j + 2] = 0.25, 0.75
    return pixels @ samples


@lru_cache(maxsize=1)
def _averaging() -> NDArray[np.float32]:
    """(10, 16) the mean of the two px of a sample, for the inner ones of 16 px."""
    return np.kron(np.eye(SIDE), np.full((2, 2), 0.5)).astype(np.float32)[3:-3]
