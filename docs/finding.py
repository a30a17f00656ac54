"""Draws the pictures of docs/finding.md: what `locate`, `common`, `shapes` and `similar` make of photos.

`python -m docs.screenshots` writes them to docs/images/; the photos are those of scikit-image.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import imagecodecs
import numpy as np
import PIL.Image
import PIL.ImageDraw
import PIL.ImageFont
import skimage.data

import diffspot

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]

HEIGHT, GAP, TEXT = 160, 12, 22
"""Px of a panel, between two of them, and of the words below."""
COLOURS = 256
RED = (230, 30, 30)
CHECKS = 10
"""Px of the checks that stand for transparent."""


def write_pictures(folder: Path) -> None:
    """Writes locate.png, common.png, shapes.png and similar.png."""
    for name, draw in (("locate", _locate), ("common", _common), ("shapes", _shapes), ("similar", _similar)):
        write_small(folder / f"{name}.png", _strip(draw()))


def write_small(path: Path, picture: PIL.Image.Image) -> None:
    """Writes a picture as PNG, in few colours."""
    few = picture.convert("RGB").quantize(COLOURS, method=PIL.Image.Quantize.MEDIANCUT, kmeans=3)
    few.save(path, optimize=True)


def _locate() -> list[tuple[str, Pixels]]:
    photo = skimage.data.astronaut()
    crop = _jpeg(cv2.convertScaleAbs(photo[60:160, 170:290], alpha=0.7, beta=20))
    (place,) = diffspot.locate(crop, photo)
    shown = photo.copy()
    x, y, w, h = place.bbox
    cv2.rectangle(shown, (x, y), (x + w, y + h), RED, 4)
    return [("crop, JPEG, other light", crop), (f"{x},{y},{w},{h}  score {place.score:.3f}", shown)]


def _common() -> list[tuple[str, Pixels]]:
    frames = [
        _with_overlay(photo[:300, :400])
        for photo in (skimage.data.coffee(), skimage.data.astronaut(), skimage.data.chelsea(), skimage.data.rocket())
    ]
    found = diffspot.common(frames)
    return [
        ("frame 1", frames[0]),
        ("frame 2", frames[1]),
        ("frame 3", frames[2]),
        ("shared", _on_checks(found.pixels)),
    ]


def _with_overlay(photo: Pixels) -> Pixels:
    frame = np.ascontiguousarray(photo)
    cv2.rectangle(frame, (20, 20), (150, 64), (20, 60, 160), -1)
    cv2.putText(frame, "SCORE 120", (30, 49), cv2.FONT_HERSHEY_SIMPLEX, 0.65, (255, 255, 255), 2)
    cv2.circle(frame, (340, 230), 42, (230, 190, 30), -1)
    cv2.rectangle(frame, (40, 200), (150, 270), (190, 40, 60), 12)
    return _jpeg(frame)


def _shapes() -> list[tuple[str, Pixels]]:
    photo = skimage.data.coffee()[40:360, 100:520]
    found = diffspot.shapes(photo, levels=4, min_area=150)
    colors = np.random.default_rng(6).integers(60, 256, (len(found.shapes) + 1, 3), np.uint8)
    colors[0] = 0
    return [("picture", photo), (f"{len(found.shapes)} areas of 150 px and more", colors[found.labels])]


def _similar() -> list[tuple[str, Pixels]]:
    photo = skimage.data.chelsea()
    rivals = [photo[..., [2, 0, 1]], skimage.data.coffee(), np.rot90(photo, 2), _jpeg(photo, 40)]
    ranked = diffspot.similar(photo, rivals)
    return [("query", photo), *((f"{distance:.3f}", rivals[index]) for index, distance in ranked)]


def _jpeg(pixels: Pixels, quality: int = 80) -> Pixels:
    return imagecodecs.jpeg_decode(imagecodecs.jpeg_encode(np.ascontiguousarray(pixels), level=quality))


def _on_checks(pixels: Pixels) -> Pixels:
    rows, columns = np.indices(pixels.shape[:2]) // CHECKS
    checks = np.where((rows + columns) % 2, 205, 240)[..., None]
    return np.where(pixels[..., 3:] > 0, pixels[..., :3], checks).astype(np.uint8)


def _strip(panels: list[tuple[str, Pixels]]) -> PIL.Image.Image:
    """Panels of one height side by side, with words below."""
    pictures = [PIL.Image.fromarray(np.ascontiguousarray(pixels)) for _, pixels in panels]
    scaled = [picture.resize((round(picture.width * HEIGHT / picture.height), HEIGHT)) for picture in pictures]
    width = sum(picture.width + GAP for picture in scaled) + GAP
    strip = PIL.Image.new("RGB", (width, HEIGHT + TEXT + 2 * GAP), "white")
    pen, font, x = PIL.ImageDraw.Draw(strip), PIL.ImageFont.load_default(15), GAP
    for picture, (words, _) in zip(scaled, panels, strict=True):
        strip.paste(picture, (x, GAP))
        pen.text((x, HEIGHT + GAP + 4), words, "black", font)
        x += picture.width + GAP
    return strip
