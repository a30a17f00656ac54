"""What tolerance took without a word is told where it is as much as a region would be, and noise is not."""

from __future__ import annotations

import cv2
import numpy as np
from skimage.data import astronaut

from diffspot import compare
from diffspot.pipeline.verdict import LEAST_UNTOLD
from tests.pipeline.test_parts import compressed, lines, page


def test_nothing_is_told_of_noise(rng: np.random.Generator) -> None:
    scene = cv2.resize(astronaut(), (1024, 1024), interpolation=cv2.INTER_CUBIC)
    shots = [np.clip(scene + rng.normal(0, 4, scene.shape), 0, 255).astype(np.uint8) for _ in range(2)]
    result = compare(*shots)
    assert (result.status, result.forgiven) == ("same", ())


def test_edges_that_compression_left_elsewhere_are_told() -> None:
    result = compare(compressed(page(lines()), 90), compressed(page(lines()), 40))
    (entry,) = result.forgiven
    assert result.status == "same"
    assert (entry.cause, entry.pixels >= LEAST_UNTOLD, entry.places <= entry.pixels) == ("noise", True, True)
