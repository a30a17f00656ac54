"""The pictures of a result, worked out again when they are asked for: most callers never do."""

from __future__ import annotations

import base64
from functools import cached_property, partial
from html import escape
from typing import TYPE_CHECKING, Any, cast, get_args

import cv2

from diffspot.backends import CPU, get_backend
from diffspot.errors import DiffspotError, ImageReadError, OptionError
from diffspot.image_io import decode_first, encode_png, open_picture, read_bytes
from diffspot.image_io.digest import picture_digest
from diffspot.image_io.storage import text_path
from diffspot.model.at_hand import SOURCE, status_line
from diffspot.outputs.drawing.annotate import Side, annotate
from diffspot.outputs.words import box_text, kind_in_words
from diffspot.runner.ignored import ignores
from diffspot.runner.pair import compare_known
from diffspot.runner.sheets import cut_sheet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import numpy as np
    from numpy.typing import NDArray

    from diffspot.model import Image, Maps, PairResult
    from diffspot.options.options import Options
    from diffspot.pipeline.comparison import Comparison

SHOWN_WIDTH = 900
"""Px of the widest picture in a notebook."""
SHOWN_REGIONS = 20
"""Rows of regions in a notebook."""


class PairPictures:
    """What knows the pictures of a pair; see `diffspot.model.at_hand.Source`.

    Args:
        known: the result.
        read: both pictures, or the one sheet twice.
        options: those of the pair.
    """

    def __init__(self, known: PairResult, read: Callable[[], tuple[Image, Image]], options: Options) -> None:
        self._known = known
        self._read = read
        self._options = options

    @property
    def scores(self) -> NDArray[np.float32]:
        """See `PicturesAtHand.score_map`."""
        return self._maps.scores

    @property
    def mask(self) -> NDArray[np.bool_]:
        """See `PicturesAtHand.mask`."""
        return self._maps.mask

    @property
    def aligned(self) -> NDArray[Any]:
        """See `PicturesAtHand.aligned`."""
        return self._maps.aligned

    def overlay(self, result: PairResult, side: str) -> NDArray[np.uint8]:
        """See `PicturesAtHand.overlay`."""
        if side not in get_args(Side):
            raise OptionError(f"side cannot be {side!r}: expected {'|'.join(get_args(Side))}.")
        hidden = self._comparison.ignored_areas if ignores(self._options) else None
        return annotate(*self._pictures, result.regions, side=cast("Side", side), hidden=hidden)

    def html(self, result: PairResult) -> str:
        """What a notebook shows: the status, the regions, and both pictures side by side."""
        rows = "".join(
            f"<tr><td>{number}</td><td>{kind_in_words(region)}</td><td>{box_text(region)}</td><td>{region.area}</td>"
            f"<td>{region.peak:.3f}</td></tr>"
            for number, region in enumerate(result.regions[:SHOWN_REGIONS], 1)
        )
        head = "<tr><th></th><th>kind</th><th>x,y,w,h</th><th>px</th><th>peak</th></tr>"
        table = f"<table>{head}{rows}</table>" if rows else ""
        return f"<div><p>{escape(status_line(result))}</p>{self._picture(result)}{table}</div>"

    def _picture(self, result: PairResult) -> str:
        try:
            drawn = self.overlay(result, "both")
        except DiffspotError as error:  # a notebook that is opened elsewhere has no files
            return f"<p>{escape(str(error))}</p>"
        height, width, _ = drawn.shape
        if width > SHOWN_WIDTH:
            size = SHOWN_WIDTH, max(1, round(height * SHOWN_WIDTH / width))
            drawn = cast("NDArray[np.uint8]", cv2.resize(drawn, size, interpolation=cv2.INTER_AREA))
        data = base64.b64encode(encode_png(drawn)).decode()
        return f'<img alt="reference and candidate, regions numbered" src="data:image/png;base64,{data}">'

    @cached_property
    def _pictures(self) -> tuple[Image, Image]:
        return cut_sheet(self._known, self._read(), self._options)[1]

    @cached_property
    def _comparison(self) -> Comparison:
        return compare_known(self._known, *self._pictures, self._options, get_backend(CPU), keep=True)[0]

    @property
    def _maps(self) -> Maps:
        return cast("Maps", self._comparison.maps)  # which `keep` asks for


def with_pictures(result: PairResult, read: Callable[[], tuple[Image, Image]], options: Options) -> PairResult:
    """The result, which from now on knows its pictures."""
    result.__dict__[SOURCE] = PairPictures(result, read, options)
    return result


def with_files(results: Iterable[PairResult], options_of: Callable[[PairResult], Options]) -> None:
    """Lets results of two files know their pictures, which are read again when they are asked for."""
    for result in results:
        if result.size is not None and result.frame is None and result.reference and result.candidate:
            options = options_of(result)
            with_pictures(result, partial(_read_files, result, options), options)


def read_again(path: str, known: str | None, options: Options) -> Image:
    """A picture file as it was compared with these options.

    Raises:
        ImageReadError: it cannot be read, or is another one by now.
    """
    place = text_path(path)
    data = read_bytes(place)
    if picture_digest(data, place) != known:
        raise ImageReadError(f"{place} has changed since it was compared; compare it again.")
    return next(decode_first(open_picture(data, place, options.max_pixels, dpi=options.dpi)))()


def _read_files(result: PairResult, options: Options) -> tuple[Image, Image]:
    reference = read_again(result.reference or "", result.reference_digest, options)
    if result.split:
        return reference, reference
    return reference, read_again(result.candidate or "", result.candidate_digest, options)
