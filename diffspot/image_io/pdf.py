"""Pages of a PDF as pictures, drawn by PDFium (pypdfium2), which is an extra: `pip install diffspot[pdf]`."""

from __future__ import annotations

import math
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from diffspot.image_io.interface import Header, Size, UnreadableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from diffspot.image_io.interface import Decoded

POINTS = 72
"""To the inch; a PDF measures its pages in them."""
DPI = 144
"""Px to the inch: twice that of screens of old, so that small print is legible."""
RGB = 3
_LOCK = threading.Lock()
"""PDFium works in one thread at a time."""


@dataclass(frozen=True)
class Pdf:
    """PDF as a picture format.

    Attributes:
        dpi: px to the inch.
        page: the only page that is read, from 1; None reads all.
    """

    dpi: float = DPI
    page: int | None = None

    NAME = "PDF"
    SUFFIXES = (".pdf",)

    def matches(self, data: bytes) -> bool:
        """Tell from the first bytes whether `data` is a PDF."""
        return data.startswith(b"%PDF-")

    def read_size(self, data: bytes) -> Size:
        """Return the size of the first page that is read."""
        return self.read_headers(data)[0].size

    def read_headers(self, data: bytes) -> list[Header]:
        """Return the size of each page in px."""
        with _document(data) as document:
            return [Header(self._size(document.get_page_size(number))) for number in self._numbers(document)]

    def read_frames(self, data: bytes) -> Iterator[Callable[[], Decoded]]:
        """Yield what draws each page on white, to RGB at 8 bits."""
        with _document(data) as document:
            numbers = self._numbers(document)
        for number in numbers:
            yield partial(self._draw, data, number)

    def _draw(self, data: bytes, number: int) -> Decoded:
        import numpy as np  # noqa: PLC0415  outputs ask this file for DPI alone

        with _document(data) as document:
            drawn = document[number].render(scale=self.dpi / POINTS, rev_byteorder=True)
            return np.array(drawn.to_numpy()[..., :RGB]), []

    def _numbers(self, document: Any) -> list[int]:  # noqa: ANN401  pypdfium2 may be missing
        pages = len(document)
        if self.page is None and pages:
            return list(range(pages))
        if self.page is None or not 1 <= self.page <= pages:
            counted = f"{pages} page" if pages == 1 else f"{pages} pages"
            raise UnreadableError(f"of {counted}, which has no page {self.page or 1}; name another")
        return [self.page - 1]

    def _size(self, points: tuple[float, float]) -> Size:
        width, height = (max(1, math.ceil(side * self.dpi / POINTS)) for side in points)
        return Size(width, height, RGB, 1)


@contextmanager
def _document(data: bytes) -> Iterator[Any]:
    """The opened file; no other thread may use PDFium meanwhile."""
    try:
        import pypdfium2  # noqa: PLC0415 - an extra
    except ImportError:
        raise UnreadableError("that pypdfium2 is needed for; pip install 'diffspot[pdf]'") from None
    with _LOCK:
        document = pypdfium2.PdfDocument(data)
        try:
            yield document
        finally:
            document.close()
