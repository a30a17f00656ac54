"""Between registration and blur: brings the pictures of a pair into one compression and one light.

What a camera, a compressor or the light did to a picture as a whole is taken out here, and the later stages compare
what is left; what that explained is counted.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from diffspot.pipeline.compression import compressed_alike, lies_still, with_compression
from diffspot.pipeline.derived import kept
from diffspot.pipeline.filtering import prepared
from diffspot.pipeline.normalization import normalize_pair
from diffspot.pipeline.palettes import in_one_palette
from diffspot.pipeline.shadows import even_light, forgiven_light

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend
    from diffspot.model import Forgiven, Normalization
    from diffspot.pipeline.compression import Alike
    from diffspot.pipeline.pair import RegisteredPair
    from diffspot.pipeline.parameters import Leeway
    from diffspot.pipeline.placement import Placement
    from diffspot.pipeline.shadows import Shadow


@dataclass(frozen=True, slots=True)
class Harmonized:
    """A registered pair in one compression and one light.

    Attributes:
        pair: in which differences are found.
        plain: of which measures are taken: the pictures in the compression that they have.
        light: how the light was evened out; None where it was not.
        shadows: what was evened out place by place.
        alike: the pictures in one compression; None where they are as they were.
        uncompressed: the reference and the placed candidate as they were.
        leeway: what was allowed for.
    """

    pair: RegisteredPair
    plain: RegisteredPair
    light: Normalization | None
    shadows: list[Shadow]
    alike: Alike | None
    uncompressed: tuple[NDArray[Any], NDArray[Any]]
    leeway: Leeway

    @property
    def traces(self) -> bool:
        """Whether traces of another compression are left."""
        return self.alike is not None and self.alike.traces

    def explained(self, others: Sequence[Forgiven], threshold: float, backend: Backend) -> tuple[Forgiven, ...]:
        """What compression, `others` (what the verdict explained) and shadows explain above a threshold, a score."""
        if self.alike:
            reference, candidate = self.uncompressed
            before = backend.absdiff(backend.from_host(reference), candidate)
            others = with_compression(others, before, self.pair, threshold, backend)
        return (*others, *forgiven_light(self.shadows, 255 * threshold))


@contextmanager
def harmonized(reference: NDArray[Any], placement: Placement, backend: Backend, leeway: Leeway) -> Iterator[Harmonized]:
    """Brings a pair into one compression and one light; keeps what is worked out of it while the block runs.

    Args:
        reference: (H, W, C) uint8 or uint16.
        placement: the candidate in the reference's frame.
        backend: what does the array work.
        leeway: what may differ.
    """
    alike = _alike(reference, placement, backend) if leeway.compression else None
    first, second = (alike.reference, alike.candidate) if alike else (reference, placement.candidate)
    normalized, light = normalize_pair(first, replace(placement, candidate=second), backend, normalize=leeway.light)
    with kept(normalized.reference, normalized.candidate, normalized.valid):
        pair, shadows = _evened(normalized, backend, leeway)
        plain = pair
        if alike and leeway.measured:
            as_it_was, _ = normalize_pair(reference, placement, backend, normalize=leeway.light)
            plain, _ = _evened(as_it_was, backend, leeway)
        yield Harmonized(pair, plain, light, shadows, alike, (reference, placement.candidate), leeway)


def _evened(pair: RegisteredPair, backend: Backend, leeway: Leeway) -> tuple[RegisteredPair, list[Shadow]]:
    """The pair without soft shadows, stretched or filtered where that is asked for; and the shadows."""
    evened, shadows = even_light(pair, backend) if leeway.light else (pair, [])
    return prepared(evened, backend, stretch=leeway.stretch, passing=leeway.passing), shadows


def _alike(reference: NDArray[Any], placement: Placement, backend: Backend) -> Alike | None:
    """Both pictures in one compression or palette; None where neither brings them closer."""
    if not lies_still(reference, placement, backend):
        return None
    return compressed_alike(reference, placement, backend) or in_one_palette(reference, placement, backend)
