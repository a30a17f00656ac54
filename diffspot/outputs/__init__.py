"""Outputs: what a run writes, one file a format."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from diffspot.errors import OptionError, OutputError
from diffspot.image_io.storage import StoredPath, to_path
from diffspot.model import printable
from diffspot.options.fields import NOTHING
from diffspot.options.options import OUTPUTS, option_fields
from diffspot.outputs.annotated import AnnotatedOutput
from diffspot.outputs.bounds import real
from diffspot.outputs.earlier_report import EarlierOutputs, EarlierReport
from diffspot.outputs.folders import make_folder
from diffspot.outputs.html import COPIES, INDEX_NAME, HtmlOutput, refuse_foreign
from diffspot.outputs.interface import Outputs
from diffspot.outputs.kept import keep_apart, keep_confined, keep_files, keep_pictures, refuse_picture, refuse_root
from diffspot.outputs.lock import lock_folder
from diffspot.outputs.report_json import ALIGNED, ANNOTATED, MAPS, MASK, REPORT_NAME, JsonOutput
from diffspot.outputs.saved import AlignedOutput, MapOutput, MaskOutput
from diffspot.outputs.stages import open_stages
from diffspot.outputs.stale import remove_parts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from diffspot.model import ImagePair
    from diffspot.options.options import Options
    from diffspot.outputs.bounds import Bounds
    from diffspot.outputs.interface import FileOutput, Output
    from diffspot.outputs.pair_files import PairFileOutput

WRITTEN = (ANNOTATED, COPIES, MAPS, MASK, ALIGNED)
"""Folders of --out in which pictures are written and those of earlier runs are removed."""
PAIR_FILES: tuple[type[PairFileOutput], ...] = (AnnotatedOutput, MapOutput, MaskOutput, AlignedOutput)
"""What is written for each pair."""
DEVICES = frozenset(map(Path, ("/dev", "/dev/fd", "/proc/self/fd")))
"""Where links lead to open streams; a file behind one cannot be replaced while it is written to."""


def open_outputs(
    folder: Path | None,
    options: Options,
    inputs: Iterable[Path],
    pairs: Iterable[ImagePair],
    *,
    files: Iterable[str] = (),
    lists: Iterable[Path | None] = (),
    confined: Mapping[str, Path] = MappingProxyType({}),
    bounds: Bounds | None = None,
) -> Outputs:
    """Prepares everything that a run writes, in the order of writing; removes what a killed run left half written.

    The folder is held until the outputs are left, so that no other run writes into it.

    Args:
        folder: for the report and annotated pictures; made if it is not there. None writes neither.
        options: `annotate` says which side is drawn, and the stage Outputs which files are written.
        inputs: the directories that are compared; results must not land among them.
        pairs: their pictures must not lie where results are written and removed.
        files: nor must these, which options name.
        lists: what else is read, such as the configuration file; no result may take its place either.
        confined: the folders that files must lie in, by the option that names them, for those that the user did not
            name; nor do these replace what diffspot did not write.
        bounds: how far results that others made reach; None trusts them.

    Raises:
        OutputError: where the folder lies in an input or a picture among the results, or a place cannot be written, is
            named twice or is that of a file that is read; where another run writes there.
    """
    files = [*files]
    read = chain(_read(pairs, files), lists)
    earlier = EarlierReport(folder) if folder else None
    staged = options.stages != NOTHING
    stages = (open_stages(to_path(options.stages), inputs, pairs, confined, earlier),) if staged else ()
    if folder is None or earlier is None:
        _refuse_without_folder(options)
        return Outputs((*stages, *_derived(None, options, read, confined)))
    with hold_folder(folder, inputs, pairs, files) as stack:
        derived = _derived(folder, options, read, confined, bounds=bounds)
        renewed = [real(output.path) for output in derived if output.path]
        old = *open_pair_files(folder, options, earlier), EarlierOutputs(folder, earlier, renewed)
        return Outputs((*old, *stages, JsonOutput(folder), *derived), folder, stack.pop_all().close)


def open_pair_files(folder: Path, options: Options, earlier: EarlierReport) -> tuple[PairFileOutput, ...]:
    """What is written for each pair, below a folder that is held; `earlier` tells what a run before left there."""
    return tuple(kind(folder, options, earlier) for kind in PAIR_FILES)


@contextmanager
def hold_folder(
    folder: Path, inputs: Iterable[Path], pairs: Iterable[ImagePair], files: Iterable[str]
) -> Iterator[ExitStack]:
    """A folder of results, made if it is not there, held, and rid of what a killed run left half written.

    Args:
        folder: for the results; they must not land among the inputs.
        inputs: the directories that are compared.
        pairs: their pictures must not lie where results are written and removed.
        files: nor must these, which options name.

    Yields:
        What lets go of the folder when it is closed, as it is when the block ends.

    Raises:
        OutputError: one of them lies there, or another run writes there.
    """
    refuse_root(folder)
    for directory in inputs:
        keep_apart(folder, directory, WRITTEN)
    keep_pictures(folder, _read(pairs, files), WRITTEN)
    make_folder(folder, "--out")
    with ExitStack() as stack:
        stack.callback(lock_folder(folder))
        if not isinstance(folder, StoredPath):  # an object is there whole or not at all
            remove_parts(folder, WRITTEN)
        yield stack


def _read(pairs: Iterable[ImagePair], files: Iterable[str]) -> Iterator[Path]:
    """The pictures of the pairs, and the files that options name, which no result may replace."""
    for pair in pairs:
        yield from pair.pictures
    yield from map(to_path, files)


def _refuse_without_folder(options: Options) -> None:
    """Refuses what is written into the folder of --out where there is none.

    Raises:
        OptionError: there is such an option and no --out.
    """
    for name, wanted in (("map", options.map != NOTHING), ("save", bool(options.save))):
        if wanted:
            raise OptionError(f"--{name} writes into the folder of --out; give --out, too.")


def open_derived_outputs(
    folder: Path, options: Options, read: Iterable[Path | None] = (), *, bounds: Bounds
) -> Outputs:
    """Prepares what is made from the report alone, to make it again; the folder is held until the outputs are left.

    Args:
        folder: of the report.
        options: those of the stage Outputs.
        read: files whose place no output may take; None is no file.
        bounds: how far the report reaches, which others may have made.

    Raises:
        OutputError: where a file cannot be written, is named twice or takes the place of a picture or of what is read;
            where a run writes into the folder.
    """
    with ExitStack() as stack:
        stack.callback(lock_folder(folder))
        return Outputs(_derived(folder, options, read, bounds=bounds, again=True), folder, stack.pop_all().close)


def _derived(
    folder: Path | None,
    options: Options,
    read: Iterable[Path | None],
    confined: Mapping[str, Path] = MappingProxyType({}),
    *,
    bounds: Bounds | None = None,
    again: bool = False,
) -> tuple[Output, ...]:
    """The outputs that are made from the report alone.

    Raises:
        OutputError: where a file cannot be written, is named twice or takes the place of a picture or of what is read.
        OptionError: where a page is asked for and there is no folder.
    """
    files = _files(folder, options)
    _refuse_twins(files, folder)
    keep_files(files, read)
    keep_confined(files, confined)
    page = _page(folder, options, bounds, again=again) if options.html else ()
    return (*files, *page, *(_github(folder) if options.github is True else ()))


def _files(folder: Path | None, options: Options) -> list[FileOutput]:
    names = [field.name for field in option_fields().values() if field.stage == OUTPUTS and field.path]
    if all(getattr(options, name) == NOTHING for name in names):
        return []
    from diffspot.outputs.formats import FILE_OUTPUTS  # noqa: PLC0415  most runs write none of them

    wanted = [kind for kind in FILE_OUTPUTS if getattr(options, kind.option) != NOTHING]
    return [_open_file(kind, folder, options) for kind in wanted]


def _github(folder: Path | None) -> tuple[Output, ...]:
    from diffspot.outputs.github import GithubOutput  # noqa: PLC0415  with all that Markdown needs

    return (GithubOutput(folder),)


def _page(folder: Path | None, options: Options, bounds: Bounds | None, *, again: bool) -> tuple[Output, ...]:
    if folder is None:
        raise OptionError("--html writes index.html into the folder of --out; give --out, too.")
    refuse_foreign([folder / INDEX_NAME])  # before anything is compared
    return (HtmlOutput(folder, options, again=again, bounds=bounds),)


def refuse_outputs(names: Iterable[str]) -> None:
    """For callers that write nothing.

    Raises:
        OptionError: where one of the options by these names asks for an output.
    """
    for name in names:
        if name in {"map", "save", "stages"} or (name in option_fields() and option_fields()[name].stage == OUTPUTS):
            raise OptionError(f"{name} cannot be written here; use compare_files or compare_directories.")


def _open_file(kind: type[FileOutput], folder: Path | None, options: Options) -> FileOutput:
    """The output of one format, to the file that its option names, links followed."""
    flag, given = kind.flag(), to_path(getattr(options, kind.option))
    path = real(kind.place(given))
    refuse_picture(path, flag, kind.file_name)
    made = not path.parent.exists()
    make_folder(path.parent, flag)
    if given.absolute().parent in DEVICES or (path.exists() and not path.is_file()):
        raise OutputError(f"{flag} {printable(given)} is not a file that can be replaced; name another.")
    file = kind(path, folder, options.px_per_mm)
    file.made_folder = path.parent if made else None
    return file


def _refuse_twins(files: Iterable[FileOutput], folder: Path | None) -> None:
    taken = {real(folder / name): "--out" for name in (REPORT_NAME, INDEX_NAME)} if folder else {}
    for file in files:
        other = taken.setdefault(file.path, file.flag())
        if other != file.flag():
            raise OutputError(f"{other} and {file.flag()} both name {printable(file.path)}; name two files.")
