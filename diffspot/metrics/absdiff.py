"""Absolute difference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from diffspot.metrics.interface import Metric

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend


class AbsDiff(Metric):
    """|r - c|, in shares of full scale."""

    name: ClassVar[str] = "absdiff"

    def score(
        self, reference: NDArray[Any], candidate: NDArray[Any], backend: Backend
    ) -> NDArray[Any]:
        """See `Metric.score`."""
        return backend.absdiff(reference, candidate).max(axis=-1)  # type: ignore[no-any-return]
