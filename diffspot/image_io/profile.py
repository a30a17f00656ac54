"""Embedded ICC profiles: whether the colours are sRGB, which is what diffspot takes them for."""

from __future__ import annotations

import io
from functools import lru_cache

REMEMBERED = 32


@lru_cache(maxsize=REMEMBERED)
def describe_profile(profile: bytes) -> str | None:
    """Return the note for an ICC profile, or None where there is none or it is sRGB."""
    if not profile:
        return None
    from PIL import ImageCms  # noqa: PLC0415 - slow to import and only for files with a profile

    try:
        opened = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        name = ImageCms.getProfileDescription(opened).strip()
    except (OSError, ValueError, ImageCms.PyCMSError):
        return "damaged colour profile not applied"
    if "sRGB" in name:
        return None
    return f"colour profile '{name}' not applied"
