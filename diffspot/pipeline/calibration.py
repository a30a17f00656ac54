"""A golden and how far each place of it varies, from repeated captures or good parts.

A place that flickers among good captures, such as a clock, a glint or the noise of a sensor, is no defect when it does
so again: this is the variation model of industrial inspection.

References:
    Steger, Ulrich, Wiedemann: Machine Vision Algorithms and Applications, 2nd ed., 2018, section 3.4 (variation model).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import cv2
import numpy as np

from diffspot.errors import OptionError
from diffspot.pipeline.colour import in_srgb
from diffspot.pipeline.layout import looks_rendered
from diffspot.pipeline.normalization import normalize_pair
from diffspot.pipeline.placement import find_motion, place
from diffspot.pipeline.preparation import BYTE_TO_WORD, common_form
from diffspot.pipeline.sampling import MEDIAN_TO_SIGMA

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend
    from diffspot.model import Box, Image

LEAST_CAPTURES = 3
"""Captures at the least: of two that differ nobody knows which is right."""
LEAST_CONFIDENCE = 0.1
"""Confidence of a registration; below it a capture shows something else."""
OUTLYING, LEAST_SIGMA = 3.0, 1.0
"""Standard deviations from the median beyond which a value is left out of the mean, and the least of them, levels."""
REACH = 2
"""Px around a place in which its spread is looked for: edges and glints sit elsewhere by that much the next time."""
STRIP = 128
"""Rows worked on at a time."""
UNSTABLE_TIMES, UNSTABLE_MORE = 2.0, 8.0
"""A place is unstable where its spread is so many times that of the picture, and so many levels more."""


class Unstable(NamedTuple):
    """A place that varies far more than the rest: its box, px, and by how many levels."""

    box: Box
    levels: int


class Calibration(NamedTuple):
    """What captures have in common.

    Attributes:
        golden: (H, W, C) uint8 or uint16, the robust mean.
        spread: (H, W) uint8, grey levels by which any capture differs from the golden within REACH px, at most.
        unstable: the places that vary far more than the rest, the largest first.
    """

    golden: NDArray[Any]
    spread: NDArray[np.uint8]
    unstable: list[Unstable]


def calibrate(captures: Sequence[Image], names: Sequence[str], backend: Backend, *, align: str) -> Calibration:
    """The golden of captures, laid over the first of them and brought into its light.

    Args:
        captures: of one scene, or of good parts.
        names: what messages call them.
        backend: what does the array work.
        align: a registration method.

    Raises:
        OptionError: there are too few, they have transparency or are of different kinds, or one shows something else.
    """
    if len(captures) < LEAST_CAPTURES:
        raise OptionError(f"{', '.join(names)}: give {LEAST_CAPTURES} captures or more, so that most can be right.")
    captures = [in_srgb(capture) for capture in captures]  # the golden is written without a profile
    base = captures[0]
    laid = [
        _laid_over(base, *one, first=names[0], backend=backend, align=align)
        for one in zip(captures, names, strict=True)
    ]
    planes, valid = (np.stack(part) for part in zip(*laid, strict=True))
    strips = [slice(row, row + STRIP) for row in range(0, planes.shape[1], STRIP)]
    mean = np.concatenate([_robust_mean(planes[:, rows], valid[:, rows]) for rows in strips])
    rounded = np.rint(mean) if base.pixels.dtype == np.uint8 else np.rint(mean * BYTE_TO_WORD) / BYTE_TO_WORD
    spread = _spread(planes, valid, rounded.astype(np.float32))
    scale = 1 if base.pixels.dtype == np.uint8 else BYTE_TO_WORD
    return Calibration(np.rint(rounded * scale).astype(base.pixels.dtype), spread, _unstable(spread))


def _laid_over(
    base: Image, capture: Image, name: str, *, first: str, backend: Backend, align: str
) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """A capture in the frame and light of the first, (H, W, C) levels, and where it covers it, (H, W) bool."""
    pair = common_form(base, capture)
    if base.pixels.dtype != capture.pixels.dtype or pair.reference.shape[2] not in (1, 3):
        raise OptionError(f"{name} is of another kind than {first}, or has transparency; convert both alike.")
    rendered = looks_rendered(pair.reference) and looks_rendered(pair.candidate)
    motion = find_motion(pair.reference, pair.candidate, align=align, rendered=rendered)
    placement = place(pair.candidate, motion, pair.reference.shape[:2], backend)
    if placement.registration.confidence < LEAST_CONFIDENCE:
        raise OptionError(f"{name} cannot be lined up with {first}; leave it out.")
    laid, _ = normalize_pair(pair.reference, placement, backend, normalize=not rendered)
    return backend.to_host(laid.candidate), backend.to_host(laid.valid)


def _robust_mean(planes: NDArray[Any], valid: NDArray[np.bool_]) -> NDArray[np.float32]:
    """The mean of (N, H, W, C) levels without what lies far from their median, (H, W, C)."""
    levels = np.where(valid[..., None], planes.astype(np.float32), np.float32(np.nan))
    median = np.nanmedian(levels, axis=0)
    apart = np.abs(levels - median)
    sigma = np.maximum(MEDIAN_TO_SIGMA * np.nanmedian(apart, axis=0), LEAST_SIGMA)
    near = apart <= OUTLYING * sigma  # never of what is not valid
    return np.asarray(np.where(near, levels, 0).sum(axis=0) / near.sum(axis=0), np.float32)


def _spread(planes: NDArray[Any], valid: NDArray[np.bool_], golden: NDArray[np.float32]) -> NDArray[np.uint8]:
    most = np.zeros(golden.shape[:2], np.float32)
    for plane, inside in zip(planes, valid, strict=True):
        apart = np.abs(plane.astype(np.float32) - golden).max(axis=2)
        most = np.maximum(most, np.where(inside, apart, 0))
    side = 2 * REACH + 1
    return np.ceil(cv2.dilate(most, np.ones((side, side), np.uint8))).clip(0, 255).astype(np.uint8)


def _unstable(spread: NDArray[np.uint8]) -> list[Unstable]:
    usual = float(np.median(spread))
    limit = max(UNSTABLE_TIMES * usual, usual + UNSTABLE_MORE)
    count, _, table, _ = cv2.connectedComponentsWithStats((spread > limit).astype(np.uint8))
    boxes = [tuple(map(int, table[label][:4])) for label in np.argsort(-table[1:, 4], kind="stable") + 1][: count - 1]
    return [Unstable((x, y, w, h), int(spread[y : y + h, x : x + w].max())) for x, y, w, h in boxes]
