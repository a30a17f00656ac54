"""One pair of pictures, where they differ, and how it is kept as files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from benchmarks.scenes.truth import Box

    Picture = NDArray[np.uint8]
    Deep = NDArray[np.uint16]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two pictures and where they differ.

    Attributes:
        reference: (H, W) or (H, W, 3) uint8, or (H, W) uint16.
        candidate: The same, of any size.
        boxes: [x, y, width, height] of each difference, px of the reference; empty where nothing
            changed. Rows that only the candidate has are 1 px high, at the seam.
        quality: JPEG quality in which both are kept; None keeps them as PNG.
    """

    reference: Picture | Deep
    candidate: Picture | Deep
    boxes: tuple[Box, ...]
    quality: int | None = None


@dataclass(frozen=True, slots=True)
class Planted:
    """One scene before and after its changes, seen by the same eye from the same place.

    Attributes:
        before: (H, W) or (H, W, 3) uint8.
        after: The same shape.
        boxes: [x, y, width, height] of each change; empty where nothing changed.
    """

    before: Picture
    after: Picture
    boxes: tuple[Box, ...] = ()


def save_pair(pair: Pair, folder: Path, name: str) -> tuple[Path, Path]:
    """Write both pictures into `folder`; return the paths of reference and candidate."""
    extension = "png" if pair.quality is None else "jpg"
    paths = []
    for side, picture in (("reference", pair.reference), ("candidate", pair.candidate)):
        path = folder / f"{name}-{side}.{extension}"
        # PNG has no use for the quality and ignores it.
        Image.fromarray(picture).save(path, quality=pair.quality or 0)
        paths.append(path)
    return paths[0], paths[1]
