"""Reports movement that registration undid: what moved, from where to where, and whether that is a difference."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from diffspot.backends import CPU, get_backend
from diffspot.model import MISFIT, Forgiven, Region
from diffspot.pipeline.cells import cell_means, whole_cells
from diffspot.pipeline.content import SHOWN, content_boxes, distance, find_ground
from diffspot.pipeline.preparation import to_levels
from diffspot.pipeline.regions import with_stretches
from diffspot.pipeline.verdict.interface import Judged, Tally

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from diffspot.model import Box, Registration
    from diffspot.pipeline.parts import Part
    from diffspot.pipeline.placement import Placement
    from diffspot.pipeline.preparation import CommonForm

LEAST_SHARED = 0.25
"""Two pictures that lie as they are and have less in common than a quarter of the larger are no pair to compare."""
LEAST_SEEN = 0.5
"""Two pictures of which less than half is compared, either way, cannot be called the same."""
RENDERED_SHIFT = 1.0
"""Px that a rendered picture may move by as a whole: a rounded margin. More is a change of layout."""
SHEET_SHIFT = 4.0
"""The same for a drawing that fills the picture: the margin of an export. All of it moved, and nothing in it."""
FILLS = 0.8
"""Share of the width and the height that such a drawing takes."""
UNLIKE_SHARE = 0.2
"""Share of the reference that differs where two pictures that lie as they are have nothing to do with each other:
unrelated photos start there, half of a plain picture that changed ends at 0.15."""
LEAST_CELLS = 64
"""Cells that are needed to tell shapes; of noise their means have a quarter at most."""
LEAST_SHAPES, LEAST_LIKE = 4.0, 0.3
"""Grey levels of standard deviation of the means of cells from which a photo shows shapes, and the correlation below
which two photos that both do show others: textures that stand for each other have 0.2 at most."""
MOST_PLACES = 8
"""Places that are reported one by one; of more, the box around all is."""


class Movement(NamedTuple):
    """What movement makes of a pair.

    Attributes:
        regions: those of the pair, its movement among them.
        forgiven: what of the movement is no difference.
        notes: sentences about it, for people.
        lined_up: whether the two pictures could be laid together at all; else one region of kind moved stands alone.
    """

    regions: list[Region]
    forgiven: tuple[Forgiven, ...] = ()
    notes: tuple[str, ...] = ()
    lined_up: bool = True


def with_movement(
    regions: Sequence[Region],
    pair: CommonForm,
    placement: Placement,
    *,
    most: Literal["auto", "any"] | float,
    least_confidence: float,
    rendered: bool,
) -> Movement:
    """The regions of a pair and those of its movement, what of it is forgiven, and what is to be noted.

    A movement counts where a corner moved by more than `most` px. Of two pictures that cannot be lined up, what differs
    where they meet by chance says nothing.

    Args:
        regions: what differs elsewhere than in the stretches that only one picture has.
        pair: both pictures, in one form.
        placement: how the candidate was laid over the reference.
        most: the largest movement, px, that is no difference; auto is RENDERED_SHIFT for rendered pictures that moved
            by whole px, none where parts of them stood still, and any for others.
        least_confidence: see `_misfit`.
        rendered: whether both pictures look rendered.
    """
    registration, size, ignored = placement.registration, pair.size, placement.ignored
    regions = with_stretches(regions, placement.shifts)
    if misfit := _misfit(regions, pair, placement, least_confidence, rendered=rendered):
        return Movement([_whole(placement, size)], notes=(f"{MISFIT}{misfit}",), lined_up=False)
    slid = rendered and pair.reference.shape == pair.candidate.shape and _is_whole_translation(registration)
    if placement.seen < LEAST_SEEN and not slid:
        return Movement([*regions, _whole(placement, size)])
    if most == "auto":
        most = _usual_most(pair, placement) if slid else "any"
    if most != "any" and _largest_shift(registration, size) > most:
        moved = list(_moved_places(pair, placement)) if slid else [_whole(placement, size)]
        return Movement([*regions, *moved], notes=_note(registration) if slid else ())
    if not slid:
        turned = rendered and placement.resampled
        whole = Forgiven(cause="movement", pixels=size[0] * size[1], places=1, largest=(0, 0, *size))
        return Movement([*regions], (whole,) if turned else ())
    differing = (pair.reference != pair.candidate).any(axis=2)
    pixels = int((differing if ignored is None else differing & ~ignored).sum())
    forgiven = Forgiven(cause="movement", pixels=pixels, places=1, largest=(0, 0, *size))
    return Movement([*regions], (forgiven,), _note(registration))


def _usual_most(pair: CommonForm, placement: Placement) -> float:
    """Px by which a rendered picture may move as a whole; where parts of it stood still, it did not."""
    if placement.stood:
        return 0
    return SHEET_SHIFT if _fills(pair) else RENDERED_SHIFT


def judge_parts(parts: Sequence[Part], *, most: Literal["auto", "any"] | float) -> tuple[list[Judged], Tally]:
    """The parts of a pair that moved further than `most` px, and the count of the others.

    Args:
        parts: what moved within a page.
        most: see `with_movement`; auto is RENDERED_SHIFT.
    """
    limit = RENDERED_SHIFT if most == "auto" else math.inf if most == "any" else most
    told, tally = [], Tally()
    for component, step in parts:
        if math.hypot(*step) > limit:
            told.append(Judged(component, "moved", step))
        else:
            tally.add("movement", *component[:2])
    return told, tally


def _misfit(regions: Sequence[Region], pair: CommonForm, placement: Placement, least: float, *, rendered: bool) -> str:
    """Why two pictures cannot be laid together; empty where they can.

    Args:
        regions: what differs as they were laid.
        pair: both pictures, in one form.
        placement: how the candidate was laid over the reference.
        least: confidence below which a motion counts for nothing. Pictures that lie as they are and show little
            structure in common can be a page in other colours or a plain wall: only photos that differ widely, nowhere
            to the bit the same, are no pair.
        rendered: whether both pictures look rendered.
    """
    registration = placement.registration
    unmoved = registration.method == "none"
    if unmoved and placement.shared < LEAST_SHARED:
        return "the sizes differ, and no movement brings the pictures together"
    if registration.confidence >= least:
        return ""
    if unmoved and (rendered or _has_in_common(regions, pair, placement)):
        return ""
    return f"registration confidence {registration.confidence} is below {least}"


def _has_in_common(regions: Sequence[Region], pair: CommonForm, placement: Placement) -> bool:
    """Whether two pictures that lie as they are are equal to the bit in a fair part, or differ in a small one alone."""
    pixels = pair.size[0] * pair.size[1]
    same_shape = pair.reference.shape == pair.candidate.shape
    if same_shape and int((pair.reference == pair.candidate).all(axis=2).sum()) >= LEAST_SHARED * pixels:
        return True
    return sum(region.area for region in regions) <= UNLIKE_SHARE * pixels and not _shows_others(pair, placement)


def _shows_others(pair: CommonForm, placement: Placement) -> bool:
    """Whether both pictures, which lie as they are, show shapes, and none that the other one shows."""
    if pair.reference.shape[:2] != pair.candidate.shape[:2]:
        return False
    cpu = get_backend(CPU)
    pictures = (to_levels(picture) for picture in (pair.reference, pair.candidate))
    one, other = (cell_means(picture, cpu).mean(axis=2) for picture in pictures)
    if placement.ignored is not None:
        compared = whole_cells(~placement.ignored, cpu)
        one, other = one[compared], other[compared]
    if one.size < LEAST_CELLS:
        return False
    one, other = one - one.mean(), other - other.mean()
    shapes = float(one.std()), float(other.std())
    return min(shapes) > LEAST_SHAPES and float((one * other).mean()) < LEAST_LIKE * shapes[0] * shapes[1]


def _largest_shift(registration: Registration, size: tuple[int, int]) -> float:
    """Px by which the corner moved that moved most."""
    width, height = size
    corners = np.array([[0, 0, 1], [width - 1, 0, 1], [0, height - 1, 1], [width - 1, height - 1, 1]], np.float64)
    moved = corners @ np.array(registration.matrix).T
    return float(np.hypot(*(moved[:, :2] / moved[:, 2:] - corners[:, :2]).T).max())


def _is_whole_translation(registration: Registration) -> bool:
    matrix = np.array(registration.matrix)
    rest = matrix - np.eye(3)
    rest[:2, 2] = 0
    return bool(not rest.any() and matrix[:2, 2].any() and (matrix[:2, 2] == np.rint(matrix[:2, 2])).all())


def _fills(pair: CommonForm) -> bool:
    """Whether what differs takes up nearly all of the width and the height."""
    rows, columns = np.nonzero((pair.reference != pair.candidate).any(axis=2))
    width, height = pair.size
    return bool(np.ptp(columns) >= FILLS * width and np.ptp(rows) >= FILLS * height)


def _note(registration: Registration) -> tuple[str, ...]:
    (_, _, x), (_, _, y), _ = registration.matrix
    return (f"candidate: moved by ({0 - x:.0f}, {0 - y:.0f}) px",)


def _whole(placement: Placement, size: tuple[int, int]) -> Region:
    return _moved((0, 0, *size), placement.to_candidate((0, 0, *size)))


def _moved(box: Box, candidate_box: Box) -> Region:
    return Region(kind="moved", bbox=box, candidate_bbox=candidate_box, area=box[2] * box[3], peak=1.0, mean=1.0)


def _moved_places(pair: CommonForm, placement: Placement) -> Iterator[Region]:
    """Where content stood that moved, and where it stands now; one region for both where they meet."""
    differing = (pair.reference != pair.candidate).any(axis=2)
    ground = find_ground(pair.reference, pair.candidate)
    if ground is None:
        before = after = differing
    else:
        before, after = ((distance(picture, ground) > SHOWN) for picture in (pair.reference, pair.candidate))
    if areas := placement.ignored_areas:  # what stood there did not move
        before, after = before & ~areas.reference, after & ~areas.candidate
    boxes = list(content_boxes(before | after, differing))
    if len(boxes) > MOST_PLACES:
        edges = np.array(boxes)
        low, high = edges[:, :2].min(axis=0), (edges[:, :2] + edges[:, 2:]).max(axis=0)
        boxes = [(int(low[0]), int(low[1]), int(high[0] - low[0]), int(high[1] - low[1]))]
    for box in boxes:
        x, y, w, h = box
        place = slice(y, y + h), slice(x, x + w)
        left = before[place].any() and not after[place].any()
        yield _moved(box, placement.to_candidate(box) if left else box)
