"""Where the page finds each picture: the user's own file, or a PNG copy of what browsers do not show by itself."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TYPE_CHECKING

from msgspec import Struct

from diffspot.backends.limit import ByteLimit
from diffspot.backends.machine import memory_left
from diffspot.errors import ImageReadError, OutputError
from diffspot.model import text_path
from diffspot.outputs.atomic import write_atomically
from diffspot.outputs.bounds import refuse_outside
from diffspot.outputs.html import COPIES
from diffspot.outputs.links import link
from diffspot.outputs.stale import remove_all_stale

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from diffspot.model import PairResult

COPY_SUFFIX = ".copy.png"
"""What a copy's name ends in; a later run removes those that it did not write."""
SHARE_OF_MEMORY, LITTLE_MEMORY = 0.5, 1 << 30
"""What all copies that are made at a time may take of the memory that is left; bytes where nothing tells it."""
COPIED_SHARE = 2
"""What making a copy takes, as a multiple of decoding the picture."""
SIDES = ("reference", "candidate")
UNSHOWN = frozenset({".tif", ".tiff"})
"""Suffixes of the pictures that no common browser shows."""


class Shown(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Links to the pictures of one pair, percent-encoded and relative to the page; None where there is none."""

    reference: str | None = None
    candidate: str | None = None
    annotated: str | None = None


def show_pictures(
    pairs: Sequence[PairResult], folder: Path, *, copying: bool = True
) -> tuple[list[Shown], list[OutputError]]:
    """The links of every pair, in order; writes the copies that they need below `folder`, removes all others.

    A pair that is the same needs no copy: its picture is not shown where a browser cannot. Any is
    made only if `copying`.

    Returns:
        The links, and why copies are missing or too many.
    """
    failures: list[OutputError] = []
    limit = ByteLimit(SHARE_OF_MEMORY * (memory_left() or LITTLE_MEMORY)) if copying else None

    def side(pair: PairResult, name: str) -> str | None:
        try:
            return _side(pair, name, folder, limit)
        except OutputError as error:
            failures.append(error)
            return None

    def show(pair: PairResult) -> Shown:
        annotated = link(folder / pair.annotated, folder) if pair.annotated else None
        return Shown(reference=side(pair, "reference"), candidate=side(pair, "candidate"), annotated=annotated)

    with ThreadPoolExecutor() as pool:
        shown = list(pool.map(show, pairs))
    wanted = {address for one in shown for address in (one.reference, one.candidate)}
    try:
        remove_all_stale((copy for copy in find_copies(folder) if link(copy, folder) not in wanted), folder)
    except OutputError as error:
        failures.append(error)
    return shown, failures


def copied_pictures(pairs: Sequence[PairResult]) -> Iterator[Path]:
    """The pictures that are read to be copied."""
    for pair in pairs:
        if pair.status != "same":
            paths = [text_path(path) for path in (pair.reference, pair.candidate) if path]
            yield from (path for path in paths if _is_copied(path, pair))


def _is_copied(path: Path, pair: PairResult) -> bool:
    return path.suffix.lower() in UNSHOWN or pair.frame is not None


def _side(pair: PairResult, side: str, folder: Path, limit: ByteLimit | None) -> str | None:
    given = getattr(pair, side)
    if given is None:
        return None
    path = text_path(given)
    if not _is_copied(path, pair):
        return link(path, folder)
    if pair.status == "same" or limit is None:
        return None
    copy = folder / COPIES / side / f"{pair.name}{COPY_SUFFIX}"
    refuse_outside(copy, folder)
    return link(copy, folder) if _copy(path, (pair.frame or 1) - 1, copy, limit) else None


def _copy(path: Path, index: int, copy: Path, limit: ByteLimit) -> bool:
    """Whether that frame of the picture could be read, in the memory there is, and a PNG of it was written."""
    from diffspot.image_io import decode_frames, encode_png, open_picture, read_bytes  # noqa: PLC0415
    from diffspot.outputs.drawing.annotate import annotate  # noqa: PLC0415  OpenCV is slow to import

    try:
        picture = open_picture(read_bytes(path), path)
        amount = COPIED_SHARE * max(header.size.decoding_bytes for header in picture.headers)
        if amount > limit.most or index >= len(picture.headers):
            return False
        with limit.reserve(amount):
            image = next(islice(decode_frames(picture), index, None))()
            write_atomically(copy, encode_png(annotate(image, image, (), side="reference")), durable=False)
    except ImageReadError:
        return False
    return True


def find_copies(folder: Path) -> list[Path]:
    """The copies that runs wrote below a folder."""
    return [copy for side in SIDES for copy in (folder / COPIES / side).rglob(f"*{COPY_SUFFIX}")]
