"""What a GPU brings: `python -m benchmarks.gpu`, the second half of `make gpu-check`.

First come, as ratios, the figures that the GPU is there for; then what each stage takes of stacks of pairs, the bytes
that it is given and gives, and what share of the device's copy bandwidth that is. It ends within three minutes.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from itertools import product
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

from benchmarks.clock import interleaved, run_diffspot
from benchmarks.row import Row
from benchmarks.speed_pictures import draw_jpeg_folder, draw_scene_pair
from benchmarks.stages import STAGES, request_of, time_stages
from diffspot.backends import get_backend
from diffspot.backends.machine import usable_cores
from diffspot.errors import BackendError
from diffspot.image_io import read_image
from diffspot.model import Image
from diffspot.options.options import Options
from diffspot.pipeline.detection import find_differences
from diffspot.pipeline.metrics.ssim import WINDOW_SIGMA
from diffspot.pipeline.pair import RegisteredPair
from diffspot.pipeline.parameters import GRAINY_BLUR

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend
    from diffspot.pipeline.batch import Request

    Picture = NDArray[np.uint8]

SEED = 1
# Launches between two looks at the clock: one kernel is over before the clock is read.
LAUNCHES = 10
DIRECTORY_RUNS = 2
# Seconds after which nothing more is begun: the longest of `MEASURED` takes 40 on a machine of 16 cores.
LIMIT = 130


class Sizes(NamedTuple):
    """How much to measure.

    Attributes:
        shapes: Names and shapes, (height, width) in px, of what is stacked; the first is the one with targets.
        stack: Pairs in a stack.
        copied: Bytes that are copied to measure the bandwidth.
        photo: (height, width) of the JPEG files.
        distinct: JPEG pairs that are drawn.
        photos: JPEG pairs in the directory.
        runs: Runs of which to take the median.
    """

    shapes: dict[str, tuple[int, int]]
    stack: int
    copied: int
    photo: tuple[int, int]
    distinct: int
    photos: int
    runs: int


FULL = Sizes({"4K": (2160, 3840), "1080p": (1080, 1920)}, 8, 1 << 30, (3000, 4000), 4, 32, 5)
QUICK = Sizes({"small": (200, 300), "smaller": (190, 280)}, 2, 1 << 16, (200, 300), 2, 4, 1)


class Bench(NamedTuple):
    """What is measured, and on what."""

    sizes: Sizes
    gpu: Backend
    cpu: Backend
    bandwidth: float

    def seconds(self, work: Callable[[], object], launches: int = 1) -> float:
        """Median seconds of some work on the GPU, each time begun `launches` times over."""
        work()
        taken = []
        for _ in range(self.sizes.runs):
            self.finish()
            started = time.perf_counter()
            for _ in range(launches):
                work()
            self.finish()
            taken.append((time.perf_counter() - started) / launches)
        return median(taken)

    def finish(self) -> None:
        """Wait until the GPU has done what it was told."""
        _finish(self.gpu)


def _finish(gpu: Backend) -> None:
    gpu.xp.cuda.get_current_stream().synchronize()


def make_bench(sizes: Sizes) -> Bench:
    """The backends, and the bandwidth with which the device copies, bytes read and written a second."""
    gpu = get_backend("cupy")
    source = gpu.xp.zeros(sizes.copied, np.uint8)
    target = gpu.xp.zeros(sizes.copied, np.uint8)

    def copy() -> None:
        target[...] = source

    bench = Bench(sizes, gpu, get_backend("numpy"), 0.0)
    return bench._replace(bandwidth=2 * sizes.copied / bench.seconds(copy, LAUNCHES))


def stack_of(bench: Bench, backend: Backend, pair: tuple[Picture, Picture], metric: str) -> list[Request]:
    """A stack of copies of one pair, which no cache holds; of the processor, the pair alone."""
    one = request_of(*map(Image, pair), Options(metric=metric, align="none"), backend)  # type: ignore[arg-type]
    if backend is bench.cpu:
        return [one]
    planes = one.pair.reference, one.pair.candidate, one.pair.valid, one.pair.difference
    return [one._replace(pair=RegisteredPair(*(plane.copy() for plane in planes))) for _ in range(bench.sizes.stack)]


def stack_rows(bench: Bench, label: str, target: str) -> Iterator[Row]:
    """Uploading a pair, and blur to components against the processor for each metric."""
    pair = draw_scene_pair(np.random.default_rng(SEED), *bench.sizes.shapes[label])
    for metric in ("absdiff", "ssim"):
        ours, theirs = (stack_of(bench, backend, pair, metric) for backend in (bench.gpu, bench.cpu))
        gpu = bench.seconds(partial(find_differences, ours, bench.gpu)) / len(ours)
        cpu = bench.seconds(partial(find_differences, theirs, bench.cpu))
        yield Row(f"{label}, {metric}, blur to components: one core / GPU", cpu / gpu, target)
    transfer = bench.seconds(lambda: [bench.gpu.from_host(picture) for picture in pair])
    yield Row(f"{label}, uploading a pair: GB/s", 2 * pair[0].nbytes / transfer / 1e9)


def map_row(bench: Bench, label: str, target: str) -> Iterator[Row]:
    """The score map, blur and SSIM, against reading two stacks and writing one map."""
    pair = [
        bench.gpu.xp.stack([bench.gpu.from_host(one)] * bench.sizes.stack)
        for one in draw_scene_pair(np.random.default_rng(SEED), *bench.sizes.shapes[label])
    ]

    def score_map() -> None:
        blurred = (bench.gpu.gaussian_blur(one, GRAINY_BLUR) for one in pair)
        bench.gpu.ssim(*blurred, WINDOW_SIGMA)

    least = (2 * pair[0].nbytes + 4 * pair[0].size / 3) / bench.bandwidth
    yield Row(f"{label}, blur and SSIM / copying as much", bench.seconds(score_map, LAUNCHES) / least, target)


def stage_table(bench: Bench, label: str, metric: str) -> Iterator[str]:
    """What each stage takes of a stack, once each: the verdict on noisy pairs goes through some of them twice."""
    pair = draw_scene_pair(np.random.default_rng(SEED), *bench.sizes.shapes[label])
    requests = [
        request._replace(parameters=replace(request.parameters, noisy=False))
        for request in stack_of(bench, bench.gpu, pair, metric)
    ]
    find_differences(requests, bench.gpu)
    yield f"\n{label}, {metric}, of a stack of {len(requests)}      ms        MB   share of the copy bandwidth"
    for name, stage in time_stages(requests, bench.gpu, bench.sizes.runs, bench.finish).items():
        seconds = median(stage.seconds)
        share = stage.bytes / seconds / bench.bandwidth
        milliseconds, megabytes = 1e3 * seconds / len(requests), stage.bytes / len(requests) / 1e6
        yield f"  {STAGES[name]:26} {milliseconds:8.3f} {megabytes:9.1f} {share:9.3f}"


def directory_rows(bench: Bench) -> Iterator[Row]:
    """A directory of JPEG photos, end to end, with all cores."""
    sizes = bench.sizes
    with TemporaryDirectory() as temporary:
        folder = draw_jpeg_folder(Path(temporary), SEED, sizes.photos, sizes.distinct, sizes.photo)
        command = partial(run_diffspot, "compare", folder.reference, folder.candidate, "--quiet", "--backend")
        cpu, gpu, decoding = interleaved(
            min(sizes.runs, DIRECTORY_RUNS),
            partial(command, "numpy"),
            partial(command, "cupy"),
            partial(_decode_all, folder.files()),
        )
    yield Row("JPEG photos: all cores / GPU", cpu / gpu, "at least 3, unless decoding is the floor")
    yield Row("JPEG photos: GPU / decoding them", gpu / decoding)
    yield Row("JPEG photos: all cores / decoding them", cpu / decoding)


def _decode_all(files: list[Path]) -> None:
    with ThreadPoolExecutor(usable_cores()) as pool:
        for _ in pool.map(read_image, files):
            pass


def measured(sizes: Sizes) -> list[Callable[[Bench], Iterator[Row | str]]]:
    """What is measured, in the order of its weight."""
    first, *others = sizes.shapes
    parts: list[Callable[[Bench], Iterator[Row | str]]] = [
        partial(stack_rows, label=first, target="at least 100"),
        partial(map_row, label=first, target="at most 10"),
        directory_rows,
    ]
    parts += [partial(rows, label=label, target="") for label in others for rows in (stack_rows, map_row)]
    tables = product(sizes.shapes, ("absdiff", "ssim"))
    return parts + [partial(stage_table, label=label, metric=metric) for label, metric in tables]


def print_all(bench: Bench, limit: float) -> None:
    """Measure and print, part by part, until the limit in seconds is over."""
    started, parts = time.perf_counter(), measured(bench.sizes)
    for done, part in enumerate(parts):
        if time.perf_counter() - started > limit:
            print(f"{len(parts) - done} of {len(parts)} parts left out: this machine took {limit:.0f} s for the others")
            return
        for line in part(bench):
            print(line, flush=True)


def main() -> int:
    """Measure and print; return the exit code."""
    parser = argparse.ArgumentParser(description="What a GPU brings.")
    parser.add_argument("--quick", action="store_true", help="small pictures: whether it runs, not a figure")
    sizes = QUICK if parser.parse_args().quick else FULL
    cv2.setNumThreads(1)
    try:
        bench = make_bench(sizes)
    except BackendError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{bench.gpu.describe()}; it copies {bench.bandwidth / 1e9:.0f} GB/s; medians of {sizes.runs}")
    try:
        print_all(bench, LIMIT)
    except subprocess.CalledProcessError as error:
        print(f"{error}\n{error.stderr.decode()[-2000:]}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
