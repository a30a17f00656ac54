"""Tells whether two pairs show the same change: equal fingerprints, equal changes."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import numpy as np

from diffspot.model import Image
from diffspot.pipeline.preparation import common_form

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from diffspot.model import Box, Region

DIGEST_BYTES = 8
"""64 bits: among a million changes two unlike ones meet with a chance of 1 in 37 million."""


def fingerprint(reference: Image, candidate: Image, regions: Sequence[Region]) -> str:
    """What changed between two pictures, as 16 hexadecimal digits.

    A content region counts with what was added to each of its samples, so that a logo replaced on
    a hundred pages is one change whatever stands beside it; inserted and removed rows or columns
    count with their own pixels. Where the regions lie does not count: a footer moves with the length
    of its page. Samples must be equal to the last bit, so pairs of noisy pictures never agree.

    Args:
        reference: what each region's `bbox` lies in.
        candidate: what each region's `candidate_bbox` lies in.
        regions: what was found; their order does not matter.
    """
    digests = sorted(_digest(reference, candidate, region) for region in regions)
    return blake2b(b"".join(digests), digest_size=DIGEST_BYTES).hexdigest()


def _digest(reference: Image, candidate: Image, region: Region) -> bytes:
    before, after = _cut(reference, region.bbox), _cut(candidate, region.candidate_bbox)
    if region.kind.startswith("inserted"):
        parts = [after.pixels]
    elif region.kind.startswith("removed"):
        parts = [before.pixels]
    else:
        parts = _change(before, after)
    digest = blake2b(region.kind.encode(), digest_size=DIGEST_BYTES)
    for part in parts:
        digest.update(f"{part.shape}{part.dtype}".encode())
        digest.update(part.tobytes())
    return digest.digest()


def _change(before: Image, after: Image) -> list[NDArray[Any]]:
    first, second, *_ = common_form(before, after)
    if first.shape != second.shape:
        return [first, second]
    return [second.astype(np.int32) - first]


def _cut(image: Image, box: Box) -> Image:
    x, y, width, height = box
    return Image(image.pixels[max(0, y) : max(0, y + height), max(0, x) : max(0, x + width)])
