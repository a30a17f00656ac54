"""Stages 3 to 6 of noisy pairs: candidates first, a verdict on each, and the mask of those that are changes."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from diffspot.pipeline.batch import Found, KeptMask, per_request
from diffspot.pipeline.difference import blurred_difference, score
from diffspot.pipeline.segmentation import (
    MIN_WEIGHT,
    REACH,
    active_pixels,
    find_components,
    grey_opened,
    make_mask,
    sure_pixels,
)
from diffspot.pipeline.verdict.cast import without_shadows
from diffspot.pipeline.verdict.groups import split_groups
from diffspot.pipeline.verdict.hidden import find_hidden, plain_strength
from diffspot.pipeline.verdict.interface import Tally
from diffspot.pipeline.verdict.noisy import (
    CANDIDATE_SHARE,
    CANDIDATE_TOLERANCE,
    PARTS_JOIN,
    Candidate,
    is_clear,
    is_large,
    is_speck,
    match_surroundings,
    noise_all_over,
    noise_of_places,
    stands_out,
    without_glints,
)
from diffspot.pipeline.windows import find_parts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from diffspot.backends.components import Component, Components
    from diffspot.backends.groups import Group
    from diffspot.backends.interface import Backend
    from diffspot.model import Box
    from diffspot.pipeline.batch import Batch
    from diffspot.pipeline.pair import RegisteredPair
    from diffspot.pipeline.parameters import Parameters
    from diffspot.pipeline.verdict.noisy import Match


class Proposed(NamedTuple):
    """The candidates of a part, on the backend.

    Attributes:
        part: where it lies.
        cut: the pair or the batch within it.
        scores: (..., H, W) float32 with CANDIDATE_TOLERANCE.
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


def find_in_noise(batch: Batch, backend: Backend) -> list[Found]:
    """Stages 2 to 6 of noisy pairs: what is found are components of the candidates that noise does not explain."""
    floors = per_request(batch.limits.threshold)
    components: list[list[Component]] = [[] for _ in floors]
    shadows: list[list[Component]] = [[] for _ in floors]
    tallies = [Tally() for _ in floors]
    kept = KeptMask(batch, backend)
    parts = find_parts(batch.pair.difference, backend, batch.parameters.reach)
    proposed = [one for part in parts for one in propose(batch, part, backend)]
    for one, (mask, taken) in zip(proposed, _accepted(batch, proposed, backend), strict=True):
        if mask.any():
            kept.add(mask, one.part.origin)
            whole, fragments = (
                find_components(mask, one.scores, backend, join, one.part.origin)
                for join in (batch.parameters.join, PARTS_JOIN)
            )
            for index, found in enumerate(components):
                found.extend(split_groups(whole.of(index), fragments.of(index), batch.parameters.join))
        _count_explained(one, taken, tallies, batch, backend)
    for index, found in enumerate(components):
        pair = _picture(batch.pair, index, len(floors))
        components[index], shadows[index] = without_shadows(found, pair, floors[index], backend)
        for box, area, *_ in shadows[index]:
            tallies[index].add("light", box, area)
    explained = [tally.forgiven() for tally in tallies]
    return list(
        map(Found, floors, components, explained, kept.of_each(len(floors)), _peaks(proposed, len(floors)), shadows)
    )


def _peaks(proposed: Sequence[Proposed], count: int) -> list[list[tuple[Box, float]]]:
    """Box and peak of the candidates of each of `count` pictures."""
    peaks: list[list[tuple[Box, float]]] = [[] for _ in range(count)]
    for one in proposed:
        for candidate, of in one.candidates():
            peaks[of].append((candidate.box, candidate.peak))
    return peaks


def _count_explained(
    one: Proposed, taken: NDArray[np.bool_], tallies: Sequence[Tally], batch: Batch, backend: Backend
) -> None:
    """Counts the px above the threshold of candidates that are not taken for changes, place by place.

    Px that touch are a place: candidates are joined over gaps, and noise chains them across a whole picture.
    """
    floors = np.array(per_request(batch.limits.threshold))
    left = ~taken & (one.table.peaks > floors[one.table.pictures])
    if not left.any():
        return
    strong = one.scores > backend.as_scalars(batch.limits.threshold, one.scores)
    labels, count = backend.label(strong & _of(one.labels, left, backend), 0)
    (x, y), table = one.part.origin, backend.components(labels, count, one.scores)
    rows = zip(table.boxes.tolist(), table.areas.tolist(), table.pictures.tolist(), strict=True)
    for (column, row, width, height), area, of in rows:
        tallies[of].add("noise", (column + x, row + y, width, height), area)


def propose(batch: Batch, part: Group, backend: Backend) -> Iterator[Proposed]:
    """The candidates of a part, place by place: noise is everywhere, but few places of it can hold one."""
    parameters, limits = _sensitive(batch.parameters), batch.limits
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
            table, weights = _measured(labels, count, scores, backend, opening)
            yield Proposed(spot.within(part), cut, scores, labels, table, weights)


def _accepted(
    batch: Batch, proposed: Sequence[Proposed], backend: Backend
) -> Iterator[tuple[NDArray[Any], NDArray[np.bool_]]]:
    """The mask of each part, less all candidates that are no change, and which candidates (N,) are changes."""
    floors = np.array(per_request(batch.limits.threshold))
    found = [one.candidates() for one in proposed]
    pictures = list(_pictures(batch, found, backend))
    verdicts = [_Verdicts(batch, part, floors, backend) for part in proposed]
    masks = []
    for verdict, candidates, strong in zip(verdicts, found, _standing_out(pictures, found, backend), strict=True):
        tolerant = batch.parameters.tolerance > CANDIDATE_TOLERANCE
        clear = [
            is_large(one, pictures[of].noise)
            or bool(tolerant and own and is_clear(one, pictures[of].floor, pictures[of].match))
            for (one, of), own in zip(candidates, strong, strict=True)
        ]
        masks.append(verdict.mask(strong, np.array(clear, bool)))
    hidden = _hidden(found, [taken for _, taken in masks], pictures, batch, backend)
    for verdict, (mask, taken), more in zip(verdicts, masks, hidden, strict=True):
        yield (mask | verdict.sensitive(more), taken | more) if more.any() else (mask, taken)


def _hidden(
    found: Sequence[Sequence[tuple[Candidate, int]]],
    taken: Sequence[NDArray[np.bool_]],
    pictures: Sequence[_Picture],
    batch: Batch,
    backend: Backend,
) -> list[NDArray[np.bool_]]:
    """Which candidates of each part, (N,), are changes that tolerance hides."""
    flat = [
        (*each, bool(known))
        for part, own in zip(found, taken, strict=True)
        for each, known in zip(part, own, strict=True)
    ]
    hidden = np.zeros(len(flat), bool)
    for number, picture in enumerate(pictures):
        own = [index for index, (_, of, _) in enumerate(flat) if of == number]
        strength = partial(plain_strength, picture.pair, backend=backend, sigma=batch.parameters.sigma)
        candidates, known = [flat[index][0] for index in own], [flat[index][2] for index in own]
        hidden[own] = find_hidden(candidates, known, picture.floor, strength, join=batch.parameters.join)
    ends = np.cumsum([len(part) for part in found])
    return [hidden[end - len(part) : end] for end, part in zip(ends, found, strict=True)]


class _Picture(NamedTuple):
    """A pair of a batch.

    Attributes:
        pair: itself.
        floor: its threshold, a score.
        noise: score that noise reaches in it.
        match: looks at the surroundings of a box of it.
    """

    pair: RegisteredPair
    floor: float
    noise: float
    match: Callable[[Box], Match]


def _pictures(batch: Batch, found: Sequence[list[tuple[Candidate, int]]], backend: Backend) -> Iterator[_Picture]:
    floors = per_request(batch.limits.threshold)
    for number, floor in enumerate(floors):
        pair = _picture(batch.pair, number, len(floors))
        match = _matcher(pair, batch.parameters.sigma, backend)
        own = [candidate for candidates in found for candidate, of in candidates if of == number]
        all_over = noise_all_over(own, floor, batch.pair.valid.shape[-2:])
        yield _Picture(pair, floor, max(all_over, noise_of_places(own, floor, match)), match)


def _standing_out(
    pictures: Sequence[_Picture], found: Sequence[list[tuple[Candidate, int]]], backend: Backend
) -> list[NDArray[np.bool_]]:
    """(N,) of each part: which candidates are stronger than the noise of their picture, and no specks or glints."""
    flat = [(one, pictures[of]) for candidates in found for one, of in candidates]
    strong = np.array(
        [
            stands_out(one, here.floor, here.noise, here.match) and not is_speck(here.pair, one, backend)
            for one, here in flat
        ],
        bool,
    )
    for picture in pictures:
        own = np.array([here is picture for _, here in flat], bool)
        strong[own] = without_glints([one for one, here in flat if here is picture], strong[own], picture.match)
    left = iter(strong.tolist())
    return [np.array([next(left) for _ in candidates], bool) for candidates in found]


class _Verdicts(NamedTuple):
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
            mask |= self._grown(one.scores, clear, _sensitive(parameters))
        return self._within(mask), lasting | clear

    def sensitive(self, taken: NDArray[np.bool_]) -> NDArray[Any]:
        """The mask that starts from some of the candidates, without the tolerance of the pair."""
        return self._within(self._grown(self.one.scores, taken, _sensitive(self.batch.parameters)))

    def _within(self, mask: NDArray[Any]) -> NDArray[Any]:
        """What of a mask lies in the part itself and is not ignored."""
        mask, ignored = self.one.part.owned(mask), self.one.cut.ignored
        return mask if ignored is None else mask & ~ignored

    def _under_tolerance(self, strong: NDArray[np.bool_]) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        """Scores with the tolerance that the pair's edges ask for, and which candidates last under it."""
        parameters, one = self.batch.parameters, self.one
        if parameters.tolerance <= CANDIDATE_TOLERANCE:
            return one.scores, strong & self._weigh(one.table.peaks, one.weights)
        near = self.backend.dilate(_of(one.labels, strong, self.backend), 2 * REACH + 1) & one.cut.valid
        scores = score(one.cut, near, self.backend, parameters, self.batch.limits)
        opening = parameters.morphology.opening
        table, weights = _measured(one.labels, len(strong), scores, self.backend, opening)
        return scores, strong & self._weigh(table.peaks, weights)

    def _weigh(self, peaks: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Whether each candidate passes the threshold of its picture and is worth enough pixels."""
        floor = self.floors[self.one.table.pictures]
        return (peaks > floor) & (weights > MIN_WEIGHT * floor)

    def _sure(self, taken: NDArray[np.bool_]) -> NDArray[Any]:
        """The pixels of some of the candidates that pass the threshold without the tolerance of the pair."""
        scores = self.one.scores * _of(self.one.labels, taken, self.backend)
        return sure_pixels(scores, self.batch.limits.threshold, self.backend, self.batch.parameters.morphology.opening)

    def _grown(self, scores: NDArray[Any], taken: NDArray[np.bool_], parameters: Parameters) -> NDArray[Any]:
        """The mask that starts from some of the candidates."""
        chosen = self.backend.dilate(_of(self.one.labels, taken, self.backend), 2 * REACH + 1)
        # What is known to be a change may be fainter at its rim.
        threshold = CANDIDATE_SHARE * self.batch.limits.threshold
        plain = blurred_difference(self.one.cut, self.backend, sigma=parameters.sigma)
        return make_mask(scores * chosen, plain, threshold, self.backend, parameters.morphology)


def _of(labels: NDArray[Any], taken: NDArray[np.bool_], backend: Backend) -> NDArray[Any]:
    """(..., H, W) bool: the pixels of some of the labels."""
    return backend.from_host(np.concatenate([[False], taken]))[labels]  # type: ignore[no-any-return]


def _measured(
    labels: NDArray[Any], count: int, scores: NDArray[Any], backend: Backend, opening: int
) -> tuple[Components, NDArray[np.float64]]:
    """The table of candidates with peaks after opening, and the sum of the scores of each."""
    whole = backend.components(labels, count, scores)
    opened = backend.components(labels, count, grey_opened(scores, opening, backend))
    return whole._replace(peaks=opened.peaks), whole.areas * whole.means


def _sensitive(parameters: Parameters) -> Parameters:
    """The parameters with which candidates are proposed."""
    morphology = parameters.morphology._replace(tolerance=1)
    return replace(parameters, tolerance=CANDIDATE_TOLERANCE, morphology=morphology)


def _matcher(pair: RegisteredPair, sigma: float, backend: Backend) -> Callable[[Box], Match]:
    """Looks at the surroundings of boxes of one pair, at each once."""
    return lru_cache(maxsize=None)(partial(match_surroundings, pair, backend=backend, sigma=sigma))


def _picture(pair: RegisteredPair, number: int, count: int) -> RegisteredPair:
    """One pair of a batch."""
    return pair if count == 1 else pair.crop(number)
