"""Pictures and known motions for the tests of registration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import skimage.data

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.model import Registration

    Picture = NDArray[np.uint8]
    Matrix = NDArray[np.float64]


def photo(name: str, height: int = 300, width: int = 400) -> Picture:
    """The middle of one of scikit-image's pictures, (height, width, C) uint8."""
    picture = np.asarray(getattr(skimage.data, name)())
    picture = picture.reshape(*picture.shape[:2], -1)
    top, left = (picture.shape[0] - height) // 2, (picture.shape[1] - width) // 2
    return np.ascontiguousarray(picture[top : top + height, left : left + width])


def view(name: str, matrix: Matrix, height: int = 240, width: int = 340) -> Picture:
    """What `photo` shows after a reference-to-candidate motion, with what really lies around it moving in."""
    picture = np.asarray(getattr(skimage.data, name)())
    left, top = (picture.shape[1] - width) // 2, (picture.shape[0] - height) // 2
    inwards = np.array([[1, 0, -left], [0, 1, -top], [0, 0, 1]])
    return moved(picture.reshape(*picture.shape[:2], -1), matrix @ inwards, (width, height))


def flat(shade: int, height: int = 200, width: int = 240) -> Picture:
    return np.full((height, width, 1), shade, np.uint8)


def stars(count: int = 80, height: int = 360, width: int = 420, seed: int = 1) -> Picture:
    """Spots of many sizes and strengths on a dark sky, (height, width, 1)."""
    rng = np.random.default_rng(seed)
    sky = np.full((height, width), 12.0)
    rows, cols = np.mgrid[:height, :width]
    for _ in range(count):
        x, y, peak, size = rng.uniform(0, width), rng.uniform(0, height), rng.pareto(1.2) * 60 + 40, rng.uniform(1, 1.8)
        sky += peak * np.exp(-((cols - x) ** 2 + (rows - y) ** 2) / (2 * size**2))
    return np.clip(sky, 0, 255).astype(np.uint8)[..., None]


def document(height: int = 400, width: int = 340, seed: int = 1) -> Picture:
    """Lines of letters, dark on white, (height, width, 1)."""
    rng = np.random.default_rng(seed)
    paper = np.full((height, width), 250, np.uint8)
    for y in range(30, height - 20, 22):
        letters = "".join(chr(97 + letter) for letter in rng.integers(0, 26, 26))
        cv2.putText(paper, letters, (16, y), cv2.FONT_HERSHEY_COMPLEX, 0.5, (20,), 1, cv2.LINE_AA)
    return paper[..., None]


def bricks(height: int = 300, width: int = 400) -> Picture:
    """A periodic wall, (height, width, 1)."""
    wall = np.full((height, width), 150, np.uint8)
    for row, y in enumerate(range(0, height, 24)):
        cv2.line(wall, (0, y), (width, y), (90,), 2)
        for x in range(row % 2 * 24, width, 48):
            cv2.line(wall, (x, y), (x, y + 24), (90,), 2)
    return wall[..., None]


def motion(dx: float, dy: float, degrees: float = 0, scale: float = 1) -> Matrix:
    """Reference to candidate: a turn and a change of scale about (200, 150), then a shift."""
    turned = cv2.getRotationMatrix2D((200, 150), degrees, scale)
    turned[:, 2] += (dx, dy)
    return np.vstack([turned, [0, 0, 1]])


def moved(picture: Picture, matrix: Matrix, size: tuple[int, int] | None = None) -> Picture:
    """The candidate, (width, height) `size`, that a reference-to-candidate matrix makes of a reference."""
    size = size or (picture.shape[1], picture.shape[0])
    warped = cv2.warpPerspective(picture, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    return np.asarray(warped, np.uint8).reshape(size[1], size[0], picture.shape[2])


def noisy(picture: NDArray[Any], sigma: float, seed: int = 0) -> Picture:
    noise = np.random.default_rng(seed).normal(0, sigma, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def with_patches(picture: Picture, count: int, seed: int = 3) -> Picture:
    """A copy with rectangles of one colour painted over it."""
    rng = np.random.default_rng(seed)
    painted = picture.copy()
    height, width, channels = picture.shape
    for _ in range(count):
        x, y, w, h = rng.integers(0, width - 40), rng.integers(0, height - 40), *rng.integers(15, 45, 2)
        painted[y : y + h, x : x + w] = rng.integers(0, 255, channels)
    return painted


def error(found: Registration, truth: Matrix, shape: tuple[int, ...], candidate_shape: tuple[int, ...]) -> float:
    """The largest distance, px, by which a place of the reference that the candidate covers is missed."""
    x, y = (a.ravel() for a in np.meshgrid(np.linspace(0, shape[1] - 1, 9), np.linspace(0, shape[0] - 1, 9)))
    there = truth @ np.stack([x, y, np.ones_like(x)])
    there /= there[2]
    here = np.array(found.matrix) @ there
    inside = (there[:2] >= 0).all(axis=0) & (there[0] < candidate_shape[1]) & (there[1] < candidate_shape[0])
    return float(np.hypot(here[0] / here[2] - x, here[1] / here[2] - y)[inside].max())
