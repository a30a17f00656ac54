"""What an output is: something that writes one format as results come in; and many of them as one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self

from diffspot.errors import DiffspotError
from diffspot.model import path_text
from diffspot.options.options import option_fields
from diffspot.outputs.atomic import write_atomically
from diffspot.outputs.bounds import real
from diffspot.outputs.stale import is_written, renewed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from diffspot.model import IgnoredAreas, Image, Maps, PairResult, RunReport


MOST_TOLD = 10
"""Failures to write, before the rest is counted only."""


@dataclass(frozen=True, slots=True)
class Pictures:
    """The two decoded pictures of a pair, for outputs that draw, and the ignored area in them, if there is one.

    Attributes:
        maps: what the stages made; None unless an output wants it.
    """

    reference: Image
    candidate: Image
    hidden: IgnoredAreas | None = None
    maps: Maps | None = None


class Output:
    """One format. Every method does nothing here; a format overrides what it needs.

    Attributes:
        path: the file that it writes in the end, shown to people; None for the report and what belongs to it.
        made_folder: the folder of that file, where it was made for it; a typo may have named it.
        maps: whether it wants what the stages make of every pair that is compared, the same ones, too.
    """

    path: Path | None = None
    made_folder: Path | None = None
    maps: bool = False

    def draw(self, result: PairResult, pictures: Pictures) -> PairResult:
        """Called for each pair that is different, or compared at all if any output wants maps.

        It is called on the thread that compared the pair, in any order.

        Returns:
            The result, with what was written noted in it.
        """
        del pictures
        return result

    def unnamed(self, result: PairResult) -> list[Path]:
        """The files that were to be written for a pair and that its result does not name."""
        del result
        return []

    def add(self, result: PairResult) -> None:
        """Called for each pair on the main thread, in input order."""

    def hurry(self) -> None:
        """Called before `finish` where the run was stopped: what takes long is left out."""

    def finish(self, report: RunReport) -> None:
        """Called once, after the last pair or an interruption."""


class Outputs(Output):
    """All that a run writes. What cannot be written is noted, and keeps nothing else from being written.

    Args:
        outputs: in the order of writing.
        folder: of --out, if there is one.
        release: called when they are no longer used.

    Attributes:
        folder: of --out, or None.
        failures: a sentence for each thing that could not be written: the files first, then pictures.
        written: the files that were, which messages name.
        made_folders: the folders that were made for them.
        resumed: how many results were taken from an earlier run.
        fault: the last error that nobody foresaw.
    """

    def __init__(
        self, outputs: Iterable[Output] = (), folder: Path | None = None, release: Callable[[], None] = lambda: None
    ) -> None:
        self._outputs = tuple(outputs)
        self.maps = any(output.maps for output in self._outputs)
        self.folder = folder
        self._release = release
        self.failures: list[str] = []
        self.written: list[Path] = []
        self.made_folders = list(dict.fromkeys(output.made_folder for output in self._outputs if output.made_folder))
        self.resumed = 0
        self.fault: Exception | None = None

    def __bool__(self) -> bool:
        return bool(self._outputs)

    @property
    def names(self) -> list[str]:
        """The files that are written in the end below the folder, relative to it."""
        places = [real(output.path) for output in self._outputs if output.path]
        folder = self.folder and real(self.folder)
        return [path_text(place.relative_to(folder)) for place in places if folder and place.is_relative_to(folder)]

    @property
    def told_failures(self) -> list[str]:
        """The failures that messages name: not thousands of a full disk."""
        more = len(self.failures) - MOST_TOLD
        return self.failures[:MOST_TOLD] + ([f"{more} more could not be written."] if more > 0 else [])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._release()

    def draw(self, result: PairResult, pictures: Pictures) -> PairResult:
        """See `Output.draw`."""
        for output in self._outputs:
            try:
                result = output.draw(result, pictures)
            except Exception as error:  # noqa: BLE001  a picture that cannot be drawn does not lose what was found
                self._note(error)
        return result

    def unnamed(self, result: PairResult) -> list[Path]:
        """See `Output.unnamed`."""
        return [file for output in self._outputs for file in output.unnamed(result)]

    def add(self, result: PairResult) -> None:
        """See `Output.add`."""
        for output in self._outputs:
            output.add(result)

    def hurry(self) -> None:
        """See `Output.hurry`."""
        for output in self._outputs:
            output.hurry()

    def finish(self, report: RunReport) -> None:
        """See `Output.finish`."""
        drawn, self.failures = self.failures, []
        for output in self._outputs:
            try:
                output.finish(report)
            except Exception as error:  # noqa: BLE001  the others are written all the same
                self._note(error)
            else:
                self.written += [] if output.path is None else [output.path]
        self.failures += drawn  # without its report a run is lost, so that is told before what it drew

    def _note(self, error: Exception) -> None:
        if isinstance(error, DiffspotError):
            self.failures.append(str(error))
        else:
            self.failures.append(f"fault in diffspot while writing ({type(error).__name__}: {error}); run with --debug")
            self.fault = error


class FileOutput(Output):
    """A format that is one file, made from the report alone, so that it can be made again later.

    Attributes:
        option: the field of Options that names the file.
        file_name: what the file is called where the option names a folder.

    Args:
        path: the file.
        folder: where the annotated pictures are, if any were written.
        px_per_mm: the scale of the references; None where lengths in px are enough.
    """

    option: ClassVar[str]
    file_name: ClassVar[str]
    path: Path

    def __init__(self, path: Path, folder: Path | None, px_per_mm: float | None = None) -> None:
        self.path = path
        self.folder = folder
        self.px_per_mm = px_per_mm

    @classmethod
    def flag(cls) -> str:
        """The option on the command line: `csv_pairs` -> `--csv-pairs`."""
        return option_fields()[cls.option].flag

    @classmethod
    def place(cls, given: Path) -> Path:
        """The file that a user names; in a folder it has its usual name."""
        return given / cls.file_name if given.is_dir() else given

    def parts(self, report: RunReport) -> Iterator[bytes]:
        """The content of the file, in parts: of a merge neither the pairs nor the file fit in memory.

        `report.pairs` may be iterated more than once, and is read anew each time.
        """
        raise NotImplementedError

    def is_own(self) -> bool:
        """Whether diffspot wrote what lies in its place."""
        return is_written(self.path)

    def finish(self, report: RunReport) -> None:
        """See `Output.finish`."""
        with renewed(self.path):
            write_atomically(self.path, self.parts(report), way_out=f"name another file with {self.flag()}")
