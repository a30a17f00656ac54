"""The options that decide what is found, from pairing to verdict, and the limits within which it is."""

from __future__ import annotations

from typing import Annotated

from msgspec import Struct

from diffspot.model import MAX_PIXELS
from diffspot.options.fields import BOX_FORM, GLOB_FORM, NOTHING, PATH_FORM, option
from diffspot.options.types import (  # noqa: TC001  msgspec reads the annotations
    FILTER_FORM,
    LIMIT_FORM,
    METRIC_FORM,
    MOST_BLUR,
    Align,
    Area,
    Auto,
    Channels,
    Failing,
    Frames,
    Length,
    MeasureName,
    Normalize,
    Nothing,
    PairBy,
    Score,
    Split,
    TileMatch,
    Unlimited,
    Unmatched,
)

PAIRS = "Pairs"
"""The stage whose options say what belongs together, before any pair has a name."""
LIMITS = "Limits"
"""The stage whose options make an error of a pair that takes too much, and change no other result."""

MaxPixels = Annotated[
    int, option(LIMITS, "A picture with more pixels is an error.", unit="pixels", ge=1, le=MAX_PIXELS)
]
MaxMemory = Annotated[
    int | str,
    option(
        LIMITS,
        "Most memory to use, such as 1.5GB; a picture that may need more is an error before it is decoded. auto is "
        "most of "
        "what the machine or its container has left.",
        unit="bytes",
        form="auto|SIZE",
    ),
]


class ComparisonOptions(Struct, frozen=True, kw_only=True):
    """The options that decide the result, one field an option, in the order of the pipeline."""

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
            "scans and for lines of a page that another rasteriser rounded, and 1 px for rendered pictures that moved "
            "by whole px.",
            unit="px",
        ),
    ] = "auto"
    min_confidence: Annotated[
        float,
        option(
            "Registration",
            "Confidence of the registration, 0..1; a pair below it could not be lined up, which is a difference. A "
            "pair that needs no registration is below it only if it is a photo or a scan and a fifth of it differs.",
            ge=0,
            le=1,
        ),
    ] = 0.1
    normalize: Annotated[
        Normalize,
        option(
            "Registration",
            "Brings brightness, contrast and white balance together; auto where that helps, and sharpness, too. "
            "stretch scales either picture to its own darkest and brightest sample.",
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
            "Filters both pictures before scoring: lowpass=F keeps the lowest share F, 0..1, of the frequencies along "
            "either axis, highpass=F keeps the others.",
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
            "local is the metric's own map; gradient is how much each pixel changes the metric of the whole pair, for "
            "absdiff (MSE, PSNR), ssim and ms-ssim.",
        ),
    ] = "local"
    channels: Annotated[
        Channels,
        option(
            "Difference",
            "The score of a pixel is the largest of its channels' scores or their mean; for absdiff, ssim, ms-ssim "
            "and ncc.",
        ),
    ] = "max"
    window: Annotated[int, option("Difference", "Side of the window of --metric ncc, odd.", unit="px", ge=3, le=99)] = 7
    tile: Annotated[int, option("Difference", "Side of the tiles of --metric tiles.", unit="px", ge=1, le=1000)] = 4
    tile_match: Annotated[
        TileMatch,
        option("Difference", "How two tiles of --metric tiles are compared; pearson ignores brightness and contrast."),
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
            "Drops regions with fewer differing pixels, also inserted and removed rows and columns. With --threshold "
            "auto a small region must be as strong, in sum, as 8 px just above the threshold.",
            unit="px",
            ge=1,
        ),
    ] = 2
    padding: Annotated[int, option("Regions", "Widens every box on all sides.", unit="px", ge=0, le=1000)] = 0
    max_box: Annotated[
        Length,
        option(
            "Regions",
            "Parts with a side larger than this share of the picture's are dropped and counted; of inserted or removed "
            "rows the height counts, of columns the width.",
            unit="percent",
            form="none|P%",
        ),
    ] = "none"
    top: Annotated[
        Nothing | int,
        option(
            "Regions",
            "Most regions to report of a pair: those with the most differing pixels. A note says how many are left "
            "out.",
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
        option(
            "Verdict",
            "A pair of which a measure is higher is different, such as mse=20. May be repeated.",
            form=LIMIT_FORM,
        ),
    ] = ()
    max_pixels: MaxPixels = MAX_PIXELS
    max_memory: MaxMemory = "auto"
    timeout: Annotated[
        Nothing | float,
        option(LIMITS, "A pair that takes longer is an error; time is checked between the stages.", unit="seconds"),
    ] = "none"
    fail_on: Annotated[
        tuple[Failing, ...],
        option(
            "Verdict",
            "Results that make the exit code 1, or 2 for error. A pair is forgiven if it is the same only because its "
            "differences were explained, by rendering or light for example.",
            form="none|STATUS,...",
        ),
    ] = ("added", "removed", "renamed", "different", "error")
