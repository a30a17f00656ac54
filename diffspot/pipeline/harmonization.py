"""Between registration and blur: brings the pictures of a pair into one compression, one light and one sharpness.

What a camera, a compressor or the light did to a picture as a whole is taken out here, and the later stages compare
what is left; what that explained is counted.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from diffspot.pipeline.compression import UNTOLD, compressed_alike, lies_still
from diffspot.pipeline.dapples import even_dapples
from diffspot.pipeline.derived import kept
from diffspot.pipeline.explained import Evened, with_evened
from diffspot.pipeline.filtering import prepared
from diffspot.pipeline.noise import BESIDE, is_at_edges
from diffspot.pipeline.normalization import normalize_pair
from diffspot.pipeline.palettes import in_one_palette
from diffspot.pipeline.preparation import to_levels
from diffspot.pipeline.shade import even_shade
from diffspot.pipeline.shadows import even_light, forgiven_light
from diffspot.pipeline.sharpness import alike_in_sharpness, find_kernel

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend
    from diffspot.model import Forgiven, Normalization
    from diffspot.pipeline.compression import Alike, Told
    from diffspot.pipeline.pair import RegisteredPair
    from diffspot.pipeline.parameters import Leeway
    from diffspot.pipeline.placement import Placement
    from diffspot.pipeline.shadows import Shadow
    from diffspot.pipeline.sharpness import Kernel


@dataclass(frozen=True, slots=True)
class Harmonized:
    """A registered pair in one compression, one light and one sharpness.

    Attributes:
        pair: in which differences are found.
        plain: of which measures are taken: the pictures in the compression and the sharpness that they have.
        light: how the light was evened out; None where it was not.
        shadows: what was evened out place by place.
        evened: what made the pictures alike as a whole.
        traces: whether traces of another compression are left.
        kernel: what brought both into one sharpness; None where they are as sharp as they were.
        leeway: what was allowed for.
    """

    pair: RegisteredPair
    plain: RegisteredPair
    light: Normalization | None
    shadows: list[Shadow]
    evened: list[Evened]
    traces: bool
    kernel: Kernel | None
    leeway: Leeway

    def explained(self, others: Sequence[Forgiven], threshold: float, backend: Backend) -> tuple[Forgiven, ...]:
        """What `others` (of the verdict), compression, light and shadows explain above a threshold, a score."""
        for evened in self.evened:
            others = with_evened(others, evened, self.pair.valid, threshold, backend)
        return (*others, *forgiven_light(self.shadows, 255 * threshold))


@contextmanager
def harmonized(
    reference: NDArray[Any], placement: Placement, backend: Backend, leeway: Leeway, told: Told = UNTOLD
) -> Iterator[Harmonized]:
    """Brings a pair into one compression, light and sharpness; keeps what is worked out of it while the block runs.

    Args:
        reference: (H, W, C) uint8 or uint16.
        placement: the candidate in the reference's frame.
        backend: what does the array work.
        leeway: what may differ.
        told: what the files of both say of how they were compressed.
    """
    alike = _alike(reference, placement, backend, told) if leeway.compression else None
    first, second = (alike.reference, alike.candidate) if alike else (reference, placement.candidate)
    normalized, light = normalize_pair(first, replace(placement, candidate=second), backend, normalize=leeway.light)
    drawn = leeway.sharpness and leeway.drawn and is_at_edges(normalized, backend, BESIDE)
    kernel = find_kernel(normalized, backend, drawn=drawn) if leeway.sharpness else None
    whole = alike_in_sharpness(normalized, kernel, backend) if kernel else normalized
    evened = list(_evened_alike(reference, placement, alike, normalized, backend, lit=light is not None))
    if kernel:
        evened.append(Evened("noise", normalized.difference, whole.difference))
    with kept(whole.reference, whole.candidate, whole.valid):
        pair, shadows = _evened(whole, backend, leeway)
        plain = pair
        if (alike or kernel) and leeway.measured:
            as_it_was, _ = normalize_pair(reference, placement, backend, normalize=leeway.light)
            plain, _ = _evened(as_it_was, backend, leeway)
        traces = alike is not None and alike.traces
        with kept(pair.difference):
            yield Harmonized(pair, plain, light, shadows, evened, traces, kernel, leeway)


def _evened(pair: RegisteredPair, backend: Backend, leeway: Leeway) -> tuple[RegisteredPair, list[Shadow]]:
    """The pair without soft shadows, stretched or filtered where that is asked for; and the shadows."""
    shadows: list[Shadow] = []
    if leeway.light:
        pair, soft = even_light(pair, backend)
        pair, hard = even_shade(pair, backend)
        pair, ragged = even_dapples(pair, backend)
        shadows = [*soft, *hard, *ragged]
    return prepared(pair, backend, stretch=leeway.stretch, passing=leeway.passing), shadows


def _evened_alike(
    reference: NDArray[Any],
    placement: Placement,
    alike: Alike | None,
    pair: RegisteredPair,
    backend: Backend,
    *,
    lit: bool,
) -> Iterator[Evened]:
    """What one compression, and then one light, evened out.

    Of light that is no more than the light itself changed a px by: what noise adds to a faint light is noise.

    Args:
        reference: (H, W, C) uint8 or uint16.
        placement: the candidate in the reference's frame.
        alike: both in one compression; None where neither changed.
        pair: and in one light.
        backend: what the arrays live on.
        lit: whether light changed either.
    """
    if not (alike or lit):
        return
    before = backend.absdiff(backend.from_host(to_levels(reference)), placement.candidate)
    if alike:
        after = backend.absdiff(backend.from_host(alike.reference), alike.candidate) if lit else pair.difference
        yield Evened("noise", before, after)
        before = after
    if lit:
        by_light = backend.absdiff(alike.candidate if alike else placement.candidate, pair.candidate)
        yield Evened("light", backend.xp.minimum(before, by_light), pair.difference)


def _alike(reference: NDArray[Any], placement: Placement, backend: Backend, told: Told) -> Alike | None:
    """Both pictures in one compression or palette; None where neither brings them closer."""
    if not lies_still(reference, placement, backend):
        return None
    return compressed_alike(reference, placement, backend, told) or in_one_palette(reference, placement, backend)
