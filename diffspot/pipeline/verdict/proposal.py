"""Proposes candidates in noisy pairs: places that may be changes, by less than a change has to show."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from diffspot.pipeline.difference import blurred_difference, score
from diffspot.pipeline.segmentation import active_pixels, grey_opened, sure_pixels
from diffspot.pipeline.verdict.noisy import CANDIDATE_SHARE, PARTS_JOIN, Candidate
from diffspot.pipeline.windows import find_parts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from diffspot.backends.components import Components
    from diffspot.backends.groups import Group
    from diffspot.backends.interface import Backend
    from diffspot.pipeline.batch import Batch
    from diffspot.pipeline.pair import RegisteredPair
    from diffspot.pipeline.parameters import Parameters


class Proposed(NamedTuple):
    """The candidates of a part, on the backend.

    Attributes:
        part: where it lies.
        cut: the pair or the batch within it.
        scores: (..., H, W) float32 with the least tolerance, see `Parameters`.
        labels: (..., H, W) int32, the candidates from 1.
        table: of the candidates, peaks after opening.
        weights: (N,) sum of scores of each.
    """

    part: Group
    cut: RegisteredPair
    scores: NDArray[Any]
    labels: NDArray[Any]
    table: Components
    weights: NDArray[np.float64]

    def candidates(self) -> list[tuple[Candidate, int]]:
        """The candidates, and in which picture of the batch each lies."""
        (left, top), table = self.part.origin, self.table
        columns = (table.boxes, table.peaks, self.weights, table.areas, table.pictures)
        rows = zip(*(column.tolist() for column in columns), strict=True)
        return [(Candidate((x + left, y + top, w, h), *numbers), of) for (x, y, w, h), *numbers, of in rows]


def propose(batch: Batch, part: Group, backend: Backend) -> Iterator[Proposed]:
    """The candidates of a part, place by place: noise is everywhere, but few places of it can hold one."""
    parameters, limits = sensitive(batch.parameters), batch.limits
    opening = parameters.morphology.opening
    near = batch.pair.crop(part.place)
    plain = blurred_difference(
        near,
        backend,
        sigma=parameters.sigma,
        least=CANDIDATE_SHARE * limits.least_plain,
        opening=opening,
    )
    possible = backend.reaching(plain, CANDIDATE_SHARE * limits.least_difference)
    active = part.owned(active_pixels(possible, backend, parameters.morphology) & near.valid)
    for spot in find_parts(active, backend, max(parameters.reach, batch.parameters.reach)):
        cut = near.crop(spot.place)
        scores = score(cut, active[spot.place], backend, parameters, limits)
        mask = spot.owned(sure_pixels(scores, CANDIDATE_SHARE * limits.threshold, backend, opening))
        if cut.ignored is not None:
            mask &= ~cut.ignored
        if mask.any():
            labels, count = backend.label(mask, PARTS_JOIN / 2)
            table, weights = measure(labels, count, scores, backend, opening)
            yield Proposed(spot.within(part), cut, scores, labels, table, weights)


def sensitive(parameters: Parameters) -> Parameters:
    """The parameters with which candidates are proposed."""
    morphology = parameters.morphology._replace(tolerance=1 if parameters.least_tolerance else 0)
    return replace(parameters, tolerance=parameters.least_tolerance, morphology=morphology)


def measure(
    labels: NDArray[Any], count: int, scores: NDArray[Any], backend: Backend, opening: int
) -> tuple[Components, NDArray[np.float64]]:
    """The table of candidates with peaks after opening, and the sum of the scores of each."""
    whole = backend.components(labels, count, scores)
    opened = backend.components(labels, count, grey_opened(scores, opening, backend))
    return whole._replace(peaks=opened.peaks), whole.areas * whole.means


def pixels_of(labels: NDArray[Any], taken: NDArray[np.bool_], backend: Backend) -> NDArray[Any]:
    """(..., H, W) bool: the pixels of some of the labels."""
    return backend.from_host(np.concatenate([[False], taken]))[labels]  # type: ignore[no-any-return]
