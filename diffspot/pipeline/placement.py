"""Stage 1: places the candidate in the reference's frame, by a registration or a layout shift."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, cast

import numpy as np

from diffspot.backends import get_backend
from diffspot.model import IDENTITY, LAID, Forgiven, IgnoredAreas, Region, Registration
from diffspot.options.types import in_px
from diffspot.pipeline.boxes import shifted
from diffspot.pipeline.content import is_lone
from diffspot.pipeline.derived import once
from diffspot.pipeline.layout import find_bands, find_ends, is_unmoved_page, rearrange, rearrange_back
from diffspot.pipeline.noise import is_grainy
from diffspot.pipeline.parts import lay_parts
from diffspot.pipeline.preparation import eight_bits, luminance, to_levels
from diffspot.pipeline.registration import register, unregistered

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend
    from diffspot.model import Box, Matrix
    from diffspot.pipeline.layout import Bands, Stretch
    from diffspot.pipeline.parts import Part

    Motion = Registration | Bands
    """How a candidate moved: by one matrix, or each of its bands for itself."""

COLOURS = (1, 3)
"""Channels of grey pictures and of colours."""
NOTABLE_TURN, NOTABLE_SCALE = 10.0, 0.1
"""Degrees, and the logarithm of a scale."""


@dataclass(frozen=True, slots=True)
class Placement:
    """A candidate in the reference's frame.

    Attributes:
        candidate: (H, W, C) levels, of the reference's shape.
        valid: (H, W) bool, where the candidate covers the reference.
        registration: what was estimated.
        to_candidate: maps a bbox of the reference to the candidate.
        mask_to_candidate: maps (H, W) bool of the reference to (h, w) bool of the candidate, false outside.
        resampled: whether more was done to it than moving it by whole pixels, so that its edges are softer or crisper.
        shared: share, in [0, 1], of the larger picture's area that both show.
        seen: share, in [0, 1], of the picture of which more is compared; of a part laid into its whole that is 1.
        shifts: one region for each stretch of rows or columns that only one picture has.
        bands: of a layout shift; None where one matrix moved the whole.
        forgiven: the drift of a page that another rasteriser laid out, or whose lines are rounded for themselves.
        ignored: (H, W) bool on the host, true where the reference is not compared; None where all of it is.
        parts: what moved by a few px within a compressed page, and was laid back.
        whole_to_candidate: `to_candidate` of the page before its parts were laid back.
        stood: whether parts of it stood still while the rest moved.
    """

    candidate: NDArray[Any]
    valid: NDArray[Any]
    registration: Registration
    to_candidate: Callable[[Box], Box]
    mask_to_candidate: Callable[[NDArray[np.bool_]], NDArray[np.bool_]]
    resampled: bool = False
    shared: float = 1.0
    seen: float = 1.0
    shifts: tuple[Region, ...] = ()
    bands: Bands | None = None
    forgiven: tuple[Forgiven, ...] = ()
    ignored: NDArray[np.bool_] | None = None
    parts: tuple[Part, ...] = ()
    whole_to_candidate: Callable[[Box], Box] | None = None
    stood: bool = False

    @property
    def ignored_areas(self) -> IgnoredAreas | None:
        """The ignored area in the pixels of either picture."""
        return None if self.ignored is None else IgnoredAreas(self.ignored, self.mask_to_candidate(self.ignored))

    def with_drift(self, most: Literal["auto", "any"] | float) -> Placement:
        """With its drift as shifts where that adds up to more than `most` px; auto is any."""
        if self.bands is None or isinstance(most, str) or self.bands.drifted <= most:
            return self
        bands = replace(self.bands, blocks=tuple(replace(block, jitter=0) for block in self.bands.blocks))
        return replace(self, shifts=_as_regions(bands.stretches), bands=bands, forgiven=_forgiven(bands.drift))

    def limited(self, min_area: int, most: int | str) -> tuple[Placement, int]:
        """With the shifts that are large enough and not too long, and how many are too long.

        Of rows their height counts, and of columns their width: the other side is the picture's own.

        Args:
            min_area: px; a shift that has fewer is dropped, as a region is.
            most: a percentage of the picture's side, or `none`.
        """
        large = [one for one in self.shifts if one.area >= min_area]
        height, width = self.candidate.shape[:2]
        kept = [
            one for one in large if most == "none" or _length(one) <= in_px(most, height if _is_rows(one) else width)
        ]
        return replace(self, shifts=tuple(kept)), len(large) - len(kept)


def _is_rows(shift: Region) -> bool:
    return shift.kind.endswith("rows")


def _length(shift: Region) -> int:
    """How many rows or columns a shift has, px."""
    bbox = shift.candidate_bbox if shift.kind.startswith("inserted") else shift.bbox
    return bbox[3 if _is_rows(shift) else 2]


def find_motion(reference: NDArray[Any], candidate: NDArray[Any], *, align: str, rendered: bool) -> Motion:
    """Estimates how the candidate moved, on the host: one matrix, or bands of rows or columns.

    Args:
        reference: (H, W, C) uint8 or uint16.
        candidate: (h, w, C) of the same dtype; the sizes may differ.
        align: a registration method; `auto` also looks for a layout shift.
        rendered: whether both look like rendered pages; others have no layout.
    """
    if align == "none":
        return unregistered(reference.shape, candidate.shape)
    small = _each(reference, candidate, eight_bits)
    planes = _each(*small, luminance)
    if align == "auto" and rendered:
        if is_unmoved_page(*planes):
            return Registration()
        bands = find_bands(*small, *planes)
        # A thing that slid on a plain ground moved; nothing was inserted beside it.
        if bands and not (bands.slides and (bands.axis == 1 or is_lone(*small))):
            return bands
        if reference.shape == candidate.shape and not _lies_on_grain(*small):
            return register(*planes, method=align, drawn=True)
    return register(*planes, method=align, photo=not rendered)


def _each(
    reference: NDArray[Any], candidate: NDArray[Any], work: Callable[[NDArray[Any]], NDArray[np.uint8]]
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """What is worked out of either picture."""
    here, there = (once(picture, work.__name__, partial(work, picture)) for picture in (reference, candidate))
    return here, there


def _lies_on_grain(reference: NDArray[np.uint8], candidate: NDArray[np.uint8]) -> bool:
    """Whether two (H, W, C) pictures as they lie differ by noise; without it both are drawn, not scanned."""
    everywhere = np.broadcast_to(np.True_, reference.shape[:2])
    return is_grainy(reference, candidate, everywhere, get_backend("numpy"))


def place(candidate: NDArray[Any], motion: Motion, shape: tuple[int, int], backend: Backend) -> Placement:
    """Brings the candidate into the reference's frame.

    Args:
        candidate: (h, w, C) uint8 or uint16.
        motion: see `find_motion`.
        shape: (H, W) of the reference.
        backend: what the placed candidate lives on.
    """
    levels = to_levels(candidate)
    if isinstance(motion, Registration):
        return _by_matrix(levels, motion, shape, backend)
    return _by_layout(levels, motion, shape, backend)


def with_ends(placement: Placement, reference_size: tuple[int, int], candidate_size: tuple[int, int]) -> Placement:
    """A placement of a rendered page with what only the longer or wider page shows; sizes are (height, width).

    A layout shift knows it already, and of a page that did not stay where it was nobody can tell.
    """
    if placement.bands or placement.registration.matrix != IDENTITY:
        return placement
    return replace(placement, shifts=_as_regions(find_ends(reference_size, candidate_size)))


def with_parts(reference: NDArray[Any], placement: Placement, backend: Backend, *, join: float) -> Placement | None:
    """A placement whose parts that moved by a few px are laid back as well; None where none did.

    Args:
        reference: (H, W, C) levels.
        placement: the candidate in its frame.
        backend: what it lives on.
        join: px; parts that are closer are one.
    """
    if reference.dtype != np.uint8 or reference.shape[2] not in COLOURS:
        return None
    seen = backend.to_host(placement.valid)
    laid = lay_parts(reference, backend.to_host(placement.candidate), seen, join=join)
    if laid is None:
        return None
    to_candidate = placement.to_candidate
    return replace(
        placement,
        candidate=backend.from_host(laid.candidate),
        to_candidate=partial(_carried_with_parts, offsets=laid.offsets, to_candidate=to_candidate),
        parts=tuple(laid.parts),
        whole_to_candidate=to_candidate,
    )


def _carried_with_parts(box: Box, offsets: NDArray[np.int8], to_candidate: Callable[[Box], Box]) -> Box:
    """The bbox of the candidate around a bbox of the reference, which went where its middle did."""
    x, y, w, h = box
    height, width = offsets.shape[:2]
    right, down = offsets[min(y + h // 2, height - 1), min(x + w // 2, width - 1)].tolist()
    return to_candidate(shifted(box, (right, down), (width, height)))


def describe_motion(placement: Placement) -> tuple[str, ...]:
    """A note where the candidate had to be moved by more than two pictures of one view ever are."""
    if placement.bands:
        drifted, ways = placement.bands.drifted, ("higher or lower", "further left or right")
        return (f"{LAID}lines of the candidate lie up to {drifted} px {ways[placement.bands.axis]}",) if drifted else ()
    (a, _, _), (c, _, _), _ = placement.registration.matrix
    turn, scale = abs(math.degrees(math.atan2(c, a))), math.hypot(a, c)
    done = [f"turned by {turn:.0f} degrees"] if turn > NOTABLE_TURN else []
    if abs(math.log(scale)) > NOTABLE_SCALE:
        done.append(f"scaled by {scale:.2f}")
    return (f"{LAID}the candidate was {' and '.join(done)}",) if done else ()


def _by_layout(candidate: NDArray[Any], bands: Bands, shape: tuple[int, int], backend: Backend) -> Placement:
    laid_out, valid = rearrange(candidate, bands, *shape)
    return Placement(
        backend.from_host(laid_out),
        backend.from_host(valid),
        Registration(method="layout", overlap=round(float(valid.mean()), 4)),
        bands.to_candidate,
        partial(rearrange_back, bands=bands),
        shifts=_as_regions(bands.stretches),
        bands=bands,
        forgiven=_forgiven(bands.drift),
    )


def _as_regions(stretches: Sequence[Stretch]) -> tuple[Region, ...]:
    return tuple(
        Region(kind=one.kind, bbox=one.bbox, candidate_bbox=one.candidate_bbox, area=one.area, peak=1.0, mean=1.0)
        for one in stretches
    )


def _forgiven(drift: Sequence[Stretch]) -> tuple[Forgiven, ...]:
    if not drift:
        return ()
    largest = max(drift, key=lambda stretch: stretch.area)
    pixels = sum(stretch.area for stretch in drift)
    return (Forgiven(cause="movement", pixels=pixels, places=len(drift), largest=largest.bbox),)


def _by_matrix(
    candidate: NDArray[Any], registration: Registration, shape: tuple[int, int], backend: Backend
) -> Placement:
    here = backend.from_host(candidate)
    if registration.matrix == IDENTITY and candidate.shape[:2] == shape:
        moved, valid = here, backend.xp.ones(shape, bool)
    else:
        moved, valid = backend.warp(here, registration.matrix, (shape[1], shape[0]))
        if moved.dtype != np.uint8:  # the cubic kernel overshoots, and floats of 16 bits show it
            moved = moved.clip(0, 255)
    covered = int(backend.xp.count_nonzero(valid))
    size = (candidate.shape[1], candidate.shape[0])
    scale = abs(np.linalg.det(np.array(registration.matrix)))  # px of the reference for each of the candidate
    return Placement(
        moved,
        valid,
        registration,
        partial(_carried, matrix=registration.matrix, size=size),
        partial(_carried_mask, matrix=registration.matrix, size=size, backend=backend),
        _is_resampled(registration.matrix),
        covered / max(shape[0] * shape[1], size[0] * size[1]),
        min(1.0, covered * max(1 / (shape[0] * shape[1]), 1 / (scale * size[0] * size[1]))),
    )


def _is_resampled(matrix: Matrix) -> bool:
    """Whether a matrix does more than move a picture by whole pixels."""
    whole = np.eye(3)
    whole[:2, 2] = np.rint(np.array(matrix)[:2, 2])
    return bool(np.abs(matrix - whole).max() > ROUNDING)


def _carried(box: Box, matrix: Matrix, size: tuple[int, int]) -> Box:
    """The smallest bbox of the candidate, of (width, height) px, around a bbox of the reference."""
    x, y, w, h = box
    edges = np.array([[x, y], [x + w, y], [x, y + h], [x + w, y + h]]) - 0.5
    corners = np.column_stack([edges, np.ones(4)]) @ np.linalg.inv(np.array(matrix)).T
    points = corners[:, :2] / corners[:, 2:] + 0.5
    low = np.clip(np.floor(points.min(axis=0) + ROUNDING), 0, size)
    high = np.clip(np.ceil(points.max(axis=0) - ROUNDING), 0, size)
    return int(low[0]), int(low[1]), int(high[0] - low[0]), int(high[1] - low[1])


def _carried_mask(
    mask: NDArray[np.bool_], matrix: Matrix, size: tuple[int, int], backend: Backend
) -> NDArray[np.bool_]:
    """(h, w) bool of the candidate, of (width, height) px, from (H, W) bool of the reference."""
    inverse = cast("Matrix", tuple(map(tuple, np.linalg.inv(np.array(matrix)).tolist())))
    moved, inside = backend.warp(backend.from_host(mask[..., None] * np.uint8(255)), inverse, size)
    return np.asarray(backend.to_host((moved[..., 0] > HALF) & inside))


HALF = 127
"""Level of 255 from which a resampled mask counts as set: the nearer pixel decides."""
ROUNDING = 1e-6
"""Px by which a corner may miss a pixel's edge and still count as on it."""
