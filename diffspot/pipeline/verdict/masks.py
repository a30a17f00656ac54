"""Makes the mask of a noisy pair from the candidates that are changes: which px belong to each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from diffspot.pipeline.difference import blurred_difference, score
from diffspot.pipeline.segmentation import MIN_WEIGHT, REACH, make_mask, sure_pixels
from diffspot.pipeline.verdict.noisy import CANDIDATE_SHARE
from diffspot.pipeline.verdict.proposal import measure, pixels_of, sensitive

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend
    from diffspot.pipeline.batch import Batch
    from diffspot.pipeline.parameters import Parameters
    from diffspot.pipeline.verdict.proposal import Proposed


class PartMask(NamedTuple):
    """Turns verdicts on the candidates of a part into its mask; `floors` has the threshold of each picture."""

    batch: Batch
    one: Proposed
    floors: NDArray[np.float64]
    backend: Backend

    def mask(self, strong: NDArray[np.bool_], clear: NDArray[np.bool_]) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        """What lasts under the tolerance of the pair, and what is clear although it does not.

        Args:
            strong: (N,) whether each candidate stands out.
            clear: (N,) whether it is a change although it would not last.

        Returns:
            The mask, and (N,) which candidates it starts from.
        """
        parameters, one = self.batch.parameters, self.one
        mask, lasting = self.backend.xp.zeros(one.labels.shape, bool), np.zeros(len(strong), bool)
        if strong.any():
            scores, lasting = self._under_tolerance(strong)
            mask |= self._grown(scores, lasting, parameters)
        if (part := clear & lasting).any():
            mask |= self._sure(part)
        clear &= ~lasting
        if clear.any():
            mask |= self._grown(one.scores, clear, sensitive(parameters))
        return self._within(mask), lasting | clear

    def sensitive(self, taken: NDArray[np.bool_]) -> NDArray[Any]:
        """The mask that starts from some of the candidates, without the tolerance of the pair."""
        return self._within(self._grown(self.one.scores, taken, sensitive(self.batch.parameters)))

    def _within(self, mask: NDArray[Any]) -> NDArray[Any]:
        """What of a mask lies in the part itself and is not ignored."""
        mask, ignored = self.one.part.owned(mask), self.one.cut.ignored
        return mask if ignored is None else mask & ~ignored

    def _under_tolerance(self, strong: NDArray[np.bool_]) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        """Scores with the tolerance that the pair's edges ask for, and which candidates last under it."""
        parameters, one = self.batch.parameters, self.one
        if parameters.tolerance <= parameters.least_tolerance:
            return one.scores, strong & self._weigh(one.table.peaks, one.weights)
        near = self.backend.dilate(pixels_of(one.labels, strong, self.backend), 2 * REACH + 1) & one.cut.valid
        scores = score(one.cut, near, self.backend, parameters, self.batch.limits)
        opening = parameters.morphology.opening
        table, weights = measure(one.labels, len(strong), scores, self.backend, opening)
        return scores, strong & self._weigh(table.peaks, weights)

    def _weigh(self, peaks: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Whether each candidate passes the threshold of its picture and is worth enough pixels."""
        floor = self.floors[self.one.table.pictures]
        return (peaks > floor) & (weights > MIN_WEIGHT * floor)

    def _sure(self, taken: NDArray[np.bool_]) -> NDArray[Any]:
        """The pixels of some of the candidates that pass the threshold without the tolerance of the pair."""
        scores = self.one.scores * pixels_of(self.one.labels, taken, self.backend)
        return sure_pixels(scores, self.batch.limits.threshold, self.backend, self.batch.parameters.morphology.opening)

    def _grown(self, scores: NDArray[Any], taken: NDArray[np.bool_], parameters: Parameters) -> NDArray[Any]:
        """The mask that starts from some of the candidates."""
        chosen = self.backend.dilate(pixels_of(self.one.labels, taken, self.backend), 2 * REACH + 1)
        # What is known to be a change may be fainter at its rim.
        threshold = CANDIDATE_SHARE * self.batch.limits.threshold
        plain = blurred_difference(self.one.cut, self.backend, sigma=parameters.sigma)
        return make_mask(scores * chosen, plain, threshold, self.backend, parameters.morphology)
