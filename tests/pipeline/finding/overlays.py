"""Frames with drawn objects that stay while the photo behind them changes, and the mask of the objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import imagecodecs
import numpy as np
import skimage.data

if TYPE_CHECKING:
    from numpy.typing import NDArray

HEIGHT, WIDTH = 240, 320
PHOTOS = ("coffee", "astronaut", "chelsea")


def objects(rng: np.random.Generator) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """A picture of a box, a disc, a sign with words and a frame, and where they are."""
    drawn, mask = np.zeros((HEIGHT, WIDTH, 3), np.uint8), np.zeros((HEIGHT, WIDTH), np.uint8)
    for kind in range(4):
        color = rng.integers(30, 226, 3).tolist()
        x, y = 15 + 160 * (kind % 2) + int(rng.integers(0, 40)), 15 + 115 * (kind // 2) + int(rng.integers(0, 30))
        own = np.zeros_like(mask)
        if kind == 1:
            cv2.circle(own, (x + 35, y + 35), int(rng.integers(18, 35)), 255, -1)
        else:
            width, height = int(rng.integers(60, 100)), int(rng.integers(30, 65))
            cv2.rectangle(own, (x, y), (x + width, y + height), 255, 8 if kind == 3 else -1)
        drawn[own > 0] = color
        if kind == 2:
            cv2.putText(drawn, "SCORE", (x + 3, y + 22), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (255, 255, 255), 1)
        mask |= own
    return drawn, mask > 0


def frames(count: int, seed: int, quality: int = 80) -> tuple[list[NDArray[np.uint8]], NDArray[np.bool_]]:
    """So many JPEG frames, and the mask of what they share."""
    rng = np.random.default_rng(seed)
    drawn, mask = objects(rng)
    found = []
    for index in range(count):
        photo = getattr(skimage.data, PHOTOS[index % len(PHOTOS)])()
        y, x = int(rng.integers(0, photo.shape[0] - HEIGHT + 1)), int(rng.integers(0, photo.shape[1] - WIDTH + 1))
        frame = photo[y : y + HEIGHT, x : x + WIDTH][:, :: int(rng.choice([1, -1]))].copy()
        frame[mask] = drawn[mask]
        found.append(imagecodecs.jpeg_decode(imagecodecs.jpeg_encode(frame, level=quality)))
    return found, mask
