"""Numbers of a whole registered pair: what `--measure` names."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from diffspot.backends import CPU, get_backend
from diffspot.pipeline.comparison import INFINITE, OF_EQUAL
from diffspot.pipeline.metrics.ms_ssim import describe_scales, halved, scale_weights
from diffspot.pipeline.metrics.structure import RADIUS, centred, structure

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend
    from diffspot.pipeline.pair import RegisteredPair

LEVELS = 255
DIGITS = 6
"""Digits after the point: enough for every use, and equal on every machine."""


def measure(
    pair: RegisteredPair, names: Sequence[str], size: tuple[int, int], backend: Backend, *, model: str
) -> tuple[dict[str, float], tuple[str, ...]]:
    """The measures of a pair, see `measure_pair`, and notes on them; its reference is `size` (width, height) px."""
    measures = measure_pair(pair, names, backend, model=model) if names else {}
    return measures, describe_measures(measures, size)


def measure_pair(pair: RegisteredPair, names: Sequence[str], backend: Backend, *, model: str) -> dict[str, float]:
    """The measures of a pair over its valid area, by name; infinite or NaN where they have no value.

    Colours count as 8-bit levels, whatever the depth; alpha is one more channel. They are worked out in float64 on the
    processor, wherever the pair lives.

    Args:
        pair: a single one, as it is scored but for the blur.
        names: of `OF_EQUAL`.
        backend: what the pair lives on.
        model: path of the ONNX file for lpips.

    Raises:
        OptionError: lpips has no network.
    """
    here = pair.to_host(backend)
    r, c, valid = here.reference, here.candidate, here.valid
    if not here.difference.any():
        return {name: OF_EQUAL[name] for name in names}
    measures: dict[str, Callable[[], float]] = {
        "mse": partial(mse, r[valid], c[valid]),
        "psnr": partial(psnr, r[valid], c[valid]),
        "ssim": partial(ssim, r, c, valid),
        "ms-ssim": partial(ms_ssim, r, c, valid),
        "ncc": partial(ncc, r[valid], c[valid]),
        "norm": partial(norm, r[valid], c[valid]),
        "lpips": partial(lpips, r, c, valid, model),
    }
    return {name: round(measures[name](), DIGITS) for name in names}


def describe_measures(measures: dict[str, float], size: tuple[int, int]) -> tuple[str, ...]:
    """Notes on measures that have no number, or another meaning in pictures of that size, (width, height) in px."""
    notes = []
    if measures.get("psnr") == math.inf:
        notes.append(INFINITE)
    if math.isnan(measures.get("ncc", 0)):
        notes.append("ncc has no value: a picture is of one colour")
    return (*notes, *(describe_scales(size) if "ms-ssim" in measures else ()))


def lpips(reference: NDArray[Any], candidate: NDArray[Any], valid: NDArray[np.bool_], model: str) -> float:
    """The mean of the spatial map of a network."""
    from diffspot.pipeline.metrics.lpips import spatial_map  # noqa: PLC0415  slow to import, and most runs ask for none

    return float(spatial_map(model, reference, candidate)[valid].mean(dtype=np.float64))


def mse(reference: NDArray[Any], candidate: NDArray[Any]) -> float:
    """Mean squared error of samples of any one shape, in squared levels."""
    difference = reference.astype(np.float64) - candidate
    return float(np.mean(difference * difference))


def psnr(reference: NDArray[Any], candidate: NDArray[Any]) -> float:
    """Peak signal-to-noise ratio in dB; infinite of equal samples."""
    error = mse(reference, candidate)
    return 10 * math.log10(LEVELS**2 / error) if error else math.inf


def norm(reference: NDArray[Any], candidate: NDArray[Any]) -> float:
    """Euclidean distance of all samples, in levels: the square root of their number times the mean squared error."""
    return float(np.linalg.norm((reference.astype(np.float64) - candidate).ravel()))


def ncc(reference: NDArray[Any], candidate: NDArray[Any]) -> float:
    """Pearson's r of all samples in [-1, 1]; NaN where one picture is of one colour and the other is not its equal."""
    x, y = (samples.astype(np.float64) - samples.mean(dtype=np.float64) for samples in (reference, candidate))
    power = math.sqrt(float(np.sum(x * x)) * float(np.sum(y * y)))
    return float(np.clip(np.sum(x * y) / power, -1, 1)) if power else math.nan


def ssim(reference: NDArray[Any], candidate: NDArray[Any], valid: NDArray[np.bool_]) -> float:
    """Mean SSIM over the pixels whose window lies inside the picture, and over the channels.

    Args:
        reference: (H, W, C) levels.
        candidate: (H, W, C) levels.
        valid: (H, W) bool; windows around other pixels do not count.

    References:
        Wang et al., 2004, see `structure`.
    """
    return float(np.mean(_scale_means(reference, candidate, valid, count=1)[0]))


def ms_ssim(reference: NDArray[Any], candidate: NDArray[Any], valid: NDArray[np.bool_]) -> float:
    """MS-SSIM, in [0, 1], the mean of the channels; the arguments are those of `ssim`.

    The means of contrast at each scale, and of SSIM at the coarsest, each to the power of its weight, multiplied; a
    negative mean counts as 0.

    References:
        Wang, Simoncelli, Bovik: Multi-scale structural similarity for image quality assessment. Asilomar 2003.
        doi:10.1109/ACSSC.2003.1292216
    """
    weights = scale_weights((reference.shape[1], reference.shape[0]))
    means = _scale_means(reference, candidate, valid, count=len(weights))
    factors = [mean.clip(0, None) ** weight for mean, weight in zip(means, weights, strict=True)]
    return float(np.mean(np.prod(factors, axis=0)))


def _scale_means(
    reference: NDArray[Any], candidate: NDArray[Any], valid: NDArray[np.bool_], *, count: int
) -> list[NDArray[np.float64]]:
    """For each of so many scales the mean contrast of each channel, (C,); for the last the mean SSIM."""
    backend = get_backend(CPU)
    means = [
        _channel_means(reference[..., c : c + 1], candidate[..., c : c + 1], valid, count, backend)
        for c in range(reference.shape[2])
    ]
    return [np.array(scale) for scale in zip(*means, strict=True)]


def _channel_means(
    reference: NDArray[Any], candidate: NDArray[Any], valid: NDArray[np.bool_], count: int, backend: Backend
) -> list[float]:
    x, y = (centred(np.ascontiguousarray(levels), np.float64) for levels in (reference, candidate))
    found = []
    for scale in range(count):
        terms = structure(x, y, backend)
        similar = (terms.similarity if scale == count - 1 else terms.contrast)[..., 0]
        found.append(float(similar[_whole_windows(valid)].mean()))
        x, y = halved(x, backend), halved(y, backend)
        valid = halved(valid[..., None].astype(np.float64), backend)[..., 0] == 1
    return found


def _whole_windows(valid: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The valid pixels whose window lies inside the picture; where there are none, the valid ones, or else all."""
    inside = np.zeros_like(valid)
    inside[RADIUS:-RADIUS, RADIUS:-RADIUS] = valid[RADIUS:-RADIUS, RADIUS:-RADIUS]
    return next((mask for mask in (inside, valid) if mask.any()), np.ones_like(valid))
