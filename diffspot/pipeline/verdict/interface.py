"""What a verdict says of a component: a region of some kind, or explained by a cause."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from diffspot.model import Forgiven

if TYPE_CHECKING:
    from diffspot.backends.components import Component
    from diffspot.model import Box, Cause, Kind


class Judged(NamedTuple):
    """A component that nothing explains.

    Attributes:
        component: its box, area, peak and mean.
        kind: what sort of difference it is.
        offset: (x, y) px that the place moved by, in the candidate.
    """

    component: Component
    kind: Kind = "content"
    offset: tuple[int, int] = (0, 0)

    @property
    def box(self) -> Box:
        """Where it lies in the reference."""
        return self.component[0]


@dataclass
class Tally:
    """Counts what was explained, cause by cause."""

    places: list[tuple[Cause, Box, int]] = field(default_factory=list)

    def add(self, cause: Cause, box: Box, pixels: int) -> None:
        """Counts `pixels` px that differ in one place."""
        if pixels:
            self.places.append((cause, box, pixels))

    def forgiven(self) -> tuple[Forgiven, ...]:
        """One entry a cause, in the order of their names."""
        found = []
        for cause in sorted({cause for cause, _, _ in self.places}):
            own = [(pixels, box) for kind, box, pixels in self.places if kind == cause]
            largest = max(own, key=lambda place: (place[0], [-side for side in place[1]]))[1]
            found.append(
                Forgiven(cause=cause, pixels=sum(pixels for pixels, _ in own), places=len(own), largest=largest)
            )
        return tuple(found)
