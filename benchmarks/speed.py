"""How fast diffspot is, as ratios to other work on the same files: `python -m benchmarks.speed`.

Every figure is a ratio of medians; the runs of what is compared are interleaved, the files are in
the cache, and all use the same number of workers. README.md says what each line means.
"""

from __future__ import annotations

import argparse
import compileall
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import cv2
import imagecodecs
import numpy as np

from benchmarks.clock import ROOT, diffspot, interleaved, peak_memory, run_diffspot, run_python
from benchmarks.peers import find_peers
from benchmarks.photo_cost import photo_cost_rows
from benchmarks.row import Row
from benchmarks.speed_pictures import (
    LARGE_ACROSS,
    PAGE_HEIGHT,
    PAGE_WIDTH,
    Folder,
    Sizes,
    draw_equal_folder,
    draw_large_pair,
    draw_page_folder,
    draw_photo_folder,
    draw_small_pair,
    repeat_pairs,
    write_manifest,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FULL = Sizes(pages=200, photos=24, few=100, many=10_000, large=16, costly=4, runs=5)
QUICK = Sizes(pages=12, photos=2, few=20, many=200, large=3, costly=2, runs=3)
WORKERS, SEED = 2, 1
IMPORTS = "import cv2, imagecodecs, typer"
# Reads the files it is given, with as many threads as workers.
READ = f"""\
{IMPORTS}, sys, concurrent.futures as f, pathlib
list(f.ThreadPoolExecutor(int(sys.argv[1])).map(pathlib.Path.read_bytes, map(pathlib.Path, sys.argv[2:])))
"""
# Those that are measured on very large pictures, too.
FAST_PEERS = ("odiff", "blazediff")
BOXES_ONLY = ("--annotate", "none")
TIMES_OVER = 4
"""Of the real pages: so many pairs that start-up is not most of it."""


@dataclass(frozen=True, slots=True)
class Bench:
    """What the rows are measured on."""

    root: Path
    sizes: Sizes
    pages: Folder
    real: Path | None = None

    def compare(self, folder: Folder, *flags: str, jobs: int = WORKERS) -> None:
        """Compare a folder; the report goes into a folder of its own."""
        where = ("--out", self.root / "out", "--jobs", str(jobs))
        run_diffspot("compare", folder.reference, folder.candidate, *where, "--quiet", *flags)

    def measure(self, *jobs: Callable[[], object]) -> list[float]:
        """Return the median seconds of each job."""
        return interleaved(self.sizes.runs, *jobs)


def _decode_opencv(path: Path) -> None:
    cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_UNCHANGED)


def _decode_imagecodecs(path: Path) -> None:
    imagecodecs.imread(path.read_bytes())


def _decode_all(decode: Callable[[Path], None], files: list[Path]) -> None:
    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(decode, files))


def page_rows(bench: Bench) -> Iterator[Row]:
    """The directory of page screenshots: boxes only, with pictures, and the peers."""
    pages, files, peers = bench.pages, bench.pages.files(), find_peers()[0]
    drawn = bench.root / "drawn"
    drawn.mkdir()
    jobs: dict[str, Callable[[], object]] = {
        "imagecodecs": partial(_decode_all, _decode_imagecodecs, files),
        "OpenCV": partial(_decode_all, _decode_opencv, files),
        "diffspot, boxes only": partial(bench.compare, pages, *BOXES_ONLY),
        "diffspot, annotated pictures": partial(bench.compare, pages),
    }
    for peer in peers:
        jobs[peer.name] = partial(peer.run, pages, None, WORKERS)
        jobs[f"{peer.name}, pictures"] = partial(peer.run, pages, drawn, WORKERS)
    seconds = dict(zip(jobs, bench.measure(*jobs.values()), strict=True))
    floor = min(seconds["imagecodecs"], seconds["OpenCV"])
    targets = {
        "diffspot, boxes only": "at most 1.1, below odiff and blazediff",
        "diffspot, annotated pictures": "below odiff and blazediff with pictures",
    }
    for label, value in seconds.items():
        yield Row(f"pages / decoding them: {label}", value / floor, targets.get(label, ""))


def worker_rows(bench: Bench) -> Iterator[Row]:
    """What a second worker brings."""
    one, two = bench.measure(
        partial(bench.compare, bench.pages, *BOXES_ONLY, jobs=1),
        partial(bench.compare, bench.pages, *BOXES_ONLY, jobs=2),
    )
    yield Row("1 worker / 2 workers, pages", one / two, "at least 1.8")


def photo_rows(bench: Bench) -> Iterator[Row]:
    """Photos in which every pixel differs, against the scikit-image recipe."""
    photos = draw_photo_folder(bench.root, SEED, bench.sizes.photos)
    flags = ("--metric", "ssim", "--align", "none", *BOXES_ONLY)
    recipe, ours = bench.measure(
        partial(run_python, "-m", "benchmarks.recipe", str(photos.reference), str(photos.candidate)),
        partial(bench.compare, photos, *flags, jobs=1),
    )
    yield Row("scikit-image recipe / diffspot, noisy photos, SSIM", recipe / ours, "at least 12")


def large_photo_rows(bench: Bench) -> Iterator[Row]:
    """Photos of 12 megapixels: noise and edits, saved again, moved."""
    return photo_cost_rows(bench.root, bench.sizes.costly, bench.sizes.runs)


def real_page_rows(bench: Bench) -> Iterator[Row]:
    """The pairs `x_a.png`, `x_b.png` of the directory that `--pages` names, some times over, against decoding them."""
    if bench.real is None:
        return
    pages = repeat_pairs(bench.root, bench.real, TIMES_OVER)
    jobs: dict[str, Callable[[], object]] = {
        "imagecodecs": partial(_decode_all, _decode_imagecodecs, pages.files()),
        "diffspot, boxes only": partial(bench.compare, pages, *BOXES_ONLY),
    }
    jobs |= {peer.name: partial(peer.run, pages, None, WORKERS) for peer in find_peers()[0] if peer.name in FAST_PEERS}
    seconds = dict(zip(jobs, bench.measure(*jobs.values()), strict=True))
    for name, value in seconds.items():
        target = "at most 1.15, not slower than odiff" if name.startswith("diffspot") else ""
        yield Row(f"pages of {bench.real.name} / decoding them: {name}", value / seconds["imagecodecs"], target)


def equal_rows(bench: Bench) -> Iterator[Row]:
    """Files equal byte for byte, against a Python that only reads them."""
    equal = draw_equal_folder(bench.root, bench.pages)
    files = [str(path) for path in equal.files()]
    ours, reading = bench.measure(
        partial(bench.compare, equal, *BOXES_ONLY),
        partial(run_python, "-c", READ, str(WORKERS), *files),
    )
    yield Row("byte-equal pages / importing and reading", ours / reading, "at most 1.5")


def start_rows(bench: Bench) -> Iterator[Row]:
    """How long diffspot takes to begin."""
    small = draw_small_pair(bench.root)
    version, usage, typer, compare, imports = bench.measure(
        partial(run_diffspot, "--version"),
        partial(run_diffspot, "--help"),
        partial(run_python, "-c", "import typer"),
        partial(run_diffspot, "compare", *small.files(), "--quiet"),
        partial(run_python, "-c", IMPORTS),
    )
    yield Row("--version / import typer", version / typer, "at most 2")
    yield Row("--help / import typer", usage / typer, "at most 2")
    yield Row(f"two small files / {IMPORTS}", compare / imports, "at most 2")


def growth_rows(bench: Bench) -> Iterator[Row]:
    """Time a pair and memory, many pairs against few."""
    small = Folder(bench.root / "small/reference", bench.root / "small/candidate")
    sides = {}
    for count in (bench.sizes.few, bench.sizes.many):
        manifest = write_manifest(bench.root / f"{count}.csv", small, count)
        out = bench.root / f"out-{count}"
        command = [*diffspot, "compare", "--pairs", str(manifest), "--out", str(out), "--quiet", *BOXES_ONLY]
        memory = peak_memory(command)
        times = json.loads((out / "report.json").read_text(encoding="utf-8"))["times"]
        sides[count] = times["seconds"] / count, memory
    few, many = sides[bench.sizes.few], sides[bench.sizes.many]
    label = f"{bench.sizes.many} pairs / {bench.sizes.few}"
    yield Row(f"{label}: time a pair", many[0] / few[0], "at most 1.1")
    yield Row(f"{label}: peak memory", many[1] / few[1], "at most 1.1")


def large_rows(bench: Bench) -> Iterator[Row]:
    """Two very large screenshots with four changes, one pair: time and memory."""
    large = draw_large_pair(bench.root, bench.pages, bench.sizes.large)
    pixels = PAGE_WIDTH * LARGE_ACROSS * PAGE_HEIGHT * bench.sizes.large
    label, files = f"{pixels / 1e6:.0f} megapixels", large.files()
    command = ["compare", *map(str, files), "--quiet"]
    memory = peak_memory([*diffspot, *command])
    yield Row(f"{label}: peak memory / both pictures", memory / (2 * 3 * pixels), "at most 4")
    jobs: dict[str, Callable[[], object]] = {"diffspot": partial(run_diffspot, *command)}
    for peer in find_peers()[0]:
        if peer.name in FAST_PEERS:
            jobs[peer.name] = partial(peer.run, large, None, WORKERS)
    decode = partial(_decode_all, _decode_imagecodecs, files)
    floor, *seconds = bench.measure(decode, *jobs.values())
    for name, value in zip(jobs, seconds, strict=True):
        target = "below odiff" if name == "diffspot" else ""
        yield Row(f"{label} / decoding them: {name}", value / floor, target)


ROWS = (
    page_rows,
    real_page_rows,
    worker_rows,
    photo_rows,
    large_photo_rows,
    equal_rows,
    start_rows,
    growth_rows,
    large_rows,
)


def main() -> int:
    """Draw, time and print; return the exit code."""
    parser = argparse.ArgumentParser(description="How fast diffspot is, as ratios.")
    parser.add_argument("--quick", action="store_true", help="fewer files: a look, not a figure")
    parser.add_argument("--pages", type=Path, metavar="DIR", help="a directory of PNG pairs to measure, too")
    given = parser.parse_args()
    sizes = QUICK if given.quick else FULL
    compileall.compile_dir(ROOT / "diffspot", quiet=1)  # as installing does
    print(f"{WORKERS} workers, medians of {sizes.runs}, {sizes.pages} pairs of pages\n")
    with TemporaryDirectory() as temporary:
        root = Path(temporary)
        bench = Bench(root, sizes, draw_page_folder(root, SEED, sizes.pages), given.pages)
        try:
            for rows in ROWS:
                for row in rows(bench):
                    print(row, flush=True)
        except subprocess.CalledProcessError as error:
            print(f"{error}\n{error.stderr.decode()[-2000:]}", file=sys.stderr)
            return 1
    print("\n".join(find_peers()[1]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
