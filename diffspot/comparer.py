"""Decodes the two files of a pair, compares their pixels and has drawn what differs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import TYPE_CHECKING

from msgspec.structs import replace

from diffspot.backends import get_backend
from diffspot.change import fingerprint
from diffspot.ignored import find_ignored
from diffspot.image_io import decode
from diffspot.outputs.interface import Pictures
from diffspot.pipeline import compare_images

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from diffspot.model import Image, ImagePair, PairResult
    from diffspot.options import Options
    from diffspot.outputs.interface import Output

    Files = tuple[tuple[bytes, Path], tuple[bytes, Path]]


class Comparer:
    """Compares pictures on a backend, `threads` threads a pair, until it is closed; safe to call from many threads."""

    def __init__(self, outputs: Sequence[Output], backend: str, threads: int) -> None:
        self._outputs = outputs
        self._threads = threads
        self._backend = get_backend(backend)
        self._held = ExitStack()
        self._held.enter_context(self._backend.threads(threads))

    def close(self) -> None:
        """Leaves the backend as it was found."""
        self._held.close()

    def compare(self, pair: ImagePair, files: Files, options: Options) -> PairResult:
        """The result of a pair from its two files, content and path of each.

        Raises:
            DiffspotError: a picture cannot be read, or nothing is left to compare.
        """
        reference, candidate = self._decode(*files)
        ignored = find_ignored(reference.pixels.shape[:2], options)
        comparison = compare_images(reference, candidate, options, self._backend, ignored)
        result = comparison.result(pair, options)
        if result.status == "different":
            result = replace(result, change=fingerprint(reference, candidate, result.regions))
            for output in self._outputs:
                result = output.draw(result, Pictures(reference, candidate, comparison.hidden))
        return result

    def _decode(self, one: tuple[bytes, Path], other: tuple[bytes, Path]) -> tuple[Image, Image]:
        if one[0] == other[0]:
            reference = decode(*one)
            return reference, reference
        if self._threads == 1:
            return decode(*one), decode(*other)
        with ThreadPoolExecutor(1) as pool:
            candidate = pool.submit(decode, *other)
            return decode(*one), candidate.result()
