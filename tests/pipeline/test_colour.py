"""Pictures of unlike colour profiles are compared in sRGB; those of one as they are stored."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import imagecodecs
import numpy as np
import PIL.Image
import pytest

import diffspot
from diffspot.image_io import decode
from diffspot.model import Image
from diffspot.pipeline.colour import in_srgb

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
"""Linear sRGB to XYZ (IEC 61966-2-1)."""
P3_TO_XYZ = np.array(
    [[0.4865709, 0.2656677, 0.1982173], [0.2289746, 0.6917385, 0.0792869], [0.0, 0.0451134, 1.0439444]]
)
"""Linear Display P3 to XYZ (SMPTE EG 432-1 primaries, D65)."""
GAMMA = 2.2


def p3_profile() -> bytes:
    """Primaries and white of Display P3 with a plain gamma."""
    primaries = [0.680, 0.320, 1, 0.265, 0.690, 1, 0.150, 0.060, 1]
    return imagecodecs.cms_profile("rgb", whitepoint=(0.3127, 0.3290, 1.0), primaries=primaries, gamma=GAMMA)


def twin(srgb: NDArray[np.uint8], top: int) -> NDArray[Any]:
    """The same colours, encoded in that profile, 0 to `top`."""
    share = srgb / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    p3 = linear @ (np.linalg.inv(P3_TO_XYZ) @ TO_XYZ).T
    return np.rint(np.clip(p3, 0, 1) ** (1 / GAMMA) * top).astype(np.uint8 if top == 255 else np.uint16)


def scene(rng: np.random.Generator) -> NDArray[np.uint8]:
    """Saturated flat patches, none near black, where a gamma of 2.2 is steep."""
    return np.kron(rng.integers(30, 226, (6, 8, 3)), np.ones((20, 20, 1))).astype(np.uint8)


def png(pixels: NDArray[np.uint8], profile: bytes | None = None) -> bytes:
    file = io.BytesIO()
    PIL.Image.fromarray(pixels).save(file, "PNG", **({"icc_profile": profile} if profile else {}))
    return file.getvalue()


@pytest.mark.parametrize("top", [255, 65535])
def test_display_p3_becomes_its_srgb_twin(rng: np.random.Generator, top: int) -> None:
    srgb = scene(rng)
    found = in_srgb(Image(twin(srgb, top), ("colour profile 'P3' not applied",), p3_profile()))
    # 8-bit steps of either encoding, and Little CMS's own rounding
    assert np.abs(found.pixels / (top / 255) - srgb).max() <= 2
    assert (found.notes, found.profile) == (("colour profile 'P3' converted to sRGB, within 2 levels",), b"")


def test_alpha_stays(rng: np.random.Generator) -> None:
    srgb = scene(rng)
    alpha = rng.integers(0, 256, (*srgb.shape[:2], 1)).astype(np.uint8)
    found = in_srgb(Image(np.concatenate([twin(srgb, 255), alpha], axis=2), (), p3_profile()))
    assert np.array_equal(found.pixels[..., 3:], alpha)
    assert np.abs(found.pixels[..., :3].astype(int) - srgb).max() <= 2


def test_a_picture_and_its_twin_are_the_same(tmp_path: Path, rng: np.random.Generator) -> None:
    srgb = scene(rng)
    (tmp_path / "srgb.png").write_bytes(png(srgb))
    (tmp_path / "p3.png").write_bytes(png(twin(srgb, 255), p3_profile()))
    (tmp_path / "bare.png").write_bytes(png(twin(srgb, 255)))
    assert diffspot.compare(tmp_path / "srgb.png", tmp_path / "bare.png").status == "different"
    result = diffspot.compare(tmp_path / "srgb.png", tmp_path / "p3.png")
    assert (result.status, result.notes) == (
        "same",
        ("candidate: colour profile 'RGB built-in' converted to sRGB, within 2 levels",),
    )


def test_what_differs_outside_srgb_is_found_between_two_of_one_profile(tmp_path: Path) -> None:
    wide = np.full((60, 80, 3), (255, 0, 0), np.uint8)  # redder than sRGB can show
    other = wide.copy()
    other[20:40, 20:50] = (240, 0, 0)
    for name, pixels in (("a.png", wide), ("b.png", other)):
        (tmp_path / name).write_bytes(png(pixels, p3_profile()))
    result = diffspot.compare(tmp_path / "a.png", tmp_path / "b.png")
    assert [region.bbox for region in result.regions] == [(20, 20, 30, 20)]
    assert result.notes[0] == "reference: colour profile 'RGB built-in' not applied"


@pytest.mark.parametrize("profile", [b"nonsense", imagecodecs.cms_profile("gray", gamma=1.0)])
def test_a_profile_that_cannot_be_applied_is_left_and_said(profile: bytes, rng: np.random.Generator) -> None:
    image = Image(scene(rng), ("colour profile 'x' not applied",), profile)
    assert in_srgb(image) is image


def test_srgb_and_no_profile_are_one(rng: np.random.Generator) -> None:
    from pathlib import Path  # noqa: PLC0415

    srgb = png(scene(rng), imagecodecs.cms_profile("srgb"))
    assert decode(srgb, Path("a.png")).profile == b""
