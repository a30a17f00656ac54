"""What a metric is: two registered pictures in, a score map out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend


class Metric(ABC):
    """One way to score how much two pictures differ at every pixel."""

    name: ClassVar[str]

    @abstractmethod
    def score(
        self, reference: NDArray[Any], candidate: NDArray[Any], unexplained: NDArray[Any], backend: Backend
    ) -> NDArray[Any]:
        """Scores two pictures of one shape.

        Args:
            reference: (H, W, C) levels, on the backend.
            candidate: likewise, registered onto the reference.
            unexplained: (H, W) levels, the difference that movement within the tolerance cannot explain.
            backend: what the arrays live on.

        Returns:
            (H, W) float32 in [0, 1]: the highest score over the channels; exactly 0 where nothing is unexplained.
        """
