"""The Python API for pairs: the command line's comparisons as functions, with the same option names."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Literal, overload

from msgspec.structs import replace

from diffspot.api.picture import as_path, name_of, read_sides
from diffspot.backends import CPU, get_backend, read_backend
from diffspot.errors import ImageReadError, OptionError, OutputError
from diffspot.image_io.arrays import read_layout
from diffspot.model import ImagePair, initial_result
from diffspot.options.config import load_settings
from diffspot.options.fields import NOTHING, read_count
from diffspot.options.options import make_options, option_fields
from diffspot.outputs import refuse_outputs
from diffspot.outputs.interface import Output
from diffspot.outputs.report_json import REPORT_NAME, read_report
from diffspot.pairing.alternatives import with_alternatives
from diffspot.pairing.pairs import pair_files, pair_inputs
from diffspot.pairing.selection import resolve_inputs, selector
from diffspot.pipeline.deadline import deadline
from diffspot.runner.memory import Memory, compared_bytes, whole_bytes
from diffspot.runner.pair import compare_pair
from diffspot.runner.result_pictures import with_files, with_pictures
from diffspot.runner.run import prepare, run
from diffspot.runner.sheets import cut_sheet

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterator, Sequence

    from diffspot.api.picture import Picture, Side
    from diffspot.model import PairResult, RunReport
    from diffspot.options.settings import Settings
    from diffspot.outputs.interface import Outputs


@overload
def compare(
    reference: Picture,
    candidate: Picture | None = None,
    *,
    layout: Literal["auto", "HW", "HWC", "CHW"] = "auto",
    config: str | os.PathLike[str] | None = None,
    **options: Any,  # noqa: ANN401
) -> PairResult: ...
@overload
def compare(
    reference: Picture,
    candidate: Picture | None = None,
    *,
    layout: Literal["NHWC", "NCHW"],
    config: str | os.PathLike[str] | None = None,
    **options: Any,  # noqa: ANN401
) -> PairResult | list[PairResult]: ...
def compare(
    reference: Picture,
    candidate: Picture | None = None,
    *,
    layout: str = "auto",
    config: str | os.PathLike[str] | None = None,
    **options: Any,
) -> PairResult | list[PairResult]:
    """Finds where two pictures differ.

    Args:
        reference: what ought to be there: a path, the bytes of a picture file, a Pillow picture, or anything that NumPy
            or DLPack reads as an array: of NumPy, PyTorch, xarray, Dask, CuPy. Arrays are bool, uint8, uint16 or floats
            in [0, 1]; channels are 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA. Of a file with several frames the first is
            compared, with a note.
        candidate: what is there, in any of the same forms; its size may differ. With `split="auto"` the reference is a
            sheet that shows both, and there is none.
        layout: the axes of arrays: "HW", "HWC", "CHW", "NHWC" or "NCHW"; "auto" tells them from the shape.
        config: a configuration file; None uses none, however near one lies.
        **options: those of the command line, with underscores: `metric="ssim"`, `min_area=9`,
            `ignore=[(0, 0, "100%", 40)]`; they win over the file.

    Returns:
        The result; of stacks of more than one picture a list, of each with the one at its place, or with the only one.

    Raises:
        ImageReadError: a picture cannot be read, is none, or its axes may be several things.
        OptionError: an option is unknown or cannot have that value.

    Example:
        >>> import numpy as np
        >>> white = np.full((80, 80), 255, np.uint8)
        >>> spotted = white.copy()
        >>> spotted[20:30, 40:60] = 0
        >>> result = compare(white, spotted)
        >>> result.status, result.regions[0].bbox
        ('different', (40, 20, 20, 10))
        >>> int(result.mask.sum()), float(result.score_map.max())
        (200, 1.0)
    """
    refuse_outputs(options)
    axes, settings = read_layout(layout), _settings(options, config)
    memory = Memory(settings.base.max_memory)
    if (candidate is None) != (settings.base.split != NOTHING):
        raise OptionError('Give a candidate, or a sheet that shows both pictures and split="auto".')
    name = name_of(reference)
    reads = partial(read_sides, layout=axes, options=settings.for_pair(name), most_bytes=memory.most)
    first = reads(reference)
    second = first if candidate is None else reads(candidate)
    sides = _side_by_side(first, second)
    results = [_compare(name if index == 1 else f"{name}#{index}", pair, settings, memory) for index, pair in sides]
    return results if len(results) > 1 else results[0]


def _compare(name: str, pair: tuple[Side, Side], settings: Settings, memory: Memory) -> PairResult:
    """The result of two pictures that were read."""
    first, second = pair
    own = settings.for_pair(name)
    known = replace(
        initial_result(ImagePair(name, first.path, second.path)),
        options=settings.overrides(name),
        reference_digest=first.digest,
        candidate_digest=second.digest,
    )
    most = None if own.timeout == "none" else own.timeout
    amount = compared_bytes(first.size, second.size) + whole_bytes(first.size, own)
    with memory.reserve(amount, name), deadline(most, name):
        known, pictures = cut_sheet(known, (first.image(), second.image()), own)
        result = compare_pair(known, *pictures, own, backend=get_backend(CPU), output=Output())
    return with_pictures(result, lambda: (first.again(), second.again()), own)


def _side_by_side(first: list[Side], second: list[Side]) -> Iterator[tuple[int, tuple[Side, Side]]]:
    """Each picture of one stack with that of the other, from 1; one alone goes with all of the other.

    Raises:
        ImageReadError: the stacks are of several pictures each, and not of as many.
    """
    count = max(len(first), len(second))
    if {len(first), len(second)} - {1, count}:
        raise ImageReadError(
            f"Stacks of {len(first)} and {len(second)} pictures do not go together; give as many on both sides, or one."
        )
    longer = (side if len(side) == count else side * count for side in (first, second))
    return enumerate(zip(*longer, strict=True), 1)


def load_report(path: str | os.PathLike[str]) -> RunReport:
    """The report of an earlier run, whose results know their pictures where these lie where they did.

    Args:
        path: of the report, or of the folder that holds it.

    Raises:
        OptionError: there is none, or none of this version.
    """
    given = as_path(path)
    if not given.is_dir() and given.name != REPORT_NAME:
        raise OptionError(f"{given} is neither a folder of results nor its {REPORT_NAME}; name one of them.")
    report = read_report(given if given.is_dir() else given.parent)
    known = option_fields()
    base = {name: value for name, value in report.options.items() if name in known}
    with_files(report.pairs, lambda result: make_options(base | (result.options or {})))
    return report


def compare_files(
    reference: str | os.PathLike[str],
    candidate: str | os.PathLike[str] | None = None,
    *,
    out: str | os.PathLike[str] | None = None,
    config: str | os.PathLike[str] | None = None,
    **options: Any,  # noqa: ANN401
) -> PairResult:
    """Compares two picture files, or a sheet of both (`split`); writes report and pictures into `out`.

    Of files with several frames or pages it returns the first that is not the same; the report has all.

    `config` and `options` are as for `compare`.

    Raises:
        PairingError: a path is missing or not a file.
        OutputError: `out` cannot be written.
        OptionError: an option is unknown or cannot have that value.
    """
    settings = _settings(options, config)
    found = pair_files(as_path(reference), as_path(candidate), split=settings.base.split != NOTHING)
    pairs, outputs = prepare(found, settings.base, files=settings.files, out=as_path(out), lists=[as_path(config)])
    with outputs:
        results = _written(run(pairs, settings, outputs=outputs), outputs, settings).pairs
    return next((result for result in results if result.status != "same"), results[0])


def compare_directories(
    reference: str | os.PathLike[str],
    candidate: str | os.PathLike[str] | None = None,
    *,
    also: Sequence[str | os.PathLike[str]] = (),
    out: str | os.PathLike[str] | None = None,
    jobs: int | None = None,
    backend: str = "auto",
    on_result: Callable[[PairResult], None] = lambda _: None,
    resume: bool = False,
    config: str | os.PathLike[str] | None = None,
    **options: Any,  # noqa: ANN401
) -> RunReport:
    """Compares two directories by relative path, or one that holds pairs (x_a.png, x_b.png) or sheets (`split`).

    Args:
        reference: the directory of references, of pairs or of sheets; it, `candidate`, `also` and `out` may be URLs
            (docs/scale.md).
        candidate: the directory of candidates.
        also: other right answers: directories of more references by the same names, or files, one for every pair.
        out: folder for report.json and annotated pictures; None writes nothing.
        jobs: pairs compared at a time; None is one for each core this process may use, with a GPU two.
        backend: what does the array work: "numpy", "cupy" on a GPU, or "auto".
        on_result: called with each result, in order, as it comes.
        resume: take the results that a run with the same `out` kept until it was stopped, where they still hold.
        config: as for `compare`; its rules match the pairs' names, paths relative to the reference directory.
        **options: as for `compare`.

    Returns:
        The report; a pair that cannot be read is a result with status `error` in it.

    Raises:
        PairingError: the directories do not say which picture belongs to which.
        OutputError: `out` cannot be written or lies in an input.
        OptionError: an option, `jobs` or `backend`, is unknown or cannot have that value.
        BackendError: CuPy or a GPU is missing.
    """
    jobs, backend = read_count("--jobs", jobs), read_backend(backend)
    settings = _settings(options, config)
    places = resolve_inputs(as_path(reference), as_path(candidate))
    inputs = [path for path in places if path is not None]
    answers = [as_path(path) for path in also]
    takes = selector(settings.base.include, settings.base.exclude)
    found = pair_inputs(
        inputs[0],
        inputs[1] if len(inputs) > 1 else None,
        takes,
        by=settings.base.pair_by,
        split=settings.base.split != NOTHING,
    )
    read = [*inputs, *(path for path in answers if path.is_dir())]
    found = with_alternatives(found, answers, split=settings.base.split != NOTHING)
    pairs, outputs = prepare(
        found, settings.base, files=settings.files, out=as_path(out), inputs=read, lists=[as_path(config)], jobs=jobs
    )
    with outputs:
        report = run(
            pairs,
            settings,
            inputs=inputs,
            outputs=outputs,
            jobs=jobs,
            backend=backend,
            on_result=on_result,
            resume=resume,
        )
    return _written(report, outputs, settings)


def _written(report: RunReport, outputs: Outputs, settings: Settings) -> RunReport:
    """The report, whose results know their pictures, once all was written that could be.

    Raises:
        OutputError: something could not be.
    """
    if outputs.failures:
        raise OutputError(" ".join(outputs.told_failures))
    with_files(report.pairs, lambda result: settings.for_pair(result.name))
    return report


def _settings(options: dict[str, Any], config: str | os.PathLike[str] | None) -> Settings:
    return load_settings(options, as_path(config))
