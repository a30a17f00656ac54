"""What results are called in the outputs that people read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, get_args

from diffspot.model import Status

if TYPE_CHECKING:
    from pathlib import Path

    from diffspot.model import PairResult, Region, RunReport

LARGEST_SHOWN = 5
_UNCOMPARED = {
    "added": "There is no reference.",
    "removed": "There is no candidate.",
    "renamed": "The same picture is now {}.",
}

UNSHOWABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]")


def one_line(text: str) -> str:
    r"""The text with line breaks and other control characters written as \n, \x1b and so on."""
    return UNSHOWABLE.sub(lambda match: match[0].encode("unicode_escape").decode(), text)


def headline(result: PairResult) -> str:
    """What is the matter with a pair in one sentence; empty where there is nothing more to say than its status."""
    if result.error:
        return result.error
    if not result.regions:
        return _UNCOMPARED.get(result.status, "").format(result.candidate)
    area, largest = sum(region.area for region in result.regions), largest_regions(result)[0]
    return f"{count(len(result.regions), 'region')} of {area} px, the largest at {','.join(map(str, largest.bbox))}."


def details(result: PairResult) -> str:
    """What is known about a pair that is not the same, one fact a line."""
    lines = [f"status: {result.status}", *filter(None, [headline(result)])]
    if result.threshold is not None:
        lines.append(f"threshold: {result.threshold}")
    for region in largest_regions(result)[:LARGEST_SHOWN]:
        box = ", ".join(map(str, region.bbox))
        lines.append(f"[{box}] {kind_in_words(region)}, {region.area} px, score up to {region.peak}")
    if len(result.regions) > LARGEST_SHOWN:
        lines.append(f"and {count(len(result.regions) - LARGEST_SHOWN, 'smaller region')}")
    return "\n".join(lines)


def kind_in_words(region: Region) -> str:
    """The kind of a region; of rows and columns that only one picture has, how many: "40 inserted rows"."""
    action, _, lines = region.kind.partition("-")
    if not lines:
        return region.kind
    side = 3 if lines == "rows" else 2
    return count(max(region.bbox[side], region.candidate_bbox[side]), f"{action} {lines[:-1]}")


def largest_regions(result: PairResult) -> list[Region]:
    """The regions, the one with most differing pixels first."""
    return sorted(result.regions, key=lambda region: region.area, reverse=True)


def summary_parts(report: RunReport) -> list[tuple[str, str]]:
    """The summary line, "12 pairs: 10 same, 2 different", in parts, each with the status it is about or ""."""
    counts = report.summary
    numbers = {status: getattr(counts, status) for status in get_args(Status)}
    counted = [(f"{number} {status}", status) for status, number in numbers.items() if number]
    separated = [part for one in counted for part in ((", ", ""), one)][1:]
    return [(f"{count(counts.pairs, 'pair')}: ", ""), *(separated or [("nothing compared", "")])]


def summary_line(report: RunReport) -> str:
    """Such as "12 pairs: 10 same, 2 different"."""
    return "".join(part for part, _ in summary_parts(report))


def pictures_of(result: PairResult, folder: Path | None) -> dict[str, str]:
    """The paths of a pair's picture files, the annotated one first, by what they are."""
    annotated = (folder / result.annotated).as_posix() if folder and result.annotated else None
    found = {"annotated": annotated, "reference": result.reference, "candidate": result.candidate}
    return {name: path for name, path in found.items() if path is not None}


def count(number: int, noun: str) -> str:
    """Such as "1 pair" and "2 pairs"."""
    return f"{number} {noun}{'s' * (number != 1)}"
