"""Where a crop lies in a picture in every pixel, whatever is in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from diffspot.pipeline.finding.places import Place, pick

if TYPE_CHECKING:
    from numpy.typing import NDArray

SIEVES = 48
"""Pixels of the crop that are looked for before all of them are: half of them the rarest, the others anywhere."""
SAMPLE = 1 << 20
"""Px of the picture of which colours are counted."""
HASH_BITS = 16
FACTOR = np.uint64(0x9E3779B97F4A7C15)
"""2^64 over the golden ratio: the high bits of a product with it hash a number (Knuth, TAOCP 6.4)."""


def exact_places(picture: NDArray[Any], crop: NDArray[Any]) -> list[Place]:
    """Every place where a picture is equal to a crop in all pixels; of those that overlap, one.

    Args:
        picture: (H, W, C) uint8 or uint16.
        crop: (h, w, C) of the same dtype, no larger.

    Returns:
        By y, then x; `places.MOST_PLACES` at most.
    """
    height, width = crop.shape[:2]
    mask = _possible(picture, crop)
    found = pick(mask, (height, width), lambda x, y: np.array_equal(picture[y : y + height, x : x + width], crop))
    return [Place(bbox=(x, y, width, height), score=1.0, exact=True) for x, y in found]


def _possible(picture: NDArray[Any], crop: NDArray[Any]) -> NDArray[np.bool_]:
    """(H - h + 1, W - w + 1) bool: the corners that some pixels of the crop do not rule out."""
    whole, part = _packed(picture), _packed(crop)
    rows, columns = (have - want + 1 for have, want in zip(whole.shape, part.shape, strict=True))
    if (part == part[0, 0]).all():
        return _even(whole == part[0, 0], part.shape)[:rows, :columns]
    (y, x), *others = _sieves(whole, part)
    mask = whole[y : y + rows, x : x + columns] == part[y, x]
    ys, xs = np.nonzero(mask)
    for y, x in others:
        keep = whole[ys + y, xs + x] == part[y, x]
        ys, xs = ys[keep], xs[keep]
    mask[:] = False
    mask[ys, xs] = True
    return np.asarray(mask)


def _even(equal: NDArray[np.bool_], size: tuple[int, ...]) -> NDArray[np.bool_]:
    """Where a window of a size that begins there is equal throughout."""
    window = np.ones(size, np.uint8)
    eroded = cv2.erode(equal.view(np.uint8), window, anchor=(0, 0), borderType=cv2.BORDER_CONSTANT, borderValue=0)
    return eroded.view(np.bool_)


def _sieves(whole: NDArray[Any], part: NDArray[Any]) -> list[tuple[int, int]]:
    """(y, x) of pixels of the crop, those first whose colour is rarest in the picture, then some spread over it."""
    step = max(1, whole.size // SAMPLE)
    counts = np.bincount(_hashed(whole.ravel()[::step]), minlength=1 << HASH_BITS)
    rarest = np.argsort(counts[_hashed(part.ravel())], kind="stable")[: SIEVES // 2]
    spread = np.linspace(0, part.size - 1, SIEVES // 2).astype(np.intp)
    return [divmod(int(index), part.shape[1]) for index in (*rarest, *spread)]


def _packed(pixels: NDArray[Any]) -> NDArray[Any]:
    """(H, W) whole numbers, one for each colour."""
    bits = 8 * pixels.itemsize
    packed: NDArray[np.uint64] = pixels[..., 0].astype(np.uint64)
    for channel in range(1, pixels.shape[2]):
        packed = (packed << np.uint64(bits)) | pixels[..., channel]
    return packed


def _hashed(packed: NDArray[Any]) -> NDArray[Any]:
    return ((packed * FACTOR) >> np.uint64(64 - HASH_BITS)).astype(np.int64)
