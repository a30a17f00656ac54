"""Stages 3 to 6 of noisy pairs: candidates first, a verdict on each, and the mask of those that are changes."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from diffspot.pipeline.batch import Found, KeptMask, per_request
from diffspot.pipeline.segmentation import find_components
from diffspot.pipeline.verdict.cast import without_shadows
from diffspot.pipeline.verdict.groups import split_groups
from diffspot.pipeline.verdict.hidden import find_hidden, plain_strength
from diffspot.pipeline.verdict.interface import Tally
from diffspot.pipeline.verdict.masks import PartMask
from diffspot.pipeline.verdict.noisy import (
    PARTS_JOIN,
    is_clear,
    is_large,
    is_speck,
    match_surroundings,
    noise_all_over,
    noise_of_places,
    stands_out,
    without_glints,
)
from diffspot.pipeline.verdict.proposal import pixels_of, propose
from diffspot.pipeline.windows import find_parts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from diffspot.backends.components import Component
    from diffspot.backends.interface import Backend
    from diffspot.model import Box
    from diffspot.pipeline.batch import Batch
    from diffspot.pipeline.pair import RegisteredPair
    from diffspot.pipeline.verdict.noisy import Candidate, Match
    from diffspot.pipeline.verdict.proposal import Proposed


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
            for found, more in zip(components, _objects(mask, one, batch, backend), strict=True):
                found.extend(more)
        _count_explained(one, taken, tallies, batch, backend)
    for index, found in enumerate(components):
        pair = _picture(batch.pair, index, len(floors))
        components[index], shadows[index] = without_shadows(found, pair, floors[index], backend)
        for box, area, *_ in shadows[index]:
            tallies[index].add("light", box, area)
    explained = [tally.places for tally in tallies]
    return list(
        map(Found, floors, components, explained, kept.of_each(len(floors)), _peaks(proposed, len(floors)), shadows)
    )


def _objects(mask: NDArray[Any], one: Proposed, batch: Batch, backend: Backend) -> Iterator[Iterable[Component]]:
    """The components of the mask of a part, of each picture of the batch."""
    join, origin = batch.parameters.join, one.part.origin
    whole = find_components(mask, one.scores, backend, join, origin)
    parts = find_components(mask, one.scores, backend, PARTS_JOIN, origin) if join > PARTS_JOIN else None
    for index in range(len(per_request(batch.limits.threshold))):
        groups = whole.of(index)
        # What is joined over fewer px than parts are holds none of them whole.
        yield groups if parts is None else split_groups(groups, parts.of(index), join)


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
    labels, count = backend.label(strong & pixels_of(one.labels, left, backend), 0)
    (x, y), table = one.part.origin, backend.components(labels, count, one.scores)
    rows = zip(table.boxes.tolist(), table.areas.tolist(), table.pictures.tolist(), strict=True)
    for (column, row, width, height), area, of in rows:
        tallies[of].add("noise", (column + x, row + y, width, height), area)


def _accepted(
    batch: Batch, proposed: Sequence[Proposed], backend: Backend
) -> Iterator[tuple[NDArray[Any], NDArray[np.bool_]]]:
    """The mask of each part, less all candidates that are no change, and which candidates (N,) are changes."""
    floors = np.array(per_request(batch.limits.threshold))
    found = [one.candidates() for one in proposed]
    pictures = list(_pictures(batch, found, backend))
    verdicts = [PartMask(batch, part, floors, backend) for part in proposed]
    masks = []
    for verdict, candidates, strong in zip(verdicts, found, _standing_out(pictures, found, backend), strict=True):
        tolerant = batch.parameters.tolerance > batch.parameters.least_tolerance
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
        # Each box is asked about several times.
        match = lru_cache(maxsize=None)(
            partial(match_surroundings, pair, backend=backend, sigma=batch.parameters.sigma)
        )
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


def _picture(pair: RegisteredPair, number: int, count: int) -> RegisteredPair:
    """One pair of a batch."""
    return pair if count == 1 else pair.crop(number)
