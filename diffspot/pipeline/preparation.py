"""Brings two decoded pictures into one form, so that their samples can be compared."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import cv2
import numpy as np

from diffspot.backends.channels import reduced
from diffspot.model import SIZES
from diffspot.pipeline.colour import in_one_space
from diffspot.pipeline.derived import once

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.model import Compression, Image

OPAQUE_CHANNELS = {1: 1, 2: 1, 3: 3, 4: 3}
BYTE_TO_WORD = 257
"""Maps 0..255 onto 0..65535, end to end."""
BRIGHTEST, LOOKED_AT = 0.999, 64
"""Share of the samples up to which levels are used, the rest are hot pixels; rows and columns looked at, about."""
SENSOR_BITS = (8, 10, 12, 14)
"""Depths that cameras deliver in samples of 16 bits."""
COLOURED = 0.02
"""Share of the range of levels by which the channels of half of all samples differ in a colour photo; grey cameras and
pictures made grey have three equal channels, and paper under lamps is hardly coloured."""
GREY_AS_COLOUR = "grey was compared as colour"


class CommonForm(NamedTuple):
    """Two pictures with the same channels and depth.

    Attributes:
        reference: (H, W, C) uint8 or uint16; C is 1 or 3, and one more with alpha.
        candidate: (h, w, C) of the same dtype.
        notes: what was done to the pictures, one short phrase each.
        step: one step of the coarser depth of the two, a score: 1/255 where one had 8 bits, 1/4095 for 12-bit samples.
        colours: px whose colour is not compared, see `in_brightness`.
        compressions: how the files say that JPEG compressed either picture, where its samples are those of the file.
    """

    reference: NDArray[Any]
    candidate: NDArray[Any]
    notes: tuple[str, ...]
    step: float
    colours: int = 0
    compressions: tuple[Compression | None, Compression | None] = (None, None)

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
        """Share of the range of levels that the pictures use, in [0, 1]: 12 bits of a camera are a 16th of 16.

        With 16 bits they begin at the darkest, a camera's black level; with 8, pictures of one shade are blank paper.
        """
        sides = self.reference, self.candidate
        darkest, brightest = zip(*(once(side, "extremes", partial(_extremes, side)) for side in sides), strict=True)
        return float(max(brightest) - min(darkest)) / np.iinfo(self.reference.dtype).max


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
        notes.append(f"{SIZES}{' and '.join(sizes)}; what both show was compared")
    colours = max(OPAQUE_CHANNELS[pixels.shape[2]] for pixels in pictures)
    if any(OPAQUE_CHANNELS[pixels.shape[2]] != colours for pixels in pictures):
        notes.append(GREY_AS_COLOUR)
    alpha = any(_is_translucent(pixels) for pixels in pictures)
    if alpha:
        notes.append("alpha was compared, and colours as far as it lets them show")
    form = f"{colours} colours, {alpha=}"
    first, second = (once(pixels, form, partial(_with_channels, pixels, colours, alpha=alpha)) for pixels in pictures)
    compressions = _kept_compression(reference, first), _kept_compression(candidate, second)
    return CommonForm(first, second, tuple(notes), step, compressions=compressions)


def _kept_compression(image: Image, form: NDArray[Any]) -> Compression | None:
    """How a picture was compressed, if it is in the form that it has; what JPEG made has 8 bits and no alpha."""
    return image.compression if (form.shape, form.dtype) == (image.pixels.shape, image.pixels.dtype) else None


def _thinned(pixels: NDArray[Any]) -> NDArray[Any]:
    rows, columns = (max(1, side // LOOKED_AT) for side in pixels.shape[:2])
    return pixels[::rows, ::columns]


def _extremes(pixels: NDArray[Any]) -> tuple[float, float]:
    """The darkest and the brightest level that a picture uses; with 8 bits it may use all below."""
    thinned = _thinned(pixels)
    darkest = float(np.quantile(thinned, 1 - BRIGHTEST)) if pixels.dtype == np.uint16 else 0.0
    return darkest, float(np.quantile(thinned, BRIGHTEST))


def in_full_range(form: CommonForm) -> CommonForm:
    """The form with samples of fewer bits in a container of 16 scaled to its range, both pictures by one factor.

    Such samples leave the upper bits empty in both pictures; as they are, a change of a quarter of a 12-bit range would
    be two hundredths of the container's.
    """
    bits = _sensor_bits(form)
    if not bits:
        return form
    first, second = (
        once(pixels, f"of {bits} bits", partial(_scaled, pixels, bits)) for pixels in (form.reference, form.candidate)
    )
    return CommonForm(first, second, (*form.notes, f"{bits}-bit samples were scaled to 16"), 1 / (2**bits - 1))


def in_brightness(form: CommonForm, ignored: NDArray[np.bool_] | None = None) -> CommonForm:
    """The form of a colour photo and a grey one by their brightness; any other form as it is.

    Whoever holds a colour photo against a grey one asks what is to be seen, not what colour it has. Colours that are
    in places only are content: most of the colour photo has some, and the grey one none at all.
    """
    pictures = form.reference, form.candidate
    if any(pixels.shape[2] != OPAQUE_CHANNELS[3] for pixels in pictures):
        return form
    ranges = [_colour_range(_thinned(pixels)) for pixels in pictures]
    least = COLOURED * np.iinfo(form.reference.dtype).max
    if min(spread.max() for spread in ranges) > 0 or max(float(np.median(spread)) for spread in ranges) <= least:
        return form
    if not any(_is_grey(pixels) for pixels, spread in zip(pictures, ranges, strict=True) if not spread.any()):
        return form
    first, second = (once(pixels, "brightness", partial(_brightness, pixels)) for pixels in pictures)
    notes = [note for note in form.notes if note != GREY_AS_COLOUR]
    notes.append("colour was compared with grey by its brightness")
    colour = next(pixels for pixels, spread in zip(pictures, ranges, strict=True) if spread.any())
    return CommonForm(first, second, tuple(notes), form.step, _count_coloured(colour, ignored))


def _count_coloured(colour: NDArray[Any], ignored: NDArray[np.bool_] | None) -> int:
    """Px that show colour, without those that are ignored if they lie there."""
    coloured = _colour_range(colour) > COLOURED * np.iinfo(colour.dtype).max
    if ignored is not None and ignored.shape == coloured.shape:
        coloured &= ~ignored
    return int(np.count_nonzero(coloured))


def _colour_range(pixels: NDArray[Any]) -> NDArray[Any]:
    """(H, W) by how much the channels of each px differ."""
    return np.asarray(reduced(np.maximum, pixels) - reduced(np.minimum, pixels))


def _is_grey(pixels: NDArray[Any]) -> bool:
    first = pixels[..., :1]
    return bool((pixels[..., 1:] == first).all())


def _brightness(pixels: NDArray[Any]) -> NDArray[Any]:
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), pixels.dtype)[..., None]


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


def _sensor_bits(form: CommonForm) -> int:
    """The depth of samples that leave the upper bits of both containers empty; 0 where they do not.

    A dark picture of 8 bits that was widened has multiples of BYTE_TO_WORD alone; alpha uses all bits.
    """
    if form.reference.dtype != np.uint16 or form.step >= 1 / np.iinfo(np.uint8).max:
        return 0
    pictures = form.reference, form.candidate
    largest = max(once(pixels, "largest", partial(_largest, pixels)) for pixels in pictures)
    bits = next((bits for bits in SENSOR_BITS if largest < 2**bits), 0)
    return bits if bits and any((pixels % BYTE_TO_WORD).any() for pixels in pictures) else 0


def _largest(pixels: NDArray[Any]) -> int:
    return int(pixels.max(initial=0))


def _scaled(pixels: NDArray[Any], bits: int) -> NDArray[Any]:
    return pixels << np.uint16(16 - bits)


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
