"""Options: everything a user can set about a comparison, defined once.

The command line, the Python API and the report all read the fields below: name, type, default,
range, stage and description are written here and nowhere else.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import msgspec
from msgspec import Struct

from diffspot.errors import OptionError
from diffspot.options.comparison import ComparisonOptions
from diffspot.options.fields import FOLDER_FORM, NOTHING, PATH_FORM, describe_fields, option, unknown_option
from diffspot.options.forms import FORMS, NUMBER_RANGES, check_form
from diffspot.options.types import (  # noqa: TC001  msgspec reads the annotations
    Annotate,
    Auto,
    MapFormat,
    Nothing,
    PagePictures,
    Saved,
    Sort,
    Unit,
    split_limit,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from diffspot.options.fields import OptionField

T = TypeVar("T", bound=Struct)

OUTPUTS = "Outputs"
"""The stage whose options name files to write."""
LONGEST_SHOWN = 200
"""Characters of a wrong value that are shown."""
INDIFFERENT = frozenset({"Results", OUTPUTS})
"""Stages whose options decide nothing."""


class Options(ComparisonOptions, frozen=True, kw_only=True):
    """How to compare and what to write, one field an option; `make_options` checks the values."""

    annotate: Annotated[Annotate, option("Results", "Picture on which the regions are drawn, with --out.")] = (
        "candidate"
    )
    map: Annotated[
        MapFormat,
        option(
            "Results",
            "Writes the score map of each pair to maps/ in the folder of --out: (H, W) float32, 0..1, as NumPy's .npy "
            "or as TIFF, or as 16-bit grey PNG.",
        ),
    ] = "none"
    save: Annotated[
        tuple[Saved, ...],
        option(
            "Results",
            "Writes the mask of each pair, white where it differs, or the candidate as it was laid over the reference, "
            "to mask/ or aligned/ in the folder of --out.",
            form="none|mask,aligned",
        ),
    ] = ()
    stages: Annotated[
        str,
        option(
            "Results",
            "Writes a picture of each stage of each pair there: aligned, blurred, score, threshold with the histogram "
            "of scores, mask, opened, components, boxes.",
            form=FOLDER_FORM,
        ),
    ] = NOTHING
    html: Annotated[bool, option(OUTPUTS, "Page to look at, index.html in the folder of --out.", form="true|false")] = (
        False
    )
    pictures: Annotated[
        PagePictures,
        option(
            OUTPUTS,
            "What the page shows: copies below the folder of --out, so that it can be moved alone, or links to the "
            "compared files.",
        ),
    ] = "copy"
    junit: Annotated[
        str,
        option(
            OUTPUTS,
            "JUnit XML, one test case a pair, for CI servers; missing folders are made, as for every output.",
            form=PATH_FORM,
        ),
    ] = NOTHING
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
    csv_pairs: Annotated[
        str, option(OUTPUTS, "One row a pair: share, severity, shift, seconds and so on.", form=PATH_FORM)
    ] = NOTHING
    parquet: Annotated[
        str, option(OUTPUTS, "One row a pair, for DuckDB, Polars and pandas; needs pyarrow.", form=PATH_FORM)
    ] = NOTHING
    reg: Annotated[str, option(OUTPUTS, "The reg.json that reg-suit and reg-cli read.", form=PATH_FORM)] = NOTHING
    history: Annotated[
        str,
        option(
            OUTPUTS,
            "File to which each run appends one line of JSON a pair; diffspot history and the page draw trends from "
            "it.",
            form=PATH_FORM,
        ),
    ] = NOTHING
    sort: Annotated[
        Sort,
        option(
            OUTPUTS,
            "Order of the pairs in the table and on the page: as given, the severest first, or by name; the report "
            "keeps the first.",
        ),
    ] = "input"
    unit: Annotated[
        Unit, option(OUTPUTS, "mm also gives boxes and areas in mm in the table, the page and CSV; needs --scale.")
    ] = "px"
    scale: Annotated[
        Nothing | float, option(OUTPUTS, "Pixels of the reference in a millimetre, for --unit mm.", unit="px_per_mm")
    ] = "none"

    def __post_init__(self) -> None:
        for name, (least, most) in NUMBER_RANGES.items():
            value = getattr(self, name)
            if not isinstance(value, str) and not least <= value <= most:
                raise ValueError(f"Expected a number from {least} to {most} - at `$.{name}`")
        for name in FORMS:
            check_form(name, getattr(self, name))
        self._check_unit()

    def _check_unit(self) -> None:
        if self.unit == "mm" and self.scale == "none":
            raise ValueError("Expected px, or mm with --scale PX_PER_MM - at `$.unit`")

    @property
    def px_per_mm(self) -> float | None:
        """The scale where results are wanted in mm; None where px are enough."""
        return None if self.unit == "px" or self.scale == "none" else self.scale

    @property
    def files(self) -> list[str]:
        """The files that are read beside the pictures."""
        return [file for file in (self.mask, self.lpips_model) if file != NOTHING]


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


def measured(options: Options) -> tuple[str, ...]:
    """The measures that are worked out of a pair: those asked for, and those that limits are on."""
    limited = (split_limit(limit)[0] for limit in (*options.fail_below, *options.fail_above))
    return tuple(dict.fromkeys([*options.measure, *limited]))


def make_options(values: Mapping[str, Any], *, file: str | None = None) -> Options:
    """Builds Options from a mapping of field names to values; text such as "0.3" or "0,0,100%,40" is converted.

    Args:
        values: by field name; in a file by key (`min-area`), and there text is not converted.
        file: the configuration file, or the part of it, that the values stand in.

    Raises:
        OptionError: for an unknown name, a wrong type or a value out of range; names the flag, or the file and key.
    """
    return build(Options, option_fields(), values, file=file)


def build(
    struct: type[T], fields: Mapping[str, OptionField], values: Mapping[str, Any], *, file: str | None = None
) -> T:
    """Builds a Struct of options, of these fields, as `make_options` does."""
    names = {(option.key if file else option.name): option for option in fields.values()}
    for name in values:
        if name not in names:
            raise OptionError(unknown_option(name, names, file))
    given = {names[name].name: value if file else names[name].read(value) for name, value in values.items()}
    try:
        return msgspec.convert(given, struct, strict=file is not None)
    except msgspec.ValidationError as error:
        option, what = _complaint(str(error), fields, in_file=file is not None)
        label = f"{option.key} in {file}" if file else option.flag
        raise OptionError(f"{label} cannot be {_original(values, option)}: {what}.") from None


def _original(values: Mapping[str, Any], option: OptionField) -> str:
    """The value as it was given; flags that were repeated one by one, and of what fills pages the type."""
    value = values.get(option.key, values.get(option.name))
    if isinstance(value, list | tuple) and value and all(isinstance(part, str) for part in value):
        return ", ".join(map(repr, value))
    text = repr(value)
    return f"of the type {type(value).__name__}" if "\n" in text or len(text) > LONGEST_SHOWN else text


def _complaint(message: str, fields: Mapping[str, OptionField], *, in_file: bool) -> tuple[OptionField, str]:
    """Turns "Expected `int` >= 1 - at `$.min_area`" into the option and what it ought to be."""
    what, _, where = message.partition(" - at `$.")
    option = fields[where.rstrip("`").partition("[")[0]]
    return option, option.complaint(what, in_file=in_file)
