"""Small pictures that tests write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import imagecodecs
import numpy as np

from diffspot.image_io import encode_png

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

PATCH = (8, 5, 12, 10)
"""The box that `changed` differs in, [x, y, w, h]."""


def plain(height: int = 48, width: int = 64) -> NDArray[np.uint8]:
    """A light grey RGB picture."""
    return np.full((height, width, 3), 200, np.uint8)


def changed(height: int = 48, width: int = 64) -> NDArray[np.uint8]:
    """`plain` with a black patch."""
    picture = plain(height, width)
    x, y, w, h = PATCH
    picture[y : y + h, x : x + w] = 0
    return picture


def page() -> NDArray[np.uint8]:
    """Dark words in lines on a light ground, 400 x 300, as a renderer would draw them."""
    rng = np.random.default_rng(4)
    picture = np.full((400, 300, 3), 250, np.uint8)
    for y in range(20, 380, 20):
        for x in range(20, 280, 12):
            picture[y : y + 8, x : x + int(rng.integers(3, 10))] = int(rng.integers(0, 120))
    return picture


def webp(pixels: NDArray[np.uint8]) -> bytes:
    """A lossless WebP file, which imagecodecs decodes; of a PNG much is told without decoding it."""
    return imagecodecs.webp_encode(pixels, level=0, lossless=True)


def save(path: Path, pixels: NDArray[Any]) -> Path:
    """Writes a PNG, and the folders it needs; returns its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encode_png(pixels))
    return path


def pdf_of(*texts: str, size: tuple[int, int] = (200, 100)) -> bytes:
    """A PDF of one page a text, each with a black bar of as many tens of points as the text is long."""
    kids = " ".join(f"{3 + 2 * n} 0 R" for n in range(len(texts)))
    parts = ["<< /Type /Catalog /Pages 2 0 R >>", f"<< /Type /Pages /Kids [{kids}] /Count {len(texts)} >>"]
    for n, text in enumerate(texts):
        draw = f"0 0 0 rg 20 30 {10 * len(text)} 20 re f"
        box = f"[0 0 {size[0]} {size[1]}]"
        parts.append(f"<< /Type /Page /Parent 2 0 R /MediaBox {box} /Contents {4 + 2 * n} 0 R /Resources << >> >>")
        parts.append(f"<< /Length {len(draw)} >>\nstream\n{draw}\nendstream")
    body, places = "%PDF-1.4\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(body))
        body += f"{number} 0 obj\n{part}\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    trailer = f"trailer\n<< /Size {len(parts) + 1} /Root 1 0 R >>\nstartxref\n{len(body)}\n%%EOF\n"
    return f"{body}xref\n0 {len(parts) + 1}\n0000000000 65535 f \n{table}{trailer}".encode()
