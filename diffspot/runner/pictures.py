"""Single pictures, read within the limits on pixels and memory, and worked on in threads."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from diffspot.backends.machine import usable_cores
from diffspot.errors import told
from diffspot.image_io import decode_first, decode_frames, open_picture, read_bytes
from diffspot.model import printable
from diffspot.runner.memory import Memory
from diffspot.runner.run import in_order

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from diffspot.image_io import Opened
    from diffspot.model import Image
    from diffspot.options.finding import Limits
    from diffspot.pairing.pictures import Named

R = TypeVar("R")

LOCATE_BYTES, SHAPES_BYTES, LOOK_BYTES = 12, 42, 4
"""A byte of a decoded picture takes at its peak: measured at 12 megapixels, grey and colour, 10 and 40; labels of areas
lie on a grid of four times the pixels."""
FRAME_BYTES = 12
"""The same of each frame of `common`: as read, in the common form, laid over the first, and in two stacks."""


class PictureReader:
    """Reads pictures; safe to call from threads.

    Args:
        limits: on pixels and memory.
        work_bytes: that a byte of a decoded picture takes while it is worked on.
    """

    def __init__(self, limits: Limits, work_bytes: int) -> None:
        self._limits = limits
        self._work_bytes = work_bytes
        self._memory = Memory(limits.max_memory)
        self._kept = 0

    @contextmanager
    def reading(self, path: Path) -> Iterator[Image]:
        """The first frame of a picture, and for the block the memory to work on it.

        Raises:
            ImageReadError: it cannot be read, or takes more than the limits allow.
        """
        opened = self._opened(path)
        size = opened.headers[0].size
        needed = max(size.decoding_bytes, size.decoded_bytes * self._work_bytes)
        with self._memory.reserve(needed, str(path)):
            yield next(decode_first(opened))()

    def frames(self, path: Path) -> list[Image]:
        """All frames of a picture, to keep beside those of other calls; for one thread.

        Raises:
            ImageReadError: as for `reading`; the frames of all calls count.
        """
        opened = self._opened(path)
        needed = sum(header.size.decoded_bytes * self._work_bytes for header in opened.headers)
        with self._memory.reserve(self._kept + needed, str(path)):
            frames = [decode() for decode in decode_frames(opened)]
        self._kept += needed
        return frames

    def _opened(self, path: Path) -> Opened:
        return open_picture(read_bytes(path, self._memory.most), path, self._limits.max_pixels)


def each_picture(
    work: Callable[[Named], R],
    pictures: Sequence[Named],
    failed: Callable[[Named, str], R],
    *,
    jobs: int | None = None,
    stop: threading.Event | None = None,
    debug: bool = False,
) -> Iterator[R]:
    """Yields what the work makes of each picture, in their order; what goes wrong with one never stops the others.

    Args:
        work: safe to call from threads.
        pictures: what to work on.
        failed: makes a result of a picture and the sentence about what went wrong.
        jobs: pictures at a time; None is one for each core.
        stop: ends the work early, in order.
        debug: let a fault in diffspot through with its traceback.
    """

    def guarded(picture: Named) -> R:
        try:
            return work(picture)
        except Exception as error:  # noqa: BLE001  one bad picture never stops a run
            return failed(picture, printable(told(error, picture.name, debug=debug)))

    at_a_time = min(jobs or usable_cores(), max(1, len(pictures)))
    yield from in_order(guarded, pictures, at_a_time, stop or threading.Event())
