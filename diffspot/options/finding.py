"""Options of the commands for single pictures, each defined once, as those of a comparison are."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypedDict, TypeVar

from msgspec import Struct

from diffspot.model import MAX_PIXELS
from diffspot.options.comparison import MaxMemory, MaxPixels  # noqa: TC001  msgspec reads the annotations
from diffspot.options.fields import NOTHING, describe_fields, option
from diffspot.options.forms import check_form
from diffspot.options.options import build
from diffspot.options.types import Align, Auto, Nothing  # noqa: TC001  msgspec reads the annotations

if TYPE_CHECKING:
    from collections.abc import Mapping

    from diffspot.options.fields import OptionField

    T = TypeVar("T", bound="Limits")

ORIENTATIONS = (1, 4, 8)
COLOR = re.compile(r"#([0-9a-fA-F]{2})([0-9a-fA-F]{2})([0-9a-fA-F]{2})")
TRANSPARENT = "transparent"
MOST = 1_000_000
MOST_TOLERANCE = 255


class Limits(Struct, frozen=True, kw_only=True):
    """What one picture may take."""

    max_pixels: MaxPixels = MAX_PIXELS
    max_memory: MaxMemory = "auto"

    def __post_init__(self) -> None:
        check_form("max_memory", self.max_memory)


class LocateOptions(Limits, frozen=True, kw_only=True):
    """What `diffspot locate` looks for."""

    min_score: Annotated[
        float,
        option(
            "Crop",
            "Least correlation, 0..1, of a place that is not equal in every pixel; in a JPEG of the same picture it "
            "is 0.9 to 1.",
            ge=0,
            le=1,
        ),
    ] = 0.9
    top: Annotated[
        Literal["equal", "all"] | int,
        option(
            "Places",
            "Places to report of each picture: equal is the best and all as good as it, all is all of --min-score, a "
            "number is so many of the best. Of binary shapes equal is all.",
            unit="n",
        ),
    ] = "equal"
    shape: Annotated[
        str,
        option(
            "Binary shape",
            "Look for a shape of ones and zeros instead of a crop, row by row such as 1000/1111; ? stands for either.",
            form="none|ROWS",
        ),
    ] = NOTHING
    orientations: Annotated[
        int,
        option("Binary shape", "1 as it is, 4 also turned, 8 also mirrored.", unit="1|4|8"),
    ] = 1
    ones: Annotated[
        Literal["light", "dark"],
        option("Binary shape", "Which pixels of a picture are the ones; Otsu's threshold divides them."),
    ] = "light"
    flat: Annotated[
        bool,
        option(
            "Binary shape",
            "Each line of a text is a square picture of its own, such as 784 digits of 28 x 28.",
            form="true|false",
        ),
    ] = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if isinstance(self.top, int) and not 1 <= self.top <= MOST:
            raise ValueError("Expected equal, all or a number from 1 on - at `$.top`")
        if self.orientations not in ORIENTATIONS:
            raise ValueError("Expected 1, 4 or 8 - at `$.orientations`")

    @property
    def best(self) -> int | None:
        """How many of the best places of a crop are reported, beside those as good where top is equal; None is all."""
        return {"equal": 1, "all": None}[self.top] if isinstance(self.top, str) else self.top


class CommonOptions(Limits, frozen=True, kw_only=True):
    """What `diffspot common` keeps."""

    take: Annotated[
        Literal["shared", "median", "mog2"],
        option(
            "Frames",
            "shared keeps the objects that stay while the rest changes; median and mog2 (a mixture of Gaussians) keep "
            "the background behind what moves.",
        ),
    ] = "shared"
    align: Annotated[
        Align,
        option(
            "Frames",
            "How each frame is registered onto the first; auto does so only where all share more that way. none is for "
            "an overlay that stays while the view behind it slides.",
        ),
    ] = "auto"
    background: Annotated[
        str,
        option("Result", "What is put where nothing is shared.", form="transparent|#RRGGBB"),
    ] = TRANSPARENT

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.background != TRANSPARENT and not COLOR.fullmatch(self.background):
            raise ValueError("Expected transparent or a colour such as #ffffff - at `$.background`")

    @property
    def color(self) -> tuple[int, int, int] | None:
        """Red, green and blue of the background; None where it is transparent."""
        parts = COLOR.fullmatch(self.background)
        if parts is None:
            return None
        red, green, blue = (int(part, 16) for part in parts.groups())
        return red, green, blue


class ShapesRule(TypedDict):
    """What `find_shapes` takes beside the picture."""

    levels: int | None
    tolerance: float
    connectivity: int
    min_area: int


class ShapesOptions(Limits, frozen=True, kw_only=True):
    """What `diffspot shapes` takes for one area."""

    levels: Annotated[
        int,
        option(
            "Colour", "Steps each channel is divided into; neighbours on the same steps are one area.", ge=2, le=256
        ),
    ] = 8
    tolerance: Annotated[
        Nothing | float,
        option(
            "Colour",
            "In place of --levels: neighbours are one area if no channel differs by more, so a slow gradient is one.",
            unit="levels",
        ),
    ] = "none"
    connectivity: Annotated[
        Literal[4, 8],
        option(
            "Areas", "Neighbours of a pixel: 4 across its edges, or 8 with those that share only a corner.", form="4|8"
        ),
    ] = 4
    min_area: Annotated[int, option("Areas", "Areas with fewer pixels are left out.", unit="px", ge=1)] = 16

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.tolerance, str) and not 0 <= self.tolerance <= MOST_TOLERANCE:
            raise ValueError("Expected none or grey levels from 0 to 255 - at `$.tolerance`")

    @property
    def rule(self) -> ShapesRule:
        """What `find_shapes` takes: without levels the tolerance counts."""
        levels, tolerance = (self.levels, 0.0) if isinstance(self.tolerance, str) else (None, self.tolerance)
        return ShapesRule(levels=levels, tolerance=tolerance, connectivity=self.connectivity, min_area=self.min_area)


class SimilarOptions(Limits, frozen=True, kw_only=True):
    """What `diffspot similar` reports."""

    top: Annotated[
        Literal["all"] | int, option("Results", "Pictures to report for each query, the most alike first.", unit="n")
    ] = 10
    threshold: Annotated[
        Auto | float,
        option(
            "Results",
            "Distance, 0 the same look to 1 black beside white, up to which pictures are alike; JPEG copies lie below "
            "0.02. auto is any with QUERY, and 0.03 without.",
            unit="distance",
        ),
    ] = "auto"

    def __post_init__(self) -> None:
        super().__post_init__()
        if isinstance(self.top, int) and not 1 <= self.top <= MOST:
            raise ValueError("Expected all or a number from 1 on - at `$.top`")
        if not isinstance(self.threshold, str) and not 0 <= self.threshold <= 1:
            raise ValueError("Expected auto or a distance from 0 to 1 - at `$.threshold`")

    @property
    def most(self) -> int | None:
        """How many pictures are reported for each query; None is all."""
        return None if isinstance(self.top, str) else self.top


@cache
def fields_of(struct: type[Limits]) -> dict[str, OptionField]:
    """The options of a command by name: its own, then the limits."""
    fields = describe_fields(struct)
    return dict(sorted(fields.items(), key=lambda item: item[0] in Limits.__struct_fields__))


def make_finding_options(struct: type[T], values: Mapping[str, Any]) -> T:
    """Builds the options of a command from text or values; see `make_options`."""
    return build(struct, fields_of(struct), values)
