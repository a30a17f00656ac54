"""What large photos cost: processor time beside decoding them, system time, and memory asked of the kernel."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

import cv2
import imagecodecs
import numpy as np

from benchmarks.clock import COMPARED, ROOT, diffspot
from benchmarks.row import Row
from benchmarks.speed_pictures import draw_scene_pair, save_pairs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from resource import struct_rusage

    from benchmarks.speed_pictures import Folder, Picture

HEIGHT, WIDTH = 3000, 4000
SEED = 7
QUALITY = 85
"""Of the JPEG that a photo is saved as again."""
DEGREES, SCALE, SHIFT = 0.7, 1.004, 13.0


class Usage(NamedTuple):
    """What a process took: seconds of the processor for itself and for the kernel, and pages first touched."""

    user: float
    system: float
    faults: int

    @property
    def seconds(self) -> float:
        """Of the processor, all in all."""
        return self.user + self.system


def noisy(index: int) -> tuple[Picture, Picture]:
    """A scene with edits and independent noise on both sides."""
    return draw_scene_pair(np.random.default_rng([SEED, index]), HEIGHT, WIDTH)


def saved_again(index: int) -> tuple[Picture, Picture]:
    """A scene, and the same with the losses of a JPEG."""
    one, _ = noisy(index)
    encoded = imagecodecs.jpeg8_encode(one, level=QUALITY)
    return one, np.asarray(imagecodecs.jpeg8_decode(encoded))


def moved(index: int) -> tuple[Picture, Picture]:
    """A scene with edits, turned, scaled and shifted."""
    one, other = noisy(index)
    matrix = cv2.getRotationMatrix2D((WIDTH / 2, HEIGHT / 2), DEGREES, SCALE)
    matrix[:, 2] += SHIFT
    there = cv2.warpAffine(other, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101)
    return one, np.asarray(there, np.uint8)


KINDS: dict[str, tuple[Callable[[int], tuple[Picture, Picture]], float]] = {
    "noise, edits": (noisy, 2.5),
    "saved again": (saved_again, 2.2),
    "turned, scaled, shifted": (moved, 5.0),
}
"""How each is drawn, and what it may take beside decoding."""


def photo_cost_rows(root: Path, pairs: int, runs: int) -> Iterator[Row]:
    """Compare `pairs` photos of each kind, and twice as many: what a pair takes is the difference."""
    for name, (draw, most) in KINDS.items():
        few, many = (save_pairs(root / f"{name} {count}", ".jpg", count, 2, draw) for count in (pairs, 2 * pairs))
        used = [(_compared(few), _compared(many)) for _ in range(runs)]
        decoding = median(_decoding(many) - _decoding(few) for _ in range(runs))
        label = f"12-megapixel photos, {name}"
        seconds = median(twice.seconds - once.seconds for once, twice in used)
        yield Row(f"{label}: CPU / decoding them", seconds / decoding, f"at most {most}")
        fresh = median(twice.faults - once.faults for once, twice in used) * os.sysconf("SC_PAGE_SIZE") / 1e6 / pairs
        yield Row(f"{label}: fresh memory, MB a pair", fresh, "at most 60")
        share = median(twice.system / twice.seconds for _, twice in used)
        yield Row(f"{label}: share of system time", share, "at most 0.04")


def _compared(folder: Folder) -> Usage:
    """What a process of one worker takes to compare a folder."""
    command = [*diffspot, "compare", str(folder.reference), str(folder.candidate), "--jobs", "1", "--quiet"]
    with Path(os.devnull).open("wb") as nowhere:
        started = subprocess.Popen(command, cwd=ROOT, stdout=nowhere, stderr=nowhere)
        _, status, usage = os.wait4(started.pid, 0)
        started.returncode = os.waitstatus_to_exitcode(status)
    if started.returncode not in COMPARED:
        raise subprocess.CalledProcessError(started.returncode, command, b"", b"diffspot did not compare the photos")
    return _usage(usage)


def _usage(usage: struct_rusage) -> Usage:
    return Usage(usage.ru_utime, usage.ru_stime, usage.ru_minflt)


def _decoding(folder: Folder) -> float:
    """Seconds of the processor that reading and decoding a folder takes."""
    start = time.process_time()
    for path in folder.files():
        imagecodecs.imread(path.read_bytes())
    return time.process_time() - start
