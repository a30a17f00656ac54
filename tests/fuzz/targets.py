"""What is fuzzed; inputs are made for each in turn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fuzz.pictures import Pictures
from tests.fuzz.texts import TEXTS

if TYPE_CHECKING:
    from tests.fuzz.interface import Target

TARGETS: tuple[Target, ...] = (*map(Pictures, ("png", "jpeg", "webp", "tiff", "gif", "bmp")), *TEXTS)
