"""How a picture was compressed is told from its pixels, and what was never compressed has no traces."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
import PIL.Image
import PIL.ImageDraw
import pytest

from benchmarks.scenes.photo import load_photo
from diffspot.pipeline import jpeg_traces as room
from diffspot.pipeline.jpeg_traces import find_traces
from diffspot.pipeline.quantization import FULL, HALVED, compression_of
from diffspot.pipeline.recompression import NUMBERS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Picture = NDArray[np.uint8]

ACROSS = 256


def shapes(seed: int, ground: tuple[int, int, int] = (255, 255, 255)) -> Picture:
    """(256, 256, 3) drawn shapes in all colours."""
    rng = np.random.default_rng(seed)
    picture = PIL.Image.new("RGB", (2 * ACROSS, 2 * ACROSS), ground)
    pen = PIL.ImageDraw.Draw(picture)
    for _ in range(60):
        (x, y), (w, h) = rng.integers(0, 2 * ACROSS - 70, 2).tolist(), rng.integers(12, 70, 2).tolist()
        colour = tuple(rng.integers(0, 256, 3).tolist())
        (pen.ellipse if rng.random() < 0.5 else pen.rectangle)((x, y, x + w, y + h), fill=colour)
    return np.asarray(picture.resize((ACROSS, ACROSS), PIL.Image.Resampling.LANCZOS))


def saved(picture: Picture, quality: int, sampling: tuple[int, int] = HALVED) -> Picture:
    file = io.BytesIO()
    PIL.Image.fromarray(picture.squeeze()).save(file, "JPEG", quality=quality, subsampling=NUMBERS[sampling])
    return np.asarray(PIL.Image.open(file)).reshape(picture.shape)


def units(picture: Picture) -> Picture:
    """The units of a picture, one below the other."""
    rows, columns = (side // 16 for side in picture.shape[:2])
    return picture.reshape(rows, 16, columns, 16, -1).swapaxes(1, 2).reshape(rows * columns * 16, 16, -1)


@pytest.mark.parametrize("quality", [5, 40, 60, 75, 95])
def test_quality_and_sampling_are_those_a_picture_was_saved_with(quality: int) -> None:
    drawings = [shapes(1), shapes(2, (60, 90, 140)), load_photo("coffee", ACROSS, ACROSS)]
    for picture in drawings:
        assert find_traces(units(saved(picture, quality))) == compression_of(quality)
    if quality > 50:  # below, colours in full resolution are as smooth as those in half of it
        assert find_traces(units(saved(shapes(1), quality, FULL))) == compression_of(quality, FULL)


def test_of_a_picture_saved_twice_the_last_time_tells() -> None:
    assert find_traces(units(saved(saved(shapes(3), 90), 60))) == compression_of(60)


def test_grey_pictures_too() -> None:
    grey = np.ascontiguousarray(shapes(4)[..., :1])
    assert find_traces(units(saved(grey, 70))) == compression_of(70, FULL)
    assert find_traces(units(grey)) is None


@pytest.mark.parametrize("seed", range(4))
def test_what_was_never_jpeg_has_no_traces(seed: int) -> None:
    noise = np.random.default_rng(seed).normal(0, 4, (ACROSS, ACROSS, 3))
    webp = io.BytesIO()
    PIL.Image.fromarray(shapes(seed)).save(webp, "WEBP", quality=60)
    never = [
        shapes(seed),
        np.clip(shapes(seed) + noise, 0, 255).astype(np.uint8),
        np.asarray(PIL.Image.open(webp).convert("RGB")),
        saved(np.roll(shapes(seed), (3, 5), (0, 1)), 60)[3 : 3 + ACROSS // 2, 5 : 5 + ACROSS // 2],  # blocks elsewhere
        np.full((ACROSS, ACROSS, 3), 200, np.uint8),
    ]
    assert [find_traces(units(np.ascontiguousarray(picture))) for picture in never] == [None] * 5


def test_how_many_qualities_are_tried_at_once_decides_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for picture in (saved(shapes(1), 60), saved(shapes(2, (60, 90, 140)), 83), shapes(3)):
        found = set()
        for at_once in (1, 7, 100):
            monkeypatch.setattr(room, "AT_ONCE", at_once)
            found.add(find_traces(units(picture)))
        assert len(found) == 1


def test_where_enough_blocks_have_no_level_cut_off_the_others_are_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> Picture:
        raise AssertionError

    photo = load_photo("chelsea", ACROSS, ACROSS)
    noisy = (photo + np.random.default_rng(11).normal(0, 4, photo.shape)).clip(0, 255).astype(np.uint8)
    monkeypatch.setattr(room, "_before_cut", refuse)
    assert find_traces(units(noisy)) is None
    assert find_traces(units(saved(noisy, 80))) == compression_of(80)
    with pytest.raises(AssertionError):
        find_traces(units(saved(shapes(1), 60)))
