"""What is worked out of a shared picture: once, the same as ever, and let go with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest

from diffspot.backends.numpy import NumpyBackend
from diffspot.model import Image
from diffspot.options.options import make_options
from diffspot.pipeline import compression, derived
from diffspot.pipeline.compare import compare_images
from diffspot.pipeline.derived import keep, kept, once, release
from diffspot.pipeline.difference import blurred_difference
from diffspot.pipeline.jpeg_traces import find_traces
from diffspot.pipeline.pair import RegisteredPair
from diffspot.pipeline.quantization import compression_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.model import Compression


def test_of_a_kept_picture_and_what_comes_of_it_all_is_worked_out_once() -> None:
    picture, calls = np.arange(6, dtype=np.uint8), []

    def halves(values: np.ndarray) -> np.ndarray:
        calls.append(values)
        return values // 2

    keep(picture)
    for _ in range(3):
        half = once(picture, "half", lambda: halves(picture))
        quarter = once(half, "half", lambda given=half: halves(given))
    assert half.tolist() == [0, 0, 1, 1, 2, 2]
    assert quarter.tolist() == [0, 0, 0, 0, 1, 1]
    assert len(calls) == 2
    release(picture)
    assert derived._STORES == {}  # noqa: SLF001  nothing is left behind
    once(picture, "half", lambda: halves(picture))
    once(picture, "half", lambda: halves(picture))
    assert len(calls) == 4


def test_of_other_pictures_nothing_is_kept() -> None:
    picture, calls = np.zeros(4, np.uint8), []
    for _ in range(2):
        once(picture, "name", lambda: calls.append(1))
    assert len(calls) == 2
    assert derived._STORES == {}  # noqa: SLF001


def test_what_a_pair_asks_for_once_is_kept_only_while_pairs_share_the_picture() -> None:
    picture, calls = np.zeros(4, np.uint8), []
    with kept(picture):
        for _ in range(2):
            once(picture, "name", lambda: calls.append(1), per_pair=True)
    assert len(calls) == 2
    keep(picture)
    for _ in range(2):
        once(picture, "name", lambda: calls.append(1), per_pair=True)
    release(picture)
    assert len(calls) == 3


def test_what_ends_after_the_release_is_not_kept() -> None:
    picture = np.zeros(4, np.uint8)
    keep(picture)

    def work() -> np.ndarray:
        release(picture)
        return picture + 1

    assert once(picture, "more", work).tolist() == [1, 1, 1, 1]
    assert derived._STORES == {}  # noqa: SLF001


def test_a_fault_leaves_the_next_try_free() -> None:
    picture = np.zeros(4, np.uint8)
    keep(picture)
    with pytest.raises(ZeroDivisionError):
        once(picture, "name", lambda: 1 // 0)
    assert once(picture, "name", lambda: 7) == 7
    release(picture)


def test_in_a_block_a_picture_is_kept_and_one_that_was_kept_before_stays() -> None:
    shared, own, calls = np.zeros(4, np.uint8), np.ones(4, np.uint8), []
    keep(shared)
    with kept(shared, own):
        for picture in (shared, own, shared, own):
            once(picture, "name", lambda given=picture: calls.append(int(given[0])))
    assert calls == [0, 1]
    once(shared, "name", lambda: calls.append(2))
    once(own, "name", lambda: calls.append(3))
    assert calls == [0, 1, 3]
    release(shared)
    assert derived._STORES == {}  # noqa: SLF001


class Counting(NumpyBackend):
    """Counts the pictures that are reduced to the means of cells."""

    reduced = 0

    def grid_mean(self, image: NDArray[Any], size: int, every: int = 1) -> NDArray[Any]:
        self.reduced += 1
        return super().grid_mean(image, size, every)


def test_a_noisy_pair_is_reduced_to_cells_of_each_size_once() -> None:
    rng, backend = np.random.default_rng(1), Counting()
    texture = rng.uniform(60, 200, (160, 200, 1))
    reference, candidate = ((texture + rng.normal(0, 4, texture.shape)).astype(np.uint8) for _ in range(2))
    compare_images(Image(reference), Image(candidate), make_options({}), backend)
    assert backend.reduced == 4  # both pictures, once for shadows and patches, once in finer cells for spots
    assert derived._STORES == {}  # noqa: SLF001


def test_where_few_px_differ_no_cells_are_looked_at_for_other_light() -> None:
    texture, backend = np.random.default_rng(1).integers(60, 200, (160, 200, 1)).astype(np.uint8), Counting()
    candidate = texture.copy()
    candidate[40:56, 50:70] = 255 - candidate[40:56, 50:70]
    found = compare_images(Image(texture), Image(candidate), make_options({}), backend)
    assert [one.bbox for one in found.regions] == [(50, 40, 20, 16)]
    assert backend.reduced == 0


class Looking(NumpyBackend):
    """Counts the planes of which local ranges are taken: of a golden for its sharpness, its noise and its votes."""

    looked = 0

    def local_range(self, image: NDArray[Any], radius: int) -> NDArray[Any]:
        self.looked += 1
        return super().local_range(image, radius)


def test_a_golden_is_looked_at_once_for_all_its_captures() -> None:
    rng, backend = np.random.default_rng(2), Looking()
    scene = np.kron(rng.uniform(40, 220, (20, 25, 3)), np.ones((8, 8, 1)))
    golden, *captures = (Image((scene + rng.normal(0, 3, scene.shape)).astype(np.uint8)) for _ in range(4))
    alone = compare_images(golden, captures[0], make_options({}), backend)
    each, backend.looked = backend.looked, 0
    keep(golden.pixels)
    shared = [compare_images(golden, one, make_options({}), backend) for one in captures]
    release(golden.pixels)
    assert shared[0] == alone
    assert each > backend.looked / len(captures) + 1
    assert derived._STORES == {}  # noqa: SLF001


def jpeg(picture: NDArray[np.uint8], quality: int) -> NDArray[np.uint8]:
    file = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return np.asarray(cv2.imdecode(file, cv2.IMREAD_COLOR_RGB), np.uint8)


def test_how_a_golden_was_compressed_is_asked_once_and_told_by_all_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    rng, asked = np.random.default_rng(3), list[Any]()
    scene = np.kron(rng.uniform(40, 220, (20, 25, 3)), np.ones((16, 16, 1)))
    golden, *captures = (Image(jpeg((scene + rng.normal(0, 4, scene.shape)).astype(np.uint8), 85)) for _ in range(4))

    def find(units: NDArray[np.uint8]) -> Compression | None:
        asked.append(units)
        return find_traces(units)

    monkeypatch.setattr(compression, "find_traces", find)
    alone = [compare_images(golden, one, make_options({}), NumpyBackend()) for one in captures]
    of_golden = {units.tobytes() for units in asked[::2]}
    assert len(of_golden) == 1  # whatever differs
    assert [find_traces(units) for units in asked] == [compression_of(85)] * 6
    asked.clear()
    keep(golden.pixels)
    assert [compare_images(golden, one, make_options({}), NumpyBackend()) for one in captures] == alone
    release(golden.pixels)
    assert [units.tobytes() in of_golden for units in asked] == [True, False, False, False]


def test_the_blurred_bound_of_a_difference_is_worked_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    rng, backend, calls = np.random.default_rng(4), NumpyBackend(), list[int]()
    one, other = rng.integers(100, 110, (2, 64, 96, 3)).astype(np.uint8)
    difference = backend.absdiff(one, other)
    pair = RegisteredPair(one, other, np.ones((64, 96), bool), difference)
    assert pair.crop((slice(0, 64), slice(0, 96))) is pair
    assert pair.crop((slice(0, 63), slice(0, 96))).difference.shape == (63, 96)
    plain = blurred_difference(pair, backend, sigma=1, least=4)
    blur = NumpyBackend.gaussian_blur

    def counted(self: NumpyBackend, image: NDArray[Any], sigma: float) -> NDArray[Any]:
        calls.append(image.shape == (64, 96, 1))
        return blur(self, image, sigma)

    monkeypatch.setattr(NumpyBackend, "gaussian_blur", counted)
    with kept(difference):
        for _ in range(2):
            np.testing.assert_array_equal(blurred_difference(pair, backend, sigma=1, least=4), plain)
    assert sum(calls) == 1
