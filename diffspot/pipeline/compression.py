"""One compression for both: the picture that JPEG kept better is compressed as the other one was.

JPEG rounds each block of 8 x 8 px for itself, so that what it leaves is coherent within blocks, strong at edges and
coloured around coloured letters: it looks like content and not like noise. Compressing the better picture by the same
tables and the same sampling leaves the same traces in it, equal to the bit where it was not compressed before.

Where that explains little, as where each of two pictures was compressed, one may still hold colours in half the
resolution alone, as most JPEG, WebP and AVIF files do: letters and bars in colours then look as if they had moved.

Where each was compressed in its own way, the candidate is brought as near to the reference as both may have been
(`nearest.py`): nothing is left where nothing changed. How a picture was compressed its file tells, if it is a JPEG, by
tables of any maker; of what was saved in another format, or is no file, the pixels tell it (`jpeg_traces.py`), and
where blocks lie, if it was cut out of a larger picture (`jpeg_grid.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from diffspot.model import IDENTITY
from diffspot.pipeline.derived import once
from diffspot.pipeline.jpeg_grid import find_rim, with_colours
from diffspot.pipeline.jpeg_traces import BLACK, WHITE, find_traces
from diffspot.pipeline.nearest import nearest
from diffspot.pipeline.preparation import luminance
from diffspot.pipeline.quantization import UNIT, compression_of, left_by_quality
from diffspot.pipeline.recompression import SAMPLINGS, colours_of, compressed, in_half, in_halved_colours
from diffspot.pipeline.units import LEAST_UNITS, differences, sample_units, typical, unchanged

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend
    from diffspot.model import Compression
    from diffspot.pipeline.jpeg_grid import Rim
    from diffspot.pipeline.placement import Placement
    from diffspot.pipeline.units import Sample

    Told = tuple[Compression | None, Compression | None]
    """How two pictures were compressed, as far as their files say it."""
    Pair = tuple[NDArray[np.uint8], NDArray[np.uint8]]

UNTOLD: Told = (None, None)
COLOURS = (1, 3)
"""Channels that JPEG holds."""
STRIDE, FINALISTS = 4, 8
"""Units from one to the next of those by which all qualities are tried, and how many are tried by all units then."""
QUALITIES = range(10, 99)
"""What is tried: below, nothing is left to compare, and above, nothing is lost."""
PROMISE, WORTH = 0.9, 0.6
"""Shares of the difference that the best of the first and the best of all qualities leave at most. A picture that was
compressed before keeps a third where the other's quality is 30 to 60; one of two noisy pictures, made smooth, 0.7."""
DOUBT = 0.95
"""Share of the difference of a few units, as near to PROMISE as they tell it, above which the others are spared: of
178 that are tried the best leaves 0.96 or more of noise alone."""

ENOUGH = 1 << 21
"""Px from which on a picture that differs everywhere is not asked how it was compressed: each place has many like it
that tell what compression leaves there, and asking took 0.2 to 0.7 s of 12 megapixels, all else 0.3 to 0.4."""
PROMISING, OWN_NOISE = 0.25, 0.1
"""Share of the difference of luminance that two compressions leave at most: 0 to 0.15 of drawings and photos, 0.25 of
colours at black and white alone, 0.6 and more of other pictures. And levels of it in the median away from black and
white: none where compression is all; two photos with noise of 4 levels, of quality 85, keep 0.35."""
APART = 4
"""Levels by which colours differ where half the resolution is looked for. There it leaves at most WORTH of them in the
one picture, and PROMISE at least in the other, which has it already; of noise it leaves 0.7 in both."""


class Found(NamedTuple):
    """How the worse of two pictures was compressed.

    Attributes:
        compression: it; None where its colours alone are of half the resolution.
        of_reference: whether the reference is the better one, which is to be compressed.
        traces: whether they differ all over even so.
    """

    compression: Compression | None
    of_reference: bool
    traces: bool

    def __call__(self, picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The better picture as the worse one is."""
        return compressed(picture, self.compression) if self.compression else in_halved_colours(picture)


def find_compression(units: tuple[NDArray[np.uint8], NDArray[np.uint8]], told: Told = UNTOLD) -> Found | None:
    """How the worse of two pictures was compressed; None where that explains little.

    Args:
        units: of the reference and of the candidate; see `Sample`.
        told: what their files say of it; what they do not say is looked for.
    """
    ways = [(way, one) for way, one in ((1, told[1]), (0, told[0])) if one]
    if found := _best(units, ways):
        return found
    return (None if all(told) else _one_quality(units)) or _one_sampling(units)


def _one_quality(units: tuple[NDArray[np.uint8], NDArray[np.uint8]]) -> Found | None:
    """What brings the units of two pictures into one quality; None where that explains little."""
    whole = [luminance(side)[..., None] for side in units]
    left = {(way, quality): _left(whole, way, compression_of(quality)) for way, quality in _likely(whole)}
    if not left or (least := min(left.values())) > PROMISE * typical(*whole):
        return None
    # tables may differ by frequencies alone that this luminance does not have: then colours tell
    alike = sorted(one for one in left if left[one] == least)
    # the usual sampling where both explain as much
    return _best(units, [(way, compression_of(quality, one)) for way, quality in alike for one in SAMPLINGS])


def _best(units: tuple[NDArray[np.uint8], NDArray[np.uint8]], ways: Sequence[tuple[int, Compression]]) -> Found | None:
    """The first of those that explain most; each is 1 to compress the first picture, or 0, and how."""
    left = [_left(units, way, one) for way, one in ways]
    if not left or min(left) > WORTH * typical(*units):
        return None
    way, one = ways[left.index(min(left))]
    better, other = units if way else units[::-1]
    return Found(one, bool(way), bool(np.median(differences(compressed(better, one), other)) > 0))


def _likely(planes: Sequence[NDArray[np.uint8]]) -> list[tuple[int, int]]:
    """What explains a few units of the luminance best: 1 to compress the first picture, or 0, and the quality.

    None at all where all leave about as much as there is.
    """
    few = [plane.reshape(-1, UNIT, UNIT)[::STRIDE] for plane in planes]
    tried = [
        (float(left), way, quality)
        for way, (better, other) in ((1, few), (0, few[::-1]))
        for left, quality in zip(unchanged(left_by_quality(better, other, QUALITIES)), QUALITIES, strict=True)
    ]
    all_of_it = unchanged(differences(*(units.reshape(-1, UNIT, 1) for units in few)))
    return [(way, quality) for left, way, quality in sorted(tried)[:FINALISTS] if left <= DOUBT * all_of_it]


def _one_sampling(units: tuple[NDArray[np.uint8], NDArray[np.uint8]]) -> Found | None:
    """What brings the colours of the units of two pictures into one resolution; None where that explains little."""
    if units[0].shape[2] == 1:
        return None
    here, there = (colours_of(side) for side in units)
    apart = np.abs(here - there)
    inner = apart.reshape(-1, UNIT, UNIT, apart.shape[2])[:, 1:-1, 1:-1].max(axis=3) > APART
    if not inner.any():
        return None
    seen = np.pad(inner, ((0, 0), (1, 1), (1, 1))).reshape(apart.shape[:2])  # what is interpolated at rims is left out
    left = [
        float(np.abs(one - other)[seen].sum() / apart[seen].sum())
        for one, other in ((in_half(here), there), (here, in_half(there)))
    ]
    halved = min(left) <= WORTH and max(left) >= PROMISE
    return Found(None, of_reference=left[0] < left[1], traces=True) if halved else None


def _left(pair: Sequence[NDArray[np.uint8]], way: int, one: Compression) -> float:
    better, other = pair if way else pair[::-1]
    return typical(compressed(better, one), other)


class Alike(NamedTuple):
    """Two pictures in one compression.

    Attributes:
        reference: (H, W, C) levels.
        candidate: (H, W, C) levels.
        traces: whether traces of another compression are left, as of one that the better picture had before.
    """

    reference: NDArray[Any]
    candidate: NDArray[Any]
    traces: bool


def compressed_alike(
    reference: NDArray[Any], placement: Placement, backend: Backend, told: Told = UNTOLD
) -> Alike | None:
    """Both pictures in one compression; None where theirs is the same, or explains little of what differs.

    Args:
        reference: (H, W, C) levels.
        placement: the candidate in its frame; it lies still.
        backend: what the candidate lives on.
        told: what the files of both say of how they were compressed.
    """
    here = backend.to_host(placement.candidate)
    sample = sample_units(reference, here, placement.ignored) if reference.shape[2] in COLOURS else None
    if sample is None:
        return None
    seen = told_everywhere(reference, sample, told)
    if sample.everywhere and seen[0] and seen[0] == seen[1]:  # then noise made them differ
        return None
    alike = _alike(reference, here, sample, seen)
    in_doubt = alike is None or alike.traces
    if in_doubt and not any(seen) and not _is_large_photo(reference, sample) and (rim := find_rim(sample.units)):
        alike = _cut_out((reference, here), placement.ignored, rim) or alike
    return alike and alike._replace(candidate=backend.from_host(alike.candidate))


def told_everywhere(reference: NDArray[np.uint8], sample: Sample, told: Told = UNTOLD) -> Told:
    """What is told of how each of two pictures was compressed, from their pixels where these differ everywhere.

    All of such a reference tells it, so that many candidates share what it tells; large ones are not asked.
    """
    if not sample.everywhere or _is_large_photo(reference, sample):
        return told
    here, there = told
    here = here or once(reference, "traces", lambda: find_traces(sample.busiest()))
    return here, there or find_traces(sample.units[1])


def _alike(reference: NDArray[np.uint8], candidate: NDArray[np.uint8], sample: Sample, told: Told) -> Alike | None:
    """Both pictures in one compression; None where that explains little."""
    found = find_compression(sample.units, told)
    if (found is None or found.traces) and (near := as_near_as_may_be(reference, candidate, sample, told)):
        return near
    if found is None:
        return None
    if found.of_reference:
        return Alike(found(reference), candidate, found.traces)
    return Alike(reference, found(candidate), found.traces)


def _cut_out(pair: Pair, ignored: NDArray[np.bool_] | None, rim: Rim) -> Alike | None:
    """Both pictures in one compression, of which blocks begin before them; None where that explains little."""
    if pair[0].shape[2] > 1:
        rim = with_colours(pair, rim)
    reference, candidate = (rim.put(picture) for picture in pair)
    sample = sample_units(reference, candidate, None if ignored is None else rim.put(ignored.view(np.uint8)) > 0)
    if sample is None:
        return None
    found = find_compression(sample.units)
    alike = None
    if found is None or found.traces:
        alike = as_near_as_may_be(reference, candidate, sample, told_everywhere(reference, sample), unseen=rim)
    if alike is None and found and found.compression:  # colours alone tell nothing of blocks
        alike = _with_rim(found, reference, candidate, rim)
    return alike and alike._replace(reference=rim.off(alike.reference), candidate=rim.off(alike.candidate))


def _with_rim(found: Found, reference: NDArray[np.uint8], candidate: NDArray[np.uint8], rim: Rim) -> Alike:
    """Both pictures in one compression; blocks that are seen in part are brought as near as they may be."""
    first, second = (found(reference), candidate.copy()) if found.of_reference else (reference.copy(), found(candidate))
    ways = (None, found.compression) if found.of_reference else (found.compression, None)
    for strip, beyond in ((np.s_[:UNIT], np.s_[: 2 * UNIT]), (np.s_[:, :UNIT], np.s_[:, : 2 * UNIT])):
        near = nearest(reference[beyond], candidate[beyond], *ways, unseen=rim)
        first[strip], second[strip] = reference[strip], near[strip]
    return Alike(first, second, found.traces)


def _is_large_photo(picture: NDArray[np.uint8], sample: Sample) -> bool:
    return sample.everywhere and picture.shape[0] * picture.shape[1] > ENOUGH


def as_near_as_may_be(
    reference: NDArray[np.uint8],
    candidate: NDArray[np.uint8],
    sample: Sample,
    told: Told = UNTOLD,
    unseen: tuple[int, int] = (0, 0),
) -> Alike | None:
    """The candidate as near to the reference as their own compressions let it be; None where that explains little.

    Args:
        reference: (H, W, C) uint8, C 1 or 3.
        candidate: the same shape.
        sample: of both.
        told: how they were compressed; what is not told is found from their pixels, unless these differ everywhere.
        unseen: see `nearest`.
    """
    if _is_large_photo(reference, sample):
        return None
    units = sample.units
    here, there = (
        told if sample.everywhere else (one or find_traces(side) for one, side in zip(told, units, strict=True))
    )
    if here is there is None or (sample.everywhere and here == there):  # then noise made them differ
        return None
    whole = [luminance(side)[..., None] for side in units]
    left = differences(whole[0], nearest(whole[0], whole[1], here, there))
    if unchanged(left) > PROMISING * typical(*whole) or _is_noise(left, units):
        return None
    return Alike(reference, nearest(reference, candidate, here, there, unseen=unseen), bool(np.median(left) > 0))


def _is_noise(left: NDArray[np.float64], units: tuple[NDArray[np.uint8], NDArray[np.uint8]]) -> bool:
    """Whether what is left of units is noise: away from black and white compression explains all of a difference."""
    if np.median(left) <= OWN_NOISE:
        return False
    cut = np.logical_or.reduce([(side == BLACK) | (side == WHITE) for side in units])
    whole = left[~cut.reshape(len(left), -1).any(axis=1)]
    return len(whole) >= LEAST_UNITS and bool(np.median(whole) > OWN_NOISE)


def lies_still(reference: NDArray[Any], placement: Placement, backend: Backend) -> bool:
    """Whether both pictures have 8 bits and lie over each other as they are."""
    ignored = placement.ignored
    covered = placement.valid if ignored is None else placement.valid | backend.from_host(ignored)
    still = placement.registration.matrix == IDENTITY and placement.bands is None and bool(covered.all())
    return still and reference.dtype == np.uint8 and placement.candidate.dtype == np.uint8
