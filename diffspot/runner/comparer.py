"""Compares the pixels of a pair and has drawn what differs."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from msgspec.structs import replace

from diffspot.backends import get_backend
from diffspot.outputs.interface import Pictures
from diffspot.pipeline.change import fingerprint
from diffspot.pipeline.compare import compare_images
from diffspot.runner.ignored import find_ignored
from diffspot.runner.verdict import verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diffspot.model import Image, PairResult
    from diffspot.options.options import Options
    from diffspot.outputs.interface import Output


class Comparer:
    """Compares pictures on a backend, `threads` threads a pair, until it is closed; safe to call from many threads."""

    def __init__(self, outputs: Sequence[Output], backend: str, threads: int) -> None:
        self._outputs = outputs
        self._backend = get_backend(backend)
        self._held = ExitStack()
        self._held.enter_context(self._backend.threads(threads))

    def close(self) -> None:
        """Leaves the backend as it was found."""
        self._held.close()

    def compare(self, known: PairResult, reference: Image, candidate: Image, options: Options) -> PairResult:
        """The result of a pair from its pictures.

        What is known of it beforehand is in the result that outputs draw.

        Raises:
            OptionError: nothing is left to compare.
        """
        ignored = find_ignored(reference.pixels.shape[:2], options)
        comparison = compare_images(reference, candidate, options, self._backend, ignored)
        result = verdict(known, comparison, options)
        if result.status == "different":
            result = replace(result, change=fingerprint(reference, candidate, result.regions))
            for output in self._outputs:
                result = output.draw(result, Pictures(reference, candidate, comparison.ignored_areas))
        return result
