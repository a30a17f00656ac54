"""THE pipeline: names the stages in order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from msgspec.structs import replace

from diffspot.metrics import METRICS
from diffspot.model import Registration, unseen
from diffspot.preparation import common_form, to_unit
from diffspot.registration import register
from diffspot.segmentation import find_regions, find_threshold, make_mask

if TYPE_CHECKING:
    from diffspot.backends.interface import Backend
    from diffspot.model import Image, ImagePair, PairResult, Region, Status
    from diffspot.options import Options


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the pipeline found out about two pictures; the fields are those of `PairResult`."""

    size: tuple[int, int]
    registration: Registration
    notes: tuple[str, ...]
    threshold: float | None = None
    regions: tuple[Region, ...] = ()

    def result(self, pair: ImagePair) -> PairResult:
        """This, said of a pair."""
        status: Status = "different" if self.regions else "same"
        found = {name: getattr(self, name) for name in self.__slots__}
        return replace(unseen(pair), status=status, **found)


def compare_images(
    reference: Image, candidate: Image, options: Options, backend: Backend
) -> Comparison:
    """Finds where two pictures differ.

    Args:
        reference: what ought to be there.
        candidate: what is there; it is registered onto the reference.
        options: how to compare.
        backend: what does the array work.
    """
    first, second, notes = common_form(reference, candidate)
    size = (first.shape[1], first.shape[0])
    if first.shape == second.shape and np.array_equal(first, second):
        return Comparison(size, Registration(), notes)
    registration = register(first, second, method=options.align)
    moved, valid = backend.warp(backend.from_host(to_unit(second)), registration.matrix, size)
    r, c = (
        backend.gaussian_blur(p, options.blur)
        for p in (backend.from_host(to_unit(first)), moved)
    )
    scores = METRICS[options.metric].score(r, c, backend) * valid
    threshold = find_threshold(
        scores[valid],
        backend,
        quantile=options.quantile,
        floor=options.floor,
        ceiling=options.ceiling,
    )
    mask = make_mask(
        scores,
        threshold,
        backend,
        opening=options.opening,
        closing=options.closing,
        dilation=options.dilation,
    )
    regions = find_regions(
        mask,
        scores,
        backend,
        min_area=options.min_area,
        padding=options.padding,
        matrix=registration.matrix,
        candidate_size=(second.shape[1], second.shape[0]),
    )
    return Comparison(size, registration, notes, round(threshold, 6), regions)
