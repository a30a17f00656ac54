"""Likeness from afar: colour and place count."""

from __future__ import annotations

from typing import TYPE_CHECKING

import imagecodecs
import numpy as np
import pytest
import skimage.data

from diffspot.model import Image
from diffspot.pipeline.finding.similar import BLOCK_SHARE, distances, look, to_oklab

if TYPE_CHECKING:
    from numpy.typing import NDArray

PHOTOS = ("astronaut", "coffee", "chelsea", "rocket")


def plain(*color: int) -> Image:
    return Image(np.full((20, 30, len(color)), color, np.uint8))


def copies(photo: NDArray[np.uint8]) -> dict[str, NDArray[np.uint8]]:
    return {
        "jpeg": imagecodecs.jpeg_decode(imagecodecs.jpeg_encode(photo, level=50)),
        "small": np.ascontiguousarray(photo[::2, ::2]),
        "hue": np.ascontiguousarray(photo[..., [2, 0, 1]]),
        "turned": np.ascontiguousarray(np.rot90(photo, 2)),
        "quarter": np.ascontiguousarray(np.rot90(photo)),
    }


@pytest.mark.parametrize("name", PHOTOS)
def test_a_jpeg_copy_is_nearest_and_another_hue_or_a_turn_is_further(name: str) -> None:
    photo = np.ascontiguousarray(getattr(skimage.data, name)())
    rivals = copies(photo) | {other: getattr(skimage.data, other)() for other in PHOTOS if other != name}
    (row,) = distances([look(Image(photo))], [look(Image(rival)) for rival in rivals.values()])
    found = dict(zip(rivals, row.tolist(), strict=True))
    nearest, second, *others = sorted(found, key=found.__getitem__)
    assert {nearest, second} == {"jpeg", "small"}
    assert found["jpeg"] < 0.02
    assert all(found[other] > 2 * found["jpeg"] for other in others)
    assert found["hue"] > found["jpeg"] + 0.1


def test_colours_that_grey_hashes_take_for_one_differ() -> None:
    white, blue, black, red = plain(255, 255, 255), plain(0, 0, 255), plain(0, 0, 0), plain(255, 0, 0)
    (row,) = distances([look(white)], [look(one) for one in (white, blue, red, black)])
    assert row[0] == 0
    assert row[1] > 0.5
    assert row[2] > 0.5
    assert row[3] == pytest.approx(1, abs=1e-6)


def test_the_order_is_that_of_brute_force() -> None:
    rng = np.random.default_rng(4)
    photo = skimage.data.coffee()
    parts = [photo[y : y + 120, x : x + 160] for y, x in rng.integers(0, 280, (12, 2))]
    looks = [look(Image(np.ascontiguousarray(part))) for part in parts]
    found = distances(looks[:3], looks)
    for row, query in zip(found, looks[:3], strict=True):
        for cell, other in zip(row, looks, strict=True):
            blocks = [
                min(1.0, float(np.sqrt(((p - q) ** 2).sum()))) for p, q in zip(query.blocks, other.blocks, strict=True)
            ]
            foreign = 1 - float(np.minimum(query.histogram, other.histogram).sum())
            # float32 sums of 64 and 512 terms of at most 1
            assert cell == pytest.approx(BLOCK_SHARE * np.mean(blocks) + (1 - BLOCK_SHARE) * foreign, abs=1e-5)


def test_oklab_of_known_colours() -> None:
    # the values of the paper's author for sRGB white and red, to their four decimals
    assert to_oklab(np.array([1.0, 1.0, 1.0])) == pytest.approx([1, 0, 0], abs=1e-4)
    assert to_oklab(np.array([1.0, 0.0, 0.0])) == pytest.approx([0.6280, 0.2249, 0.1258], abs=1e-4)
    assert to_oklab(np.zeros(3)) == pytest.approx([0, 0, 0])


def test_depth_channels_and_size_do_not_matter() -> None:
    grey, deep, clear = plain(90), Image(np.full((7, 5, 3), 90 * 257, np.uint16)), plain(90, 90, 90, 255)
    (row,) = distances([look(grey)], [look(deep), look(clear), look(plain(90, 255))])
    assert row == pytest.approx([0, 0, 0], abs=1e-6)
    (row,) = distances([look(plain(255, 255, 255))], [look(plain(9, 200, 30, 0))])
    assert row[0] == pytest.approx(0, abs=1e-6), "what alpha hides shows the white ground"
