"""reg.json: the report that reg-cli writes and reg-suit publishes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from diffspot.outputs.annotated import FOLDER
from diffspot.outputs.coco import below
from diffspot.outputs.interface import FileOutput

if TYPE_CHECKING:
    from diffspot.model import RunReport

LISTS = {"same": "passedItems", "added": "newItems", "removed": "deletedItems"}
"""Where a pair of each status stands; every other one has failed."""
FAILED = "failedItems"


class RegOutput(FileOutput):
    """Writes reg.json. Items are paths below the three directories, which are relative to the file."""

    option = "reg"
    file_name = "reg.json"

    def encode(self, report: RunReport) -> bytes:
        """See `FileOutput.encode`."""
        items: dict[str, list[str]] = {name: [] for name in (FAILED, *LISTS.values())}
        for result in report.pairs:
            items[LISTS.get(result.status, FAILED)].append(result.name)
        inputs, pairs = report.inputs, report.pairs
        items["expectedItems"] = [below(pair.reference, inputs.reference) for pair in pairs if pair.reference]
        items["actualItems"] = [below(pair.candidate, inputs.candidate) for pair in pairs if pair.candidate]
        items["diffItems"] = [below(pair.annotated, FOLDER) for pair in pairs if pair.annotated]
        content = {
            **{name: sorted(paths) for name, paths in items.items()},
            "actualDir": self._relative(inputs.candidate),
            "expectedDir": self._relative(inputs.reference),
            "diffDir": self._relative(self.folder and self.folder / FOLDER),
        }
        return msgspec.json.format(msgspec.json.encode(content), indent=1) + b"\n"

    def _relative(self, directory: str | Path | None) -> str:
        return "" if directory is None else Path(os.path.relpath(directory, self.path.parent)).as_posix()
