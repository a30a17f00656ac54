"""Annotated PNGs: each different pair's picture with its regions boxed and numbered."""

from __future__ import annotations

import threading
from itertools import chain
from typing import TYPE_CHECKING

from msgspec.structs import replace

from diffspot.model import annotated_name
from diffspot.outputs.atomic import write_atomically
from diffspot.outputs.bounds import refuse_outside
from diffspot.outputs.interface import Output
from diffspot.outputs.report_json import ANNOTATED
from diffspot.outputs.stale import remove_all_stale
from diffspot.storage import StoredPath

if TYPE_CHECKING:
    from pathlib import Path

    from diffspot.model import PairResult, RunReport
    from diffspot.options.types import Annotate
    from diffspot.outputs.interface import Pictures
    from diffspot.outputs.report_json import EarlierReport


class AnnotatedOutput(Output):
    """Writes `annotated/<name>.png` into a folder, and removes those of an earlier run.

    Args:
        folder: of --out.
        side: which picture is drawn on.
        earlier: what the earlier run left in the folder.
    """

    def __init__(self, folder: Path, side: Annotate, earlier: EarlierReport) -> None:
        self._folder = folder
        self._side = side
        self._earlier = earlier
        self._places: set[str] = set()
        self._lock = threading.Lock()
        self._over = False

    def draw(self, result: PairResult, pictures: Pictures) -> PairResult:
        """See `Output.draw`."""
        side = (result.options or {}).get("annotate", self._side)
        if side == "none":
            return result
        from diffspot.image_io import encode_png  # noqa: PLC0415
        from diffspot.outputs.drawing.annotate import annotate  # noqa: PLC0415  OpenCV is slow to import

        drawn = annotate(pictures.reference, pictures.candidate, result.regions, side=side, hidden=pictures.hidden)
        place = _place(result)
        refuse_outside(self._folder / place, self._folder)
        data = encode_png(drawn)
        with self._lock:
            if self._over:  # the run was stopped, and this pair is in no report
                return result
            write_atomically(self._folder / place, data, durable=False)
            self._places.add(place)
        return replace(result, annotated=place)

    def finish(self, report: RunReport) -> None:
        """See `Output.finish`; reads the earlier report, so it runs before that is replaced."""
        with self._lock:
            self._over = True
        written = {result.annotated for result in report.pairs if result.annotated}
        # In object storage each would be a request; there the earlier report tells what is left.
        own = () if isinstance(self._folder, StoredPath) else (_place(result) for result in report.pairs)
        earlier = (result.annotated for result in self._earlier.pairs if result.annotated)
        stale = (place for place in chain(own, self._places, earlier) if place not in written)
        remove_all_stale((self._folder / place for place in stale), self._folder)


def _place(result: PairResult) -> str:
    return f"{ANNOTATED}/{annotated_name(result.name)}"
