"""What a pair costs by kind and size, on one core: `python -m benchmarks.cost` prints the table of the README.

Times are minima of several runs, in ms for each megapixel of one picture, PNG files; what the pair's two files take to
decode stands beside what comparing them takes.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from benchmarks.scenes.camera import add_noise, move, trim
from benchmarks.scenes.page import insert_banner, make_page
from benchmarks.scenes.page_edits import edit_page
from benchmarks.scenes.photo import PHOTOS, load_photo, plant_changes
from benchmarks.scenes.render import render_page
from diffspot.backends import get_backend
from diffspot.image_io import decode, encode_png
from diffspot.options.options import Options
from diffspot.pipeline.compare import compare_images

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Picture = NDArray[np.uint8]
    Kind = Callable[[int], tuple[Picture, Picture]]

SEED = 1
PAGE_WIDTH, PAGE_HEIGHT, EDITS = 1280, 900, 3
PHOTO_WIDTH, PHOTO_HEIGHT, CHANGES = 1200, 900, (90, 60, 40)
NOISE, DEGREES, SHIFT, MARGIN = 2.0, 0.6, (5.3, -3.8), 24
# Times the side of the first size.
SIZES = (1, 2, 4)


def page_edited(times: int) -> tuple[Picture, Picture]:
    """A page with a few edits."""
    page = make_page(np.random.default_rng(SEED), width=PAGE_WIDTH, height=PAGE_HEIGHT)
    edited = edit_page(page, np.random.default_rng(SEED), EDITS)[0]
    return _tiled(render_page(page), times), _edited_once(render_page(page), render_page(edited), times)


def page_drawn_anew(times: int) -> tuple[Picture, Picture]:
    """A page whose letters another rasteriser drew."""
    rng = np.random.default_rng(SEED)
    page = make_page(rng, width=PAGE_WIDTH, height=PAGE_HEIGHT)
    return _tiled(render_page(page), times), _tiled(render_page(page, rng, jitter=0.2, hinted=False), times)


def page_moved_down(times: int) -> tuple[Picture, Picture]:
    """A page with a banner inserted on top."""
    page = make_page(np.random.default_rng(SEED), width=PAGE_WIDTH, height=PAGE_HEIGHT)
    before, after = render_page(page), render_page(insert_banner(page))
    rest = _tiled(before, times)[len(before) :]
    return _tiled(before, times), np.concatenate([np.tile(after, (1, times, 1)), rest])


def photo_noisy(times: int) -> tuple[Picture, Picture]:
    """A photo with changes, and noise in both pictures."""
    rng = np.random.default_rng(SEED)
    steps = plant_changes(load_photo(PHOTOS[0], PHOTO_WIDTH * times, PHOTO_HEIGHT * times), rng, CHANGES)
    return add_noise(steps[0], rng, NOISE), add_noise(steps[-1], rng, NOISE)


def photo_moved(times: int) -> tuple[Picture, Picture]:
    """The same, taken from elsewhere."""
    reference, candidate = photo_noisy(times)
    moved = move(candidate, *SHIFT, degrees=DEGREES)
    return trim(reference, MARGIN), trim(moved, MARGIN)


KINDS: dict[str, tuple[Kind, Options]] = {
    "page, three edits": (page_edited, Options()),
    "page drawn anew": (page_drawn_anew, Options()),
    "page, banner inserted": (page_moved_down, Options()),
    "photo, noise": (photo_noisy, Options()),
    "photo, noise, `--metric ssim`": (photo_noisy, Options(metric="ssim")),
    "photo, noise, moved and turned": (photo_moved, Options()),
}


def _tiled(picture: Picture, times: int) -> Picture:
    return np.tile(picture, (times, times, 1))


def _edited_once(before: Picture, after: Picture, times: int) -> Picture:
    """The tiled page of which only the first tile is edited."""
    sheet = _tiled(before, times)
    sheet[: len(after), : after.shape[1]] = after
    return sheet


def _milliseconds(runs: int, job: Callable[[], object]) -> float:
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        job()
        times.append(time.perf_counter() - start)
    return 1000 * min(times)


def _cost(kind: Kind, options: Options, times: int, runs: int) -> tuple[float, float, float]:
    """Megapixels of a picture, and ms to decode a pair of it and to compare it."""
    files = [encode_png(picture) for picture in kind(times)]
    here = Path("picture.png")
    reference, candidate = (decode(data, here) for data in files)
    backend = get_backend("numpy")
    decoding = _milliseconds(runs, lambda: [decode(data, here) for data in files])
    comparing = _milliseconds(runs, lambda: compare_images(reference, candidate, options, backend))
    height, width = reference.pixels.shape[:2]
    return width * height / 1e6, decoding, comparing


def main() -> int:
    """Print the table; return the exit code."""
    parser = argparse.ArgumentParser(description="What a pair costs by kind and size.")
    parser.add_argument("--runs", type=int, default=7, help="of which the fastest counts")
    runs = parser.parse_args().runs
    cv2.setNumThreads(1)
    print("| pair | megapixels | decoding both | comparing | comparing, a megapixel |\n|---|---|---|---|---|")
    for name, (kind, options) in KINDS.items():
        for times in SIZES:
            size, decoding, comparing = _cost(kind, options, times, runs)
            print(
                f"| {name} | {size:.1f} | {decoding:.0f} ms | {comparing:.0f} ms | {comparing / size:.1f} ms |",
                flush=True,
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
