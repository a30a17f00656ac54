"""Pictures of other kinds than 8-bit colour, and of sizes that differ, are compared as those of one are."""

from __future__ import annotations

import numpy as np
import pytest
from skimage import data

from benchmarks.agreement import overlap
from benchmarks.scenes.camera import LINEAR, move
from diffspot import compare
from tests.pipeline.test_compare import HEIGHT, STRICT, WIDTH, altered, boxes, photo, sheet
from tests.sweep import sweep


def test_a_difference_in_alpha_alone_is_found() -> None:
    reference = np.full((100, 120, 4), 255, np.uint8)
    reference[..., :3] = 0
    candidate = reference.copy()
    candidate[40:50, 30:60, 3] = 128
    assert boxes(compare(reference, candidate)) == [(30, 40, 30, 10)]


def test_colours_that_alpha_hides_do_not_count() -> None:
    reference, candidate = np.full((2, 60, 80, 4), 90, np.uint8)
    reference[20:30, 20:40] = (0, 0, 0, 0)
    candidate[20:30, 20:40] = (255, 255, 255, 0)
    assert compare(reference, candidate).status == "same"


def test_a_difference_in_the_low_byte_of_sixteen_bits_is_found() -> None:
    reference = np.full((100, 120), 30000, np.uint16)
    candidate = reference.copy()
    candidate[40:50, 30:60] += 60
    assert np.array_equal(reference >> 8, candidate >> 8)
    assert boxes(compare(reference, candidate)) == [(30, 40, 30, 10)]


def test_grey_and_its_equal_in_colour_or_depth_are_the_same() -> None:
    grey = photo("camera")
    for equal in (np.repeat(grey[..., None], 3, axis=2), grey.astype(np.uint16) * 257):
        for result in (compare(grey, equal), compare(equal, grey, **STRICT)):
            assert (result.status, len(result.notes)) == ("same", 1)


@pytest.mark.parametrize(("height", "width"), [(200, 300), (HEIGHT, 300), (200, WIDTH)])
def test_pictures_of_different_sizes(height: int, width: int) -> None:
    reference, part = photo("coffee"), photo("coffee")[:height, :width]
    box = (60, 50, 30, 20)
    for pair, size, share in (
        ((reference, part), (WIDTH, HEIGHT), width * height / (WIDTH * HEIGHT)),
        ((part, reference), (width, height), 1),
    ):
        result = compare(*pair)
        assert (result.status, result.size) == ("same", size)
        assert result.registration is not None
        assert result.registration.overlap == pytest.approx(share, abs=1e-4)
        assert boxes(compare(pair[0], altered(pair[1], box, 100))) == [box]


@pytest.mark.parametrize("sigma", [0.1, 0.5, 2.0])
def test_noise_of_16_bit_pictures_alone_is_no_change(sigma: float, rng: np.random.Generator) -> None:
    photo = data.camera()[:240, :320].astype(np.float64) * 257
    one, other = (
        np.clip(photo + rng.normal(0, sigma * 257, photo.shape), 0, 65535).astype(np.uint16) for _ in range(2)
    )
    assert compare(one, other).regions == ()


@pytest.mark.parametrize("bits", [10, 12, 14])
def test_a_change_in_camera_samples_of_fewer_bits_is_found(bits: int, rng: np.random.Generator) -> None:
    top = 2**bits - 1
    scene = 0.1 + 0.6 * data.camera()[:240, :320] / 255
    clean = [np.rint((scene + rng.normal(0, 0.008, scene.shape)).clip(0, 1) * top).astype(np.uint16) for _ in range(2)]
    note = f"{bits}-bit samples were scaled to 16"
    same = compare(*clean)
    assert (same.status, same.notes[:1]) == ("same", (note,))
    clean[1][100:130, 140:180] += np.uint16(top // 4)
    (found,) = boxes(compare(*clean))
    assert overlap(found, (140, 100, 40, 30)) > 0.8


@pytest.mark.parametrize(
    "motion", sweep([(0.5, 0.0, 0.0), (0.4, 0.3, 0.0), (1.5, -2.5, 0.0), (0.4, 0.3, 0.5)]), ids=str
)
def test_a_drawn_page_that_lies_between_pixels(motion: tuple[float, float, float]) -> None:
    page, box = sheet(), (260, 160, 60, 24)
    moved, changed = (
        move(picture, *motion[:2], degrees=motion[2], order=LINEAR)[40:-40, 40:-40]
        for picture in (page, altered(page, box, 150))
    )
    assert compare(page[40:-40, 40:-40], moved).status == "same"
    (found,) = boxes(compare(page[40:-40, 40:-40], changed))
    assert overlap(found, (box[0] - 40, box[1] - 40, *box[2:])) > 0.6
