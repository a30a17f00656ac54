"""The Python API: the command line's comparisons as functions, with the same option names."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from msgspec.structs import replace

from diffspot.backends import CPU, get_backend, read_backend
from diffspot.errors import ImageReadError, OutputError
from diffspot.image_io import decode_first, open_picture, read_bytes
from diffspot.image_io.digest import digest
from diffspot.image_io.interface import Size
from diffspot.model import Image, ImagePair, initial_result, path_text
from diffspot.options.config import load_settings
from diffspot.options.fields import read_count
from diffspot.outputs import refuse_outputs
from diffspot.outputs.interface import Output
from diffspot.pairing.pairs import pair_files, pair_inputs
from diffspot.pipeline.deadline import deadline
from diffspot.runner.memory import Memory, compared_bytes
from diffspot.runner.pair import compare_pair
from diffspot.runner.run import prepare, run
from diffspot.storage import to_path

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from diffspot.model import PairResult, RunReport
    from diffspot.options.settings import Settings
    from diffspot.outputs.interface import Outputs

    Picture = str | os.PathLike[str] | NDArray[Any]

CHANNELS = (1, 2, 3, 4)


def compare(
    reference: Picture,
    candidate: Picture,
    *,
    config: str | os.PathLike[str] | None = None,
    **options: Any,  # noqa: ANN401
) -> PairResult:
    """Finds where two pictures differ.

    Args:
        reference: what ought to be there: a path, or an array (H, W) or (H, W, C) of uint8 or
            uint16; C is 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA. Of a file with several frames the first is
            compared, with a note.
        candidate: what is there: a path or an array of the same forms; its size may differ.
        config: a configuration file; None uses none, however near one lies.
        **options: those of the command line, with underscores: `metric="ssim"`, `min_area=9`,
            `ignore=[(0, 0, "100%", 40)]`; they win over the file.

    Raises:
        ImageReadError: a picture cannot be read.
        OptionError: an option is unknown or cannot have that value.

    Example:
        >>> import numpy as np
        >>> white = np.full((80, 80), 255, np.uint8)
        >>> spotted = white.copy()
        >>> spotted[20:30, 40:60] = 0
        >>> result = compare(white, spotted)
        >>> result.status, result.regions[0].bbox
        ('different', (40, 20, 20, 10))
    """
    refuse_outputs(options)
    settings = _settings(options, config)
    name = "array" if isinstance(reference, np.ndarray) else path_text(Path(reference).name)
    own = settings.for_pair(name)
    memory = Memory(own.max_memory)
    first, second = (_read(given, own.max_pixels, memory.most) for given in (reference, candidate))
    known = replace(
        initial_result(ImagePair(name, first.path, second.path)),
        options=settings.overrides(name),
        reference_digest=first.digest,
        candidate_digest=second.digest,
    )
    most = None if own.timeout == "none" else own.timeout
    with memory.reserve(compared_bytes(first.size, second.size), name), deadline(most, name):
        return compare_pair(known, first.image(), second.image(), own, backend=get_backend(CPU), output=Output())


def compare_files(
    reference: str | os.PathLike[str],
    candidate: str | os.PathLike[str],
    *,
    out: str | os.PathLike[str] | None = None,
    config: str | os.PathLike[str] | None = None,
    **options: Any,  # noqa: ANN401
) -> PairResult:
    """Compares two picture files and, with `out`, writes report.json and the annotated picture.

    Of files with several frames or pages it returns the first that is not the same; the report has all.

    `config` and `options` are as for `compare`.

    Raises:
        PairingError: a path is missing or not a file.
        OutputError: `out` cannot be written.
        OptionError: an option is unknown or cannot have that value.
    """
    settings = _settings(options, config)
    found = pair_files(to_path(os.fspath(reference)), to_path(os.fspath(candidate)))
    pairs, outputs = prepare(found, settings.base, out=_path(out), lists=[_path(config)])
    with outputs:
        results = _written(run(pairs, settings, outputs=outputs), outputs).pairs
    return next((result for result in results if result.status != "same"), results[0])


def compare_directories(
    reference: str | os.PathLike[str],
    candidate: str | os.PathLike[str] | None = None,
    *,
    out: str | os.PathLike[str] | None = None,
    jobs: int | None = None,
    backend: str = "auto",
    on_result: Callable[[PairResult], None] = lambda _: None,
    resume: bool = False,
    config: str | os.PathLike[str] | None = None,
    **options: Any,  # noqa: ANN401
) -> RunReport:
    """Compares two directories by relative path, or one that holds pairs (x_a.png, x_b.png).

    Args:
        reference: the directory of references, or of pairs; it, `candidate` and `out` may be URLs (docs/scale.md).
        candidate: the directory of candidates.
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
    inputs = [to_path(os.fspath(given)) for given in (reference, candidate) if given is not None]
    found = pair_inputs(inputs[0], inputs[1] if len(inputs) > 1 else None)
    pairs, outputs = prepare(found, settings.base, out=_path(out), inputs=inputs, lists=[_path(config)], jobs=jobs)
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
    return _written(report, outputs)


def _written(report: RunReport, outputs: Outputs) -> RunReport:
    """The report, once all was written that could be.

    Raises:
        OutputError: something could not be.
    """
    if outputs.failures:
        raise OutputError(" ".join(outputs.told_failures))
    return report


def _settings(options: dict[str, Any], config: str | os.PathLike[str] | None) -> Settings:
    return load_settings(options, _path(config))


def _path(given: str | os.PathLike[str] | None) -> Path | None:
    return None if given is None else to_path(os.fspath(given))


class _Side(NamedTuple):
    """One picture of a pair, not decoded yet; an array has neither path nor digest."""

    image: Callable[[], Image]
    size: Size
    path: Path | None = None
    digest: str | None = None


def _read(given: Picture, most_pixels: int, most_bytes: int) -> _Side:
    """Reads a picture of up to so many pixels, of a file of up to so many bytes."""
    if isinstance(given, np.ndarray):
        image = image_of(given)
        height, width, channels = image.pixels.shape
        return _Side(lambda: image, Size(width, height, channels, image.pixels.itemsize))
    path = Path(given)
    data = read_bytes(path, most_bytes)
    opened = open_picture(data, path, most_pixels)
    return _Side(lambda: next(decode_first(opened)), opened.headers[0].size, path, digest(data))


def image_of(array: NDArray[Any]) -> Image:
    """An array as `compare` takes it, as a picture.

    Raises:
        ImageReadError: its shape or type is not that of a picture.
    """
    pixels = array[..., np.newaxis] if array.ndim == 2 else array  # noqa: PLR2004
    if pixels.ndim != 3 or pixels.shape[2] not in CHANNELS or not pixels.size:  # noqa: PLR2004
        raise ImageReadError(
            f"An array of shape {array.shape} is no picture; give (H, W) or (H, W, C) with 1 to 4 channels."
        )
    if pixels.dtype not in (np.uint8, np.uint16):
        raise ImageReadError(f"An array of {array.dtype} is no picture; convert it to uint8 or uint16.")
    return Image(pixels)
