"""Embedded colour profiles: two pictures of unlike ones are compared in sRGB.

Pictures of one profile are compared as they are stored: wide colours brought into sRGB would lose what differs there.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from diffspot.model import NOT_APPLIED
from diffspot.pipeline.derived import once

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.model import Image

RGB = {3: 3, 4: 3}
"""Channels of colour, by channels of RGB with or without alpha."""
ROUNDING = 2
"""Levels of 255 by which a colour may be off that was rounded in one encoding, converted and rounded again."""
NO_SHORT_CUTS = 0x100
"""cmsFLAGS_NOOPTIMIZE: of 16 bits Little CMS would interpolate in a coarse table, up to ten levels off."""
RELATIVE = 1
"""The rendering intent: relative colorimetric, which keeps every colour that both can show."""


def in_one_space(reference: Image, candidate: Image) -> tuple[Image, Image]:
    """Two pictures, both in sRGB where their profiles differ; a note says so."""
    if reference.profile == candidate.profile:
        return reference, candidate
    first, second = in_srgb(reference), in_srgb(candidate)
    if (first is reference and second is candidate) or first.pixels.shape != second.pixels.shape:
        return first, second
    return first, _without_rounding(first, second)


def _without_rounding(reference: Image, candidate: Image) -> Image:
    """The candidate with the reference's pixels where the two differ by no more than the steps of two encodings do."""
    one, other = reference.pixels, candidate.pixels
    if one.dtype != other.dtype:
        return candidate
    most = ROUNDING * (int(np.iinfo(one.dtype).max) // 255)
    apart = np.maximum(one, other) - np.minimum(one, other)
    near = (apart <= most).all(axis=2, keepdims=True)
    return replace(candidate, pixels=np.where(near, one, other), compression=None)


def in_srgb(image: Image) -> Image:
    """A picture in sRGB; as it is where it has no profile or one that cannot be applied."""
    if not image.profile or image.pixels.shape[2] not in RGB:
        return image
    try:
        pixels = once(image.pixels, "in sRGB", partial(_converted, image.pixels, image.profile))
    except Exception:  # noqa: BLE001  whatever the library raises of a profile that it does not take; the note stays
        return image
    notes = tuple(note.replace(NOT_APPLIED, f"converted to sRGB, within {ROUNDING} levels") for note in image.notes)
    return replace(image, pixels=pixels, notes=notes, profile=b"", compression=None)


def _converted(pixels: NDArray[Any], profile: bytes) -> NDArray[Any]:
    """RGB or RGBA in sRGB by Little CMS; alpha stays."""
    import imagecodecs  # noqa: PLC0415  slow to import, and few pictures need it

    colours = np.ascontiguousarray(pixels[..., :3])
    srgb = imagecodecs.cms_profile("srgb")
    converted = imagecodecs.cms_transform(
        colours,
        profile,
        srgb,
        colorspace="rgb",
        outcolorspace="rgb",
        intent=RELATIVE,
        flags=0 if pixels.dtype == np.uint8 else NO_SHORT_CUTS,
    )
    return np.ascontiguousarray(np.concatenate([converted, pixels[..., 3:]], axis=2))
