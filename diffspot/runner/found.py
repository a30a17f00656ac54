"""Results of the commands for single pictures: the lines of `--jsonl`, and the reports of `--json` and `-o`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from msgspec import Meta, Struct

from diffspot.model import Registration, Tool, path_text  # noqa: TC001
from diffspot.pipeline.finding.common import Shared  # noqa: TC001  msgspec reads the annotations
from diffspot.pipeline.finding.pattern import Hit  # noqa: TC001
from diffspot.pipeline.finding.places import Place  # noqa: TC001
from diffspot.pipeline.finding.shapes import Shape  # noqa: TC001

if TYPE_CHECKING:
    from collections.abc import Callable

    from diffspot.model import Image
    from diffspot.pairing.pictures import Named

L = TypeVar("L", bound="Looked")


class Looked(Struct, frozen=True, kw_only=True):
    """One picture that was looked at."""

    name: Annotated[str, Meta(description="Its path below the folder given, or its file's name.")]
    picture: Annotated[str, Meta(description="Its path as given.")]
    size: Annotated[tuple[int, int] | None, Meta(description="[width, height] in px.")] = None
    notes: Annotated[tuple[str, ...], Meta(description="What was done to it, and what was not looked for.")] = ()
    written: Annotated[str | None, Meta(description="The picture written for it, relative to the report.")] = None
    error: Annotated[str | None, Meta(description="One sentence, where it could not be looked at.")] = None


class LocatedIn(Looked, frozen=True, kw_only=True):
    """Where a crop, or a binary shape, lies in a picture."""

    places: tuple[Place, ...] = ()
    hits: tuple[Hit, ...] = ()


class ShapesOf(Looked, frozen=True, kw_only=True):
    """The areas of like colour of a picture."""

    shapes: tuple[Shape, ...] = ()


class CommonOf(Looked, frozen=True, kw_only=True):
    """One file of frames, and how it lies over the first."""

    registrations: Annotated[
        tuple[Registration, ...], Meta(description="How each of its frames was laid over the first of all.")
    ] = ()


class Alike(Struct, frozen=True, kw_only=True):
    """How like another picture is."""

    name: str
    picture: str
    distance: Annotated[float, Meta(ge=0, le=1, description="0 the same look, 1 black beside white.")]


class SimilarTo(Looked, frozen=True, kw_only=True):
    """What looks like a picture, the most alike first."""

    similar: tuple[Alike, ...] = ()


def looked_at(kind: type[L], picture: Named, image: Image, notes: tuple[str, ...] = ()) -> Callable[..., L]:
    """What makes the result of a picture that was read, from what was found."""
    height, width = image.pixels.shape[:2]
    known = partial(kind, name=picture.name, picture=path_text(picture.path), size=(width, height))
    return partial(known, notes=(*image.notes, *notes))


def failed(kind: type[L], picture: Named, reason: str) -> L:
    """The result of a picture that could not be looked at."""
    return kind(name=picture.name, picture=path_text(picture.path), error=reason)


class FindingReport(Struct, frozen=True, kw_only=True):
    """Everything that one of the commands found."""

    schema: Annotated[str, Meta(description="diffspot.locate/1, diffspot.common/1 and so on.")]
    tool: Tool
    options: dict[str, Any]
    pictures: tuple[Any, ...]


class CommonReport(FindingReport, frozen=True, kw_only=True):
    """What frames share."""

    objects: Annotated[tuple[Shared, ...], Meta(description="What all of them show.")]
