"""The two panels of a sheet that shows both pictures of a pair."""

from __future__ import annotations

from diffspot.pipeline.panels.find import find_panels

__all__ = ["find_panels"]
