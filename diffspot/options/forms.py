"""Checks of option values beyond their types: lengths, sizes, limits, names of metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from diffspot.options.fields import NOTHING
from diffspot.options.types import (
    METRIC_FORM,
    MOST_BLUR,
    is_blur,
    is_filter,
    is_length,
    is_limit,
    is_metric,
    is_part,
    is_share,
    is_size,
    is_threshold,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from diffspot.options.types import Area

NUMBER_RANGES = {
    "max_shift": (0, 1_000_000),
    "tolerance": (0, 20),
    "opening": (1, 99),
    "join": (0, 10_000),
    "top": (1, 1_000_000),
    "max_regions": (0, 1_000_000),
    "timeout": (0.001, 1_000_000),
    "scale": (0.000001, 1_000_000),
}
"""What a number may be where a word may stand in its place."""


def _is_odd(value: int | str) -> bool:
    return value == "auto" or (isinstance(value, int) and value % 2 == 1)


def _are_boxes(boxes: tuple[Area, ...]) -> bool:
    return all(is_length(length) for box in boxes for length in box)


def _are_limits(limits: tuple[str, ...]) -> bool:
    return all(map(is_limit, limits))


ODD = "Expected an odd number such as 3"
FORMS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "filter": (is_filter, "Expected none, or highpass or lowpass with a share such as highpass=0.1"),
    "blur": (is_blur, f"Expected auto|PX|P%, {MOST_BLUR} px or 100% at most"),
    "metric": (is_metric, f"Expected {METRIC_FORM}, NAME of one that is installed"),
    "opening": (_is_odd, "Expected auto or an odd number such as 3"),
    "closing": (_is_odd, ODD),
    "dilation": (_is_odd, ODD),
    "window": (_is_odd, ODD),
    "threshold": (is_threshold, "Expected auto, a score from 0 to 1, or a percentage such as '95%'"),
    "ignore": (_are_boxes, "Not boxes"),
    "only": (_are_boxes, "Not boxes"),
    "max_box": (
        lambda share: share == NOTHING or is_share(share),
        "Expected none or a percentage up to 100% such as '50%'",
    ),
    "max_memory": (
        lambda size: size == "auto" or is_size(size),
        "Expected auto, bytes or a size such as '800MB' or '1.5GiB'",
    ),
    "max_diff_area": (
        lambda area: area == NOTHING or is_part(area),
        "Expected none, px or a percentage up to 100% such as '12.5%'",
    ),
    "fail_below": (_are_limits, "Not limits"),
    "fail_above": (_are_limits, "Not limits"),
}
"""Whether a value is right, and the words for one that is not, by option."""


def check_form(name: str, value: object) -> None:
    """Refuses what is no value of an option of FORMS, as msgspec does."""
    is_right, what = FORMS[name]
    if not is_right(value):
        raise ValueError(f"{what} - at `$.{name}`")
