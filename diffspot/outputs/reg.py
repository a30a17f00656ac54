"""reg.json: the report that reg-cli writes and reg-suit publishes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from diffspot.model import path_text, text_path
from diffspot.outputs.coco import below
from diffspot.outputs.interface import FileOutput
from diffspot.outputs.report_json import ANNOTATED

if TYPE_CHECKING:
    from diffspot.model import RunReport

NEW, DELETED = frozenset({"added", "renamed"}), frozenset({"removed", "renamed"})
FAILED = frozenset({"different", "error"})


class RegOutput(FileOutput):
    """Writes reg.json. Items are paths below the three directories, which are relative to the file."""

    option = "reg"
    file_name = "reg.json"

    def encode(self, report: RunReport) -> bytes:
        """See `FileOutput.encode`."""
        inputs, pairs = report.inputs, report.pairs
        expected = {pair.name: below(pair.reference, inputs.reference) for pair in pairs if pair.reference}
        actual = {pair.name: below(pair.candidate, inputs.candidate) for pair in pairs if pair.candidate}
        status = {pair.name: pair.status for pair in pairs}
        items = {
            "failedItems": [name for name in status if status[name] in FAILED],
            "newItems": [item for name, item in actual.items() if status[name] in NEW],
            "deletedItems": [item for name, item in expected.items() if status[name] in DELETED],
            "passedItems": [name for name in status if status[name] == "same"],
            "expectedItems": list(expected.values()),
            "actualItems": list(actual.values()),
            "diffItems": [below(pair.annotated, ANNOTATED) for pair in pairs if pair.annotated],
        }
        content = {
            **{name: sorted(paths) for name, paths in items.items()},
            "actualDir": self._relative(text_path(inputs.candidate) if inputs.candidate else None),
            "expectedDir": self._relative(text_path(inputs.reference) if inputs.reference else None),
            "diffDir": self._relative(self.folder and self.folder / ANNOTATED),
        }
        return msgspec.json.format(msgspec.json.encode(content), indent=1) + b"\n"

    def _relative(self, directory: Path | None) -> str:
        return "" if directory is None else path_text(Path(os.path.relpath(directory, self.path.parent)))
