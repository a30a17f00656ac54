"""Copies of what the page shows, beside it, so that it can be taken elsewhere: each picture once."""

from __future__ import annotations

import os
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from diffspot.backends.limit import ByteLimit
from diffspot.backends.machine import memory_left
from diffspot.errors import ImageReadError, OutputError
from diffspot.image_io.digest import digest, picture_digest
from diffspot.image_io.pdf import DPI
from diffspot.image_io.storage import is_on_web, text_path
from diffspot.image_io.suffixes import is_picture, split_page, suffix
from diffspot.model import printable
from diffspot.outputs.atomic import write_atomically
from diffspot.outputs.bounds import refuse_outside
from diffspot.outputs.html import COPIES
from diffspot.outputs.links import link
from diffspot.outputs.report_json import read_regular

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from diffspot.image_io.read import Opened
    from diffspot.model import Box, PairResult

MARK = ".copy"
"""What stands before the suffix in a copy's name; a later run removes those that it did not write."""
LONGEST_NAME = 200
"""Bytes of a picture's name that a copy's begins with; file systems take 255, and a part that is not whole more."""
SHARE_OF_MEMORY, LITTLE_MEMORY = 0.5, 1 << 30
"""What all copies that are made at a time may take of the memory that is left; bytes where nothing tells it."""
CONVERTED_SHARE = 2
"""What converting a picture takes, as a multiple of decoding it."""
SIDES = ("reference", "candidate")
UNSHOWN = frozenset({".tif", ".tiff", ".heic", ".heif", ".jxl", ".pdf"})
"""Suffixes of the pictures that no common browser shows."""


class Copy(NamedTuple):
    """A copy and what it is of; two that are equal in all but the place are one.

    Attributes:
        place: where it lies.
        source: the picture.
        frame: which of its frames it is as PNG, from 0; None for the file as it is.
        box: the part of it that is shown, of a sheet one panel; None for all of it.
        dpi: px to the inch at which it is drawn, where it is a page.
        digest: SHA-256 of the picture that was compared; None where nobody knows.
        wanted: whether it is missed where it cannot be made.
    """

    place: Path
    source: Path
    frame: int | None
    box: Box | None
    dpi: float
    digest: str | None
    wanted: bool

    @property
    def lies_there(self) -> bool:
        """Whether an earlier run made it; only of a file as it is the content tells."""
        try:
            data = read_regular(self.place)
        except OSError:
            return False
        return self.frame is not None or digest(data) == self.digest


@dataclass(slots=True)
class Written:
    """What came of copying.

    Attributes:
        places: where copies lie, each with its link.
        changed: copies of pictures that are no longer what was compared.
        failures: why copies are missing.
    """

    places: dict[Path, str]
    changed: set[Path]
    failures: list[OutputError]


class CopyPlan:
    """The copies that the pairs of a report need.

    Args:
        pairs: of the report.
        folder: of the page.
        every: whether all that is shown is copied, or only what browsers do not show by themselves.
        dpi_of: px to the inch at which the pages of a pair were drawn.
    """

    def __init__(
        self,
        pairs: Iterable[PairResult],
        folder: Path,
        *,
        every: bool,
        dpi_of: Callable[[PairResult], float] = lambda _: DPI,
    ) -> None:
        self._folder = folder
        self._dpi_of = dpi_of
        self._copies: dict[tuple[object, int | None, Box | None, float], Copy] = {}
        self._shown: dict[tuple[int, str], Copy] = {}
        for index, pair in enumerate(pairs):
            for side in SIDES:
                if copy := self._copy(pair, side, every=every):
                    key = copy.digest or copy.source, copy.frame, copy.box, copy.dpi
                    self._shown[index, side] = self._copies.setdefault(key, copy)

    def _copy(self, pair: PairResult, side: str, *, every: bool) -> Copy | None:
        """A pair that is the same needs no picture that is to be converted."""
        given: str | None = getattr(pair, side)
        if given is None or (is_unshown(pair, side) and pair.status == "same"):
            return None
        source, known = text_path(given), getattr(pair, f"{side}_digest")
        wanted = pair.status != "error"
        if is_unshown(pair, side):
            place = self._folder / COPIES / side / _copy_name(pair.name, ".png")
            box = getattr(pair.split, side) if pair.split else None
            return Copy(place, source, (pair.frame or 1) - 1, box, self._dpi_of(pair), known, wanted)
        if not every or is_on_web(source) or not (wanted or is_picture(source.name)):
            return None
        kind = suffix(source.name) if is_picture(source.name) else ".png"
        place = self._folder / COPIES / side / _copy_name(pair.name, kind)
        return Copy(place, source, None, None, DPI, known, wanted)  # as it is: nothing is drawn

    def of(self, index: int, side: str) -> Copy | None:
        """The copy that is shown of the pair with that index."""
        return self._shown.get((index, side))

    @property
    def copies(self) -> Collection[Copy]:
        """All copies."""
        return self._copies.values()

    def write(self, copies: Iterable[Copy]) -> Written:
        """Writes copies, each file read once a resolution, however many of its frames are shown."""
        limit = ByteLimit(SHARE_OF_MEMORY * (memory_left() or LITTLE_MEMORY))
        written = Written({}, set(), [])
        of_file: defaultdict[tuple[Path, float], list[Copy]] = defaultdict(list)
        for copy in copies:
            of_file[copy.source, copy.dpi].append(copy)
        with ThreadPoolExecutor() as pool:
            list(pool.map(lambda own: self._write(own, limit, written), of_file.values()))
        return written

    def _write(self, copies: Sequence[Copy], limit: ByteLimit, written: Written) -> None:
        for copy, data in _contents(copies, limit, written):
            try:
                refuse_outside(copy.place, self._folder)
                write_atomically(copy.place, data, durable=False)
            except OutputError as error:
                written.failures.append(error)
            else:
                written.places[copy.place] = link(copy.place, self._folder)


def is_unshown(pair: PairResult, side: str) -> bool:
    """Whether browsers do not show a picture of the pair by themselves."""
    if pair.frame is not None or pair.split is not None:
        return True
    return suffix(split_page(text_path(getattr(pair, side)))[0].name) in UNSHOWN


def _copy_name(name: str, kind: str) -> str:
    """Where the copy of a pair's picture lies below the folder of its side; a name that is too long is cut."""
    folder, _, last = name.rpartition("/")
    if len(data := os.fsencode(last)) > LONGEST_NAME:
        last = digest(data)
    return f"{folder}/{last}{MARK}{kind}".lstrip("/")


def _contents(copies: Sequence[Copy], limit: ByteLimit, written: Written) -> Iterator[tuple[Copy, bytes]]:
    """The contents of the copies of one file, each as it is made."""
    from diffspot.image_io import open_picture, read_bytes  # noqa: PLC0415  slow to import

    source = copies[0].source
    try:
        with limit.reserve(split_page(source)[0].stat().st_size):
            # whatever a report says, only pictures are copied
            picture = open_picture(read_bytes(source, int(limit.most)), source, dpi=copies[0].dpi)
            found = picture_digest(picture.data, source)
            right = [copy for copy in copies if copy.digest in (None, found)]
            yield from ((copy, picture.data) for copy in right if copy.frame is None)
    except (ImageReadError, OSError) as error:
        written.failures += [_unread(source, error)] if any(copy.wanted for copy in copies) else []
        return
    if changed := set(copies) - set(right):
        written.changed |= {copy.place for copy in changed}
        written.failures.append(_changed(source))
    frames: defaultdict[int, list[Copy]] = defaultdict(list)
    for copy in right:
        if copy.frame is not None:
            frames[copy.frame].append(copy)
    yield from _frames(picture, frames, limit)


def _changed(source: Path) -> OutputError:
    return OutputError(f"{printable(source)} has changed since it was compared, so the page does not show it.")


def _unread(source: Path, error: Exception) -> OutputError:
    return OutputError(f"The page has no copy of {printable(source)}: {getattr(error, 'strerror', None) or error}.")


def _frames(picture: Opened, copies: Mapping[int, Sequence[Copy]], limit: ByteLimit) -> Iterator[tuple[Copy, bytes]]:
    """PNGs of those frames of a picture that can be read, in the memory there is, each as it is decoded.

    Args:
        picture: the file.
        copies: of its frames, by their index.
        limit: the memory.
    """
    if not copies:
        return
    from diffspot.image_io import decode_frames, encode_png  # noqa: PLC0415
    from diffspot.outputs.drawing.annotate import annotate  # noqa: PLC0415  OpenCV is slow to import

    amount = CONVERTED_SHARE * max(header.size.decoding_bytes for header in picture.headers)
    if amount > limit.most:
        return
    with suppress(ImageReadError), limit.reserve(amount):  # for the whole file: the decoder holds a frame meanwhile
        for index, decode in enumerate(islice(decode_frames(picture), max(copies) + 1)):
            if index not in copies:
                continue
            with suppress(ImageReadError):  # of this frame; the others may be whole
                image = decode()
                for copy in copies[index]:
                    shown = image if copy.box is None else image.within(copy.box)
                    if shown.pixels.size:
                        yield copy, encode_png(annotate(shown, shown, (), side="reference"))


def find_copies(folder: Path) -> list[Path]:
    """The copies that runs wrote below a folder."""
    return [copy for side in SIDES for copy in (folder / COPIES / side).rglob(f"*{MARK}.*")]
