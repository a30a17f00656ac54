"""Annotated PNGs: each different pair's picture with its regions boxed and numbered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from diffspot.model import annotated_name
from diffspot.outputs.pair_files import PairFileOutput
from diffspot.outputs.report_json import ANNOTATED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from diffspot.model import PairResult
    from diffspot.options.types import Annotate
    from diffspot.outputs.interface import Pictures


class AnnotatedOutput(PairFileOutput):
    """Writes `annotated/<name>.png` of pairs that differ."""

    field = "annotated"

    def places(self, name: str) -> Iterable[str]:
        """See `PairFileOutput.places`."""
        return (f"{ANNOTATED}/{annotated_name(name)}",)

    def encode(self, result: PairResult, pictures: Pictures) -> tuple[str, bytes] | None:
        """See `PairFileOutput.encode`."""
        side: Annotate = (result.options or {}).get("annotate", self._options.annotate)
        if side == "none" or result.status != "different":
            return None
        from diffspot.image_io import encode_png  # noqa: PLC0415
        from diffspot.outputs.drawing.annotate import annotate  # noqa: PLC0415  OpenCV is slow to import

        drawn = annotate(pictures.reference, pictures.candidate, result.regions, side=side, hidden=pictures.hidden)
        (place,) = self.places(result.name)
        return place, encode_png(drawn)
