"""What is compared: pairs of files, pictures, and what the stages made of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

from msgspec import Meta

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

Box = Annotated[
    tuple[int, int, int, int],
    Meta(description="[x, y, width, height] in px, top-left origin, half-open (COCO)."),
]

MAX_PIXELS = 500_000_000
"""The limit for one picture; a header may promise more than any memory holds in a file of a few bytes."""


@dataclass(frozen=True, slots=True)
class ImagePair:
    """Two picture files that belong together.

    `reference` is None for an added picture, `candidate` for a removed one; `renamed` ones have both, and the same
    content. `name` is unique in a run and uses forward slashes. `also` are other references: the candidate is right
    where it is the same as any of them.
    """

    name: str
    reference: Path | None
    candidate: Path | None
    renamed: bool = False
    also: tuple[Path, ...] = ()

    @property
    def references(self) -> tuple[Path, ...]:
        """All references."""
        return (*([] if self.reference is None else [self.reference]), *self.also)

    @property
    def pictures(self) -> tuple[Path, ...]:
        """All files that are read for it."""
        return (*self.references, *([] if self.candidate is None else [self.candidate]))


class Compression(NamedTuple):
    """How JPEG compressed a picture (ITU-T T.81).

    Attributes:
        luminance: (64,) the steps to whose multiples its frequencies were rounded, row by row, 1 to 255.
        colours: the same of colour differences; of a grey picture those of luminance.
        sampling: px, down and across, that have one colour together: 1 or 2 each.
    """

    luminance: tuple[int, ...]
    colours: tuple[int, ...]
    sampling: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Image:
    """A decoded picture.

    Attributes:
        pixels: (H, W, C) uint8 or uint16; C is 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA; alpha is
            straight (not premultiplied).
        notes: what was done on the way in, one short phrase each ("EXIF orientation 6 applied").
        profile: the embedded ICC profile, where there is one and it is not sRGB.
        compression: how the file says that JPEG compressed these pixels; None where it says nothing of it.
    """

    pixels: NDArray[np.uint8] | NDArray[np.uint16]
    notes: tuple[str, ...] = ()
    profile: bytes = b""
    compression: Compression | None = None

    def within(self, box: Box) -> Image:
        """The part of the picture in a box."""
        x, y, w, h = box
        return Image(self.pixels[y : y + h, x : x + w].copy(), self.notes)


class IgnoredAreas(NamedTuple):
    """The ignored area of a pair in the pixels of either picture: (H, W) bool and (h, w) bool, true where ignored."""

    reference: NDArray[np.bool_]
    candidate: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Maps:
    """What the stages made, all in the frame of the reference.

    Attributes:
        aligned: (H, W, C) uint8 or uint16, the candidate; with alpha, 0 where it does not cover the reference.
        blurred: (H, W, C) uint8, the candidate in the reference's light, blurred as it was scored.
        scores: (H, W) float32 in [0, 1], the score map; 0 outside the valid area.
        threshold: the score above which a pixel differs.
        passed: (H, W) bool, scores above the threshold.
        opened: (H, W) bool, what of them the opening leaves.
        mask: (H, W) bool, the pixels of the regions.
    """

    aligned: NDArray[Any]
    blurred: NDArray[np.uint8]
    scores: NDArray[np.float32]
    threshold: float
    passed: NDArray[np.bool_]
    opened: NDArray[np.bool_]
    mask: NDArray[np.bool_]
