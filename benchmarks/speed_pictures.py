"""Draws the files that `speed.py` works on."""

from __future__ import annotations

import csv
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from benchmarks.scenes.camera import add_noise
from benchmarks.scenes.page import make_page
from benchmarks.scenes.page_edits import edit_page
from benchmarks.scenes.photo import PHOTOS, load_photo, plant_changes
from benchmarks.scenes.render import render_page

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    Picture = NDArray[np.uint8]

PAGE_WIDTH, PAGE_HEIGHT = 1280, 900
SMALL = 64
PHOTO_WIDTH, PHOTO_HEIGHT, PHOTO_CHANGES = 1200, 900, (90, 60, 40)
# A full-page screenshot at twice the resolution is so many pages wide.
LARGE_ACROSS = 2
# Pages are costly to draw: so many are drawn, and used again under other names.
DISTINCT = 12
NOISE = 2.0
# Deviation of each octave of a scene, grey levels.
OCTAVE = 12.0


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much to measure.

    Attributes:
        pages: Pairs of page screenshots.
        photos: Pairs of photos.
        few: Pairs in a short manifest.
        many: Pairs in a long one.
        large: Pages below each other in the large screenshot, of which each row has two.
        costly: Pairs of 12-megapixel photos.
        runs: Runs of which to take the median.
    """

    pages: int
    photos: int
    few: int
    many: int
    large: int
    costly: int
    runs: int


@dataclass(frozen=True, slots=True)
class Folder:
    """Two directories to compare, paired by file name."""

    reference: Path
    candidate: Path

    def files(self) -> list[Path]:
        """All pictures, pair by pair."""
        names = sorted(path.name for path in self.reference.iterdir())
        return [side / name for name in names for side in (self.reference, self.candidate)]


def _save(path: Path, picture: Picture) -> None:
    cv2.imwrite(str(path), cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))


def _folder(root: Path, name: str) -> Folder:
    folder = Folder(root / name / "reference", root / name / "candidate")
    folder.reference.mkdir(parents=True)
    folder.candidate.mkdir()
    return folder


def _page_pair(rng: np.random.Generator, index: int) -> tuple[Picture, Picture]:
    """Of twelve pages a quarter are the same, a third rendered anew; the rest are edited."""
    page = make_page(rng, width=PAGE_WIDTH, height=PAGE_HEIGHT)
    before = render_page(page)
    if index % 12 < 3:
        return before, before
    if index % 12 < 7:
        return before, render_page(page, rng, jitter=0.2, hinted=bool(index % 2))
    return before, render_page(edit_page(page, rng, 3)[0])


def draw_page_folder(root: Path, seed: int, count: int) -> Folder:
    """Draw `count` pairs of page screenshots as PNG."""
    return _drawn(
        _folder(root, "pages"), ".png", count, DISTINCT, lambda i: _page_pair(np.random.default_rng([seed, i]), i)
    )


def _drawn(
    folder: Folder, suffix: str, count: int, distinct: int, draw: Callable[[int], tuple[Picture, Picture]]
) -> Folder:
    """A folder of `count` pairs, of which `distinct` are drawn; the others are those again, under other names."""
    sides = folder.reference, folder.candidate
    for index in range(count):
        name = f"{index:04}{suffix}"
        if index < distinct:
            for side, picture in zip(sides, draw(index), strict=True):
                _save(side / name, picture)
        else:
            for side in sides:
                shutil.copyfile(side / f"{index % distinct:04}{suffix}", side / name)
    return folder


def save_pairs(
    folder: Path, suffix: str, count: int, distinct: int, draw: Callable[[int], tuple[Picture, Picture]]
) -> Folder:
    """A new folder of `count` pairs, of which `distinct` are drawn; the others are those again."""
    return _drawn(_folder(folder.parent, folder.name), suffix, count, distinct, draw)


def draw_scene_pair(rng: np.random.Generator, height: int, width: int) -> tuple[Picture, Picture]:
    """Draw a scene with changes, and independent noise on both sides, in a tenth of the time of a photo's.

    Its amplitudes fall as 1/f, as those of photos do: each octave has the same variance.

    References:
        Field: Relations between the statistics of natural images and the response properties of cortical cells.
        JOSA A 4(12), 1987. doi:10.1364/JOSAA.4.002379
    """
    scene = np.full((height, width, 3), 127, np.float32)
    for octave in range(1, int(np.log2(height)) - 1):
        grid = rng.normal(0, OCTAVE, (2**octave, 2**octave * width // height + 1, 3)).astype(np.float32)
        scene += cv2.resize(grid, (width, height), interpolation=cv2.INTER_CUBIC)
    changed = scene.copy()
    for size in PHOTO_CHANGES:
        x, y = (int(rng.integers(size, side - size)) for side in (width, height))
        cv2.ellipse(changed, (x, y), (size // 2, size // 3), 0, 0, 360, rng.uniform(0, 255, 3).tolist(), -1)
    one, other = (side + NOISE * rng.standard_normal(side.shape, np.float32) for side in (scene, changed))
    return cv2.convertScaleAbs(one), cv2.convertScaleAbs(other)


def draw_photo_folder(root: Path, seed: int, count: int) -> Folder:
    """Draw `count` pairs of photos as PNG."""
    folder, rng = _folder(root, "photos"), np.random.default_rng(seed)
    photos = (load_photo(name, PHOTO_WIDTH, PHOTO_HEIGHT) for name in PHOTOS[:count])
    scenes = [plant_changes(photo, rng, PHOTO_CHANGES) for photo in photos]
    for index in range(count):
        steps, name = scenes[index % len(scenes)], f"{index:04}.png"
        _save(folder.reference / name, add_noise(steps[0], rng, NOISE))
        _save(folder.candidate / name, add_noise(steps[-1], rng, NOISE))
    return folder


def draw_jpeg_folder(root: Path, seed: int, count: int, distinct: int, shape: tuple[int, int]) -> Folder:
    """Draw pairs of scenes of (height, width) px as JPEG, `distinct` of them, and use them again up to `count`."""
    return _drawn(
        _folder(root, "jpeg"),
        ".jpg",
        count,
        distinct,
        lambda i: draw_scene_pair(np.random.default_rng([seed, i]), *shape),
    )


def repeat_pairs(root: Path, pairs: Path, times: int) -> Folder:
    """The PNG pairs `x_a`, `x_b` of a directory, so many times over under other names."""
    folder = _folder(root, "real")
    for reference in sorted(pairs.glob("*_a.png")):
        name = reference.name.removesuffix("_a.png")
        for index in range(times):
            shutil.copyfile(reference, folder.reference / f"{name}-{index}.png")
            shutil.copyfile(reference.with_name(f"{name}_b.png"), folder.candidate / f"{name}-{index}.png")
    return folder


def draw_equal_folder(root: Path, pages: Folder) -> Folder:
    """Copy the references of a folder to both sides of another."""
    folder = _folder(root, "equal")
    for path in pages.reference.iterdir():
        for side in (folder.reference, folder.candidate):
            shutil.copyfile(path, side / path.name)
    return folder


def draw_small_pair(root: Path) -> Folder:
    """Draw one pair of small pictures with one change."""
    folder = _folder(root, "small")
    before = np.full((SMALL, SMALL, 3), 240, dtype=np.uint8)
    before[8:24, 8:56] = (40, 110, 160)
    after = before.copy()
    after[40:50, 20:30] = (200, 60, 50)
    _save(folder.reference / "small.png", before)
    _save(folder.candidate / "small.png", after)
    return folder


def draw_large_pair(root: Path, pages: Folder, high: int) -> Folder:
    """Tile a page, two across and `high` down, and change the sheet in four places."""
    folder = _folder(root, "large")
    page = np.asarray(cv2.imread(str(pages.files()[0])))
    sheet = np.tile(page, (high, LARGE_ACROSS, 1))
    cv2.imwrite(str(folder.reference / "large.png"), sheet)
    for part in range(4):
        x, y = 300 + 500 * part, sheet.shape[0] * part // 4 + 90
        sheet[y : y + 20, x : x + 60] = (40, 40, 200)
    cv2.imwrite(str(folder.candidate / "large.png"), sheet)
    return folder


def write_manifest(path: Path, folder: Folder, count: int) -> Path:
    """List the first pair of a folder `count` times, under other names."""
    reference, candidate = folder.files()[:2]
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(("name", "reference", "candidate"))
        rows.writerows((f"{index:06}", reference, candidate) for index in range(count))
    return path
