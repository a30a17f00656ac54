"""What results are called in the outputs that people read."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from diffspot.model import Status, path_text

if TYPE_CHECKING:
    from pathlib import Path

    from diffspot.model import PairResult, Region, RunReport

LARGEST_SHOWN = 5
_UNCOMPARED = {
    "added": "There is no reference.",
    "removed": "There is no candidate.",
    "renamed": "The same picture is now {}.",
}


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
        lines.append(f"[{box}] {region.kind}, {region.area} px, score up to {region.peak}")
    if len(result.regions) > LARGEST_SHOWN:
        lines.append(f"and {count(len(result.regions) - LARGEST_SHOWN, 'smaller region')}")
    return "\n".join(lines)


def largest_regions(result: PairResult) -> list[Region]:
    """The regions, the one with most differing pixels first."""
    return sorted(result.regions, key=lambda region: region.area, reverse=True)


def summary_parts(report: RunReport) -> list[tuple[str, str]]:
    """The summary line, "12 pairs: 10 same, 2 different", in parts, each with the status it is about or ""."""
    counts = report.summary
    numbers = {status: getattr(counts, status) for status in get_args(Status)}
    counted = [(f"{number} {status}", status) for status, number in numbers.items() if number]
    separated = [part for one in counted for part in ((", ", ""), one)][1:]
    # reports of before this option have neither
    cut = sum(pair.frames is not None and report.option(pair, "frames") == "first" for pair in report.pairs)
    more = [(f"; the first frame alone of {count(cut, 'pair')}", "")] if cut else []
    return [(f"{count(counts.pairs, 'pair')}: ", ""), *(separated or [("nothing compared", "")]), *more]


def summary_line(report: RunReport) -> str:
    """Such as "12 pairs: 10 same, 2 different"."""
    return "".join(part for part, _ in summary_parts(report))


def pictures_of(result: PairResult, folder: Path | None) -> dict[str, str]:
    """The paths of a pair's picture files as reports hold them, the annotated one first, by what they are."""
    annotated = path_text(folder / result.annotated) if folder and result.annotated else None
    found = {"annotated": annotated, "reference": result.reference, "candidate": result.candidate}
    return {name: path for name, path in found.items() if path is not None}


def count(number: int, noun: str) -> str:
    """Such as "1 pair" and "2 pairs"."""
    return f"{number} {noun}{'s' * (number != 1)}"
