"""Makes the picture files that the tests of diffspot.image_io read."""

from __future__ import annotations

import io
import struct
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np
import PIL.Image
import tifffile

if TYPE_CHECKING:
    from numpy.typing import NDArray

HEIGHT, WIDTH = 21, 34


def noise(channels: int, dtype: str = "uint8") -> NDArray[Any]:
    """Return (HEIGHT, WIDTH, channels) values over the whole range of `dtype`."""
    rng = np.random.default_rng(channels)
    return rng.integers(0, np.iinfo(dtype).max + 1, (HEIGHT, WIDTH, channels)).astype(dtype)


def picture(mode: str = "RGB") -> PIL.Image.Image:
    """Return noise in one of Pillow's modes."""
    rgba = PIL.Image.fromarray(noise(4))
    return rgba.convert("RGB").quantize(16) if mode == "P" else rgba.convert(mode)


def save(source: PIL.Image.Image, kind: str, **options: Any) -> bytes:  # noqa: ANN401
    """Return the file that Pillow writes."""
    file = io.BytesIO()
    source.save(file, kind, **options)
    return file.getvalue()


def tiff(pixels: NDArray[Any], **options: Any) -> bytes:  # noqa: ANN401
    """Return the file that tifffile writes."""
    file = io.BytesIO()
    tifffile.imwrite(file, pixels, **options)
    return file.getvalue()


def pillow(data: bytes, mode: str) -> NDArray[Any]:
    """Return what Pillow reads, converted to a mode, as (H, W, C)."""
    with PIL.Image.open(io.BytesIO(data)) as opened:
        pixels = np.asarray(opened.convert(mode))
    return pixels.reshape(*pixels.shape[:2], -1)


def png_of(chunks: list[tuple[bytes, bytes]]) -> bytes:
    """Return a PNG of these chunks, with lengths and checksums."""
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(content)) + kind + content + zlib.crc32(kind + content).to_bytes(4)
        for kind, content in chunks
    )
