"""Tells whether a file is still the one that was compared."""

from __future__ import annotations

import hashlib


def digest(data: bytes | memoryview) -> str:
    """What `sha256sum` prints of a file with this content; SHA-256 is the fastest where the processor knows it."""
    return hashlib.sha256(data).hexdigest()
