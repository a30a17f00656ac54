"""Intermediate results of a pair that a caller asked to keep: pictures in the reference's frame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from diffspot.model import Maps
from diffspot.pipeline.difference import score
from diffspot.pipeline.preparation import BYTE_TO_WORD, OPAQUE_CHANNELS
from diffspot.pipeline.regions import WHOLE
from diffspot.pipeline.segmentation import sure_pixels

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend
    from diffspot.model import Region
    from diffspot.pipeline.placement import Placement
    from diffspot.pipeline.preparation import CommonForm
    from diffspot.pipeline.verdict import Verdict


def unchanged_maps(pair: CommonForm) -> Maps:
    """The maps of two pictures that are equal in every pixel that is compared."""
    none = np.zeros(pair.reference.shape[:2], np.bool_)
    aligned = pair.candidate if pair.candidate.shape == pair.reference.shape else pair.reference
    return Maps(
        aligned=_straight(aligned, ~none),
        blurred=_eight_bits(aligned),
        scores=np.zeros(none.shape, np.float32),
        threshold=0.0,
        passed=none,
        opened=none,
        mask=none,
    )


def make_maps(
    pair: CommonForm,
    placement: Placement,
    verdict: Verdict,
    regions: Sequence[Region],
    backend: Backend,
) -> Maps:
    """The maps of a pair that was compared; the scores are worked out everywhere, not only where they decide.

    Args:
        pair: before registration.
        placement: of the candidate, with all that it covers.
        verdict: on its components, with their mask.
        regions: that nothing explains.
        backend: what the arrays live on.
    """
    (registered, parameters, limits, _), found = verdict.request, verdict.found
    scores = score(registered, registered.valid, backend, parameters, limits)
    opened = sure_pixels(scores, found.threshold, backend, parameters.morphology.opening)
    differs = backend.to_host(registered.difference) > 0
    levels = backend.to_host(placement.candidate)
    if pair.candidate.dtype != np.uint8:
        levels = np.rint(levels * np.float32(BYTE_TO_WORD)).astype(np.uint16)
    return Maps(
        aligned=_straight(levels, backend.to_host(placement.valid)),
        blurred=_eight_bits(backend.to_host(backend.gaussian_blur(registered.candidate, parameters.sigma))),
        scores=backend.to_host(scores),
        threshold=found.threshold,
        passed=backend.to_host(scores) > found.threshold,
        opened=backend.to_host(opened),
        mask=_mask(differs if found.mask is None else found.mask, differs, regions),
    )


def _mask(mask: NDArray[np.bool_], differs: NDArray[np.bool_], regions: Sequence[Region]) -> NDArray[np.bool_]:
    """(H, W) bool: what of a mask lies in regions; of those that it has nothing of, what differs there."""
    shown = np.zeros_like(mask)
    for region in regions:
        x, y, w, h = region.bbox
        place = slice(y, y + h), slice(x, x + w)
        own = mask[place] if mask[place].any() else differs[place]
        shown[place] |= True if region.kind in WHOLE or not own.any() else own
    return shown


def _straight(pixels: NDArray[Any], valid: NDArray[np.bool_]) -> NDArray[Any]:
    """A picture of the common form, (H, W, C), with straight alpha, and none where it is not valid."""
    colours = OPAQUE_CHANNELS[pixels.shape[2]]
    full = np.iinfo(pixels.dtype).max
    if colours == pixels.shape[2]:
        if valid.all():
            return pixels
        cover = np.where(valid, full, 0)[..., None].astype(pixels.dtype)
        return np.concatenate([pixels, cover], axis=2)
    cover = pixels[..., -1:] * valid[..., None]
    shown = pixels[..., :colours].astype(np.float64) * full / np.maximum(cover, 1)
    return np.concatenate([np.rint(np.minimum(shown, full)).astype(pixels.dtype), cover], axis=2)


def _eight_bits(levels: NDArray[Any]) -> NDArray[np.uint8]:
    """(H, W, 1 or 3) uint8 of levels, or of a picture, that may have alpha."""
    shown = levels[..., : OPAQUE_CHANNELS[levels.shape[2]]]
    if shown.dtype == np.uint16:
        shown = shown // BYTE_TO_WORD
    return np.ascontiguousarray(np.rint(shown) if shown.dtype == np.float32 else shown).astype(np.uint8)
