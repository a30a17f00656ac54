"""Tells of movement that registration undid: what moved, from where to where, and whether that counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import cv2
import numpy as np

from diffspot.model import Forgiven, Region

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from diffspot.model import Box, Registration
    from diffspot.pipeline.placement import Placement
    from diffspot.pipeline.preparation import CommonForm

LEAST_SHARED = 0.25
"""Two pictures that lie as they are and have less in common than a quarter of the larger are no pair to compare."""
RENDERED_SHIFT = 1.0
"""Px that a rendered picture may move by as a whole: a rounded margin. More is a change of layout."""
SHEET_SHIFT = 4.0
"""The same for a drawing that fills the picture: the margin of an export. All of it moved, and nothing in it."""
FILLS = 0.8
"""Share of the width and the height that such a drawing takes."""
GROUND = 0.6
"""Share of the outermost pixels that are of one colour where a picture has a plain ground."""
SHOWN = 8
"""Grey levels by which content stands out from the ground."""
MOST_PLACES = 8
"""Places that are told one by one; of more, the box around all."""
LONE = 3
"""Things on a plain ground; with more it is a page, whose rows are inserted and removed."""
NEAR = 10
"""Px; parts of what moved that lie closer are one."""


def with_movement(
    regions: Sequence[Region],
    pair: CommonForm,
    placement: Placement,
    *,
    most: Literal["auto", "any"] | float,
    rendered: bool,
) -> tuple[list[Region], tuple[Forgiven, ...], tuple[str, ...]]:
    """The regions of a pair and those of its movement, what of it is forgiven, and what is to be noted.

    A movement counts where a corner moved by more than `most` px. Where pictures of different sizes that no motion
    brings together share less than LEAST_SHARED of the larger one, they are two pictures, not two states of one: what
    differs where they meet by chance says nothing, and one region of kind moved stands alone.

    Args:
        regions: what differs and the stretches that only one picture has.
        pair: both pictures, in one form.
        placement: how the candidate was laid over the reference.
        most: the largest movement, px, that is no difference; auto is RENDERED_SHIFT for rendered pictures that moved
            by whole px, and any for others.
        rendered: whether both pictures look rendered.
    """
    registration, size = placement.registration, pair.size
    if registration.method == "none" and placement.shared < LEAST_SHARED:
        return [_whole(placement, size)], (), ()
    slid = rendered and pair.reference.shape == pair.candidate.shape and _is_whole_translation(registration)
    if most == "auto":
        most = "any" if not slid else SHEET_SHIFT if _fills(pair) else RENDERED_SHIFT
    if most != "any" and _largest_shift(registration, size) > most:
        moved = list(_moved_places(pair, placement)) if slid else [_whole(placement, size)]
        return [*regions, *moved], (), _note(registration) if slid else ()
    if not slid:
        return [*regions], (), ()
    pixels = int((pair.reference != pair.candidate).any(axis=2).sum())
    forgiven = Forgiven(cause="movement", pixels=pixels, places=1, largest=(0, 0, *size))
    return [*regions], (forgiven,), _note(registration)


def is_lone(reference: NDArray[Any], candidate: NDArray[Any]) -> bool:
    """Whether two (H, W, C) pictures of one shape show a few things on a plain ground, and no page of content."""
    ground = _ground(reference, candidate)
    if ground is None:
        return False
    shown = _distance(reference, ground) > SHOWN
    return len(list(_boxes(shown, shown))) <= LONE


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
    return (f"candidate: moved by ({-x:.0f}, {-y:.0f}) px",)


def _whole(placement: Placement, size: tuple[int, int]) -> Region:
    return _moved((0, 0, *size), placement.to_candidate((0, 0, *size)))


def _moved(box: Box, candidate_box: Box) -> Region:
    return Region(kind="moved", bbox=box, candidate_bbox=candidate_box, area=box[2] * box[3], peak=1.0, mean=1.0)


def _moved_places(pair: CommonForm, placement: Placement) -> Iterator[Region]:
    """Where content stood that moved, and where it stands now; one region for both where they meet."""
    differing = (pair.reference != pair.candidate).any(axis=2)
    ground = _ground(pair.reference, pair.candidate)
    if ground is None:
        before = after = differing
    else:
        before, after = ((_distance(picture, ground) > SHOWN) for picture in (pair.reference, pair.candidate))
    boxes = list(_boxes(before | after, differing))
    if len(boxes) > MOST_PLACES:
        edges = np.array(boxes)
        low, high = edges[:, :2].min(axis=0), (edges[:, :2] + edges[:, 2:]).max(axis=0)
        boxes = [(int(low[0]), int(low[1]), int(high[0] - low[0]), int(high[1] - low[1]))]
    for box in boxes:
        x, y, w, h = box
        place = slice(y, y + h), slice(x, x + w)
        left = before[place].any() and not after[place].any()
        yield _moved(box, placement.to_candidate(box) if left else box)


def _ground(*pictures: NDArray[Any]) -> NDArray[Any] | None:
    """(C,) the colour around the edge of all pictures; None where there is no such colour."""
    colours = []
    for picture in pictures:
        rim = np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])
        colour = np.median(rim, axis=0).astype(picture.dtype)
        if (rim == colour).all(axis=1).mean() < GROUND:
            return None
        colours.append(colour)
    return colours[0] if np.array_equal(*colours) else None


def _distance(picture: NDArray[Any], colour: NDArray[Any]) -> NDArray[np.float32]:
    """(H, W) grey levels by which a picture stands out from a colour, the largest of the channels."""
    scale = 255 / int(np.iinfo(picture.dtype).max)
    return np.asarray(np.abs(picture.astype(np.float32) - colour.astype(np.float32)).max(axis=2) * scale)


def _boxes(content: NDArray[np.bool_], differing: NDArray[np.bool_]) -> Iterator[Box]:
    """The boxes of content, parts closer than NEAR px as one, that holds differing pixels."""
    grown = cv2.dilate(content.view(np.uint8), np.ones((NEAR | 1, NEAR | 1), np.uint8))
    _, labels = cv2.connectedComponents(grown, connectivity=8)
    labels[~content] = 0
    touched = np.unique(labels[differing & content])
    for label in touched[touched > 0].tolist():
        rows, columns = np.nonzero(labels == label)
        left, top = int(columns.min()), int(rows.min())
        yield left, top, int(columns.max()) + 1 - left, int(rows.max()) + 1 - top
