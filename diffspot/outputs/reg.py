"""reg.json: the report that reg-cli writes and reg-suit publishes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from diffspot.image_io.storage import text_path
from diffspot.model import path_text
from diffspot.outputs.coco import below
from diffspot.outputs.interface import FileOutput
from diffspot.outputs.links import relative
from diffspot.outputs.report_json import ANNOTATED, json_parts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from diffspot.model import RunReport

NEW, DELETED = frozenset({"added", "renamed"}), frozenset({"removed", "renamed"})
FAILED = frozenset({"different", "error"})


class RegOutput(FileOutput):
    """Writes reg.json. Items are paths below the three directories, which are relative to the file.

    They stand in the order of the report.
    """

    option = "reg"
    file_name = "reg.json"

    def parts(self, report: RunReport) -> Iterator[bytes]:
        """See `FileOutput.parts`."""
        inputs, pairs = report.inputs, report.pairs
        content = {
            "failedItems": (pair.name for pair in pairs if pair.status in FAILED),
            "newItems": (
                below(pair.candidate, inputs.candidate) for pair in pairs if pair.candidate and pair.status in NEW
            ),
            "deletedItems": (
                below(pair.reference, inputs.reference) for pair in pairs if pair.reference and pair.status in DELETED
            ),
            "passedItems": (pair.name for pair in pairs if pair.status == "same"),
            "expectedItems": (below(pair.reference, inputs.reference) for pair in pairs if pair.reference),
            "actualItems": (below(pair.candidate, inputs.candidate) for pair in pairs if pair.candidate),
            "diffItems": (below(pair.annotated, ANNOTATED) for pair in pairs if pair.annotated),
            "actualDir": self._relative(text_path(inputs.candidate) if inputs.candidate else None),
            "expectedDir": self._relative(text_path(inputs.reference) if inputs.reference else None),
            "diffDir": self._relative(self.folder and self.folder / ANNOTATED),
        }
        return json_parts(content)

    def _relative(self, directory: Path | None) -> str:
        return "" if directory is None else path_text(relative(directory, self.path.parent))
