"""What several pictures of one view share: objects that stay while the rest changes, or the background behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple

import cv2
import numpy as np
from msgspec import Meta, Struct

from diffspot.errors import OptionError
from diffspot.model import Box, Image  # noqa: TC001  msgspec reads the annotations
from diffspot.pipeline.preparation import BYTE_TO_WORD, OPAQUE_CHANNELS, common_form, eight_bits, luminance
from diffspot.pipeline.registration import register, unregistered

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend
    from diffspot.model import Registration
    from diffspot.options.types import Align

Take = Literal["shared", "median", "mog2"]

LEAST_FRAMES = 2
SPREAD = 0.6
"""Quantile of the deviations from the median that is a pixel's spread: with the median alone two frames of three would
do; all of them, a range, would grow with every frame."""
SURE, LIKELY = 8.0, 18.0
"""Grey levels of spread up to which a pixel begins an object, and up to which one beside it belongs to it: of drawn
overlays in JPEG of quality 80, half of the pixels spread by 1 and 95 % by 12, because a block holds background, too."""
REACH = 8
"""Px that an object grows into what is likely; what changes in a block of JPEG moves all of it."""
CORE = 5
"""Px a side that an object's beginning has at least; smaller parts of two backgrounds are equal by chance."""
LEAST_AREA = 100
"""Px that an object has at least before it grows."""
HOLE, CLEAR = 64, 36.0
"""Px; a hole with fewer is noise, and belongs to the object around it, unless a pixel of it spreads by more grey levels
than JPEG explains (28 in drawn overlays of quality 80): a digit that became another one has 20 px."""
STRIP_BYTES = 1 << 26
"""Size of the strips of rows, of all frames, that are worked on at a time."""
FEW = 16
"""Planes up to which swapping neighbours is faster than a sort."""
MOG2_THRESHOLD = 16.0
"""Squared standard deviations; OpenCV's own default."""


class Shared(Struct, frozen=True, kw_only=True):
    """One object that all frames share."""

    bbox: Annotated[Box, Meta(description="Where it lies in the first frame.")]
    area: Annotated[int, Meta(ge=1, description="Its pixels.")]


class Stack(NamedTuple):
    """Frames in one form, laid over the first.

    Attributes:
        frames: (N, H, W, C) uint8 or uint16; C is 1 or 3, and one more with alpha.
        valid: (H, W) bool, where every frame shows something.
        registrations: of each frame but the first.
    """

    frames: NDArray[Any]
    valid: NDArray[np.bool_]
    registrations: tuple[Registration, ...]


class Common(NamedTuple):
    """What frames share.

    Attributes:
        picture: (H, W, C) of their dtype; C is 1 or 3, and one more, that colours were multiplied by, with alpha.
        mask: (H, W) bool, where it is shared; of a background, where every frame shows something.
        objects: of what is shared, by y, then x.
        registrations: of each frame but the first.
    """

    picture: NDArray[Any]
    mask: NDArray[np.bool_]
    objects: list[Shared]
    registrations: tuple[Registration, ...]


def common(images: Sequence[Image], backend: Backend, *, take: Take = "shared", align: Align = "auto") -> Common:
    """Finds what frames share.

    Args:
        images: two or more; sizes may differ, what all show is looked at.
        backend: what warps them.
        take: `shared`, the objects that stay while the rest changes; `median` or `mog2`, the background behind what
            moves.
        align: how each frame is registered onto the first; `auto` does so only where all frames share more that way,
            for behind an overlay that stays the background may move.

    Raises:
        OptionError: there are fewer than two.
    """
    if len(images) < LEAST_FRAMES:
        raise OptionError("What frames share takes two or more of them; name another picture.")
    frames = _one_form(images)
    stack = _lay_over(frames, backend, "none" if align == "auto" else align)
    mask = _shared(stack)
    if align == "auto":
        registered = _lay_over(frames, backend, align)
        if (
            any(one.method != "none" for one in registered.registrations)
            and (other := _shared(registered)).sum() > mask.sum()
        ):
            stack, mask = registered, other
    if take == "shared":
        return Common(median_frame(stack.frames), mask, _objects(mask), stack.registrations)
    picture = median_frame(stack.frames) if take == "median" else mog2_background(stack.frames)
    return Common(picture, stack.valid, [], stack.registrations)


def _lay_over(frames: Sequence[NDArray[Any]], backend: Backend, align: Align) -> Stack:
    """Lays each frame over the first."""
    first, *others = frames
    brightness = luminance(eight_bits(first))
    placed, valid, registrations = [first], np.ones(first.shape[:2], bool), []
    for other in others:
        registration = unregistered(first.shape, other.shape)
        if align != "none":
            registration = register(brightness, luminance(eight_bits(other)), method=align)
        moved, inside = _placed(other, registration, first.shape, backend)
        placed.append(moved)
        valid &= inside
        registrations.append(registration)
    return Stack(np.stack(placed), valid, tuple(registrations))


def _placed(
    frame: NDArray[Any], registration: Registration, shape: tuple[int, ...], backend: Backend
) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    if registration.method == "none" and frame.shape[:2] == shape:
        return frame, np.ones(frame.shape[:2], bool)
    return backend.warp(frame, registration.matrix, (shape[1], shape[0]))


def _one_form(images: Sequence[Image]) -> list[NDArray[Any]]:
    """(H, W, C) each, as `common_form` does it for two: one depth, grey as colour, alpha where one frame has it."""
    alone = [common_form(image, image).reference for image in images]
    colours = max(OPAQUE_CHANNELS[frame.shape[2]] for frame in alone)
    alpha = any(frame.shape[2] not in OPAQUE_CHANNELS.values() for frame in alone)
    widest = Image(np.zeros((1, 1, colours + alpha), max(frame.dtype for frame in alone)))
    return [common_form(image, widest).reference for image in images]


def _shared(stack: Stack) -> NDArray[np.bool_]:
    """The objects that all frames share, (H, W) bool.

    A pixel is shared where it spreads little over the frames. What is sure grows into what is likely, so that objects
    are whole up to their edges.
    """
    spread = _spread(stack.frames) / np.float32(1 if stack.frames.dtype == np.uint8 else BYTE_TO_WORD)
    valid, square = stack.valid.view(np.uint8), np.ones((3, 3), np.uint8)
    smooth: NDArray[Any] = np.asarray(cv2.blur(spread, (3, 3)))
    sure = np.asarray((smooth <= SURE) & stack.valid).view(np.uint8)
    core: NDArray[Any] = _of_size(cv2.morphologyEx(sure, cv2.MORPH_OPEN, np.ones((CORE, CORE), np.uint8)), LEAST_AREA)
    likely = (spread <= LIKELY).view(np.uint8) & valid
    for _ in range(REACH):
        grown: NDArray[Any] = np.asarray(cv2.dilate(core, square))
        core = grown & likely
    filled = core | _holes(core, spread) if core.any() else core
    opened: NDArray[Any] = np.asarray(cv2.morphologyEx(filled, cv2.MORPH_OPEN, square))
    return (opened & valid).view(np.bool_)


def _of_size(mask: NDArray[Any], least: int) -> NDArray[Any]:
    """The parts, joined by edges, that have so many px; (H, W) uint8 of 0 and 1."""
    _, labels, table, _ = cv2.connectedComponentsWithStats(mask, connectivity=4)
    keep = table[:, cv2.CC_STAT_AREA] >= least
    keep[0] = False
    return np.asarray(keep[labels].view(np.uint8))


def _holes(mask: NDArray[Any], spread: NDArray[np.float32]) -> NDArray[Any]:
    """What is not set and lies in parts of fewer than `HOLE` px none of which clearly changes."""
    rest = 1 - mask
    small = np.asarray(rest - _of_size(rest, HOLE))
    count, labels = cv2.connectedComponents(small, connectivity=4)
    clear = np.zeros(count, np.bool_)
    clear[labels[(small > 0) & (spread > CLEAR)]] = True
    return np.asarray(small & ~clear[labels])


def _objects(mask: NDArray[np.bool_]) -> list[Shared]:
    _, _, table, _ = cv2.connectedComponentsWithStats(mask.view(np.uint8), connectivity=8)
    found = [Shared(bbox=(x, y, w, h), area=area) for x, y, w, h, area in table[1:].tolist()]
    return sorted(found, key=lambda one: (one.bbox[1], one.bbox[0]))


def _spread(frames: NDArray[Any]) -> NDArray[np.float32]:
    """(H, W) float32: the `SPREAD` quantile of the deviations from the median, of the channel where it is largest.

    Near the median absolute deviation (F. R. Hampel, 1974, DOI 10.1080/01621459.1974.10482962).
    """
    strips = []
    for rows in _strips(frames):
        median = quantile(in_order(frames[:, rows]), 0.5)
        away = np.abs(frames[:, rows] - median)
        strips.append(quantile(in_order(away), SPREAD).max(axis=-1))
    return np.concatenate(strips)


def median_frame(frames: NDArray[Any]) -> NDArray[Any]:
    """The median of (N, H, W, C) frames pixel by pixel, (H, W, C) of their dtype; of two in the middle, their mean."""
    strips = [np.rint(quantile(in_order(frames[:, rows]), 0.5)) for rows in _strips(frames)]
    return np.asarray(np.concatenate(strips), frames.dtype)


def in_order(values: NDArray[Any]) -> Sequence[NDArray[Any]]:
    """Sorts along the first axis.

    Of few, neighbours change places in turns (odd-even transposition, N. Habermann, 1972): whole planes at a time that
    is 4 to 10 times as fast as NumPy's sort, which walks from plane to plane for every pixel.
    """
    if len(values) > FEW:
        return list(np.sort(values, axis=0))
    planes = list(values)
    for turn in range(len(planes)):
        for index in range(turn % 2, len(planes) - 1, 2):
            low, high = planes[index : index + 2]
            planes[index], planes[index + 1] = np.minimum(low, high), np.maximum(low, high)
    return planes


def quantile(ordered: Sequence[NDArray[Any]], q: float) -> NDArray[np.float32]:
    """The quantile of sorted planes, float32, as NumPy's: between two planes linear."""
    place = q * (len(ordered) - 1)
    low = int(place)
    high, share = min(low + 1, len(ordered) - 1), np.float32(place - low)
    return np.asarray(ordered[low] * (1 - share) + ordered[high] * share, np.float32)


def _strips(frames: NDArray[Any]) -> Iterable[slice]:
    count, height = frames.shape[:2]
    step = max(1, STRIP_BYTES // (4 * count * frames[0, 0].size))
    return (slice(start, start + step) for start in range(0, height, step))


def mog2_background(frames: NDArray[Any]) -> NDArray[np.uint8]:
    """The background that a mixture of Gaussians learns from (N, H, W, C) frames in their order; (H, W, C) uint8.

    OpenCV's BackgroundSubtractorMOG2 (Z. Zivkovic, 2004, DOI 10.1109/ICPR.2004.1333992). Alpha is left out.
    """
    model = cv2.createBackgroundSubtractorMOG2(len(frames), MOG2_THRESHOLD, False)  # no shadows
    for frame in frames:
        model.apply(eight_bits(frame))
    background = model.getBackgroundImage()
    return np.asarray(background, np.uint8).reshape(*background.shape[:2], -1)


def cut_out(picture: NDArray[Any], mask: NDArray[np.bool_], background: tuple[int, int, int] | None) -> NDArray[Any]:
    """A picture where a mask is true; elsewhere transparent, or of one colour.

    Args:
        picture: (H, W, C) uint8 or uint16 of `Stack.frames`, with colours multiplied by alpha where it has alpha.
        mask: (H, W) bool.
        background: red, green and blue, 0..255; None is transparent.

    Returns:
        (H, W, 4) or, with a background, (H, W, 3); straight alpha.
    """
    full = int(np.iinfo(picture.dtype).max)
    colours = picture[..., :-1] if picture.shape[2] % 2 == 0 else picture
    alpha = picture[..., -1:] if picture.shape[2] % 2 == 0 else np.full_like(picture[..., :1], full)
    shown = np.repeat(colours, 3 // colours.shape[2], axis=2)
    cover = np.where(mask[..., None], alpha, 0).astype(np.float64) / full
    if background is None:
        straight = np.divide(shown, cover, out=np.zeros(shown.shape), where=cover > 0)
        return np.concatenate([np.rint(straight), np.rint(cover * full)], axis=2).clip(0, full).astype(picture.dtype)
    ground = np.array(background, np.float64) * (full // 255)
    seen = np.where(mask[..., None], shown, 0)
    return np.rint(seen + (1 - cover) * ground).clip(0, full).astype(picture.dtype)
