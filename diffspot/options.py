"""Options: everything a user can set about a comparison, defined once.

The command line, the Python API and the report all read the fields below: name, type, default,
range, stage and description are written here and nowhere else.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta, Struct

from diffspot.errors import OptionError

if TYPE_CHECKING:
    from collections.abc import Mapping

Auto = Literal["auto"]
Unlimited = Literal["any"]
Align = Literal["auto", "none", "translation", "euclidean", "similarity", "affine", "homography"]
Normalize = Literal["auto", "none"]
MetricName = Literal["absdiff", "ssim"]
Annotate = Literal["candidate", "reference", "both", "none"]

NUMBER_RANGES = {
    "max_shift": (0, 1_000_000),
    "blur": (0, 50),
    "tolerance": (0, 20),
    "floor": (0, 1),
    "ceiling": (0, 1),
    "opening": (1, 99),
    "join": (0, 10_000),
}
"""What a number may be where a word may stand in its place."""


def _option(
    stage: str,
    description: str,
    *,
    unit: str = "",
    ge: float | None = None,
    le: float | None = None,
) -> Meta:
    return Meta(description=description, ge=ge, le=le, extra={"stage": stage, "unit": unit})


class Options(Struct, frozen=True, kw_only=True):
    """How to compare, one field an option, in the order of the pipeline.

    Raises:
        OptionError: from `make_options`, where a value is of the wrong type or out of range.
    """

    align: Annotated[
        Align,
        _option(
            "Registration",
            "How the candidate is registered onto the reference; auto lets the pair decide, and "
            "undoes rows or columns inserted into a page.",
        ),
    ] = "auto"
    max_shift: Annotated[
        Unlimited | float,
        _option(
            "Registration", "Largest movement that registration may absorb; a larger one is a difference.", unit="px"
        ),
    ] = "any"
    normalize: Annotated[
        Normalize,
        _option("Registration", "Brings brightness, contrast and white balance together; auto where that helps."),
    ] = "auto"
    blur: Annotated[
        Auto | float,
        _option("Blur", "Sigma of the Gaussian blur before scoring; auto blurs noisy pairs alone.", unit="px"),
    ] = "auto"
    metric: Annotated[
        MetricName,
        _option("Difference", "What scores a pixel: absolute difference or structural similarity."),
    ] = "absdiff"
    tolerance: Annotated[
        Auto | int,
        _option(
            "Difference", "How far an edge may move without being a difference; auto takes it from the pair.", unit="px"
        ),
    ] = "auto"
    quantile: Annotated[
        float,
        _option(
            "Threshold", "Quantile of the pair's scores taken as its threshold, between floor and ceiling.", ge=0, le=1
        ),
    ] = 0.9
    floor: Annotated[
        Auto | float,
        _option("Threshold", "Lowest threshold, 0..1; auto takes it from the pair's noise.", unit="score"),
    ] = "auto"
    ceiling: Annotated[
        Auto | float,
        _option("Threshold", "Highest threshold, 0..1; auto is set by the metric.", unit="score"),
    ] = "auto"
    opening: Annotated[
        Auto | int,
        _option(
            "Morphology",
            "Opening that removes specks, odd, 1 is none; auto is 3 for noisy pairs and wandering edges.",
            unit="px",
        ),
    ] = "auto"
    closing: Annotated[
        int, _option("Morphology", "Closing that fills gaps, odd, 1 is none.", unit="px", ge=1, le=99)
    ] = 1
    dilation: Annotated[
        int, _option("Morphology", "Dilation that widens regions, odd, 1 is none.", unit="px", ge=1, le=99)
    ] = 1
    join: Annotated[
        Auto | float,
        _option("Regions", "Parts closer than this are one region; auto is 1.8 % of the width.", unit="px"),
    ] = "auto"
    min_area: Annotated[
        int,
        _option("Regions", "Regions with fewer differing pixels are dropped.", unit="px", ge=1),
    ] = 4
    padding: Annotated[int, _option("Regions", "Widens every box on all sides.", unit="px", ge=0, le=1000)] = 0
    annotate: Annotated[Annotate, _option("Results", "Picture on which the regions are drawn, with --out.")] = (
        "candidate"
    )

    def __post_init__(self) -> None:
        for name, (least, most) in NUMBER_RANGES.items():
            value = getattr(self, name)
            if not isinstance(value, str) and not least <= value <= most:
                raise ValueError(f"Expected a number from {least} to {most} - at `$.{name}`")
        for name in ("opening", "closing", "dilation"):
            if getattr(self, name) != "auto" and getattr(self, name) % 2 == 0:
                raise ValueError(f"Expected an odd `int` - at `$.{name}`")
        if self.floor != "auto" and self.ceiling != "auto" and self.floor > self.ceiling:
            raise ValueError("Expected a floor that is not above the ceiling - at `$.floor`")


@dataclass(frozen=True, slots=True)
class OptionField:
    """What is known of one option, for whoever shows or reads options.

    Attributes:
        words: the words it may be ("auto", "ssim"); empty for a plain number.
        number: int or float where it may be a number, else None.
    """

    name: str
    default: str | float
    description: str
    stage: str
    unit: str
    words: tuple[str, ...]
    number: type[int | float] | None
    least: float | None
    most: float | None

    @property
    def flag(self) -> str:
        """The command-line flag: `min_area` -> `--min-area`."""
        return "--" + self.name.replace("_", "-")

    @property
    def values(self) -> str:
        """What it takes, for help and messages: `auto|PX`, `absdiff|ssim`."""
        number = (self.unit or "number").upper()
        return "|".join((*self.words, number) if self.number else self.words)


@cache
def option_fields() -> dict[str, OptionField]:
    """Every option by name, in the order of the pipeline."""
    hints = get_type_hints(Options, include_extras=True)
    defaults = Options()
    return {name: _field(name, hints[name], getattr(defaults, name)) for name in hints}


def _field(name: str, hint: object, default: str | float) -> OptionField:
    kind, meta = get_args(hint)
    parts = [kind] if get_origin(kind) is Literal else list(get_args(kind)) or [kind]
    return OptionField(
        name=name,
        default=default,
        description=meta.description,
        stage=meta.extra["stage"],
        unit=meta.extra["unit"],
        words=tuple(word for part in parts for word in get_args(part)),
        number=next((part for part in parts if part in (int, float)), None),
        least=meta.ge,
        most=meta.le,
    )


def make_options(values: Mapping[str, Any]) -> Options:
    """Builds Options from a mapping of field names to values; text such as "0.3" is converted.

    Raises:
        OptionError: for an unknown name, a wrong type or a value out of range; names the flag.
    """
    for name in values:
        if name not in option_fields():
            close = difflib.get_close_matches(name, option_fields(), n=1)
            hint = f"; did you mean {close[0]!r}" if close else ""
            raise OptionError(f"There is no option {name!r}{hint}.")
    try:
        return msgspec.convert(dict(values), Options, strict=False)
    except msgspec.ValidationError as error:
        raise OptionError(_sentence(str(error), values)) from None


def _sentence(message: str, values: Mapping[str, Any]) -> str:
    """Turns "Expected `int` >= 1 - at `$.min_area`" into a sentence about the flag."""
    what, _, where = message.partition(" - at `$.")
    option = option_fields()[where.rstrip("`")]
    if what.startswith("Invalid enum value"):
        what = f"expected {option.values}"
    what = what[0].lower() + what[1:].replace("`", "")
    return f"{option.flag} cannot be {values.get(option.name)!r}: {what}."
