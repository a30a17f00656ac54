"""The default backend: NumPy arrays and OpenCV's kernels, which release the GIL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from diffspot.backends.interface import Backend, Components, blur_radius

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.model import Matrix


class NumpyBackend(Backend):
    """See `Backend`."""

    name = "numpy"

    def use_one_thread(self) -> None:
        """See `Backend.use_one_thread`."""
        cv2.setNumThreads(1)

    def warp(
        self, image: NDArray[Any], matrix: Matrix, size: tuple[int, int]
    ) -> tuple[NDArray[Any], NDArray[Any]]:
        """See `Backend.warp`."""
        forward = np.array(matrix)
        ones = np.full(image.shape[:2], 255, np.uint8)
        moved = cv2.warpPerspective(
            image, forward, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
        )
        inside = cv2.warpPerspective(ones, forward, size, flags=cv2.INTER_LINEAR)
        return moved.reshape(size[1], size[0], -1), inside == ones[0, 0]

    def gaussian_blur(self, image: NDArray[Any], sigma: float) -> NDArray[Any]:
        """See `Backend.gaussian_blur`."""
        if sigma == 0:
            return image
        side = 2 * blur_radius(sigma) + 1
        blurred = cv2.GaussianBlur(image, (side, side), sigma, borderType=cv2.BORDER_REFLECT)
        return blurred.reshape(image.shape)

    def local_minimum(self, image: NDArray[Any], radius: int) -> NDArray[Any]:
        """See `Backend.local_minimum`."""
        return _morphology(cv2.MORPH_ERODE, image, 2 * radius + 1)

    def local_maximum(self, image: NDArray[Any], radius: int) -> NDArray[Any]:
        """See `Backend.local_maximum`."""
        return _morphology(cv2.MORPH_DILATE, image, 2 * radius + 1)

    def label(self, mask: NDArray[Any]) -> tuple[NDArray[Any], int]:
        """See `Backend.label`."""
        count, labels = cv2.connectedComponents(mask.view(np.uint8), connectivity=8)
        return labels, count - 1

    def components(
        self, mask: NDArray[Any], scores: NDArray[Any]
    ) -> tuple[NDArray[Any], Components]:
        """See `Backend.components`."""
        count, labels, stats, _ = cv2.connectedComponentsWithStats(
            mask.view(np.uint8), connectivity=8
        )
        where = np.flatnonzero(mask)
        owner = labels.ravel()[where].astype(np.int64) - 1
        value = scores.ravel()[where]
        peaks = np.zeros(count - 1)
        np.maximum.at(peaks, owner, value)
        areas = stats[1:, cv2.CC_STAT_AREA].astype(np.int64)
        means = np.bincount(owner, value, minlength=count - 1) / areas
        boxes = stats[1:, : cv2.CC_STAT_AREA].astype(np.int64)
        return labels, Components(boxes, areas, peaks, means)


def _morphology(operation: int, image: NDArray[Any], side: int) -> NDArray[Any]:
    if side == 1:
        return image
    raw = image.view(np.uint8) if image.dtype == np.bool_ else image
    kernel = cv2.getStructuringElement(cv2.MORPH_RECT, (side, side))
    moved = cv2.morphologyEx(raw, operation, kernel)
    return moved.reshape(image.shape).view(image.dtype)
