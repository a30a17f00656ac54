"""Estimates the noise of a pair: whether it is grainy, and how far unchanged places differ."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from diffspot.backends.interface import blur_radius
from diffspot.pipeline.derived import once
from diffspot.pipeline.sampling import ROWS, held, sample_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend
    from diffspot.pipeline.pair import RegisteredPair

DITHER = 1
"""Steps of the depth: what rounding leaves of a gradient that is drawn a few px further on."""
WEAK = 6
"""Grey levels: sensor and JPEG noise mostly stay below, redrawn content mostly above."""
WEAK_MULTIPLE = 2
"""Under heavy noise, what three quarters of all samples reach twice over is still weak."""
INCOHERENCE = 2
"""Noise keeps less than one part in so many of its size in a 3 x 3 mean; a shade changed as a whole keeps all of it."""
GRAINY = 0.10
"""Share of weak, incoherent differences: rendered pages stay under 0.07, photos and JPEG start at 0.12."""
EVERYWHERE = 0.001
"""Weak differences for each pixel compared: noise is all over a picture, not in a few hundred samples."""
EDGE_RANGE = 20
"""Grey levels in 3 x 3: noise, JPEG and sub-pixel misfit live on edges, flat areas hide them."""
MIN_EDGES = 100
"""Px: fewer edge pixels have no meaningful median."""

UNTOUCHED, GRAINY_THERE = 0.75, 0.3
"""Share of the edge pixels of a rendered pair that are equal to the bit, and share of weak, incoherent differences of
such pairs: where noise touches few places, as a JPEG saved again, 0.33 of what differs is weak, and 0.27 at most where
thin lines and letters changed."""
BESIDE, OFF_EDGES = 2, 0.02
"""Px around an edge that blending it anew reaches, and the share of what differs that lies elsewhere: subpixel text
leaves none, JPEG and WebP of text a tenth or more, as they blur edges over 8 px."""
LOBES = 3
"""Px that a Lanczos kernel reaches beside an edge, with which pages that were drawn larger are reduced. JPEG of them
leaves 0.03 or more of what differs elsewhere, a fifth in the median."""
MOST_NOISE = 45
"""Grey levels: what half of all pixels exceed is another picture, unless it averages out."""
AVERAGED = {3: 0.5, 12: 0.25}
"""Share of it that is left at most in means over squares of so many px: of noise a third and a twelfth, of another
picture's texture more than a half in the small ones, of its shades in the large ones."""
IN_COMMON = 0.5
"""Correlation of their means over the largest of these squares: pictures of nothing but noise have none."""

COARSE, LEAST_COARSE = 4, 32
"""Px between samples that the grain of film, however coarse, leaves independent of each other; and how many of them a
picture has along its shorter side at the least."""

GRAINY_ROWS = 256
"""Rows from which the noise of a grainy pair is measured: it decides what is found there, and structure is sparse in
some photographs."""


@dataclass(frozen=True, slots=True)
class Noise:
    """How far the two pictures differ where nothing changed.

    Attributes:
        grainy: whether they differ by noise, as photos and JPEG files do and rendered pages do not, or by what
            resampling leaves.
        level: median difference, a score.
        edge_noise: median of abs(r - c) / local contrast over edge pixels, in [0, 1].
        step: of the pictures' depth, a score: 1/255 for 8 bits.
    """

    grainy: bool
    level: float
    edge_noise: float
    step: float


def is_unlike(pair: RegisteredPair, backend: Backend) -> bool:
    """Whether two pictures have so little in common that their difference says nothing of their noise.

    What is measured on such a pair would explain the whole of it: its own difference is taken for noise.

    Args:
        pair: a single one.
        backend: what the arrays live on.
    """
    source, crop = sample_rows(len(pair.reference), 1)
    differences = held(pair.difference[source][crop], pair.valid[source][crop])
    return len(differences) > 0 and 255 * _quantile(differences, 0.5, backend) > MOST_NOISE


def averages_out(pair: RegisteredPair, backend: Backend) -> bool:
    """Whether two pictures show the same under noise of single px, which averages out.

    Args:
        pair: a single one.
        backend: what the arrays live on.
    """
    change = backend.difference(pair.reference, pair.candidate).astype(np.float32)
    usual = _quantile(abs(change[pair.valid]).reshape(-1), 0.5, backend)
    for side, most in AVERAGED.items():
        inside = backend.whole_cells(pair.valid, side)
        if not inside.any():
            return False
        if _quantile(abs(backend.grid_mean(change, side)[inside]).reshape(-1), 0.5, backend) > most * usual:
            return False
    means = (backend.grid_mean(one, side)[inside] for one in (pair.reference, pair.candidate))
    one, other = (levels - levels.mean() for levels in map(backend.to_host, means))
    return bool((one * other).mean() > IN_COMMON * one.std() * other.std())


def is_noisy(pair: RegisteredPair, backend: Backend, *, step: float, rendered: bool) -> bool:
    """Whether a pair is grainy, be its grain as coarse as that of film, which looks even from px to px.

    Args:
        pair: a single one.
        backend: what the arrays live on.
        step: see `Noise`.
        rendered: whether both pictures look rendered; there is no film then.
    """
    seems = partial(is_grainy, pair.reference, pair.candidate, pair.valid, backend, step=step)
    if seems():
        if rendered and is_at_edges(pair, backend, BESIDE):
            return False
        return not (rendered and _has_untouched_edges(pair, backend)) or seems(share=GRAINY_THERE)
    coarse = slice(None, None, COARSE)
    reference, candidate, valid, difference = (
        plane[coarse, coarse] for plane in (pair.reference, pair.candidate, pair.valid, pair.difference)
    )
    if rendered or min(valid.shape) < LEAST_COARSE or not valid.any():
        return False
    usual = 255 * _quantile(held(difference, valid), 0.75, backend)
    return usual <= MOST_NOISE and is_grainy(reference, candidate, valid, backend, step=step)


def is_grainy(
    reference: NDArray[Any],
    candidate: NDArray[Any],
    valid: NDArray[Any],
    backend: Backend,
    *,
    step: float = 1 / 255,
    share: float = GRAINY,
) -> bool:
    """Whether two pictures differ by noise, judged by a sample of their rows.

    Args:
        reference: (H, W, C) levels.
        candidate: (H, W, C) levels, registered.
        valid: (H, W) bool, the valid area.
        backend: what the arrays live on.
        step: of the pictures' depth, a score.
        share: of what differs, that must be weak and incoherent.
    """
    source, crop = sample_rows(len(reference), 1)
    one, other, inside = reference[source], candidate[source], valid[source][crop]
    plain = backend.absdiff(one, other)[crop]
    pixels = int(backend.xp.count_nonzero(inside))
    if int(backend.xp.count_nonzero(plain)) * reference.shape[2] <= EVERYWHERE * pixels:
        return False
    common = 255 * _quantile(held(plain, inside), 0.75, backend)
    difference = backend.difference(one, other)
    sums, size = abs(backend.box_sum(difference, 1)[crop]), abs(difference[crop])
    differing = backend.exceeding(size, DITHER * step * 255)
    strong = backend.exceeding(size, max(WEAK, WEAK_MULTIPLE * common))
    weak = differing & ~strong & (sums * INCOHERENCE < 9 * size)
    many, few = int(backend.xp.count_nonzero(differing)), int(backend.xp.count_nonzero(weak))
    return few > max(share * many, EVERYWHERE * pixels)


def is_at_edges(pair: RegisteredPair, backend: Backend, within: int = LOBES) -> bool:
    """Whether next to all that differs lies at edges, as letters that were blended in another way do.

    Shades that changed as a whole differ by the same from px to px, as no noise does, and say nothing.

    Args:
        pair: a single one.
        backend: what the arrays live on.
        within: px around an edge.
    """
    source, crop = sample_rows(len(pair.reference), within)
    differing = (pair.difference[source] > 0)[crop] & pair.valid[source][crop]
    ranges = (backend.local_range(picture[source], within)[crop] for picture in (pair.reference, pair.candidate))
    # Bytes wrap around, and are the same where the change is.
    change = backend.local_range(pair.candidate[source] - pair.reference[source], within)[crop]
    off = differing & (backend.xp.maximum(*ranges) <= EDGE_RANGE) & (change > 0)
    return int(backend.xp.count_nonzero(off)) <= OFF_EDGES * int(backend.xp.count_nonzero(differing))


def _has_untouched_edges(pair: RegisteredPair, backend: Backend) -> bool:
    source, crop = sample_rows(len(pair.reference), 1)
    contrast = backend.local_range(pair.reference[source], 1)[crop]
    edges = pair.valid[source][crop] & (contrast > EDGE_RANGE)
    count = int(backend.xp.count_nonzero(edges))
    differing = int(backend.xp.count_nonzero(pair.difference[source][crop][edges]))
    return count >= MIN_EDGES and differing <= (1 - UNTOUCHED) * count


def measure_noise(pair: RegisteredPair, backend: Backend, *, sigma: float, grainy: bool, step: float) -> Noise:
    """The noise of two pictures once they are blurred, from a sample of their rows; medians stand until half changed.

    Args:
        pair: a single one.
        backend: what the arrays live on.
        sigma: of the blur under which they will be scored, px.
        grainy: see `Noise`.
        step: see `Noise`.
    """
    source, crop = sample_rows(len(pair.reference), blur_radius(sigma) + 1, GRAINY_ROWS if grainy else ROWS)
    ours, theirs = (partial(_blurred, picture, source, sigma, backend) for picture in (pair.reference, pair.candidate))
    r, contrast = once(pair.reference, f"blur of {sigma}, grainy {grainy}", ours, per_pair=True)
    c, other = theirs()
    inside = pair.valid[source][crop]
    plain, contrast = backend.absdiff(r, c)[crop], backend.xp.minimum(contrast, other)[crop]
    edges = inside & (contrast > EDGE_RANGE)
    edge_noise = 0.0
    if int(backend.xp.count_nonzero(edges)) >= MIN_EDGES:
        edge_noise = backend.quantile((plain[edges].astype(np.float32) / contrast[edges]).clip(0, 1), 0.5)
    return Noise(grainy, _quantile(held(plain, inside), 0.5, backend), edge_noise, step)


def _blurred(
    picture: NDArray[Any], source: slice | NDArray[Any], sigma: float, backend: Backend
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Rows of a picture, blurred, and their local range."""
    blurred = backend.gaussian_blur(picture[source], sigma)
    return blurred, backend.local_range(blurred, 1)


def _quantile(levels: NDArray[Any], q: float, backend: Backend) -> float:
    """The q-quantile of (N,) levels as a score."""
    return backend.quantile(levels if levels.dtype == np.uint8 else to_scores(levels), q)


def to_scores(levels: NDArray[Any]) -> NDArray[Any]:
    """Levels as scores in [0, 1], float32."""
    return levels.astype(np.float32) / np.float32(255)
