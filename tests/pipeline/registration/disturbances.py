"""What changes a picture without moving it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from tests.pipeline.registration import scenes

if TYPE_CHECKING:
    from tests.pipeline.registration.scenes import Picture


def _dimmed(picture: Picture) -> Picture:
    return np.clip(picture * 0.8 + 12, 0, 255).astype(np.uint8)


def _vignetted(picture: Picture) -> Picture:
    x = np.linspace(-1, 1, picture.shape[1])[:, None]
    return (picture * (1 - 0.4 * x**2)).astype(np.uint8)


def _compressed(picture: Picture) -> Picture:
    coded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 50])[1]
    return np.asarray(cv2.imdecode(coded, cv2.IMREAD_UNCHANGED), np.uint8).reshape(picture.shape)


def _blurred(picture: Picture) -> Picture:
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), 1.2), np.uint8).reshape(picture.shape)


def _changed(picture: Picture) -> Picture:
    return scenes.with_patches(picture, 12)


def _grainy(picture: Picture) -> Picture:
    return scenes.noisy(picture, 10)


DISTURBANCES = [_dimmed, _vignetted, _compressed, _blurred, _changed, _grainy]
