"""Photographs that ship with scikit-image, and objects planted in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageOps

from benchmarks.scenes.truth import apart, tight_box

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from benchmarks.scenes.truth import Box

    Picture = NDArray[np.uint8]
    Coverage = NDArray[np.float64]
    Values = NDArray[np.float64]
    Edit = Callable[[Picture, Box, Coverage, np.random.Generator], Values]

# Colour pictures inside the scikit-image wheel: no download.
PHOTOS = ("astronaut", "chelsea", "coffee", "rocket")

# Changes closer than this would be one change to a person, too.
GAP = 14
# A planted change that a person could not see is no truth: mean over its pixels, grey levels.
VISIBLE = 24.0
# Full-range BT.601 luma.
LUMA = np.array([0.299, 0.587, 0.114])
PAINTS = ((206, 62, 48), (52, 118, 196), (238, 190, 62), (62, 150, 92), (240, 236, 226))
MAX_TRIES = 2000


def load_photo(name: str, width: int, height: int) -> Picture:
    """Return a scikit-image photograph, cropped about its centre and scaled to fit.

    Args:
        name: A function of `skimage.data` that needs no download.
        width: px.
        height: px.

    Returns:
        (height, width, 3) uint8; (height, width) for the grey ones, (height, width, 4) for the
        logo.
    """
    from skimage import data  # noqa: PLC0415  pages are drawn without it

    whole = Image.fromarray(getattr(data, name)())
    return np.asarray(ImageOps.fit(whole, (width, height), Image.Resampling.LANCZOS))


def ellipse(box: Box, shape: tuple[int, ...]) -> Coverage:
    """Return the (H, W) coverage in [0, 1] of the ellipse inside `box`, antialiased over 1 px."""
    x, y, w, h = box
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    across = (columns + 0.5 - x - w / 2) / (w / 2)
    down = (rows + 0.5 - y - h / 2) / (h / 2)
    inside: Coverage = (1 - np.hypot(across, down)) * min(w, h) / 2 + 0.5
    return np.clip(inside, 0, 1)


def blend(picture: Picture, top: Values, coverage: Coverage) -> Picture:
    """Lay `top` over an RGB picture where `coverage` says so."""
    share = coverage[..., None]
    return np.rint(picture * (1 - share) + np.clip(top, 0, 255) * share).astype(np.uint8)


def tint(picture: Picture, coverage: Coverage, colour: tuple[float, float, float]) -> Picture:
    """Give a place the hue of `colour` and keep its luma, to the rounding of 8 bits.

    The colour is weakened where it would leave the range of 8 bits, which would change the luma.
    """
    luma = (picture @ LUMA)[..., None]
    chroma = np.asarray(colour) - np.asarray(colour) @ LUMA
    room = np.where(chroma > 0, 255 - luma, luma) / np.maximum(np.abs(chroma), 1e-9)
    strength = np.minimum(1.0, room.min(axis=2, keepdims=True))
    return blend(picture, luma + strength * chroma, coverage)


def _ball(picture: Picture, box: Box, _: Coverage, rng: np.random.Generator) -> Values:
    """A shaded ball, lit from the upper left."""
    x, y, w, h = box
    rows, columns = np.mgrid[: picture.shape[0], : picture.shape[1]]
    far = np.hypot((columns - x - 0.35 * w) / w, (rows - y - 0.3 * h) / h)
    paint = np.array(PAINTS[rng.integers(len(PAINTS))], dtype=np.float64)
    light: Values = np.clip(1.25 - 0.9 * far, 0.3, 1.2)[..., None]
    return paint * light


def _clone(picture: Picture, box: Box, _: Coverage, rng: np.random.Generator) -> Values:
    """What stands elsewhere in the picture."""
    height, width = picture.shape[:2]
    down = int(rng.integers(-box[1], height - box[1] - box[3] + 1))
    right = int(rng.integers(-box[0], width - box[0] - box[2] + 1))
    return np.roll(picture, (-down, -right), axis=(0, 1)).astype(np.float64)


def _repaint(picture: Picture, _: Box, coverage: Coverage, rng: np.random.Generator) -> Values:
    """The same thing in another colour."""
    return tint(picture, coverage, PAINTS[rng.integers(4)]).astype(np.float64)


def _remove(picture: Picture, box: Box, _: Coverage, rng: np.random.Generator) -> Values:
    """The background that the four corners of the place suggest, with the grain of a photo."""
    x, y, w, h = box
    right, bottom = min(x + w, picture.shape[1] - 1), min(y + h, picture.shape[0] - 1)
    corners = picture[np.ix_([y, bottom], [x, right])]
    fill = np.asarray(Image.fromarray(corners).resize((w, h), Image.Resampling.BILINEAR))
    values = picture.astype(np.float64)
    values[y : y + h, x : x + w] = fill + rng.normal(0.0, 1.5, (h, w, 1))
    return values


EDITS: tuple[Edit, ...] = (_ball, _clone, _repaint, _remove)


def _somewhere(size: int, shape: tuple[int, ...], border: int, rng: np.random.Generator) -> Box:
    w, h = (max(4, round(size * rng.uniform(0.75, 1.35))) for _ in range(2))
    x = int(rng.integers(border, shape[1] - w - border))
    y = int(rng.integers(border, shape[0] - h - border))
    return x, y, w, h


def _visible(before: Picture, after: Picture, coverage: Coverage) -> bool:
    moved = np.abs(after.astype(np.float64) - before).max(axis=2)
    return bool(moved[coverage > 0.5].mean() > VISIBLE)


def _plant_one(picture: Picture, size: int, taken: Sequence[Box], border: int, rng: np.random.Generator) -> Picture:
    for _ in range(MAX_TRIES):
        box = _somewhere(size, picture.shape, border, rng)
        edit = EDITS[rng.integers(len(EDITS))]
        if not apart(box, taken, GAP):
            continue
        coverage = ellipse(box, picture.shape)
        after = blend(picture, edit(picture, box, coverage, rng), coverage)
        if _visible(picture, after, coverage):
            return after
    raise ValueError(f"no free, visible place for a change of {size} px")


def plant_changes(
    picture: Picture, rng: np.random.Generator, sizes: Sequence[int], *, border: int = 6
) -> list[Picture]:
    """Plant one visible change a size, apart from each other: objects added, gone or repainted.

    Args:
        picture: (H, W, 3) uint8.
        rng: Decides kinds and places.
        sizes: About the width and height of each change, px.
        border: px at the edge that stay as they are.

    Returns:
        The picture, then the picture after one change, after two, and so on: see `step_boxes`.

    Raises:
        ValueError: There is no room for all of them.
    """
    steps, taken = [picture], list[tuple[int, int, int, int]]()
    for size in sorted(sizes, reverse=True):
        steps.append(_plant_one(steps[-1], size, taken, border, rng))
        taken.append(tight_box(steps[-2], steps[-1]))
    return steps
