"""Tolerance to movement: the residual that a shift of a few px cannot explain, and the estimate of that shift."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from diffspot.backends.interface import blur_radius
from diffspot.pipeline.derived import once
from diffspot.pipeline.sampling import sample_bands

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.backends.device import Numbers
    from diffspot.backends.interface import Backend
    from diffspot.pipeline.pair import RegisteredPair

PRESMOOTH = 0.8
"""Px: takes the ringing and dithering off edges, so that only their place is judged."""
BLOCK = 32
"""Px: small enough for a few hundred votes a picture, large enough to hold a piece of edge."""
EDGE_RANGE = 60
"""Grey levels in 3 x 3: a block without such an edge cannot tell how far edges wander."""
STRONG = 30
"""Grey levels: half a strong edge; a sliver left by a wandering edge is at least that strong."""
WANDERING = 0.03
"""Share of the blocks with edges: real changes stay under 0.02, wandering edges start at 0.04."""
BAND = 6 * BLOCK
"""Rows worked on at a time: few enough to stay in the processor's cache."""
VOTING_ROWS = 12 * BAND
"""Rows that vote, of taller pictures: thousands of blocks."""
MIN_BLOCKS = 8
"""Fewer votes decide nothing."""
LARGEST = 2
"""Px: with the opening it absorbs a wander of 3 px; a third px drowns small defects."""
VOTE_REACH = blur_radius(PRESMOOTH) + LARGEST
"""Px around a block that its vote depends on."""
LEAST_ALLOWANCE = 0.05
"""Share of the local contrast: blending and rounding leave this much on any moved edge."""
WANDERING_ALLOWANCE = 0.08
"""The same where edges wander by a pixel or more: letters drawn by another rasteriser are bolder or fainter, too."""
MOST_ALLOWANCE = 0.3
"""Beyond it changes of shade next to an edge would drown."""
EDGE_NOISE_MULTIPLE = 1.5
"""A Gaussian median of |x| is 0.67 sigma: the allowance is one sigma of what equal edges show."""


def residual(
    reference: NDArray[Any], candidate: NDArray[Any], tolerance: float, edge_noise: Numbers, backend: Backend
) -> NDArray[Any]:
    """The difference that movement by `tolerance` px cannot explain, less a share of the local contrast.

    Args:
        reference: (..., H, W, C) levels.
        candidate: (..., H, W, C) levels.
        tolerance: px; 0 gives the plain difference.
        edge_noise: see `Noise`; one each for a batch.
        backend: what the arrays live on.

    Returns:
        (..., H, W) levels, the largest of the channels; 0 where the pictures agree.
    """
    difference = moved_difference(reference, candidate, tolerance, backend)
    if not tolerance:
        return difference
    least = LEAST_ALLOWANCE if tolerance < 1 else WANDERING_ALLOWANCE
    share = np.clip(EDGE_NOISE_MULTIPLE * edge_noise, least, MOST_ALLOWANCE)
    contrast = shared_contrast(reference, candidate, tolerance_reach(tolerance), backend)
    left = difference.astype(backend.xp.float32)
    left = left - backend.as_scalars(share, left) * contrast
    return left.clip(0, None)  # type: ignore[no-any-return]


def tolerance_reach(tolerance: float) -> int:
    """Px around a pixel that its residual depends on."""
    return int(tolerance) + 1 if tolerance else 0


def shared_contrast(reference: NDArray[Any], candidate: NDArray[Any], radius: int, backend: Backend) -> NDArray[Any]:
    """(..., H, W) levels, the local range that both show: a new object on a plain ground lends none to itself."""
    ranges = (backend.local_range(picture, radius) for picture in (reference, candidate))
    return backend.xp.minimum(*ranges)  # type: ignore[no-any-return]


def moved_difference(reference: NDArray[Any], candidate: NDArray[Any], radius: float, backend: Backend) -> NDArray[Any]:
    """(..., H, W) levels by which a pixel lies outside the other picture's local range, both ways round.

    Any movement of at most `radius` px leaves 0. With radius 0 it is the plain difference.
    """
    if radius == 0:
        return backend.absdiff(reference, candidate)
    ways = (
        backend.excess(one, *_local_range(other, radius, backend))
        for one, other in ((reference, candidate), (candidate, reference))
    )
    return backend.xp.maximum(*ways)  # type: ignore[no-any-return]


def _local_range(levels: NDArray[Any], radius: float, backend: Backend) -> tuple[NDArray[Any], NDArray[Any]]:
    """Lowest and highest levels within `radius` px, both (..., H, W, C); linearly interpolated between whole radii."""
    whole, part = divmod(radius, 1)
    inner = backend.local_minimum(levels, int(whole)), backend.local_maximum(levels, int(whole))
    if not part:
        return inner
    outer = backend.local_minimum(levels, int(whole) + 1), backend.local_maximum(levels, int(whole) + 1)
    low, high = (backend.blend(near, far, part) for near, far in zip(inner, outer, strict=True))
    return low, high


def estimate_tolerance(pair: RegisteredPair, backend: Backend) -> int:
    """Estimates how far, in px, edges move all over the pair: 0 to LARGEST.

    A wandering edge leaves slivers that one more px of tolerance explains, and leaves them all over the picture; a
    real change is compact, survives that px, and sits in few places. So blocks vote: the tolerance grows while more
    than WANDERING of the blocks that hold an edge hold a sliver.

    Args:
        pair: a single one.
        backend: what the arrays live on.
    """
    rows = sample_bands(len(pair.reference), VOTING_ROWS, BAND, VOTE_REACH)
    bands = [(pair.crop(source), crop) for source, crop in rows]
    possible = [_may_be_strong(*band, backend) for band in bands]
    most, polled = sum(map(np.count_nonzero, possible)), []
    for (source, _), band in zip(rows, bands, strict=True):
        edges = partial(_edges, band[0].reference, backend)
        contrast = once(pair.reference, f"edges from row {source.start}", edges, per_pair=True)
        polled.append(_voters(contrast, *band, backend))
        if most < max(1, WANDERING * sum(map(np.count_nonzero, polled))):  # too few, whoever votes yet
            return 0
    voters = np.concatenate(polled)
    if int(voters.sum()) < MIN_BLOCKS:
        return 0
    lasting = np.concatenate([_lasting(*band, where, backend) for band, where in zip(bands, possible, strict=True)])
    explained = (float((lasting[voters] == radius).mean()) for radius in range(LARGEST))
    return next((radius for radius, share in enumerate(explained) if share < WANDERING), LARGEST)


def _may_be_strong(band: RegisteredPair, crop: slice, backend: Backend) -> NDArray[np.bool_]:
    """Per block of a band: whether any residual above STRONG is possible; a blur only lowers what differs most.

    `crop`, here and below, are the band's own rows, without the neighbours that its votes depend on.
    """
    if band.difference.max() < STRONG:  # rounding both blurred pictures may add a level
        return np.zeros(_blocks(band, crop), bool)
    near = backend.local_maximum(band.difference[..., None], blur_radius(PRESMOOTH))[crop, :, 0]
    return _strongest(near * band.valid[crop].view(np.uint8), backend) >= STRONG


def _blocks(band: RegisteredPair, crop: slice) -> tuple[int, int]:
    """Rows and columns of whole blocks."""
    height, width = band.valid[crop].shape
    return height // BLOCK, width // BLOCK


def _voters(contrast: NDArray[Any], band: RegisteredPair, crop: slice, backend: Backend) -> NDArray[np.bool_]:
    """Per block of a band of that contrast, see `_edges`: whether it holds an edge."""
    counted = band.valid[crop].view(np.uint8)
    return _strongest(contrast[crop] * counted, backend) > EDGE_RANGE


def _lasting(band: RegisteredPair, crop: slice, possible: NDArray[np.bool_], backend: Backend) -> NDArray[np.int8]:
    """Per block of a band: the largest radius that leaves a residual above STRONG (-1: none).

    Args:
        band: with the neighbours that its votes depend on.
        crop: its own rows.
        possible: (rows, columns) of blocks; the others leave none.
        backend: what the arrays live on.
    """
    lasting = np.full(possible.shape, -1, np.int8)
    if not possible.any():
        return lasting
    counted = band.valid[crop].view(np.uint8)
    first, last = _span(possible)
    left = max(0, first * BLOCK - VOTE_REACH)
    within = slice(left, last * BLOCK + VOTE_REACH)
    r, c = (backend.gaussian_blur(picture[:, within], PRESMOOTH) for picture in (band.reference, band.candidate))
    for radius in range(LARGEST + 1):
        inner = slice(first * BLOCK, last * BLOCK)
        begin, end = max(0, inner.start - LARGEST), inner.stop + LARGEST
        lost = moved_difference(r[:, begin - left : end - left], c[:, begin - left : end - left], radius, backend)
        inside = lost[crop, inner.start - begin : inner.stop - begin] * counted[:, inner]
        strong = _strongest(inside, backend) > STRONG
        if not strong.any():
            break
        lasting[:, first:last][strong] = radius
        across, past = _span(strong)  # where nothing is left, a px more leaves nothing either
        first, last = first + across, first + past
    return lasting


def _span(blocks: NDArray[np.bool_]) -> tuple[int, int]:
    """The first column with any block set, and the one after the last."""
    across = np.flatnonzero(blocks.any(axis=0))
    return int(across[0]), int(across[-1]) + 1


def _edges(picture: NDArray[Any], backend: Backend) -> NDArray[Any]:
    """(H, W) the local range of the brightness of a picture, smoothed."""
    return backend.local_range(backend.gaussian_blur(backend.luminance(picture)[..., None], PRESMOOTH), 1)


def _strongest(levels: NDArray[Any], backend: Backend) -> NDArray[Any]:
    """The highest level of each whole block, on the host."""
    return backend.to_host(backend.block_maximum(levels, BLOCK))
