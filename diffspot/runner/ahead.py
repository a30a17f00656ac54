"""Fetches the pictures of pairs from object storage before their turn comes, as many as a bound on memory allows.

A request takes tens of milliseconds and next to no processor time, so many are under way while few pairs are compared.
"""

from __future__ import annotations

import threading
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

from diffspot.image_io.storage import StoredPath
from diffspot.options.fields import NOTHING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path
    from typing import TypeVar

    from diffspot.model import ImagePair
    from diffspot.options.options import Options
    from diffspot.options.settings import Settings

    T = TypeVar("T")

REQUESTS = 32
"""Requests under way at a time."""
MOST_BYTES = 256 << 20
"""Fetched or being fetched, of pairs that are not done; less where little memory is allowed."""
SHARE_OF_MEMORY = 1 / 4
"""Share of the memory of pairs that may be fetched ahead."""
GUESSED_BYTES = 4 << 20
"""Assumed size of a picture that no listing gave the size of."""


def are_equal_unread(pair: ImagePair, options: Options) -> bool:
    """Whether two objects count as equal by their size and ETag in a listing.

    An ETag without a dash is the MD5 of an object that was written at once; encrypted ones differ where contents agree.
    """
    first, second = pair.reference, pair.candidate
    if not options.by_etag or options.split != NOTHING or pair.also:
        return False
    if not isinstance(first, StoredPath) or not isinstance(second, StoredPath):
        return False
    known = first.known
    told = known is not None and known.etag is not None and "-" not in known.etag
    return told and known == second.known and first.parts[0] == second.parts[0]


@contextmanager
def fetched_ahead(settings: Settings, is_shared: Callable[[Path], bool], memory: int) -> Iterator[Ahead]:
    """What fetches ahead, for the block, in its share of `memory`, the bytes that pairs may take."""
    pool = ThreadPoolExecutor(REQUESTS, thread_name_prefix="diffspot-fetch")
    try:
        yield Ahead(pool, settings, is_shared, min(MOST_BYTES, int(SHARE_OF_MEMORY * memory)))
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


class Ahead:
    """Begins to fetch pairs in their order, and counts their bytes until they are done.

    Args:
        pool: the threads that wait for answers.
        settings: they say which pairs are not read.
        is_shared: tells pictures that are kept for several pairs: who begins with one fetches it for all.
        most_bytes: fetched or being fetched, of pairs that are not done.
    """

    def __init__(
        self, pool: ThreadPoolExecutor, settings: Settings, is_shared: Callable[[Path], bool], most_bytes: int
    ) -> None:
        self._pool = pool
        self._is_shared = is_shared
        self._settings = settings
        self._most = most_bytes
        self._bytes = 0
        self._done = threading.Condition()

    def pairs(self, pairs: Iterable[ImagePair]) -> Iterator[ImagePair]:
        """The pairs, each once its pictures are on their way; others after it may be, too."""
        begun: deque[ImagePair] = deque()
        for pair in pairs:
            amount = self._bytes_of(pair)
            while begun and (self._bytes + amount > self._most or len(begun) >= REQUESTS):
                yield begun.popleft()
            with self._done:  # all that is counted was handed out, so it comes to an end
                while self._bytes and self._bytes + amount > self._most:
                    self._done.wait()
                self._bytes += amount
            self._fetch(pair)
            begun.append(pair)
            if not amount:  # a pair on the disk keeps nothing waiting
                yield begun.popleft()
        yield from begun

    def work(self, compare: Callable[[ImagePair], T]) -> Callable[[ImagePair], T]:
        """What compares a pair and then makes room for others."""

        def compare_and_leave(pair: ImagePair) -> T:
            try:
                return compare(pair)
            finally:
                for path in self._wanted(pair):
                    path.fetching = None
                with self._done:
                    self._bytes -= self._bytes_of(pair)
                    self._done.notify_all()

        return compare_and_leave

    def _fetch(self, pair: ImagePair) -> None:
        for path in self._wanted(pair):
            path.fetching = self._pool.submit(path.fetch)

    def _wanted(self, pair: ImagePair) -> list[StoredPath]:
        if are_equal_unread(pair, self._settings.for_pair(pair.name)):
            return []
        return [path for path in pair.pictures if isinstance(path, StoredPath) and not self._is_shared(path)]

    def _bytes_of(self, pair: ImagePair) -> int:
        return sum(path.known.size if path.known else GUESSED_BYTES for path in self._wanted(pair))
