"""What an output is: something that writes one format as results come in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from diffspot.outputs.atomic import write_atomically

if TYPE_CHECKING:
    from pathlib import Path

    from diffspot.model import IgnoredAreas, Image, PairResult, RunReport


@dataclass(frozen=True, slots=True)
class Pictures:
    """The two decoded pictures of a pair, for outputs that draw, and the ignored area in them, if there is one."""

    reference: Image
    candidate: Image
    hidden: IgnoredAreas | None = None


class Output:
    """One format. Every method does nothing here; a format overrides what it needs.

    Attributes:
        path: the file that it writes in the end, shown to people; None for the report and what belongs to it.
    """

    path: Path | None = None

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


class FileOutput(Output):
    """A format that is one file, made from the report alone, so that it can be made again later.

    Attributes:
        option: the field of Options that names the file.
        file_name: what the file is called where the option names a folder.

    Args:
        path: the file.
        folder: where the annotated pictures are, if any were written.
    """

    option: ClassVar[str]
    file_name: ClassVar[str]
    path: Path

    def __init__(self, path: Path, folder: Path | None) -> None:
        self.path = path
        self.folder = folder

    def encode(self, report: RunReport) -> bytes:
        """The content of the file."""
        raise NotImplementedError

    def finish(self, report: RunReport) -> None:
        """See `Output.finish`."""
        write_atomically(self.path, self.encode(report), way_out=f"name another file with --{self.option}")
