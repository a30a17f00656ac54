"""The spread that `diffspot calibrate` writes beside a golden: how far each place of it varies."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from diffspot.errors import ImageReadError
from diffspot.image_io import decode, encode_png, peek_size, read_bytes
from diffspot.image_io.digest import digest
from diffspot.image_io.storage import text_path

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from diffspot.model import PairResult

SUFFIX = ".spread"
"""Appended to the name of the golden; no suffix of a picture, so that a search of a directory passes it over."""
KIND = b"diffspot.spread/1"
"""Begins the file; then come the digest of the golden, a line break and a PNG, (H, W) grey levels."""
LEAST_MOST, BYTES_PER_PIXEL = 1 << 16, 2
"""Bytes that a file takes at most: a PNG of grey levels takes little more than one a pixel."""
HELD = 8
"""Spreads kept in memory; many pairs share one."""


class Spread(NamedTuple):
    """What is known of a reference: (H, W) grey levels, or None; and a note where what is there does not count."""

    levels: NDArray[np.uint8] | None = None
    notes: tuple[str, ...] = ()


def spread_path(golden: Path) -> Path:
    """Where the spread of a golden lies."""
    return golden.with_name(golden.name + SUFFIX)


def encode_spread(spread: NDArray[np.uint8], golden: bytes) -> bytes:
    """The file for (H, W) grey levels and the content of the golden's file."""
    return b"%s %s\n%s" % (KIND, digest(golden).encode(), encode_png(spread[..., None]))


def find_spread(known: PairResult, shape: tuple[int, ...]) -> Spread:
    """The spread beside a reference of that (H, W); an empty one where there is none.

    Raises:
        ImageReadError: the file cannot be read.
    """
    if known.reference is None:
        return Spread()
    path = spread_path(text_path(known.reference))
    try:
        status = path.stat()
    except (OSError, ValueError):  # none, or a name too long for one
        return Spread()
    of, levels = None, None
    if status.st_size <= LEAST_MOST + BYTES_PER_PIXEL * shape[0] * shape[1]:
        of, levels = _read(path, (status.st_mtime_ns, status.st_size), shape)
    if of != known.reference_digest or levels is None:
        return Spread(None, (f"{path.name} is of another reference and not used; run diffspot calibrate again",))
    return Spread(levels)


@lru_cache(HELD)
def _read(path: Path, stamp: tuple[int, int], shape: tuple[int, ...]) -> tuple[str, NDArray[np.uint8] | None]:
    """The digest of the golden and its levels, None of another (H, W); `stamp` tells a changed file from one held."""
    del stamp
    head, _, png = read_bytes(path).partition(b"\n")
    kind, _, of = head.partition(b" ")
    if kind != KIND:
        raise ImageReadError(f"{path} is no spread of this version; remove it, or run diffspot calibrate again.")
    from diffspot.pipeline.preparation import eight_bits  # noqa: PLC0415  OpenCV is slow to import

    if peek_size(png, path)[1::-1] != shape:  # a few bytes can claim any size, so they are not decoded
        return of.decode("ascii", "replace"), None
    return of.decode("ascii", "replace"), eight_bits(decode(png, path).pixels)[..., 0]
