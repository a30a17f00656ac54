"""The ignored area: boxes, focus and masks."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from diffspot.errors import ImageReadError, OptionError
from diffspot.options.options import make_options
from diffspot.runner.ignored import find_ignored
from tests.pictures import save

if TYPE_CHECKING:
    from numpy.typing import NDArray

SHAPE = (50, 80)


def ignored(**options: object) -> NDArray[np.bool_] | None:
    return find_ignored(SHAPE, make_options(options))


def box(x: int, y: int, w: int, h: int) -> NDArray[np.bool_]:
    area = np.zeros((50, 80), np.bool_)
    area[y : y + h, x : x + w] = True
    return area


def test_nothing_is_ignored_unless_asked_for() -> None:
    assert ignored() is None
    assert ignored(ignore=[(200, 200, 5, 5)]) is None
    assert ignored(only=[(0, 0, 80, 50)]) is None


@pytest.mark.parametrize(
    ("given", "px"),
    [
        ((10, 5, 20, 8), (10, 5, 20, 8)),
        (("25%", "10%", "50%", "20%"), (20, 5, 40, 10)),
        ((0, "90%", "100%", 5), (0, 45, 80, 5)),
        (("1%", "1%", "1%", "1%"), (0, 0, 2, 1)),  # 0.8..1.6 by 0.5..1.0 px
        ((70, 40, 500, 500), (70, 40, 10, 10)),
        ((0, 0, "100%", "98%"), (0, 0, 80, 49)),
    ],
)
def test_a_box_covers_every_pixel_that_it_touches(given: tuple[int | str, ...], px: tuple[int, int, int, int]) -> None:
    np.testing.assert_array_equal(ignored(ignore=[given]), box(*px))


def test_focus_leaves_the_rest_out_and_ignore_wins_over_it() -> None:
    found = ignored(only=[(0, 0, 30, 30), (40, 0, 10, 50)], ignore=[(20, 20, 30, 5)])
    np.testing.assert_array_equal(found, ~((box(0, 0, 30, 30) | box(40, 0, 10, 50)) & ~box(20, 20, 30, 5)))


@pytest.mark.parametrize(("dtype", "white"), [(np.uint8, 128), (np.uint16, 0x8000)])
@pytest.mark.parametrize("channels", [1, 3])
def test_white_is_compared(tmp_path: Path, dtype: type[np.generic], white: int, channels: int) -> None:
    picture = np.full((50, 80, channels), white - 1, dtype)
    picture[10:20, 30:60] = white
    path = save(tmp_path / "mask.png", picture)
    np.testing.assert_array_equal(ignored(mask=path), ~box(30, 10, 30, 10))


def test_a_mask_that_changes_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "mask.png"
    for step, x in enumerate((0, 40)):
        save(path, np.where(box(x, 0, 40, 50), 255, 0).astype(np.uint8)[..., None])
        os.utime(path, ns=(step, step))
        np.testing.assert_array_equal(ignored(mask=path), ~box(x, 0, 40, 50))


def test_a_mask_of_another_size_is_refused_with_both_sizes(tmp_path: Path) -> None:
    path = save(tmp_path / "mask.png", np.full((60, 80, 1), 255, np.uint8))
    with pytest.raises(OptionError, match=r"mask\.png is of 80x60 px and the reference of 80x50 px"):
        ignored(mask=path)


def test_a_mask_that_is_not_there_is_named() -> None:
    with pytest.raises(ImageReadError, match=r"no/such\.png does not exist"):
        ignored(mask=Path("no") / "such.png")


def test_focus_beside_the_picture_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="leave nothing to compare of a picture of 80x50 px"):
        ignored(only=[(80, 0, 10, 10)])
    with pytest.raises(OptionError, match="leave nothing"):
        ignored(mask=save(tmp_path / "black.png", np.zeros((50, 80, 1), np.uint8)))


def test_ignoring_everything_is_refused() -> None:
    with pytest.raises(OptionError, match="leave nothing to compare of a picture of 80x50 px"):
        ignored(ignore=[(0, 0, "100%", "100%")])
    with pytest.raises(OptionError, match="leave nothing"):
        ignored(ignore=[(0, 0, 40, 50)], only=[(10, 0, 20, 50)])
