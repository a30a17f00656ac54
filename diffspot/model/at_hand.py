"""Pictures, masks and score maps of results of the Python API, worked out when first asked for."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any, Literal, Protocol

import msgspec

from diffspot.errors import ImageReadError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SHOWN_PAIRS = 100
"""Rows of a report in a notebook."""
SOURCE = "source"
"""Where a result keeps what knows its pictures; it is no field, so no report has it."""


class Source(Protocol):
    """What knows the pictures of a pair."""

    scores: NDArray[np.float32]
    mask: NDArray[np.bool_]
    aligned: NDArray[Any]

    def overlay(self, result: Any, side: str) -> NDArray[np.uint8]:  # noqa: ANN401  a PairResult, which is above
        """(H, W, 3) uint8: a picture with the regions of a result drawn on it."""

    def html(self, result: Any) -> str:  # noqa: ANN401
        """What a notebook shows of a result."""


class PicturesAtHand:
    """The pictures of a pair, for results that the Python API made; mixed into `PairResult`.

    A result holds on to the arrays that it was made of until it is dropped, and reads files again; `to_dict` has what
    was found alone.
    """

    __slots__ = ()

    @property
    def score_map(self) -> NDArray[np.float32]:
        """(H, W) float32 in [0, 1], in the frame of the reference: 0 the same, 1 utterly different."""
        return self._source().scores

    @property
    def mask(self) -> NDArray[np.bool_]:
        """(H, W) bool: the pixels of the regions."""
        return self._source().mask

    @property
    def aligned(self) -> NDArray[Any]:
        """(H, W, C) uint8 or uint16: the candidate over the reference; with alpha where it does not cover all of it."""
        return self._source().aligned

    def overlay(self, side: Literal["candidate", "reference", "both", "pair"] = "candidate") -> NDArray[np.uint8]:
        """(H, W, 3) uint8: the picture with its regions boxed and numbered, as `--annotate` draws it."""
        return self._source().overlay(self, side)

    def to_dict(self) -> dict[str, Any]:
        """What was found, as in `report.json`."""
        found: dict[str, Any] = msgspec.to_builtins(self)
        return found

    def _repr_html_(self) -> str | None:
        source = self.__dict__.get(SOURCE)
        return source.html(self) if source else None

    def _source(self) -> Source:
        source: Source | None = self.__dict__.get(SOURCE)
        if source is None:
            raise ImageReadError(
                "This result has no pictures at hand; they are there for two pictures without further frames, as "
                "diffspot.compare, compare_files, compare_directories and load_report return them."
            )
        return source


class ReportAtHand:
    """What a report shows in a notebook; mixed into `RunReport`."""

    __slots__ = ()

    def to_dict(self) -> dict[str, Any]:
        """Everything that was found, as in `report.json`."""
        found: dict[str, Any] = msgspec.to_builtins(self)
        return found

    def _repr_html_(self) -> str:
        pairs: tuple[Any, ...] = self.pairs  # type: ignore[attr-defined]  # of RunReport
        rows = "".join(f"<tr><td>{escape(status_line(pair))}</td></tr>" for pair in pairs[:SHOWN_PAIRS])
        more = f"<p>and {len(pairs) - SHOWN_PAIRS} more pairs</p>" if len(pairs) > SHOWN_PAIRS else ""
        return f"<div><table>{rows}</table>{more}</div>"


def status_line(result: Any) -> str:  # noqa: ANN401  a PairResult
    """Such as "home.png: different, 3 regions"."""
    count = len(result.regions)
    told = result.error or (f"{count} region{'s' * (count != 1)}" if count else "")
    return f"{result.name}: {result.status}{', ' * bool(told)}{told}"
