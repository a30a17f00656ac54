"""What was found for one pair, and its parts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from msgspec import Meta, Struct
from msgspec.structs import force_setattr

from diffspot.model.at_hand import PicturesAtHand
from diffspot.model.pictures import Box  # noqa: TC001  msgspec reads the annotations
from diffspot.model.text import path_text

if TYPE_CHECKING:
    from collections.abc import Container

    from diffspot.model.pictures import ImagePair

Status = Literal["same", "different", "added", "removed", "renamed", "error"]
Direction = Literal["left-right", "top-bottom"]
"""The order of the two panels of a sheet."""
Row = tuple[float, float, float]
Matrix = tuple[Row, Row, Row]

IDENTITY: Matrix = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))

NOT_APPLIED = "not applied"
"""How the note on a colour profile ends that was left alone."""

HIDES = "high threshold: "
"""How the note begins on noise that hides clear changes."""
LAID = "laid over the reference: "
"""How the note begins on a candidate that was turned or scaled by more than two pictures of one view ever are."""
SIZES = "sizes differ: "
"""How the note begins on pictures of different size."""
MISFIT = "could not be lined up: "
"""How the note begins that says why two pictures are no pair to compare."""

MISSED = "misses a limit: "
"""How the note begins that says which measure of a pair is too low or too high."""

SEVERITY_DIGITS = 2

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
Cause = Literal["light", "movement", "noise", "rendering", "small", "varies"]


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
            description="light, its colour or how colours were converted; movement of the whole picture or of parts; "
            "noise of sensors, of compression, of another sharpness and of rounding; rendering, the same drawn by "
            "another rasteriser; small, fewer px than a region must have; varies, no more than the place does among "
            "the captures that the reference was calibrated from."
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
