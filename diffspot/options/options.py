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
from diffspot.model import MAX_PIXELS
from diffspot.options.fields import (
    BOX_FORM,
    FOLDER_FORM,
    GLOB_FORM,
    NOTHING,
    PATH_FORM,
    describe_fields,
    option,
    unknown_option,
)
from diffspot.options.forms import FORMS, NUMBER_RANGES, check_form
from diffspot.options.types import (  # noqa: TC001  msgspec reads the annotations
    FILTER_FORM,
    LIMIT_FORM,
    METRIC_FORM,
    MOST_BLUR,
    Align,
    Annotate,
    Area,
    Auto,
    Channels,
    Failing,
    Frames,
    Length,
    MapFormat,
    MeasureName,
    Normalize,
    Nothing,
    PagePictures,
    PairBy,
    Saved,
    Score,
    Sort,
    Split,
    TileMatch,
    Unit,
    Unlimited,
    Unmatched,
    split_limit,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from diffspot.options.fields import OptionField

T = TypeVar("T", bound=Struct)

PAIRS = "Pairs"
"""The stage whose options say what belongs together, before any pair has a name."""
OUTPUTS = "Outputs"
"""The stage whose options name files to write."""
LIMITS = "Limits"
"""The stage whose options make an error of a pair that takes too much, and change no other result."""
LONGEST_SHOWN = 200
"""Characters of a wrong value that are shown."""
INDIFFERENT = frozenset({"Results", OUTPUTS})
"""Stages whose options decide nothing."""


MaxPixels = Annotated[
    int, option(LIMITS, "A picture with more pixels is an error.", unit="pixels", ge=1, le=MAX_PIXELS)
]
MaxMemory = Annotated[
    int | str,
    option(
        LIMITS,
        "Memory that may be taken, such as 1.5GB; what may need more is an error before it is decoded. auto is most of "
        "what the machine or its container has left.",
        unit="bytes",
        form="auto|SIZE",
    ),
]


class Options(Struct, frozen=True, kw_only=True):
    """How to compare, one field an option, in the order of the pipeline; `make_options` checks the values."""

    pair_by: Annotated[
        PairBy,
        option(
            PAIRS,
            "Pairs the pictures of two directories by their relative path, or by their order: both sorted by name, 2 "
            "before 10.",
        ),
    ] = "name"
    split: Annotated[
        Split,
        option(
            PAIRS,
            "Cuts each picture of one directory, or a single one, into the two panels that it shows, the reference "
            "left or above; auto finds the direction.",
        ),
    ] = "none"
    frames: Annotated[
        Frames,
        option("Pictures", "Compares all frames or pages of a TIFF, GIF, WebP, AVIF or PDF, or the first of each."),
    ] = "all"
    dpi: Annotated[
        float,
        option("Pictures", "Resolution at which pages of a PDF are drawn.", unit="dpi", ge=1, le=2400),
    ] = 144
    include: Annotated[
        tuple[str, ...],
        option(
            "Pictures",
            "Takes only the pictures whose paths match, such as 'home/*.png'; * crosses folders, and a glob without / "
            "is for names in any folder. May be repeated.",
            form=GLOB_FORM,
        ),
    ] = ()
    exclude: Annotated[
        tuple[str, ...],
        option("Pictures", "Leaves out the pictures whose paths match; may be repeated.", form=GLOB_FORM),
    ] = ()
    unmatched: Annotated[
        Unmatched,
        option(
            "Pictures",
            "Pictures that only one side has: fail counts them as --fail-on says, warn reports them and lets the run "
            "pass, ignore leaves them out.",
        ),
    ] = "fail"
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
        option(
            "Registration",
            "Brings brightness, contrast and white balance together; auto where that helps. stretch scales either "
            "picture to its own darkest and brightest sample.",
        ),
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
    filter: Annotated[
        str,
        option(
            "Filter",
            "Keeps frequencies before scoring: highpass=F all but the lowest share F, 0..1, along either axis, "
            "lowpass=F those alone.",
            form=FILTER_FORM,
        ),
    ] = NOTHING
    blur: Annotated[
        float | str,
        option(
            "Blur",
            f"Sigma of the Gaussian blur before scoring, {MOST_BLUR} px at most, or P% of the width; auto blurs noisy "
            "pairs alone.",
            unit="px",
            form="auto|PX|P%",
        ),
    ] = "auto"
    metric: Annotated[
        str,
        option("Difference", "What scores a pixel, or an installed metric's name; docs/metrics.md.", form=METRIC_FORM),
    ] = "absdiff"
    score: Annotated[
        Score,
        option(
            "Difference",
            "local is the metric's own map, gradient how much each pixel pulls on the metric of the whole pair: of "
            "absdiff (MSE, PSNR), ssim and ms-ssim.",
        ),
    ] = "local"
    channels: Annotated[
        Channels,
        option("Difference", "What counts of the channels' scores, for absdiff, ssim, ms-ssim and ncc."),
    ] = "max"
    window: Annotated[int, option("Difference", "Side of the window of --metric ncc, odd.", unit="px", ge=3, le=99)] = 7
    tile: Annotated[int, option("Difference", "Side of the tiles of --metric tiles.", unit="px", ge=1, le=1000)] = 4
    tile_match: Annotated[
        TileMatch,
        option("Difference", "What compares two tiles; pearson does not see brightness and contrast."),
    ] = "cosine"
    ppd: Annotated[
        float,
        option(
            "Difference",
            "Viewing distance of --metric flip: pixels a degree; 67 is a 4K monitor 0.7 m wide seen from 0.7 m.",
            unit="pixels",
            ge=1,
            le=200,
        ),
    ] = 67.0
    lpips_model: Annotated[
        str,
        option(
            "Difference",
            "Network of lpips, which needs the extra diffspot[lpips]: an ONNX file that takes two pictures.",
            form=PATH_FORM,
        ),
    ] = NOTHING
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
    max_box: Annotated[
        Length,
        option(
            "Regions",
            "Parts with a side larger than this share of the picture's are dropped and counted.",
            unit="percent",
            form="none|P%",
        ),
    ] = "none"
    top: Annotated[
        Nothing | int,
        option(
            "Regions",
            "Reports only so many regions of a pair, those with most differing pixels, and how many are left out.",
            unit="regions",
        ),
    ] = "none"
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
    measure: Annotated[
        tuple[MeasureName, ...],
        option(
            "Verdict",
            "Numbers of the whole registered pair for the report: mse, psnr, ssim, ms-ssim, ncc, norm, lpips.",
            form="none|NAME,...",
        ),
    ] = ()
    fail_below: Annotated[
        tuple[str, ...],
        option(
            "Verdict",
            "A pair of which a measure is lower is different, such as ssim=0.98; a budget as those above. May be "
            "repeated.",
            form=LIMIT_FORM,
        ),
    ] = ()
    fail_above: Annotated[
        tuple[str, ...],
        option("Verdict", "The same of a measure that is higher, such as mse=20.", form=LIMIT_FORM),
    ] = ()
    max_pixels: MaxPixels = MAX_PIXELS
    max_memory: MaxMemory = "auto"
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
            "JSON lines to which each run appends one a pair; diffspot history and the page draw their trends.",
            form=PATH_FORM,
        ),
    ] = NOTHING
    sort: Annotated[
        Sort,
        option(
            OUTPUTS,
            "Order of the pairs in the table and on the page, the severest or by name; the report keeps its own.",
        ),
    ] = "input"
    unit: Annotated[
        Unit, option(OUTPUTS, "mm gives boxes and areas in mm, too, in the table, the page and CSV; see --scale.")
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
            raise ValueError("Expected --scale PX_PER_MM beside it - at `$.unit`")

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
