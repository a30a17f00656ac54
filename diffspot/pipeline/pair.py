"""The registered pair: what every stage after registration compares."""

from __future__ import annotations

from dataclasses import dataclass, fields
from operator import itemgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from diffspot.backends.groups import Place
    from diffspot.backends.interface import Backend


@dataclass(frozen=True, slots=True)
class RegisteredPair:
    """Two pictures in one frame and one light, on the backend; or a batch of such pairs, along a first axis.

    Attributes:
        reference: (..., H, W, C) levels.
        candidate: (..., H, W, C) levels; the reference's own outside the valid area, so that nothing reaches in from
            there.
        valid: (..., H, W) bool, the valid area; nothing of it is ignored.
        difference: (..., H, W) levels, the plain difference of the two: the maximum over the channels.
        ignored: (..., H, W) bool, where nothing is reported; None where no area is ignored.
    """

    reference: NDArray[Any]
    candidate: NDArray[Any]
    valid: NDArray[Any]
    difference: NDArray[Any]
    ignored: NDArray[Any] | None = None

    def crop(self, place: Place | slice | int) -> RegisteredPair:
        """The pair within a rectangle, or in some of its rows; or one pair of a batch."""
        if self.difference[place].shape == self.difference.shape:
            return self  # of the same arrays, so that what is worked out of them stays of use
        return _plane_by_plane(itemgetter(place), self)

    def to_host(self, backend: Backend) -> RegisteredPair:
        """The pair in NumPy's arrays."""
        return _plane_by_plane(backend.to_host, self)

    def from_host(self, backend: Backend) -> RegisteredPair:
        """The pair of NumPy's arrays on the backend."""
        return _plane_by_plane(backend.from_host, self)


def stack_pairs(pairs: Sequence[RegisteredPair], backend: Backend) -> RegisteredPair:
    """Pairs of one shape and dtype as one, along a first axis; a single pair stays as it is."""
    return pairs[0] if len(pairs) == 1 else _plane_by_plane(lambda *planes: backend.xp.stack(planes), *pairs)


def _plane_by_plane(make: Callable[..., Any], *pairs: RegisteredPair) -> RegisteredPair:
    """A pair of which each plane is made from those of the given pairs; where they have none, it has none."""
    columns = ([getattr(pair, field.name) for pair in pairs] for field in fields(RegisteredPair))
    planes: list[Any] = [None if column[0] is None else make(*column) for column in columns]
    return RegisteredPair(*planes)
