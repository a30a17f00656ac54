"""Features that agree on a motion."""

from __future__ import annotations

import cv2
import numpy as np
from skimage import data

from diffspot.pipeline.registration.features import agree_on

MOTION = np.array([[0.98, -0.03, 9.0], [0.02, 1.01, -6.0], [2e-5, 0.0, 1.0]])


def grey(name: str) -> np.ndarray:
    return cv2.cvtColor(getattr(data, name)(), cv2.COLOR_RGB2GRAY).astype(np.float32)


def test_features_agree_on_the_true_motion_alone() -> None:
    reference = grey("chelsea")
    candidate = cv2.warpPerspective(reference, MOTION, reference.shape[::-1], borderMode=cv2.BORDER_REFLECT)
    assert agree_on(reference, candidate, MOTION)
    assert not agree_on(reference, candidate, np.eye(3))


def test_features_of_unrelated_pictures_agree_on_nothing() -> None:
    assert not agree_on(grey("chelsea"), grey("coffee"), np.eye(3))
    assert not agree_on(np.zeros((60, 60), np.float32), np.zeros((60, 60), np.float32), np.eye(3))
