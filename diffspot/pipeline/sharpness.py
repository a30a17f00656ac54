"""One sharpness for both: the sharper picture is convolved with the small kernel that makes it as soft as the other.

Defocus, resizing to and fro, sharpening and a shift by a part of a pixel change every edge in the same way: each pixel
becomes the same weighted sum of its neighbours. Fitted to the whole pair, such a kernel leaves next to nothing at
edges that did not change; what was exchanged, added or removed, no kernel explains.
"""

from __future__ import annotations

import math
from dataclasses import replace
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, NamedTuple

import cv2
import numpy as np

from diffspot.pipeline.derived import once
from diffspot.pipeline.noise import EDGE_RANGE
from diffspot.pipeline.palettes import HASH
from diffspot.pipeline.sampling import MEDIAN_TO_SIGMA, median, sample_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend
    from diffspot.pipeline.pair import RegisteredPair

RADIUS = 2
"""Px from the middle of the kernel to its rim: what blurs further than that has no fine edges left to misfit."""
ROWS = 384
"""Rows that are looked at, about: thousands of edge pixels even of a page with few lines."""
SAMPLES = 4000
"""Pixels at edges by which a kernel is fitted, and as many others, whose noise it must not raise."""
GLANCE, PROMISE = 8, 0.5
"""One in so many is looked at first; where a kernel leaves a larger share of the difference, the rest is spared."""
LEAST_EDGES, LEAST_DIFFERING = 500, 200
"""Pixels at edges, and those of them that differ, below which 24 free weights could be fitted to what changed."""
DIFFERING = 4
"""Grey levels from which a pixel differs: rounding twice leaves less."""
WORTH = 0.3
"""Share of its difference that the kernel leaves of a pixel at an edge that differs, in the median. Another focus, size
or part of a pixel leaves 0.3 at most, text with colours of subpixels beside grey text 0.31 and more, edges that wander
0.38; averaging alone leaves 0.66 of noise."""
COLOURED = 0.5
"""Share of its difference in the channel that differs most that the kernel, which is fitted to brightness, leaves at
most, in the median: another sharpness changes all channels alike, another colour of text leaves 0.9 and more."""
STILL = 0.85
"""How many pixels at edges differ afterwards at most, of as many as did: where one half of a photo is out of focus the
kernel makes the other half softer, too. Kernels that hold all over leave 0.79 at most, those fitted to changes 0.91."""
CLEAR, DRAWN_STILL = 12, 0.1
"""Grey levels, and how many pixels at edges differ by more afterwards at most, of as many as differed, where all that
differs lies at edges: a page that was drawn softer or moved leaves 0.03, one that another rasteriser drew 0.19 and
more, although the same kernel fits all its rules."""
HEAVIEST = 2.0
"""Sum of the sizes of all weights: interpolation by half a pixel and strong sharpening have 1.8; above, a kernel fits
changes."""
STEPS = 256
"""In a weight of 1: rounded to such steps, which no level sees, weights are the same on machines that add otherwise."""
ASIDE = 0.75
"""Px by which the kernel may move a picture along either axis: what lies a whole px aside moved, and that is told."""
TOLD = 0.25
"""Px from which it is said how far the candidate lies aside."""
ROUNDS, TUNING = 6, 2.0
"""Rounds of reweighting, and standard deviations from which residuals count less and less."""
RIDGE = 1e-3
"""Squared levels added for each sample, so that even pictures determine every weight."""


class Kernel(NamedTuple):
    """What makes one picture of a pair as sharp as the other.

    Attributes:
        weights: (5, 5) float64, sum 1: light is left as it is.
        of_reference: whether the reference is convolved, or else the candidate.
    """

    weights: NDArray[np.float64]
    of_reference: bool

    @property
    def aside(self) -> tuple[float, float]:
        """Px by which it moves a picture, across and down: its centre of mass."""
        steps = np.arange(-RADIUS, RADIUS + 1)
        return float(self.weights.sum(axis=0) @ steps), float(self.weights.sum(axis=1) @ steps)

    @property
    def note(self) -> str:
        """What was done, and by how much the candidate lies aside where that is a quarter of a px and more."""
        changed, other = ("reference", "candidate") if self.of_reference else ("candidate", "reference")
        sign = -1 if self.of_reference else 1
        dx, dy = (sign * step for step in self.aside)
        moved = f"; the candidate lies {dx:+.2f}, {dy:+.2f} px aside" if max(abs(dx), abs(dy)) >= TOLD else ""
        return f"the {changed} was compared in the sharpness of the {other}{moved}"


class _Samples(NamedTuple):
    """Pixels of a picture, their neighbours, and the same pixels of the other picture.

    Attributes:
        here: (N,) levels.
        around: (N, 24) levels by which the neighbours differ from them.
        there: (N,) levels of the other picture.
        edges: how many of them, the first, lie at edges.
    """

    here: NDArray[np.float64]
    around: NDArray[np.float64]
    there: NDArray[np.float64]
    edges: int

    def fit(self) -> NDArray[np.float64]:
        """(24,) weights of the neighbours."""
        wanted, differing = self.there - self.here, self.differing()
        weights: NDArray[np.float64] = np.zeros(self.around.shape[1])
        ridge = RIDGE * len(wanted) * np.eye(len(weights))
        for _ in range(ROUNDS if differing.any() else 0):
            left = wanted - self.around @ weights
            spread = max(MEDIAN_TO_SIGMA * float(median(np.abs(left[: self.edges][differing]))), 1.0)
            counted = self.around / (1 + (left / (TUNING * spread)) ** 2)[:, None] ** 2
            weights = np.asarray(np.linalg.solve(counted.T @ self.around + ridge, counted.T @ wanted), np.float64)
        return weights

    def left(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """(N,) levels that weights leave, once they are rounded and cut off as those of a picture."""
        return np.asarray(np.abs(self.there - np.clip(np.rint(self.here + self.around @ weights), 0, 255)))

    def change(self) -> NDArray[np.float64]:
        """(edges,) levels by which pixels at edges differ."""
        return np.abs(self.there - self.here)[: self.edges]

    def differing(self) -> NDArray[np.bool_]:
        """(edges,) which pixels at edges differ."""
        return self.change() >= DIFFERING

    def share_left(self, left: NDArray[np.float64]) -> float:
        """Share of its difference that is left of a pixel at an edge that differs, in the median."""
        differing = self.differing()
        if not differing.any():
            return 1.0
        return float(median(left[: self.edges][differing] / self.change()[differing]))


def alike_in_sharpness(pair: RegisteredPair, kernel: Kernel, backend: Backend) -> RegisteredPair:
    """The pair in one sharpness.

    Args:
        pair: a single one, in one light.
        kernel: that `find_kernel` found for it.
        backend: what the arrays live on.
    """
    reference, candidate = pair.reference, pair.candidate
    if kernel.of_reference:
        reference = _convolved(reference, kernel, backend)
    else:
        candidate = _convolved(candidate, kernel, backend)
    candidate = backend.select(pair.valid, candidate, reference)
    return replace(pair, reference=reference, candidate=candidate, difference=backend.absdiff(reference, candidate))


def find_kernel(pair: RegisteredPair, backend: Backend, *, drawn: bool = False) -> Kernel | None:
    """The kernel that makes one picture as sharp as the other; None where it would leave much of what differs.

    Weighted least squares over pixels at edges and others, hardened against what changed by the weights of Geman and
    McClure; from either picture to the other, of which the one is taken that leaves less all over.

    Args:
        pair: a single one, in one light.
        backend: what the arrays live on.
        drawn: whether both are rendered and differ at edges alone, so that another rasteriser may have drawn one.

    References:
        Alard, Lupton: A method for optimal image subtraction. ApJ 503, 1998. doi:10.1086/305984
    """
    looked_at = _look_at(pair, backend)
    if looked_at is None or looked_at.differing() < LEAST_DIFFERING:
        return None
    for every, worth in ((GLANCE, PROMISE), (1, WORTH)):
        few = looked_at.samples(every)
        fits = [samples.fit() for samples in few]
        left = [samples.left(weights) for samples, weights in zip(few, fits, strict=True)]
        best = int(np.argmin([each.mean() for each in left]))
        if few[best].share_left(left[best]) > worth:
            return None
    least, still = (CLEAR, DRAWN_STILL) if drawn else (DIFFERING, STILL)
    if np.count_nonzero(left[best][: few[best].edges] >= least) > still * np.count_nonzero(few[best].differing()):
        return None
    weights = np.rint(STEPS * fits[best]) / STEPS
    whole = np.insert(weights, len(weights) // 2, 1 - weights.sum())
    kernel = Kernel(whole.reshape(2 * RADIUS + 1, -1), bool(best))
    possible = np.abs(whole).sum() <= HEAVIEST and max(map(abs, kernel.aside)) <= ASIDE
    return kernel if possible and _left_of_colours(kernel, pair, looked_at, backend) <= COLOURED else None


def _left_of_colours(kernel: Kernel, pair: RegisteredPair, looked_at: _LookedAt, backend: Backend) -> float:
    """Share of its difference in any channel that is left of a pixel at an edge that differs, in the median."""
    here, there = (picture[looked_at.source] for picture in (pair.reference, pair.candidate))
    if not kernel.of_reference:
        here, there = there, here
    before, after = (
        backend.to_host(backend.absdiff(there, levels)).ravel()[looked_at.edges].astype(np.float32)
        for levels in (here, _convolved(here, kernel, backend))
    )
    differing = before >= DIFFERING
    return float(median(after[differing] / before[differing])) if differing.any() else 0.0


class _LookedAt(NamedTuple):
    """Rows of both pictures, and the pixels by which kernels are fitted to them.

    Attributes:
        reference: (rows, W) brightness, levels.
        candidate: (rows, W) brightness, levels.
        source: which rows.
        edges: (N,) places of pixels at edges, mixed, in rows laid end to end.
        others: (M,) places of other pixels.
    """

    reference: NDArray[Any]
    candidate: NDArray[Any]
    source: slice | NDArray[Any]
    edges: NDArray[np.intp]
    others: NDArray[np.intp]

    def differing(self) -> int:
        """How many pixels at edges differ."""
        here, there = (plane.ravel()[self.edges].astype(np.float64) for plane in (self.candidate, self.reference))
        return int(np.count_nonzero(np.abs(there - here) >= DIFFERING))

    def samples(self, every: int) -> tuple[_Samples, _Samples]:
        """One in so many pixels of the candidate, and of the reference, with what they are in the other."""
        edges, others = (places[: len(places) // every] for places in (self.edges, self.others))
        places, width = np.concatenate([edges, others]), self.reference.shape[1]
        steps = range(-RADIUS, RADIUS + 1)
        moves = [row * width + column for row in steps for column in steps if row or column]

        def of(here: NDArray[Any], there: NDArray[Any]) -> _Samples:
            flat = here.ravel()
            levels = flat[places].astype(np.float64)
            around = flat[places[:, None] + moves].astype(np.float64) - levels[:, None]
            return _Samples(levels, around, there.ravel()[places].astype(np.float64), len(edges))

        return of(self.candidate, self.reference), of(self.reference, self.candidate)


def _look_at(pair: RegisteredPair, backend: Backend) -> _LookedAt | None:
    """The pixels of a pair by which kernels are fitted; None where edges are few, or few px differ at all."""
    source, crop = sample_rows(len(pair.reference), RADIUS, ROWS)
    # brightness differs by no more than the channel that differs most
    if int(backend.xp.count_nonzero(pair.difference[source] >= DIFFERING)) < LEAST_DIFFERING:
        return None
    ours, theirs = (partial(_rows, picture, source, backend) for picture in (pair.reference, pair.candidate))
    reference, contrast = once(pair.reference, "rows that show sharpness", ours, per_pair=True)
    candidate, other = theirs()
    inside = np.zeros(reference.shape, bool)
    inside[crop] = backend.to_host(pair.valid[source])[crop]
    inside[:RADIUS] = inside[-RADIUS:] = inside[:, :RADIUS] = inside[:, -RADIUS:] = False
    edge = np.minimum(contrast, other) > EDGE_RANGE
    if np.count_nonzero(edge & inside) < LEAST_EDGES:
        return None
    spread = _spread(edge.size)
    edges, others = (_some(places & inside, spread) for places in (edge, ~edge))
    return _LookedAt(reference, candidate, source, edges, others)


def _rows(picture: NDArray[Any], source: slice | NDArray[Any], backend: Backend) -> tuple[NDArray[Any], NDArray[Any]]:
    """The brightness of some rows of a picture and its local range, both (rows, W) levels on the host."""
    plane = backend.luminance(picture[source])
    return backend.to_host(plane), backend.to_host(backend.local_range(plane[..., None], 1))


@lru_cache(maxsize=1)
def _spread(count: int) -> NDArray[np.uint32]:
    """A number for each of so many places, as if drawn; pictures that follow each other are mostly of one size."""
    return np.arange(count, dtype=np.uint32) * HASH


def _some(where: NDArray[np.bool_], spread: NDArray[np.uint32]) -> NDArray[np.intp]:
    """About SAMPLES of the places that are set, mixed; each is one of them or not, whatever lies at the others.

    Args:
        where: (rows, W).
        spread: a number for each place, as if drawn, that decides whether it is one of them.
    """
    most = math.ceil(2**32 * min(1.0, SAMPLES / max(1, int(np.count_nonzero(where)))))
    few = where.ravel() if most == 2**32 else where.ravel() & (spread < np.uint32(most))
    places = np.flatnonzero(few)
    return places[np.argsort(spread[places])]


def _convolved(picture: NDArray[Any], kernel: Kernel, backend: Backend) -> NDArray[Any]:
    """An (H, W, C) picture under the kernel, on the host, so that every backend has the same bits."""
    soft = cv2.filter2D(backend.to_host(picture), -1, kernel.weights, borderType=cv2.BORDER_REPLICATE)
    return backend.from_host(np.clip(soft, 0, 255, out=soft).reshape(picture.shape))  # floats of 16 bits overshoot
