"""Content that stands on a plain ground, in drawings and rendered pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from diffspot.pipeline.areas import joined_areas

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from diffspot.model import Box

GROUND = 0.6
"""Share of the outermost pixels that are of one colour where a picture has a plain ground."""
SHOWN = 8
"""Grey levels by which content stands out from the ground."""
LONE = 3
"""Things on a plain ground; with more it is a page, whose rows are inserted and removed."""
NEAR = 10
"""Px; parts of what moved that lie closer are one."""


def is_lone(reference: NDArray[Any], candidate: NDArray[Any]) -> bool:
    """Whether two (H, W, C) pictures of one shape show a few things on a plain ground, and no page of content."""
    ground = find_ground(reference, candidate)
    if ground is None:
        return False
    shown = distance(reference, ground) > SHOWN
    return len(list(content_boxes(shown, shown))) <= LONE


def find_ground(*pictures: NDArray[Any]) -> NDArray[Any] | None:
    """(C,) the colour around the edge of all pictures; None where there is no such colour."""
    colours = []
    for picture in pictures:
        rim = outermost(picture)
        colour = np.median(rim, axis=0).astype(picture.dtype)
        if (rim == colour).all(axis=1).mean() < GROUND:
            return None
        colours.append(colour)
    return colours[0] if np.array_equal(*colours) else None


def outermost(picture: NDArray[Any]) -> NDArray[Any]:
    """(N, ...) the px along the edge of a picture (H, W, ...), those in its corners twice."""
    return np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])


def distance(picture: NDArray[Any], colour: NDArray[Any]) -> NDArray[np.float32]:
    """(H, W) grey levels by which a picture stands out from a colour, the largest of the channels."""
    scale = 255 / int(np.iinfo(picture.dtype).max)
    return np.asarray(np.abs(picture.astype(np.float32) - colour.astype(np.float32)).max(axis=2) * scale)


def content_boxes(content: NDArray[np.bool_], differing: NDArray[np.bool_]) -> Iterator[Box]:
    """The boxes of the differing pixels in content, parts closer than NEAR px as one."""
    for ((x, y, w, h), *_), own in joined_areas(content, content, NEAR):
        left, top, width, height = cv2.boundingRect((differing[y : y + h, x : x + w] & own).view(np.uint8))
        if width:
            yield x + left, y + top, width, height
