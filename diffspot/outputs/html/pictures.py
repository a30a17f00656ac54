"""Where the page finds each picture: the user's own file, or a PNG copy of what browsers do not show by itself."""

from __future__ import annotations

from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING

from msgspec import Struct

from diffspot.backends.limit import ByteLimit
from diffspot.backends.machine import memory_left
from diffspot.errors import ImageReadError, OutputError
from diffspot.image_io.suffixes import suffix
from diffspot.model import text_path
from diffspot.outputs.atomic import write_atomically
from diffspot.outputs.bounds import refuse_outside
from diffspot.outputs.html import COPIES
from diffspot.outputs.links import link
from diffspot.outputs.stale import remove_all_stale

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
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
    written = _write_copies(pairs, folder, failures) if copying else set()
    shown = [
        Shown(
            reference=_address(pair, "reference", folder, written),
            candidate=_address(pair, "candidate", folder, written),
            annotated=link(folder / pair.annotated, folder) if pair.annotated else None,
        )
        for pair in pairs
    ]
    wanted = {address for one in shown for address in (one.reference, one.candidate)}
    try:
        remove_all_stale((copy for copy in find_copies(folder) if link(copy, folder) not in wanted), folder)
    except OutputError as error:
        failures.append(error)
    return shown, failures


def copied_pictures(pairs: Iterable[PairResult]) -> Iterator[Path]:
    """The pictures that are read to be copied."""
    return (path for pair in pairs for _, path in _copied(pair))


def _copied(pair: PairResult) -> Iterator[tuple[str, Path]]:
    """The pictures of a pair that are copied, each with its side."""
    if pair.status != "same":
        paths = ((side, text_path(path)) for side in SIDES if (path := getattr(pair, side)))
        yield from ((side, path) for side, path in paths if _is_unshown(path, pair))


def _is_unshown(path: Path, pair: PairResult) -> bool:
    """Whether browsers do not show that picture of the pair by themselves."""
    return suffix(path.name) in UNSHOWN or pair.frame is not None


def _address(pair: PairResult, side: str, folder: Path, written: Collection[Path]) -> str | None:
    """The link to what is shown of a pair on one side: the picture or, if it was written, its copy."""
    given = getattr(pair, side)
    if given is None:
        return None
    path = text_path(given)
    if not _is_unshown(path, pair):
        return link(path, folder)
    copy = _place(pair, side, folder)
    return link(copy, folder) if copy in written else None


def _place(pair: PairResult, side: str, folder: Path) -> Path:
    """Where the copy of a pair's picture lies."""
    return folder / COPIES / side / f"{pair.name}{COPY_SUFFIX}"


def _write_copies(pairs: Sequence[PairResult], folder: Path, failures: list[OutputError]) -> set[Path]:
    """Writes the copies that the pairs need, and decodes each file once, however many of its frames they show.

    Args:
        pairs: of the report.
        folder: of the page.
        failures: takes in what could not be written.

    Returns:
        The copies that were.
    """
    limit = ByteLimit(SHARE_OF_MEMORY * (memory_left() or LITTLE_MEMORY))
    written: set[Path] = set()
    copies: defaultdict[Path, defaultdict[int, list[Path]]] = defaultdict(lambda: defaultdict(list))
    for pair in pairs:
        for side, path in _copied(pair):
            copies[path][(pair.frame or 1) - 1].append(_place(pair, side, folder))

    def write(path: Path) -> None:
        for index, data in _encoded(path, copies[path], limit):
            for copy in copies[path][index]:
                try:
                    refuse_outside(copy, folder)
                    write_atomically(copy, data, durable=False)
                except OutputError as error:
                    failures.append(error)
                else:
                    written.add(copy)

    with ThreadPoolExecutor() as pool:
        list(pool.map(write, copies))
    return written


def _encoded(path: Path, indices: Collection[int], limit: ByteLimit) -> Iterator[tuple[int, bytes]]:
    """PNGs of those frames of a picture that can be read, in the memory there is, each as it is decoded."""
    from diffspot.image_io import decode_frames, encode_png, open_picture, read_bytes  # noqa: PLC0415
    from diffspot.outputs.drawing.annotate import annotate  # noqa: PLC0415  OpenCV is slow to import

    with suppress(ImageReadError):
        picture = open_picture(read_bytes(path), path)
        amount = COPIED_SHARE * max(header.size.decoding_bytes for header in picture.headers)
        if amount <= limit.most:
            with limit.reserve(amount):  # for the whole file: the decoder holds a frame until it is asked for the next
                for index, image in enumerate(islice(decode_frames(picture), max(indices) + 1)):
                    if index in indices:
                        yield index, encode_png(annotate(image, image, (), side="reference"))


def find_copies(folder: Path) -> list[Path]:
    """The copies that runs wrote below a folder."""
    return [copy for side in SIDES for copy in (folder / COPIES / side).rglob(f"*{COPY_SUFFIX}")]
