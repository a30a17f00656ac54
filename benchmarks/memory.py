"""Bytes a pixel that comparing a pair takes at its peak, by kind: what `runner.memory` reserves is taken from here.

`python -m benchmarks.memory [MEGAPIXELS]` draws pairs of each kind, compares each in a process of its own and prints a
table. The bytes are those beyond what a pair of one pixel takes, divided by the pixels of both pictures. Every process
is given 4 GB, so that it hands freed blocks back at once, as it does where memory is short.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import skimage.data

from diffspot.image_io import encode_png

if TYPE_CHECKING:
    from numpy.typing import NDArray

MEASURE = """
import resource, subprocess, sys
resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
done = subprocess.run([sys.executable, "-m", "diffspot", "compare", *sys.argv[1:]], capture_output=True)
print(done.returncode, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""
PLANES = {"grey": [0], "grey, alpha": [0, 3], "RGB": [0, 1, 2], "RGBA": [0, 1, 2, 3]}
"""Of the drawn pictures, by kind."""
DEPTHS: dict[int, type[np.unsignedinteger]] = {8: np.uint8, 16: np.uint16}


def photo(height: int, width: int) -> NDArray[np.float32]:
    """(H, W, 4) float32, 0 to 255: a photograph, enlarged; its alpha is nearly opaque."""
    picture = cv2.resize(skimage.data.astronaut(), (width, height), interpolation=cv2.INTER_CUBIC).astype(np.float32)
    return np.dstack([picture, np.full((height, width), 250, np.float32)])


def page(height: int, width: int) -> NDArray[np.float32]:
    """(H, W, 4) float32: lines of dark blocks on white."""
    picture = np.full((height, width, 4), 255, np.float32)
    rng = np.random.default_rng(1)
    for top in range(10, height - 20, 24):
        for left in range(20, width - 20, 14):
            if rng.random() < 0.7:
                picture[top : top + 12, left : left + int(rng.integers(4, 12)), :3] = 40
    return picture


def changed(picture: NDArray[np.float32]) -> NDArray[np.float32]:
    """The same with boxes of another colour."""
    other = picture.copy()
    height, width = picture.shape[:2]
    for row in range(5):
        other[row * height // 6 + 7 :][:30, width // 3 : width // 3 + 40, :3] = (200, 40, 40)
    return other


def noisy(picture: NDArray[np.float32], seed: int) -> NDArray[np.float32]:
    """The same with sensor noise of 3 grey levels in its colours."""
    noise = np.random.default_rng(seed).normal(0, 3, picture.shape[:2]).astype(np.float32)
    other = picture.copy()
    other[..., :3] += noise[..., None]
    return other


def moved(picture: NDArray[np.float32]) -> NDArray[np.float32]:
    """The same turned by 1.5 degrees."""
    height, width = picture.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), 1.5, 1)
    return np.asarray(cv2.warpAffine(picture, matrix, (width, height), borderMode=cv2.BORDER_REFLECT), np.float32)


def pairs(height: int, width: int) -> dict[str, tuple[NDArray[np.float32], NDArray[np.float32]]]:
    """Pairs of pictures by what happened to them."""
    drawn, seen = page(height, width), photo(height, width)
    unlike = np.random.default_rng(3).uniform(0, 255, seen.shape).astype(np.float32)
    return {
        "crisp": (drawn, changed(drawn)),
        "grainy": (noisy(seen, 1), changed(noisy(seen, 2))),
        "moved": (noisy(seen, 1), changed(noisy(moved(seen), 2))),
        "unlike": (noisy(seen, 1), unlike),
    }


def save(picture: NDArray[np.float32], kind: str, depth: int, path: Path) -> None:
    """Writes some of the planes as a PNG of that many bits."""
    dtype = DEPTHS[depth]
    pixels = picture[..., PLANES[kind]].clip(0, 255) * (np.iinfo(dtype).max / 255)
    path.write_bytes(encode_png(pixels.astype(dtype)))


def peak_bytes(*arguments: str) -> int:
    """The peak of one `diffspot compare`."""
    done = subprocess.run([sys.executable, "-c", MEASURE, *arguments], capture_output=True, text=True, check=True)
    code, kilobytes = map(int, done.stdout.split())
    if code == 2:
        raise SystemExit(f"diffspot compare {' '.join(arguments)} failed.")
    return kilobytes * 1024


def main() -> None:
    """Prints the table."""
    megapixels = float(sys.argv[1]) if len(sys.argv) > 1 else 12.0
    width, height = round((megapixels * 1e6 * 4 / 3) ** 0.5), round((megapixels * 1e6 * 3 / 4) ** 0.5)
    with tempfile.TemporaryDirectory() as folder:
        one, other = (Path(folder) / name for name in ("reference.png", "candidate.png"))
        for path, level in ((one, 0), (other, 255)):
            path.write_bytes(encode_png(np.full((1, 1, 3), level, np.uint8)))
        base = peak_bytes(str(one), str(other))
        print(f"{width}x{height} px, {base / 1e6:.0f} MB for a pair of one pixel; bytes a pixel of both pictures")
        for what, pictures in pairs(height, width).items():
            for kind, depth in product(PLANES, DEPTHS):
                for picture, path in zip(pictures, (one, other), strict=True):
                    save(picture, kind, depth, path)
                taken = (peak_bytes(str(one), str(other)) - base) / (2 * width * height)
                print(f"{what:8} {kind:12} {depth:2} bits {taken:6.1f}", flush=True)


if __name__ == "__main__":
    main()
