"""What an output is: something that writes one format as results come in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from diffspot.hiding import Hidden
    from diffspot.model import Image, PairResult, RunReport


@dataclass(frozen=True, slots=True)
class Pictures:
    """The two decoded pictures of a pair, for outputs that draw, and the ignored area in them, if there is one."""

    reference: Image
    candidate: Image
    hidden: Hidden | None = None


class Output:
    """One format. Every method does nothing here; a format overrides what it needs."""

    def draw(self, result: PairResult, pictures: Pictures) -> PairResult:
        """Called for each different pair on the thread that compared it, in any order.

        Returns:
            The result, with what was written noted in it.
        """
        del pictures
        return result

    def add(self, result: PairResult) -> None:
        """Called for each pair on the main thread, in input order."""

    def finish(self, report: RunReport) -> None:
        """Called once, after the last pair or an interruption."""
