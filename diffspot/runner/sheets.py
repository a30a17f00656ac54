"""Cuts a sheet that shows both pictures of a pair, as `--split` asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from diffspot.errors import ImageReadError
from diffspot.model import Split

if TYPE_CHECKING:
    from diffspot.model import Image, PairResult
    from diffspot.options.options import Options

FOLLOWING = {
    "auto": "side by side or one above the other",
    "left-right": "side by side",
    "top-bottom": "one above the other",
}
"""How two panels lie, by the value of the option."""


def cut_sheet(
    known: PairResult, pictures: tuple[Image, Image], options: Options
) -> tuple[PairResult, tuple[Image, Image]]:
    """What is known of a pair, and both pictures, once its sheet is cut; as they are where no sheet is to be cut.

    Args:
        known: of the pair.
        pictures: of the pair; the first is the sheet.
        options: those of the pair.

    Raises:
        ImageReadError: the sheet shows no two panels.
    """
    if options.split == "none":
        return known, pictures
    from diffspot.pipeline.panels import find_panels  # noqa: PLC0415  OpenCV is slow to import

    sheet = pictures[0]
    panels = find_panels(sheet.pixels, options.split)
    if panels is None:
        raise ImageReadError(
            f"{known.name} shows no two panels that are alike and lie {FOLLOWING[options.split]}; leave it out, "
            f"{'name the way with --split left-right or top-bottom, ' if options.split == 'auto' else ''}or give both "
            "pictures as files."
        )
    height, width, _ = sheet.pixels.shape
    split = Split(
        direction=panels.direction,
        cut=panels.cut,
        size=(width, height),
        reference=panels.reference,
        candidate=panels.candidate,
    )
    return replace(known, split=split), (sheet.within(split.reference), sheet.within(split.candidate))
