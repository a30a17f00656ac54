"""The types of options besides plain numbers and text.

Lengths and areas are px or a percentage of the picture; sizes are bytes or text such as "1.5GB".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

Auto = Literal["auto"]
Unlimited = Literal["any"]
Align = Literal["auto", "none", "translation", "euclidean", "similarity", "affine", "homography"]
Normalize = Literal["auto", "none", "stretch"]
MetricName = Literal["absdiff", "ssim", "ms-ssim", "ncc", "tiles", "oklab", "flip", "lpips"]
MeasureName = Literal["mse", "psnr", "ssim", "ms-ssim", "ncc", "norm", "lpips"]
Score = Literal["local", "gradient"]
Channels = Literal["max", "mean"]
TileMatch = Literal["cosine", "pearson"]
Annotate = Literal["candidate", "reference", "both", "pair", "none"]
MapFormat = Literal["none", "png", "npy", "tiff"]
Saved = Literal["mask", "aligned"]
Failing = Literal["added", "removed", "renamed", "different", "forgiven", "error"]
Unmatched = Literal["fail", "warn", "ignore"]
Nothing = Literal["none"]
Length = int | str
Area = tuple[Length, Length, Length, Length]

Frames = Literal["all", "first"]
PairBy = Literal["name", "order"]
Split = Literal["none", "auto", "left-right", "top-bottom"]
Sort = Literal["input", "severity", "name"]
Unit = Literal["px", "mm"]
PagePictures = Literal["copy", "link"]

PERCENTAGE = re.compile(r"\d+(?:\.\d+)?%")

METRIC_GROUP = "diffspot.metrics"
"""The entry point group in which packages name metrics of their own."""
METRIC_FORM = "|".join((*get_args(MetricName), "NAME"))
LIMIT_FORM = "none|NAME=NUMBER,..."
FILTER_FORM = "none|highpass=F|lowpass=F"

LIMIT = rf"(?:{'|'.join(get_args(MeasureName))})=-?\d+(?:\.\d+)?"
"""A regular expression, as the next; compiled only where there is a limit or a filter to check."""
SIMILARITIES = frozenset({"ssim", "ms-ssim", "ncc"})
"""Measures that lie from -1 to 1."""
FILTER = r"(?:highpass|lowpass)=(?:0(?:\.\d+)?|1(?:\.0+)?)"
MOST_BLUR = 50
"""Px, the largest sigma."""

SIZE = re.compile(r"(\d+(?:\.\d+)?) ?([KMGT])(I?)B", re.IGNORECASE)


def is_length(value: int | str) -> bool:
    """Whether it is px, 0 or more, or a percentage such as "2.5%"."""
    return value >= 0 if isinstance(value, int) else bool(PERCENTAGE.fullmatch(value))


def is_part(value: int | str) -> bool:
    """Whether it is a length or an area of which a picture may have so much: px, or a percentage up to 100 %."""
    return is_length(value) and (isinstance(value, int) or in_px(value, 1) <= 1)


def is_share(value: int | str) -> bool:
    """Whether it is a percentage above 0 % and up to 100 %."""
    return isinstance(value, str) and is_part(value) and in_px(value, 1) > 0


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


def installed_metrics() -> dict[str, EntryPoint]:
    """The metrics that other packages bring, by name."""
    from importlib.metadata import entry_points  # noqa: PLC0415  most runs have none, and it is slow to import

    return {entry.name: entry for entry in entry_points(group=METRIC_GROUP)}


def is_metric(name: str) -> bool:
    """Whether it is a metric of ours, or one that is installed."""
    return name in get_args(MetricName) or name in installed_metrics()


def is_limit(limit: str) -> bool:
    """Whether it is a limit of a measure such as "ssim=0.98", and one that the measure can reach."""
    if not re.fullmatch(LIMIT, limit):
        return False
    name, number = split_limit(limit)
    return name not in SIMILARITIES or -1 <= number <= 1


def split_limit(limit: str) -> tuple[str, float]:
    """The measure and the number of a limit."""
    name, _, number = limit.partition("=")
    return name, float(number)


def split_filter(given: str) -> tuple[str, float] | None:
    """`highpass` or `lowpass`, and its share of the frequencies; None of "none"."""
    kind, _, share = given.partition("=")
    return (kind, float(share)) if share else None


def is_filter(given: str) -> bool:
    """Whether it is none, or a filter such as "highpass=0.1"."""
    return given == "none" or bool(re.fullmatch(FILTER, given))


def is_blur(value: float | str) -> bool:
    """Whether it is auto, px from 0 to MOST_BLUR, or a percentage up to 100 %."""
    return value == "auto" or is_part(value) if isinstance(value, str) else 0 <= value <= MOST_BLUR
