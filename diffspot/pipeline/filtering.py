"""What `--normalize stretch` and `--filter` make of both registered pictures before they are scored."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend
    from diffspot.pipeline.pair import RegisteredPair

LEVELS = 255
PLANE = (-3, -2)
"""The axes of rows and columns."""


def prepared(
    pair: RegisteredPair, backend: Backend, *, stretch: bool, passing: tuple[str, float] | None
) -> RegisteredPair:
    """A pair as it is scored: stretched, and of the frequencies that pass (see `filtered`), where that is asked for."""
    if stretch:
        pair = stretched(pair, backend)
    return filtered(pair, *passing, backend) if passing else pair


def stretched(pair: RegisteredPair, backend: Backend) -> RegisteredPair:
    """A pair of which either picture's colours run from 0 to 255, over all channels; alpha stays as it is.

    Args:
        pair: a single one; what is not valid does not count.
        backend: what the arrays live on.
    """
    return _made(pair, _stretch(pair.reference, pair.valid), _stretch(pair.candidate, pair.valid), backend)


def _stretch(levels: NDArray[Any], valid: NDArray[Any]) -> NDArray[Any]:
    """(H, W, C) float32 levels; a picture of one colour is 0 all over."""
    colours = levels.shape[2] - (levels.shape[2] in (2, 4))
    result = levels.astype(np.float32)
    inside = result[..., :colours][valid]
    if not inside.size:
        return result
    low, high = float(inside.min()), float(inside.max())
    scale = np.float32(LEVELS / (high - low) if high > low else 0)
    result[..., :colours] = ((result[..., :colours] - np.float32(low)) * scale).clip(0, LEVELS)
    return result


def filtered(pair: RegisteredPair, kind: str, share: float, backend: Backend) -> RegisteredPair:
    """A pair of which both pictures keep some of their frequencies.

    Args:
        pair: a single one.
        kind: `lowpass` keeps the lowest frequencies, `highpass` all others; their sum is the picture.
        share: of the frequencies along either axis that are lowest, in [0, 1].
        backend: what the arrays live on.
    """
    low = [low_frequencies(picture, share, backend) for picture in (pair.reference, pair.candidate)]
    if kind == "highpass":
        low = [picture - part for picture, part in zip((pair.reference, pair.candidate), low, strict=True)]
    return _made(pair, low[0], low[1], backend)


def low_frequencies(levels: NDArray[Any], share: float, backend: Backend) -> NDArray[Any]:
    """The part of a picture (H, W, C) of levels that its lowest frequencies make up, float32.

    They are those up to int(n * share // 2) periods along an axis of n px, the mean among them.
    """
    xp = backend.xp
    rows, columns = levels.shape[:2]
    spectrum = xp.fft.rfft2(levels.astype(np.float64), axes=PLANE)
    down = abs(np.fft.fftfreq(rows, 1 / rows)) <= int(rows * share // 2)
    across = np.fft.rfftfreq(columns, 1 / columns) <= int(columns * share // 2)
    kept = backend.from_host((down[:, None] & across)[..., None].astype(np.float64))
    return xp.fft.irfft2(spectrum * kept, s=(rows, columns), axes=PLANE).astype(np.float32)  # type: ignore[no-any-return]


def _made(pair: RegisteredPair, reference: NDArray[Any], candidate: NDArray[Any], backend: Backend) -> RegisteredPair:
    """The pair with other pictures; outside the valid area the candidate is the reference."""
    candidate = backend.select(pair.valid, candidate, reference)
    return replace(pair, reference=reference, candidate=candidate, difference=backend.absdiff(reference, candidate))
