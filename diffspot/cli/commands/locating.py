"""What `diffspot locate` does with one picture: looks for a crop or a binary shape, or cuts a box out."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from diffspot.cli.findings import CUTS
from diffspot.cli.inputs import STANDARD_INPUT, read_text
from diffspot.errors import ImageReadError
from diffspot.image_io.suffixes import suffix
from diffspot.model import path_text
from diffspot.pipeline.finding.locate import locate
from diffspot.pipeline.finding.pattern import find_pattern, orientations, read_ones, read_shape, to_ones
from diffspot.pipeline.preparation import eight_bits, luminance
from diffspot.runner.found import LocatedIn, looked_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from diffspot.cli.findings import Findings
    from diffspot.model import Box, Image
    from diffspot.options.finding import LocateOptions
    from diffspot.pairing.pictures import Named
    from diffspot.pipeline.finding.pattern import Oriented
    from diffspot.runner.pictures import PictureReader

TEXTS = frozenset({".txt", ".csv"})
"""Suffixes of files that hold ones and zeros as text; standard input does, too."""


def searcher(crop: Path | None, options: LocateOptions, reader: PictureReader) -> Callable[[Named], list[LocatedIn]]:
    """What looks at one file: for a crop, or without one for the shape of the options.

    Raises:
        ImageReadError: the crop cannot be read.
        OptionError: the shape is none.
    """
    if crop is None:
        shapes = orientations(read_shape(options.shape), options.orientations)
        return partial(_search_shape, shapes, options, reader)
    with reader.reading(crop) as image:
        return partial(_search_crop, image, options, reader)


def _search_crop(crop: Image, options: LocateOptions, reader: PictureReader, picture: Named) -> list[LocatedIn]:
    with reader.reading(picture.path) as image:
        found = locate(image, crop, min_score=options.min_score, top=options.best, equals=options.top == "equal")
        known = looked_at(LocatedIn, picture, image, found.notes)
    return [known(places=tuple(found.places))]


def _search_shape(
    shapes: list[Oriented], options: LocateOptions, reader: PictureReader, picture: Named
) -> list[LocatedIn]:
    most = options.top if isinstance(options.top, int) else None
    results = []
    for number, ones in enumerate(_binary(picture, options, reader), 1):
        name = picture.name if number == 1 else f"{picture.name}#{number}"
        size = ones.shape[1], ones.shape[0]
        hits = tuple(find_pattern(ones, shapes, most=most))
        results.append(LocatedIn(name=name, picture=path_text(picture.path), size=size, hits=hits))
    return results


def _binary(picture: Named, options: LocateOptions, reader: PictureReader) -> Iterator[NDArray[np.bool_]]:
    """The pictures of ones and zeros in a file; texts hold several, an empty line between them."""
    if picture.path == STANDARD_INPUT or suffix(picture.path.name) in TEXTS:
        text = read_text(picture.path).replace("\r\n", "\n")
        for block in text.split("\n") if options.flat else text.split("\n\n"):
            if block.strip():
                yield _ones(block, picture, flat=options.flat)
        return
    with reader.reading(picture.path) as image:
        yield to_ones(luminance(eight_bits(image.pixels)), dark=options.ones == "dark")


def _ones(block: str, picture: Named, *, flat: bool) -> NDArray[np.bool_]:
    try:
        return read_ones(block, flat=flat)
    except ValueError as error:
        way = "write rows of 0 and 1, an empty line between two pictures; --flat takes each line for one"
        raise ImageReadError(f"{picture.path} {error}; {way}.") from None


def cutter(box: Box, reader: PictureReader, results: Findings) -> Callable[[Named], LocatedIn]:
    """What cuts a box out of one picture and writes it without loss, in its own format where that can."""
    from diffspot.image_io import encode_lossless  # noqa: PLC0415  imports Pillow, which only cutting needs

    def cut(picture: Named) -> LocatedIn:
        x, y, w, h = box
        with reader.reading(picture.path) as image:
            height, width = image.pixels.shape[:2]
            if x + w > width or y + h > height:
                raise ImageReadError(
                    f"{picture.path} is {width}x{height} px, too small for the box {x},{y},{w},{h}; leave it out."
                )
            data, place = encode_lossless(image.pixels[y : y + h, x : x + w], picture.name)
            notes = () if place == picture.name else ("written as PNG, which loses nothing",)
            known = looked_at(LocatedIn, picture, image, notes)
        return known(written=results.write(f"{CUTS}/{place}", data))

    return cut


def rows(looked: LocatedIn) -> Iterator[tuple[object, ...]]:
    """The rows of the table that a picture makes."""
    for place in looked.places:
        yield looked.name, *place.bbox, f"{place.score:.4f}", *(["exact"] if place.exact else [])
    for hit in looked.hits:
        yield looked.name, *hit.bbox, f"turned {hit.turned}", *(["mirrored"] if hit.mirrored else [])
    if looked.written:
        yield looked.name, "cut", looked.written
