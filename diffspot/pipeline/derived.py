"""What is worked out of one picture alone, kept while many pairs share it: a golden against its candidates."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeVar

    from numpy.typing import NDArray

    T = TypeVar("T")


class _Store:
    """What was derived from a shared picture; `arrays` are kept alive with it, so that their ids stay unique."""

    def __init__(self, picture: NDArray[Any], *, shared: bool) -> None:
        self.shared = shared
        self.lock = threading.RLock()
        self.arrays = [picture]
        self.values: dict[tuple[int, str], Any] = {}
        self.open = True


_STORES: dict[int, _Store] = {}


def keep(picture: NDArray[Any], *, shared: bool = True) -> None:
    """Keeps, until `release`, what is worked out of a picture alone; nobody may change it meanwhile.

    Args:
        picture: it.
        shared: whether several pairs name it.
    """
    _STORES[id(picture)] = _Store(picture, shared=shared)


def release(picture: NDArray[Any]) -> None:
    """Lets go of what was worked out of a picture."""
    store = _STORES.get(id(picture))
    if store is None:
        return
    with store.lock:
        store.open = False
        for array in store.arrays:
            _STORES.pop(id(array), None)


@contextmanager
def kept(*pictures: NDArray[Any]) -> Iterator[None]:
    """Keeps what is worked out of pictures while a block runs; what is kept for longer stays."""
    own = [picture for picture in pictures if id(picture) not in _STORES]
    for picture in own:
        keep(picture, shared=False)
    try:
        yield
    finally:
        for picture in own:
            release(picture)


def once(picture: NDArray[Any], name: str, work: Callable[[], T], *, per_pair: bool = False) -> T:
    """What is worked out of a picture, or of what was worked out of it; of a kept one, only once.

    Args:
        picture: it alone decides the result.
        name: of the result.
        work: gives it; arrays in it are not changed by whoever takes them.
        per_pair: whether each pair asks for it once, so that it is not worth its memory unless pairs share the picture.
    """
    store = _STORES.get(id(picture))
    if store is None or (per_pair and not store.shared):
        return work()
    with store.lock:
        key = (id(picture), name)
        if key not in store.values:
            value = work()
            if not store.open:
                return value
            store.values[key] = value
            for array in value if isinstance(value, list) else [value]:
                if isinstance(array, np.ndarray) and id(array) not in _STORES:
                    store.arrays.append(array)
                    _STORES[id(array)] = store
        found: T = store.values[key]
        return found
