"""Pictures compressed by tables of other makers: what their files say is made use of, and changes stay."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
import PIL.Image
import pytest

from diffspot import compare
from diffspot.model import Compression, Image
from diffspot.pipeline.preparation import common_form
from diffspot.pipeline.quantization import FULL, HALVED
from diffspot.pipeline.recompression import NUMBERS, compressed
from tests.pipeline.test_nearest import puzzle

if TYPE_CHECKING:
    from pathlib import Path

    from tests.pipeline.test_jpeg_traces import Picture

ROWS, COLUMNS = np.indices((8, 8))
FINE, COARSE = (
    Compression(*(tuple((first + by * (ROWS + COLUMNS)).ravel().tolist()) for first in (base, base + 2)), sampling)
    for base, by, sampling in ((4, 1, (1, 2)), (30, 1, HALVED))
)
"""Steps that grow evenly, as those of no quality of libjpeg do."""


def encoded(picture: Picture, way: Compression) -> bytes:
    file = io.BytesIO()
    tables = [list(way.luminance), list(way.colours)]
    PIL.Image.fromarray(picture).save(file, "JPEG", qtables=tables, subsampling=NUMBERS[way.sampling])
    return file.getvalue()


def decoded(file: bytes) -> Picture:
    return np.asarray(PIL.Image.open(io.BytesIO(file)))


@pytest.mark.parametrize("way", [FINE, COARSE, COARSE._replace(sampling=FULL)])
def test_tables_of_any_maker_give_the_bits_that_its_encoder_gave(way: Compression) -> None:
    picture = puzzle(1, set())[0][:237, :331]
    assert np.array_equal(compressed(picture, way), decoded(encoded(picture, way)))
    grey = np.ascontiguousarray(picture[..., :1])
    assert np.array_equal(compressed(grey, way), compressed(grey, way._replace(colours=way.luminance, sampling=FULL)))


def test_colours_that_two_rows_share_are_those_that_two_columns_share_of_the_turned_picture() -> None:
    picture = puzzle(2, set())[0][:200, :320]
    across, down = (COARSE._replace(sampling=sampling) for sampling in ((1, 2), (2, 1)))
    turned = compressed(np.ascontiguousarray(picture.swapaxes(0, 1)), across).swapaxes(0, 1)
    assert np.array_equal(compressed(picture, down), turned)
    assert np.abs(turned.astype(int) - compressed(picture, across)).max() > 8


def written(folder: Path, name: str, data: Picture | bytes) -> Path:
    path = folder / f"{name}.{'jpg' if isinstance(data, bytes) else 'png'}"
    if isinstance(data, bytes):
        path.write_bytes(data)
    else:
        PIL.Image.fromarray(data).save(path)
    return path


@pytest.mark.parametrize("ways", [(None, COARSE), (COARSE, None), (FINE, COARSE)])
def test_files_of_other_makers_are_the_same_and_each_recoloured_shape_is_a_region(
    ways: tuple[Compression | None, Compression | None], tmp_path: Path
) -> None:
    (before, _), (after, middles) = puzzle(304, set()), puzzle(304, {7, 16, 22, 31, 40})
    reference, same, other = (
        written(tmp_path, name, encoded(picture, way) if way else picture)
        for name, picture, way in (("a", before, ways[0]), ("b", before, ways[1]), ("c", after, ways[1]))
    )
    assert compare(reference, same).status == "same"
    boxes = [region.bbox for region in compare(reference, other).regions]
    assert len(boxes) == len(middles)
    for x, y in middles:
        assert sum(left <= x <= left + w and top <= y <= top + h for left, top, w, h in boxes) == 1


def test_of_samples_that_are_no_longer_those_of_the_file_nothing_is_known() -> None:
    levels = decoded(encoded(puzzle(3, set())[0][:64, :64], FINE))
    known, plain = Image(levels, compression=FINE), Image(levels[..., ::-1].copy())
    assert common_form(known, plain).compressions == (FINE, None)
    assert common_form(plain, known).compressions == (None, FINE)
    translucent = Image(np.dstack([levels, levels[..., 0] // 2]))
    for other in (translucent, Image(levels.astype(np.uint16) * 257)):
        assert common_form(known, other).compressions == (None, None)
    grey = Image(levels[..., :1].copy(), compression=FINE)
    assert common_form(grey, known).compressions == (None, FINE)
    assert known.within((8, 8, 32, 32)).compression is None
