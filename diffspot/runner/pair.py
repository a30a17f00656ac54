"""Compares the two pictures of a pair: the one way there that every caller takes."""

from __future__ import annotations

import os
from contextlib import contextmanager
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from diffspot.outputs.interface import Pictures
from diffspot.pipeline.compare import compare_images
from diffspot.pipeline.fingerprint import fingerprint
from diffspot.runner.ignored import find_ignored
from diffspot.runner.spread import find_spread
from diffspot.runner.status import with_status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from diffspot.backends.interface import Backend
    from diffspot.model import Image, PairResult
    from diffspot.options.options import Options
    from diffspot.outputs.interface import Output
    from diffspot.pipeline.comparison import Comparison


def compare_pair(
    known: PairResult,
    reference: Image,
    candidate: Image,
    options: Options,
    *,
    backend: Backend,
    output: Output,
) -> PairResult:
    """The result of a pair; safe to call from many threads.

    Args:
        known: what was known of the pair before it was compared.
        reference: what ought to be there.
        candidate: what is there.
        options: those of the pair.
        backend: what does the array work.
        output: what draws the pair if it differs; it is given all else that is known of it.

    Raises:
        ImageReadError: the mask or the spread cannot be read.
        OptionError: nothing is left to compare.
    """
    comparison, notes = compare_known(known, reference, candidate, options, backend, keep=output.maps)
    result = with_status(known, comparison, options)
    result = replace(result, notes=(*result.notes, *notes))
    if result.status == "different":
        result = replace(result, change=fingerprint(reference, candidate, result.regions))
    if result.status == "different" or output.maps:
        pictures = Pictures(reference, candidate, comparison.ignored_areas, comparison.maps)
        result = output.draw(result, pictures)
    return result


def compare_known(
    known: PairResult, reference: Image, candidate: Image, options: Options, backend: Backend, *, keep: bool
) -> tuple[Comparison, tuple[str, ...]]:
    """What the pipeline finds in a pair, given what is ignored and how the golden varies; and notes on the latter.

    Args:
        known: which file the reference is.
        reference: what ought to be there.
        candidate: what is there.
        options: those of the pair.
        backend: what does the array work.
        keep: whether the comparison has its maps.

    Raises:
        ImageReadError: the mask or the spread cannot be read.
        OptionError: nothing is left to compare.
    """
    shape = reference.pixels.shape[:2]
    ignored, spread = find_ignored(shape, options), find_spread(known, shape)
    with _one_thread():
        found = compare_images(reference, candidate, options, backend, ignored, keep=keep, spread=spread.levels)
    return found, spread.notes


_LIMITED = Lock()


@contextmanager
def _one_thread() -> Iterator[None]:
    """A block in which products of matrices take one thread.

    Ours are so small that threads which share one wait for each other longer than they work, on a busy machine for as
    long as the rest of a comparison takes. And sums come out the same on machines of any number of cores.

    How many threads there are is one number of the whole process, and who sets it gives back what there was. So of
    blocks that run side by side only one does: another would give back what the first one set, once that is gone.
    """
    # In processes of our own there is but one, which spares the import.
    if os.environ.get("OPENBLAS_NUM_THREADS") == "1" or not _LIMITED.acquire(blocking=False):
        yield
        return
    try:
        with _libraries().limit(limits=1, user_api="blas"):
            yield
    finally:
        _LIMITED.release()


@lru_cache(maxsize=1)
def _libraries() -> Any:  # noqa: ANN401  threadpoolctl has no types
    """What the process has loaded that multiplies matrices; looking for it takes a ms."""
    from threadpoolctl import ThreadpoolController  # noqa: PLC0415  few processes need it

    return ThreadpoolController()
