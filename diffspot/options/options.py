"""Options: everything a user can set about a comparison, defined once.

The command line, the Python API and the report all read the fields below: name, type, default,
range, stage and description are written here and nowhere else.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import Struct

from diffspot.errors import OptionError
from diffspot.model import MAX_PIXELS
from diffspot.options.fields import BOX_FORM, NOTHING, PATH_FORM, describe_fields, option, unknown_option
from diffspot.options.types import (  # noqa: TC001  msgspec reads the annotations
    Align,
    Annotate,
    Area,
    Auto,
    Failing,
    Frames,
    Length,
    MetricName,
    Normalize,
    Nothing,
    Unlimited,
    is_length,
    is_part,
    is_size,
    is_threshold,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from diffspot.options.fields import OptionField

OUTPUTS = "Outputs"
"""The stage whose options name files to write."""
LIMITS = "Limits"
"""The stage whose options make an error of a pair that takes too much, and change no other result."""
INDIFFERENT = frozenset({"Results", OUTPUTS})
"""Stages whose options decide nothing."""

NUMBER_RANGES = {
    "max_shift": (0, 1_000_000),
    "blur": (0, 50),
    "tolerance": (0, 20),
    "opening": (1, 99),
    "join": (0, 10_000),
    "max_regions": (0, 1_000_000),
    "timeout": (0.001, 1_000_000),
}
"""What a number may be where a word may stand in its place."""


class Options(Struct, frozen=True, kw_only=True):
    """How to compare, one field an option, in the order of the pipeline; `make_options` checks the values."""

    frames: Annotated[
        Frames,
        option("Pictures", "Compares all frames or pages of a TIFF, GIF, APNG or WebP, or the first of each."),
    ] = "all"
    by_etag: Annotated[
        bool,
        option(
            "Pictures",
            "Objects in storage of equal size and ETag are the same and not read, with a note.",
            form="true|false",
        ),
    ] = False
    align: Annotated[
        Align,
        option(
            "Registration",
            "How the candidate is registered onto the reference; auto lets the pair decide, and "
            "undoes rows or columns inserted into a page.",
        ),
    ] = "auto"
    max_shift: Annotated[
        Auto | Unlimited | float,
        option(
            "Registration",
            "Largest movement that registration may absorb; a larger one is a difference. auto is any for photos and "
            "scans, and 1 px for rendered pictures that moved by whole px.",
            unit="px",
        ),
    ] = "auto"
    min_confidence: Annotated[
        float,
        option(
            "Registration",
            "Confidence, 0..1, below which pictures could not be lined up, which is a difference; of those that lie as "
            "they are only photos and scans of which a fifth differs.",
            ge=0,
            le=1,
        ),
    ] = 0.1
    normalize: Annotated[
        Normalize,
        option("Registration", "Brings brightness, contrast and white balance together; auto where that helps."),
    ] = "auto"
    ignore: Annotated[
        tuple[Area, ...],
        option("Area", "A box of the reference that is not compared, px or %; may be repeated.", form=BOX_FORM),
    ] = ()
    only: Annotated[
        tuple[Area, ...],
        option(
            "Area", "A box of the reference outside which nothing is compared, px or %; may be repeated.", form=BOX_FORM
        ),
    ] = ()
    mask: Annotated[
        str,
        option("Area", "Picture of the reference's size: white is compared, black is ignored.", form=PATH_FORM),
    ] = "none"
    blur: Annotated[
        Auto | float,
        option("Blur", "Sigma of the Gaussian blur before scoring; auto blurs noisy pairs alone.", unit="px"),
    ] = "auto"
    metric: Annotated[
        MetricName,
        option("Difference", "What scores a pixel: absolute difference or structural similarity."),
    ] = "absdiff"
    tolerance: Annotated[
        Auto | float,
        option(
            "Difference", "How far an edge may move without being a difference; auto takes it from the pair.", unit="px"
        ),
    ] = "auto"
    threshold: Annotated[
        float | str,
        option(
            "Threshold",
            "Score above which a pixel differs: auto takes it from the pair's noise; a number is a score, 0..1 (0.1 is "
            "25.5 of 255 grey levels); P% is a quantile (95%: the highest 5 % of the pair's scores differ).",
            unit="score",
            form="auto|SCORE|P%",
        ),
    ] = "auto"
    opening: Annotated[
        Auto | int,
        option(
            "Morphology",
            "Opening that removes specks, odd, 1 is none; auto is 3 for noisy pairs and wandering edges.",
            unit="px",
        ),
    ] = "auto"
    closing: Annotated[
        int, option("Morphology", "Closing that fills gaps, odd, 1 is none.", unit="px", ge=1, le=99)
    ] = 1
    dilation: Annotated[
        int, option("Morphology", "Dilation that widens regions, odd, 1 is none.", unit="px", ge=1, le=99)
    ] = 1
    join: Annotated[
        Auto | float,
        option("Regions", "Parts closer than this are one region; auto is 1.8 % of the width.", unit="px"),
    ] = "auto"
    min_area: Annotated[
        int,
        option(
            "Regions",
            "Regions with fewer differing pixels are dropped; with --threshold auto also those worth less than 8 px "
            "just above the threshold.",
            unit="px",
            ge=1,
        ),
    ] = 4
    padding: Annotated[int, option("Regions", "Widens every box on all sides.", unit="px", ge=0, le=1000)] = 0
    max_regions: Annotated[
        Nothing | int,
        option("Verdict", "A pair with no more regions than this is the same; see --max-diff-area.", unit="regions"),
    ] = "none"
    max_diff_area: Annotated[
        Length,
        option(
            "Verdict",
            "A pair with no more differing pixels than this, or this share of the reference, is the same; of two "
            "budgets both must hold, without any every region counts.",
            unit="px",
            form="none|PX|P%",
        ),
    ] = "none"
    max_pixels: Annotated[
        int,
        option(LIMITS, "A picture with more pixels is an error.", unit="pixels", ge=1, le=MAX_PIXELS),
    ] = MAX_PIXELS
    max_memory: Annotated[
        int | str,
        option(
            LIMITS,
            "Memory that pairs may take, such as 1.5GB; one that may need more is an error before it is decoded. "
            "auto is most of what the machine or its container has left.",
            unit="bytes",
            form="auto|SIZE",
        ),
    ] = "auto"
    timeout: Annotated[
        Nothing | float,
        option(LIMITS, "A pair that takes longer is an error; looked at between the steps.", unit="seconds"),
    ] = "none"
    fail_on: Annotated[
        tuple[Failing, ...],
        option(
            "Verdict",
            "What makes the exit code 2 (error) or 1 (others); forgiven is a pair that is the same although something "
            "differs that an explanation took.",
            form="none|STATUS,...",
        ),
    ] = ("added", "removed", "renamed", "different", "error")
    annotate: Annotated[Annotate, option("Results", "Picture on which the regions are drawn, with --out.")] = (
        "candidate"
    )
    html: Annotated[bool, option(OUTPUTS, "Page to look at, index.html in the folder of --out.", form="true|false")] = (
        False
    )
    junit: Annotated[str, option(OUTPUTS, "JUnit XML, one test case a pair, for CI servers.", form=PATH_FORM)] = NOTHING
    github: Annotated[
        Auto | bool,
        option(
            OUTPUTS,
            "Annotations and a step summary for GitHub Actions; auto where the command runs there.",
            form="auto|true|false",
        ),
    ] = "auto"
    markdown: Annotated[
        str, option(OUTPUTS, "Table of what is not the same, with links to the pictures.", form=PATH_FORM)
    ] = NOTHING
    csv: Annotated[str, option(OUTPUTS, "One row a region, for spreadsheets.", form=PATH_FORM)] = NOTHING
    coco: Annotated[str, option(OUTPUTS, "Regions as COCO annotations, for labelling tools.", form=PATH_FORM)] = NOTHING
    parquet: Annotated[
        str, option(OUTPUTS, "One row a pair, for DuckDB, Polars and pandas; needs pyarrow.", form=PATH_FORM)
    ] = NOTHING
    reg: Annotated[str, option(OUTPUTS, "The reg.json that reg-suit and reg-cli read.", form=PATH_FORM)] = NOTHING

    def __post_init__(self) -> None:
        for name, (least, most) in NUMBER_RANGES.items():
            value = getattr(self, name)
            if not isinstance(value, str) and not least <= value <= most:
                raise ValueError(f"Expected a number from {least} to {most} - at `$.{name}`")
        for name in ("opening", "closing", "dilation"):
            if getattr(self, name) != "auto" and getattr(self, name) % 2 == 0:
                raise ValueError(f"Expected an odd number - at `$.{name}`")
        if not is_threshold(self.threshold):
            raise ValueError("Expected auto, a score from 0 to 1, or a percentage such as '95%' - at `$.threshold`")
        for name in ("ignore", "only"):
            if not all(is_length(length) for box in getattr(self, name) for length in box):
                raise ValueError(f"Not boxes - at `$.{name}`")
        if self.max_memory != "auto" and not is_size(self.max_memory):
            raise ValueError("Expected auto, bytes or a size such as '800MB' or '1.5GiB' - at `$.max_memory`")
        if self.max_diff_area != "none" and not is_part(self.max_diff_area):
            raise ValueError("Expected none, px or a percentage up to 100% such as '12.5%' - at `$.max_diff_area`")


@cache
def option_fields() -> dict[str, OptionField]:
    """Every option by name, in the order of the pipeline."""
    return describe_fields(Options)


def result_options(options: Options) -> dict[str, Any]:
    """The options that decide the result, by name, as JSON."""
    fields = option_fields()
    return {
        name: value for name, value in msgspec.to_builtins(options).items() if fields[name].stage not in INDIFFERENT
    }


def make_options(values: Mapping[str, Any], *, file: str | None = None) -> Options:
    """Builds Options from a mapping of field names to values; text such as "0.3" or "0,0,100%,40" is converted.

    Args:
        values: by field name; in a file by key (`min-area`), and there text is not converted.
        file: the configuration file, or the part of it, that the values stand in.

    Raises:
        OptionError: for an unknown name, a wrong type or a value out of range; names the flag, or the file and key.
    """
    names = {(option.key if file else option.name): option for option in option_fields().values()}
    for name in values:
        if name not in names:
            raise OptionError(unknown_option(name, names, file))
    given = {names[name].name: value if file else names[name].read(value) for name, value in values.items()}
    try:
        return msgspec.convert(given, Options, strict=file is not None)
    except msgspec.ValidationError as error:
        option, what = _complaint(str(error), in_file=file is not None)
        label = f"{option.key} in {file}" if file else option.flag
        raise OptionError(f"{label} cannot be {_original(values, option)!r}: {what}.") from None


def _original(values: Mapping[str, Any], option: OptionField) -> object:
    """The value as it was given; None where it was not."""
    return values.get(option.key, values.get(option.name))


def _complaint(message: str, *, in_file: bool) -> tuple[OptionField, str]:
    """Turns "Expected `int` >= 1 - at `$.min_area`" into the option and what it ought to be."""
    what, _, where = message.partition(" - at `$.")
    option = option_fields()[where.rstrip("`").partition("[")[0]]
    return option, option.complaint(what, in_file=in_file)
