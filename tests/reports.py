"""Reports made by hand, with names that are awkward in every format."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from diffspot.model import Inputs, PairResult, Region, RunReport, Summary, Times, Tool
from diffspot.options.options import Options

if TYPE_CHECKING:
    from diffspot.outputs.interface import FileOutput

NAMES = (
    "plain.png",
    'deep/er/<b>"q"\'&amp;.png',
    "a#b c?.png",
    "new\nline\r.png",
    "日本 ünï Ж.png",
    "pipe|`tick`*_[x](y).png",
    "bell\x07\x1b[31m.png",
    "=1+1.png",
    "deep/100%,colon:;@you.png",
)
STATUSES = ("same", "different", "added", "removed", "renamed", "error")


def region(x: int = 8, y: int = 5, w: int = 12, h: int = 10) -> Region:
    box = (x, y, w, h)
    return Region(bbox=box, candidate_bbox=(x + 1, y + 2, w, h), area=w * h, peak=0.75, mean=0.5)


def pair(name: str, status: str = "different", *regions: Region) -> PairResult:
    """A result with files in ref/ and cand/, as far as its status lets it have them."""
    compared = status in {"same", "different"}
    return PairResult(
        name=name,
        status=status,
        reference=None if status == "added" else f"ref/{name}",
        candidate=None if status == "removed" else f"cand/{name}",
        size=(64, 48) if compared else None,
        regions=regions or ((region(),) if status == "different" else ()),
        threshold=0.12 if compared else None,
        annotated=f"annotated/{name}" if status == "different" else None,
        error=f"cand/{name} is damaged; copy it again." if status == "error" else None,
    )


def report(*pairs: PairResult, interrupted: bool = False) -> RunReport:
    counts = {status: sum(one.status == status for one in pairs) for status in Summary.__struct_fields__[1:]}
    return RunReport(
        tool=Tool(name="diffspot", version="0"),
        options=msgspec.to_builtins(Options()),
        inputs=Inputs(reference="ref", candidate="cand"),
        summary=Summary(pairs=len(pairs), **counts),
        interrupted=interrupted,
        pairs=pairs,
        times=Times(started="2026-01-01T00:00:00+00:00", seconds=1.5, pairs=(0.25,) * len(pairs)),
    )


def awkward(*, interrupted: bool = False) -> RunReport:
    """One pair of each status for each name."""
    pairs = [pair(f"{status}/{name}", status) for name in NAMES for status in STATUSES]
    return report(*pairs, interrupted=interrupted)


def written(output: FileOutput, made: RunReport) -> bytes:
    """What an output writes."""
    return b"".join(output.parts(made))
