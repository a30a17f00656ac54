"""Tolerance to movement: the difference that a shift of a few px cannot explain, and how far edges wander."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend

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
MIN_BLOCKS = 8
"""Fewer votes decide nothing."""
LARGEST = 2
"""Px: with the opening it absorbs a wander of 3 px; a third px drowns small defects."""
LEAST_ALLOWANCE = 0.05
"""Share of the local contrast: blending and rounding leave this much on any moved edge."""
MOST_ALLOWANCE = 0.3
"""Beyond it changes of shade next to an edge would drown."""
WANDER_MULTIPLE = 1.5
"""A Gaussian median of |x| is 0.67 sigma: the allowance is one sigma of what equal edges show."""


def unexplained(
    reference: NDArray[Any], candidate: NDArray[Any], tolerance: float, wander: float, backend: Backend
) -> NDArray[Any]:
    """The difference that movement by `tolerance` px cannot explain, less a share of the local contrast.

    Args:
        reference: (H, W, C) levels.
        candidate: likewise.
        tolerance: px; 0 gives the plain difference.
        wander: the share of their contrast by which equal edges differ, see `edge_noise`.
        backend: what the arrays live on.

    Returns:
        (H, W) levels, the largest of the channels; 0 where the pictures agree.
    """
    difference = moved_difference(reference, candidate, tolerance, backend)
    if not tolerance:
        return difference
    share = min(max(WANDER_MULTIPLE * wander, LEAST_ALLOWANCE), MOST_ALLOWANCE)
    contrast = shared_contrast(reference, candidate, int(tolerance) + 1, backend)
    left = difference.astype(backend.xp.float32) - backend.xp.float32(share) * contrast
    return left.clip(0, None)  # type: ignore[no-any-return]


def shared_contrast(reference: NDArray[Any], candidate: NDArray[Any], radius: int, backend: Backend) -> NDArray[Any]:
    """(H, W) levels, the local range that both pictures show: a new object on a plain ground lends none to itself."""
    ranges = (backend.local_range(picture, radius) for picture in (reference, candidate))
    return backend.xp.minimum(*ranges)  # type: ignore[no-any-return]


def moved_difference(reference: NDArray[Any], candidate: NDArray[Any], radius: float, backend: Backend) -> NDArray[Any]:
    """(H, W) levels by which a pixel lies outside the other picture's local range, both ways round.

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
    """Lowest and highest levels within `radius` px, both (H, W, C); linearly interpolated between whole radii."""
    whole, part = divmod(radius, 1)
    inner = backend.local_minimum(levels, int(whole)), backend.local_maximum(levels, int(whole))
    if not part:
        return inner
    outer = backend.local_minimum(levels, int(whole) + 1), backend.local_maximum(levels, int(whole) + 1)
    low, high = (backend.blend(near, far, part) for near, far in zip(inner, outer, strict=True))
    return low, high


def estimate_tolerance(reference: NDArray[Any], candidate: NDArray[Any], valid: NDArray[Any], backend: Backend) -> int:
    """How far, in px, edges wander all over the pair: 0 to LARGEST.

    A wandering edge leaves slivers that one more px of tolerance explains, and leaves them all over the picture; a
    real change is compact, survives that px, and sits in few places. So blocks vote: the tolerance grows while more
    than WANDERING of the blocks that hold an edge hold a sliver.
    """
    reference = backend.gaussian_blur(reference, PRESMOOTH)
    candidate = backend.gaussian_blur(candidate, PRESMOOTH)
    contrast = backend.local_range(reference, 1) * valid
    voters = backend.block_maximum(contrast, BLOCK) > EDGE_RANGE
    if int(voters.sum()) < MIN_BLOCKS:
        return 0
    strong = _strong_blocks(reference, candidate, valid, 0, backend)
    for radius in range(LARGEST):
        after = _strong_blocks(reference, candidate, valid, radius + 1, backend)
        if float((strong & ~after)[voters].mean()) < WANDERING:
            return radius
        strong = after
    return LARGEST


def _strong_blocks(
    reference: NDArray[Any], candidate: NDArray[Any], valid: NDArray[Any], radius: int, backend: Backend
) -> NDArray[Any]:
    difference = moved_difference(reference, candidate, radius, backend) * valid
    return backend.block_maximum(difference, BLOCK) > STRONG
