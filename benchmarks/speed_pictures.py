"""Draws the files that `speed.py` works on."""

from __future__ import annotations

import csv
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from benchmarks.pairs.photos import MARGIN, plant_photo
from benchmarks.scenes.camera import add_noise, trim
from benchmarks.scenes.page import make_page
from benchmarks.scenes.page_edits import edit_page
from benchmarks.scenes.render import render_page

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    Picture = NDArray[np.uint8]

PAGE_WIDTH, PAGE_HEIGHT = 1280, 1600
SMALL = 64
# About 37 megapixels: a full-page screenshot at twice the resolution.
LARGE_WIDTH, LARGE_HEIGHT = 2560, 14400
# Different pages are costly to draw: so many are drawn, and each is used again with another name.
DISTINCT = 12
NOISE = 2.0


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many pairs of each sort to draw, and how often to run; `few` and `many` are manifests."""

    pages: int
    photos: int
    few: int
    many: int
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
    folder = _folder(root, "pages")
    for index in range(count):
        name = f"{index:04}.png"
        if index >= DISTINCT:
            for side in (folder.reference, folder.candidate):
                shutil.copyfile(side / f"{index % DISTINCT:04}.png", side / name)
            continue
        before, after = _page_pair(np.random.default_rng([seed, index]), index)
        _save(folder.reference / name, before)
        _save(folder.candidate / name, after)
    return folder


def draw_photo_folder(root: Path, seed: int, count: int) -> Folder:
    """Draw `count` pairs of photos as PNG; independent noise on both sides moves every pixel."""
    folder = _folder(root, "photos")
    for index in range(count):
        rng = np.random.default_rng([seed, index])
        planted = plant_photo(rng, changed=True)
        for side, picture in ((folder.reference, planted.before), (folder.candidate, planted.after)):
            _save(side / f"{index:04}.png", add_noise(trim(picture, MARGIN), rng, NOISE))
    return folder


def draw_equal_folder(root: Path, pages: Folder) -> Folder:
    """Copy the references of a folder to both sides of another."""
    folder = _folder(root, "equal")
    for path in pages.reference.iterdir():
        for side in (folder.reference, folder.candidate):
            shutil.copyfile(path, side / path.name)
    return folder


def draw_small_pair(root: Path, seed: int) -> Folder:
    """Draw one pair of small pictures with one change."""
    folder = _folder(root, "small")
    before = np.random.default_rng(seed).integers(0, 256, (SMALL, SMALL, 3), dtype=np.uint8)
    after = before.copy()
    after[20:30, 20:30] //= 2
    _save(folder.reference / "small.png", before)
    _save(folder.candidate / "small.png", after)
    return folder


def draw_large_pair(root: Path, pages: Folder) -> Folder:
    """Tile a page to about 37 megapixels and change it in four places."""
    folder = _folder(root, "large")
    page = cv2.imread(str(pages.files()[0]))
    times = (LARGE_HEIGHT // page.shape[0], LARGE_WIDTH // page.shape[1], 1)
    sheet = np.tile(page, times)
    cv2.imwrite(str(folder.reference / "large.png"), sheet)
    for x, y in ((300, 900), (1900, 4000), (800, 9000), (2200, 13000)):
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
