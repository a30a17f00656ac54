"""The classic recipe with scikit-image: blur, SSIM, a quantile, morphology, boxes.

`python -m benchmarks.recipe REFERENCES CANDIDATES` prints how many boxes it finds; one worker.
"""

# scikit-image has no types of its own.
# mypy: allow-untyped-calls
from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from skimage.filters import gaussian
from skimage.io import imread
from skimage.measure import label, regionprops
from skimage.metrics import structural_similarity
from skimage.morphology import closing, opening

BLUR, QUANTILE, SQUARE = 1.0, 0.95, np.ones((3, 3), dtype=bool)


def boxes(reference: Path, candidate: Path) -> list[tuple[int, ...]]:
    """Return the bounding boxes of what differs, as scikit-image gives them."""
    blurred = [gaussian(imread(path).astype(np.float64) / 255, BLUR, channel_axis=2) for path in (reference, candidate)]
    _, similarity = structural_similarity(*blurred, channel_axis=2, full=True, data_range=1.0, gaussian_weights=True)
    scores = (1 - similarity.min(axis=2)) / 2
    mask = opening(closing(scores > np.quantile(scores, QUANTILE), SQUARE), SQUARE)
    return [region.bbox for region in regionprops(label(mask))]


def main() -> None:
    """Compare two directories, file by file."""
    references, candidates = (Path(argument) for argument in sys.argv[1:3])
    for path in sorted(references.iterdir()):
        print(path.name, len(boxes(path, candidates / path.name)))


if __name__ == "__main__":
    main()
