"""Brings two decoded pictures into one form, so that their samples can be compared."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import cv2
import numpy as np

from diffspot.pipeline.colour import in_one_space
from diffspot.pipeline.derived import once

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.model import Image

OPAQUE_CHANNELS = {1: 1, 2: 1, 3: 3, 4: 3}
BYTE_TO_WORD = 257
"""Maps 0..255 onto 0..65535, end to end."""
BRIGHTEST, LOOKED_AT = 0.999, 64
"""Share of the samples up to which levels are used, the rest are hot pixels; rows and columns looked at, about."""


DEPTHS = (8, 10, 12, 14)
"""Bits that cameras, scanners and medical devices leave in samples of 16."""
WORD = 65535


class CommonForm(NamedTuple):
    """Two pictures with the same channels and depth.

    Attributes:
        reference: (H, W, C) uint8 or uint16; C is 1 or 3, and one more with alpha.
        candidate: (h, w, C) of the same dtype.
        notes: what was done to the pictures, one short phrase each.
        step: one step of the coarser depth of the two, a score: 1/255 where one had 8 bits.
        widened: times their samples that the samples are; see `in_used_depth`.
    """

    reference: NDArray[Any]
    candidate: NDArray[Any]
    notes: tuple[str, ...]
    step: float
    widened: float = 1.0

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of the reference, px."""
        return self.reference.shape[1], self.reference.shape[0]

    @property
    def pixels(self) -> int:
        """Px of the larger picture."""
        return max(self.reference[..., 0].size, self.candidate[..., 0].size)

    @property
    def used(self) -> float:
        """Share of the range of levels that the pictures use, in [0, 1]: 12 bits of a camera are a 16th of 16."""
        brightest = (float(np.quantile(_thinned(pixels), BRIGHTEST)) for pixels in (self.reference, self.candidate))
        return max(brightest) / np.iinfo(self.reference.dtype).max


def common_form(reference: Image, candidate: Image) -> CommonForm:
    """Brings two pictures to the same channels and depth, and notes what that took.

    A grey picture beside a colour one gets three equal channels, 8 bits beside 16 are widened.
    Where either picture has alpha, colours are multiplied by it and alpha is one more channel: what
    is hidden does not count, how much is hidden does.
    """
    reference, candidate = in_one_space(reference, candidate)
    notes = [f"reference: {note}" for note in reference.notes]
    notes += [f"candidate: {note}" for note in candidate.notes]
    pictures = [reference.pixels, candidate.pixels]
    step = max(1 / int(np.iinfo(pixels.dtype).max) for pixels in pictures)
    if pictures[0].dtype != pictures[1].dtype:
        notes.append("8 bits were widened to 16")
        pictures = [once(pixels, "widened", partial(_widened, pixels)) for pixels in pictures]
    if pictures[0].shape[:2] != pictures[1].shape[:2]:
        sizes = (f"{pixels.shape[1]}x{pixels.shape[0]}" for pixels in pictures)
        notes.append("the reference is {}, the candidate {}: what both show was compared".format(*sizes))
    colours = max(OPAQUE_CHANNELS[pixels.shape[2]] for pixels in pictures)
    if any(OPAQUE_CHANNELS[pixels.shape[2]] != colours for pixels in pictures):
        notes.append("grey was compared as colour")
    alpha = any(_is_translucent(pixels) for pixels in pictures)
    if alpha:
        notes.append("alpha was compared, and colours as far as it lets them show")
    form = f"{colours} colours, {alpha=}"
    first, second = (once(pixels, form, partial(_with_channels, pixels, colours, alpha=alpha)) for pixels in pictures)
    return CommonForm(first, second, tuple(notes), step)


def in_used_depth(pair: CommonForm) -> CommonForm:
    """A pair of 16 bits whose samples use fewer, as those of most cameras and scanners do, with these as the range.

    12 bits of 16 are a 16th of the range: clear changes would be less than a level of 255, and nothing could be
    registered. Alpha is a share of the whole range, so pairs with alpha stay, and so does one that had 8 bits.
    """
    channels = pair.reference.shape[2]
    if pair.step != 1 / WORD or OPAQUE_CHANNELS[channels] != channels:
        return pair
    brightest = max(int(pair.reference.max()), int(pair.candidate.max()))
    bits = next((bits for bits in DEPTHS if brightest < 1 << bits), 0)
    if not bits:
        return pair
    full = (1 << bits) - 1
    reference, candidate = (
        once(pixels, f"{bits} bits", partial(_over_whole_range, pixels, full))
        for pixels in (pair.reference, pair.candidate)
    )
    note = f"{bits} of 16 bits are used; their range was compared"
    return CommonForm(reference, candidate, (*pair.notes, note), 1 / full, WORD / full)


def in_depth_of(pair: CommonForm, spread: NDArray[np.uint8] | None) -> NDArray[np.uint8] | None:
    """(H, W) grey levels of the spread of a golden, as levels of a pair of fewer bits."""
    if spread is None or pair.widened == 1:
        return spread
    return np.asarray(np.ceil(spread * pair.widened).clip(0, 255), np.uint8)


def _over_whole_range(pixels: NDArray[Any], full: int) -> NDArray[np.uint16]:
    return ((pixels.astype(np.uint32) * WORD + full // 2) // full).astype(np.uint16)


def _thinned(pixels: NDArray[Any]) -> NDArray[Any]:
    rows, columns = (max(1, side // LOOKED_AT) for side in pixels.shape[:2])
    return pixels[::rows, ::columns]


def to_levels(pixels: NDArray[Any]) -> NDArray[Any]:
    """Samples as grey levels 0..255: uint8 as they are, uint16 as float32 with their finer steps kept."""
    return pixels if pixels.dtype == np.uint8 else pixels.astype(np.float32) / np.float32(BYTE_TO_WORD)


def eight_bits(pixels: NDArray[Any]) -> NDArray[np.uint8]:
    """The colour channels alone, one or three, as uint8: enough to see where things are."""
    shown = pixels[..., : OPAQUE_CHANNELS[pixels.shape[2]]]
    return np.ascontiguousarray(shown if shown.dtype == np.uint8 else (shown >> 8).astype(np.uint8))


def luminance(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The brightness of grey or RGB pixels, (H, W, 1) or (H, W, 3) uint8, as an (H, W) plane: enough to see motion."""
    if pixels.shape[2] == 1:
        return np.ascontiguousarray(pixels[:, :, 0])
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)


def _widened(pixels: NDArray[Any]) -> NDArray[Any]:
    return pixels if pixels.dtype == np.uint16 else pixels.astype(np.uint16) * BYTE_TO_WORD


def _is_translucent(pixels: NDArray[Any]) -> bool:
    return _has_alpha(pixels) and int(pixels[..., -1].min()) < int(np.iinfo(pixels.dtype).max)


def _has_alpha(pixels: NDArray[Any]) -> bool:
    return bool(OPAQUE_CHANNELS[pixels.shape[2]] != pixels.shape[2])


def _with_channels(pixels: NDArray[Any], colours: int, *, alpha: bool) -> NDArray[Any]:
    shown = pixels[..., : OPAQUE_CHANNELS[pixels.shape[2]]]
    if shown.shape[2] != colours:
        shown = np.repeat(shown, colours, axis=2)
    if not alpha:
        return np.ascontiguousarray(shown)
    full = np.iinfo(pixels.dtype).max
    cover = pixels[..., -1:] if _has_alpha(pixels) else np.full_like(pixels[..., :1], full)
    weighted = (shown.astype(np.uint64) * cover + full // 2) // full
    return np.concatenate([weighted.astype(pixels.dtype), cover], axis=2)
