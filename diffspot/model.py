"""The values that flow through a run, in order: ImagePair -> Image -> PairResult -> RunReport.

All are frozen. What stands in a report is a msgspec Struct, so that the fields here are the JSON
of `report.json` and of the schema that `diffspot schema` prints.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple

from msgspec import Meta, Struct
from msgspec.structs import force_setattr

from diffspot.at_hand import PicturesAtHand, ReportAtHand
from diffspot.errors import ExitCode
from diffspot.storage import to_path

if TYPE_CHECKING:
    from collections.abc import Container
    from pathlib import Path, PurePath

    import numpy as np
    from numpy.typing import NDArray


__version__ = "0.2.0"

Status = Literal["same", "different", "added", "removed", "renamed", "error"]

Box = Annotated[
    tuple[int, int, int, int],
    Meta(description="[x, y, width, height] in px, top-left origin, half-open (COCO)."),
]
Direction = Literal["left-right", "top-bottom"]
"""In which the two panels of a sheet follow each other."""
Row = tuple[float, float, float]
Matrix = tuple[Row, Row, Row]

UNSHOWABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufffe\uffff]")
"""Control characters, line breaks, and what writes text in another direction than its characters have."""

_ESCAPED = re.compile(r"\\u(005c|dc[89a-f][0-9a-f])")
_LOOKS_ESCAPED = re.compile(r"\\(?=u(?:005c|dc[89a-f][0-9a-f]))")

IDENTITY: Matrix = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))

ONE_SIDED = frozenset({"added", "removed"})
"""Statuses of pairs that have one picture."""

NOT_APPLIED = "not applied"
"""How the note on a colour profile ends that was left alone."""

MISFIT = "could not be lined up: "
"""How the note begins that says why two pictures are no pair to compare."""


MISSED = "misses a limit: "
"""How the note begins that says which measure of a pair is too low or too high."""

SEVERITY_DIGITS = 2

MAX_PIXELS = 500_000_000
"""Of one picture; a header may promise more than any memory holds in a file of a few bytes."""


@dataclass(frozen=True, slots=True)
class ImagePair:
    """Two picture files that belong together.

    `reference` is None for an added picture, `candidate` for a removed one; `renamed` ones have both, and the same
    content. `name` is unique in a run and uses forward slashes. `also` are other references: the candidate is right
    where it is the same as any of them.
    """

    name: str
    reference: Path | None
    candidate: Path | None
    renamed: bool = False
    also: tuple[Path, ...] = ()

    @property
    def references(self) -> tuple[Path, ...]:
        """All references."""
        return (*([] if self.reference is None else [self.reference]), *self.also)

    @property
    def pictures(self) -> tuple[Path, ...]:
        """All files that are read for it."""
        return (*self.references, *([] if self.candidate is None else [self.candidate]))


@dataclass(frozen=True, slots=True)
class Image:
    """A decoded picture.

    Attributes:
        pixels: (H, W, C) uint8 or uint16; C is 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA; alpha is
            straight (not premultiplied).
        notes: what was done on the way in, one short phrase each ("EXIF orientation 6 applied").
        profile: the embedded ICC profile, where there is one and it is not sRGB.
    """

    pixels: NDArray[np.uint8] | NDArray[np.uint16]
    notes: tuple[str, ...] = ()
    profile: bytes = b""

    def within(self, box: Box) -> Image:
        """The part of the picture in a box."""
        x, y, w, h = box
        return Image(self.pixels[y : y + h, x : x + w].copy(), self.notes)


class IgnoredAreas(NamedTuple):
    """The ignored area of a pair in the pixels of either picture: (H, W) bool and (h, w) bool, true where ignored."""

    reference: NDArray[np.bool_]
    candidate: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Maps:
    """What the stages made, all in the frame of the reference.

    Attributes:
        aligned: (H, W, C) uint8 or uint16, the candidate; with alpha, 0 where it does not cover the reference.
        blurred: (H, W, C) uint8, the candidate in the reference's light, blurred as it was scored.
        scores: (H, W) float32 in [0, 1], the score map; 0 outside the valid area.
        threshold: the score above which a pixel differs.
        passed: (H, W) bool, scores above the threshold.
        opened: (H, W) bool, what of them the opening leaves.
        mask: (H, W) bool, the pixels of the regions.
    """

    aligned: NDArray[Any]
    blurred: NDArray[np.uint8]
    scores: NDArray[np.float32]
    threshold: float
    passed: NDArray[np.bool_]
    opened: NDArray[np.bool_]
    mask: NDArray[np.bool_]


Kind = Literal[
    "content",
    "added",
    "removed",
    "recolored",
    "moved",
    "inserted-rows",
    "removed-rows",
    "inserted-columns",
    "removed-columns",
]
Cause = Literal["light", "movement", "noise", "rendering", "varies"]


class Region(Struct, frozen=True, kw_only=True):
    """One connected place where the pictures differ."""

    kind: Annotated[
        Kind,
        Meta(
            description="added or removed, where the other picture shows only its ground; recolored, where shapes "
            "stayed; moved by whole px; a stretch of rows or columns that only one picture has, where the other's bbox "
            "is a seam one px thick; else content."
        ),
    ] = "content"
    bbox: Annotated[Box, Meta(description="Where it lies in the reference.")]
    candidate_bbox: Annotated[Box, Meta(description="Where the same place lies in the candidate.")]
    area: Annotated[
        int,
        Meta(
            ge=0,
            description="Differing pixels inside bbox; of a stretch that one picture has, its pixels there.",
        ),
    ]
    peak: Annotated[float, Meta(ge=0, le=1, description="Highest score in the region.")]
    mean: Annotated[float, Meta(ge=0, le=1, description="Mean score over the region's pixels.")]
    severity: Annotated[
        float, Meta(description="area times mean: the px of full difference, from black to white, that it amounts to.")
    ] = 0.0

    def __post_init__(self) -> None:
        force_setattr(self, "severity", round(self.area * self.mean, SEVERITY_DIGITS))  # never as it was given


class Forgiven(Struct, frozen=True, kw_only=True):
    """What one cause explains of the differences of a pair, so that it is no region."""

    cause: Annotated[
        Cause,
        Meta(
            description="light, its colour or how colours were converted; movement of the whole picture; noise of "
            "sensors, of compression and of rounding; rendering, the same drawn by another rasteriser; varies, no more "
            "than the place does among the captures that the reference was calibrated from."
        ),
    ]
    pixels: Annotated[int, Meta(ge=0, description="Px that differ.")]
    places: Annotated[int, Meta(ge=0, description="Separate places.")]
    largest: Annotated[Box, Meta(description="Where the largest place lies in the reference.")]


class Registration(Struct, frozen=True, kw_only=True):
    """How the candidate was laid over the reference."""

    method: Annotated[str, Meta(description="The registration method that was used.")] = "none"
    matrix: Annotated[
        Matrix,
        Meta(description="3x3, row by row: maps candidate pixels (x, y, 1) to reference pixels."),
    ] = IDENTITY
    confidence: Annotated[float, Meta(ge=0, le=1, description="1 is certain, 0 is a guess.")] = 1.0
    overlap: Annotated[float, Meta(ge=0, le=1, description="Share of the reference that the candidate covers.")] = 1.0


class Normalization(Struct, frozen=True, kw_only=True):
    """How the candidate's light was brought to the reference's: its channels * gain * shading + offset + tone."""

    gain: tuple[float, ...]
    offset: Annotated[tuple[float, ...], Meta(description="Grey levels of 255.")]
    shading: Annotated[
        tuple[tuple[float, ...], ...] | None,
        Meta(
            description="Factors of 1, u, v, u*u, u*v, v*v in shading - 1, u from -1 at the left edge to 1 at the "
            "right, v from -1 at the top to 1 at the bottom; null where the light is even."
        ),
    ] = None
    tone: Annotated[
        tuple[tuple[float, ...], ...] | None,
        Meta(
            description="Factors of b and b * (x / 127.5 - 1) in what a bent tone curve adds to a level x of the "
            "candidate, b = x * (255 - x) / 255; null where the curve is straight."
        ),
    ] = None


class Split(Struct, frozen=True, kw_only=True):
    """Where the two pictures of a pair lie in the one sheet that shows both."""

    direction: Direction
    size: Annotated[tuple[int, int], Meta(description="[width, height] of the sheet in px.")]
    cut: Annotated[
        int, Meta(ge=0, description="Px from the sheet's left or upper edge to where the candidate's side begins.")
    ]
    reference: Annotated[Box, Meta(description="The reference in the sheet; boxes of regions start from its corner.")]
    candidate: Annotated[Box, Meta(description="The candidate in the sheet.")]


class LeftOut(Struct, frozen=True, kw_only=True):
    """Regions that are not reported, by the option that leaves them out."""

    top: Annotated[int, Meta(ge=0, description="Smaller than the regions that --top reports.")] = 0
    max_box: Annotated[int, Meta(ge=0, description="With a side larger than --max-box.")] = 0


class PairResult(Struct, PicturesAtHand, frozen=True, kw_only=True, dict=True):
    """What was found for one pair."""

    name: str
    status: Status
    frame: Annotated[
        int | None, Meta(description="Which frame or page of its files this is, from 1; null where each has only one.")
    ] = None
    frames: Annotated[int | None, Meta(description="How many frames the file with more of them has.")] = None
    reference: Annotated[str | None, Meta(description="Path of the reference as given.")]
    candidate: Annotated[str | None, Meta(description="Path of the candidate as given.")]
    size: Annotated[tuple[int, int] | None, Meta(description="[width, height] of the reference in px.")] = None
    split: Annotated[
        Split | None, Meta(description="null but for a sheet that was cut; size and boxes are its panels'.")
    ] = None
    regions: tuple[Region, ...] = ()
    left_out: Annotated[LeftOut | None, Meta(description="null where every region is reported.")] = None
    severity: Annotated[
        float | None, Meta(description="Sum of the severities of its regions; null where nothing was compared.")
    ] = None
    threshold: Annotated[float | None, Meta(description="Score above which a pixel of this pair differs.")] = None
    tolerance: Annotated[float | None, Meta(description="Px that an edge may move without differing.")] = None
    forgiven: Annotated[
        tuple[Forgiven, ...], Meta(description="What was explained and so is no region, by cause.")
    ] = ()
    registration: Registration | None = None
    normalization: Annotated[Normalization | None, Meta(description="null where the light was left alone.")] = None
    notes: Annotated[tuple[str, ...], Meta(description="What was done to the pictures before comparing.")] = ()
    change: Annotated[
        str | None, Meta(description="Fingerprint of a different pair: where it is equal, the same change was made.")
    ] = None
    reference_digest: Annotated[str | None, Meta(description="SHA-256 of the reference's file, hexadecimal.")] = None
    candidate_digest: Annotated[str | None, Meta(description="SHA-256 of the candidate's file, hexadecimal.")] = None
    ignored: Annotated[
        Annotated[float, Meta(ge=0, le=1)] | None, Meta(description="Share of the reference not compared on purpose.")
    ] = None
    measures: Annotated[
        dict[str, float | None],
        Meta(
            description="Numbers of the whole registered pair that were asked for, of 8-bit levels; null where one is "
            "infinite or has no value, which a note tells."
        ),
    ] = {}
    options: Annotated[
        dict[str, Any] | None, Meta(description="The options that rules gave this pair other values than the report's.")
    ] = None
    annotated: Annotated[str | None, Meta(description="The annotated picture, relative to the report.")] = None
    map_file: Annotated[str | None, Meta(description="The file of the score map, relative to the report.")] = None
    mask_file: Annotated[str | None, Meta(description="The picture of the mask, relative to the report.")] = None
    aligned_file: Annotated[str | None, Meta(description="The aligned candidate, relative to the report.")] = None
    error: Annotated[str | None, Meta(description="One sentence, for status error.")] = None

    def __post_init__(self) -> None:
        total = None if self.size is None else round(sum(one.severity for one in self.regions), SEVERITY_DIGITS)
        force_setattr(self, "severity", total)

    @property
    def written(self) -> list[str]:
        """The files that were written for the pair, relative to the report."""
        return [place for place in (self.annotated, self.map_file, self.mask_file, self.aligned_file) if place]

    def fails(self, fail_on: Container[str]) -> bool:
        """Whether the pair keeps a run from ending well: by its status, or because it is the same by forgiving."""
        return self.status in fail_on or (self.status == "same" and bool(self.forgiven) and "forgiven" in fail_on)


def initial_result(pair: ImagePair) -> PairResult:
    """The result of a pair before its files are read."""
    status: Status = "renamed" if pair.renamed else "added" if pair.reference is None else "removed"
    return PairResult(
        name=pair.name,
        status=status,
        reference=None if pair.reference is None else path_text(pair.reference),
        candidate=None if pair.candidate is None else path_text(pair.candidate),
    )


def annotated_name(name: str) -> str:
    """Where the annotated picture of the pair called `name` goes, relative to `annotated/`."""
    return name if name.lower().endswith(".png") else f"{name}.png"


def printable(text: object) -> str:
    r"""`str(text)`, with what UTF-8 cannot hold (names in other encodings) written as \udcXX."""
    return str(text).encode("utf-8", "backslashreplace").decode("utf-8")


def path_text(path: PurePath | str) -> str:
    r"""A path as reports hold it, with forward slashes: UTF-8 that `text_path` turns back, whatever bytes are in it.

    A byte that is no UTF-8 is written as \udcXX, and the backslash of a name that looks like that as \u005c.
    """
    text = path if isinstance(path, str) else path.as_posix()
    return printable(_LOOKS_ESCAPED.sub(r"\\u005c", text))


def text_path(text: str) -> Path:
    """The path that a report holds."""
    return to_path(_ESCAPED.sub(lambda match: chr(int(match[1], 16)), text))


def one_line(text: str) -> str:
    r"""The text with line breaks and other control characters written as \n, \x1b and so on."""
    return UNSHOWABLE.sub(lambda match: match[0].encode("unicode_escape").decode(), text)


def escaped(text: str) -> str:
    r"""JSON or TOML of one line, without raw control characters, which stand in strings alone: \u009b and so on."""
    return UNSHOWABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


class Summary(Struct, frozen=True, kw_only=True):
    """How many pairs ended with which status."""

    pairs: int = 0
    same: int = 0
    different: int = 0
    added: int = 0
    removed: int = 0
    renamed: int = 0
    error: int = 0


class Tool(Struct, frozen=True, kw_only=True):
    """What wrote the report."""

    name: str
    version: str


class BackendUsed(Struct, frozen=True, kw_only=True):
    """What worked on the pixels."""

    name: Annotated[str, Meta(description="numpy or cupy.")] = "numpy"
    device: Annotated[str, Meta(description="CPU, or the name of the GPU.")] = "CPU"


class Times(Struct, frozen=True, kw_only=True):
    """The only part of a report that changes from run to run."""

    started: Annotated[str, Meta(description="ISO 8601, UTC.")]
    seconds: float
    pairs: Annotated[tuple[float, ...], Meta(description="Seconds that each pair took, in their order.")] = ()


class Inputs(Struct, frozen=True, kw_only=True):
    """The two directories that were compared, as given; null for files, lists and directories of pairs."""

    reference: str | None = None
    candidate: str | None = None


class RunReport(Struct, ReportAtHand, frozen=True, kw_only=True):
    """Everything a run found."""

    schema: Literal["diffspot.report/1"] = "diffspot.report/1"
    tool: Tool
    options: Annotated[dict[str, Any], Meta(description="The options that decide the result, with their values.")]
    backend: BackendUsed = BackendUsed()
    inputs: Inputs = Inputs()
    summary: Summary
    interrupted: Annotated[
        bool,
        Meta(description="True when pairs are missing: the run was stopped, or some of its shards were not merged."),
    ] = False
    outputs: Annotated[
        tuple[str, ...], Meta(description="Files that the run was to write below its folder, beside the report.")
    ] = ()
    pairs: tuple[PairResult, ...] = ()
    times: Times

    def option(self, pair: PairResult, name: str) -> Any:  # noqa: ANN401  as many types as options
        """The value of an option for a pair."""
        return (pair.options or {}).get(name, self.options[name])

    def fails(self, pair: PairResult) -> bool:
        """Whether a pair keeps the run from ending well, as `fail_on` and `unmatched` say."""
        if pair.status in ONE_SIDED and self.options["unmatched"] != "fail":
            return False
        return pair.fails(self.option(pair, "fail_on"))

    def stands_out(self, pair: PairResult) -> bool:
        """Whether there is more to tell of a pair than that it is the same."""
        return pair.status != "same" or pair.left_out is not None or self.fails(pair)

    @property
    def exit_code(self) -> ExitCode:
        """What the run tells the shell; trouble wins over differences, and `fail_on` says what counts."""
        failing = {pair.status for pair in self.pairs if self.fails(pair)}
        if self.interrupted or "error" in failing:
            return ExitCode.TROUBLE
        return ExitCode.DIFFERENT if failing else ExitCode.SAME
