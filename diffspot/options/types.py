"""The types of options besides plain numbers and text.

Lengths and areas are px or a percentage of the picture; sizes are bytes or text such as "1.5GB".
"""

from __future__ import annotations

import re
from typing import Literal

Auto = Literal["auto"]
Unlimited = Literal["any"]
Align = Literal["auto", "none", "translation", "euclidean", "similarity", "affine", "homography"]
Normalize = Literal["auto", "none"]
MetricName = Literal["absdiff", "ssim"]
Annotate = Literal["candidate", "reference", "both", "none"]
Failing = Literal["added", "removed", "renamed", "different", "forgiven", "error"]
Nothing = Literal["none"]
Length = int | str
Area = tuple[Length, Length, Length, Length]

Frames = Literal["all", "first"]
Sort = Literal["input", "severity", "name"]
Unit = Literal["px", "mm"]
PagePictures = Literal["copy", "link"]

PERCENTAGE = re.compile(r"\d+(?:\.\d+)?%")

SIZE = re.compile(r"(\d+(?:\.\d+)?) ?([KMGT])(I?)B", re.IGNORECASE)


def is_length(value: int | str) -> bool:
    """Whether it is px, 0 or more, or a percentage such as "2.5%"."""
    return value >= 0 if isinstance(value, int) else bool(PERCENTAGE.fullmatch(value))


def is_part(value: int | str) -> bool:
    """Whether it is a length or an area of which a picture may have so much: px, or a percentage up to 100 %."""
    return is_length(value) and (isinstance(value, int) or in_px(value, 1) <= 1)


def is_threshold(value: float | str) -> bool:
    """Whether it is auto, a score in [0, 1], or a percentage up to 100 %."""
    return value == "auto" or is_part(value) if isinstance(value, str) else 0 <= value <= 1


def in_px(length: int | str, whole: int) -> float:
    """A length in px, where 100% is `whole` px."""
    return length if isinstance(length, int) else as_share(length) * whole


def as_share(percentage: str) -> float:
    """A percentage such as "2.5%" as a number: 0.025."""
    return float(percentage[:-1]) / 100


def is_size(value: int | str) -> bool:
    """Whether it is a number of bytes, or text such as "800 MB" or "1.5GiB"."""
    return value > 0 if isinstance(value, int) else bool(SIZE.fullmatch(value))


def in_bytes(size: int | str) -> int:
    """A size in bytes; kB, MB, GB and TB are powers of 1000, KiB and so on of 1024."""
    if isinstance(size, int):
        return size
    parts = SIZE.fullmatch(size)
    if parts is None:
        raise ValueError(f"{size!r} is no size")
    number, unit, binary = parts.groups()
    return int(float(number) * (1024 if binary else 1000) ** (1 + "KMGT".index(unit.upper())))
