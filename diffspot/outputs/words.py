"""What results are called in the outputs that people read."""

from __future__ import annotations

import re
from itertools import cycle
from math import inf
from typing import TYPE_CHECKING, Any, get_args

from diffspot.model import HIDES, LAID, MISFIT, MISSED, SIZES, Status, path_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from diffspot.model import Forgiven, PairResult, Region, RunReport
    from diffspot.options.types import Sort

LARGEST_SHOWN = 5
NOTABLE = {"rendering": 0.001, "movement": 0.001, "light": 0.001, "noise": 0.01, "small": 0.0}
"""Shares of a picture that causes explain from which a line is printed for a pair that is the same: what a camera's
noise explains is a thousandth at most; a place that `--min-area` alone drops is told whatever its size."""
LAID_NOTABLE = 0.01
"""The same share of movement in a picture that was laid as a whole: what is left of a turn at its edges takes 0.005."""
RANKS: tuple[Status, ...] = ("error", "different", "added", "removed", "renamed", "same")
_NUMBERS = re.compile(r"(\d+)", re.ASCII)
STOPPED = "Pairs are missing: the run was stopped, or some of its shards were not merged."
_UNCOMPARED = {
    "added": "There is no reference.",
    "removed": "There is no candidate.",
    "renamed": "The same picture is now {}.",
}


def headline(result: PairResult) -> str:
    """Why a pair is not the same, in one sentence; empty where its status says all."""
    if result.error:
        return result.error
    if reason := misfit(result):
        return f"{reason[0].upper()}{reason[1:]}."
    if result.status == "same" and (result.forgiven or caveats(result)):
        told = f"forgiven: {forgiven_words(result.forgiven)}" if result.forgiven else ""
        return ". ".join(f"{part[0].upper()}{part[1:]}" for part in (caveats(result), told) if part) + "."
    if not result.regions:
        return _UNCOMPARED.get(result.status, "").format(result.candidate)
    area, largest = sum(region.area for region in result.regions), largest_regions(result)[0]
    return f"{count(len(result.regions), 'region')} of {area} px, the largest at {box_text(largest)}{_more(result)}."


def _more(result: PairResult) -> str:
    """How many regions are left out, to be added to those that are not."""
    left = result.left_out
    return f"; {left.top + left.max_box} more left out" if left else ""


def regions_text(result: PairResult) -> str:
    """How many regions there are, and of how many where some are not reported: "5 of 8"."""
    left = result.left_out
    shown = len(result.regions)
    return f"{shown} of {shown + left.top + left.max_box}" if left else str(shown)


def left_out_words(result: PairResult) -> str:
    """How many parts of a pair that is the same were dropped; empty where none was."""
    return f"{count(result.left_out.max_box, 'region')} larger than --max-box left out" if result.left_out else ""


def misfit(result: PairResult) -> str:
    """Why a pair differs whatever its regions: it could not be lined up, or misses limits; mostly empty."""
    if result.status != "different":
        return ""
    lined_up = [note for note in result.notes if note.startswith(MISFIT)]
    return "; ".join(lined_up or [note for note in result.notes if note.startswith(MISSED)])


def measures_words(result: PairResult) -> str:
    """The measures of a pair: "ssim 0.981, psnr none"; empty where none were asked for."""
    shown = {name: "none" if value is None else f"{value:.6g}" for name, value in result.measures.items()}
    return ", ".join(f"{name} {value}" for name, value in shown.items())


def forgiven_words(forgiven: Iterable[Forgiven]) -> str:
    """What was forgiven, most px first: "rendering 1,234 px in 12 places, noise 3 px in 1 place"."""
    ordered = sorted(forgiven, key=lambda one: one.pixels, reverse=True)
    return ", ".join(f"{one.cause} {one.pixels:,} px in {count(one.places, 'place')}" for one in ordered)


def failure(result: PairResult) -> str:
    """What a pair fails by, as `--fail-on` calls it."""
    return "forgiven" if result.status == "same" else result.status


def notable(result: PairResult) -> list[Forgiven]:
    """What was forgiven and is worth a message.

    It is more than a few px of content that was drawn anew or moved, more noise than a photo has, and what would be a
    region but for its size.
    """
    if result.status != "same" or result.size is None:
        return []
    width, height = result.size
    least = {**NOTABLE, "movement": LAID_NOTABLE} if _is_laid(result) else NOTABLE
    return [one for one in result.forgiven if one.pixels >= least.get(one.cause, inf) * width * height]


def _is_laid(result: PairResult) -> bool:
    """Whether one motion laid all of the candidate over the reference."""
    return result.registration is not None and result.registration.method not in ("none", "layout")


def caveats(result: PairResult) -> str:
    """The notes on a pair that is the same once it was turned or scaled, or of which changes may be hidden."""
    if result.status != "same":
        return ""
    return "; ".join(note for note in result.notes if note.startswith((SIZES, LAID, HIDES)))


def is_listed(result: PairResult) -> bool:
    """Whether a pair is worth a message although it is the same, for what was forgiven or a note says."""
    return bool(notable(result) or caveats(result))


def details(result: PairResult) -> str:
    """What is known about a pair that is not the same, one fact a line."""
    lines = [f"status: {result.status}", *filter(None, [headline(result)])]
    if result.measures:
        lines.append(f"measures: {measures_words(result)}")
    if result.threshold is not None:
        lines.append(f"threshold: {result.threshold}")
    for region in largest_regions(result)[:LARGEST_SHOWN]:
        box = ", ".join(map(str, region.bbox))
        lines.append(f"[{box}] {kind_in_words(region)}, {region.area} px, score up to {region.peak}")
    if len(result.regions) > LARGEST_SHOWN:
        lines.append(f"and {count(len(result.regions) - LARGEST_SHOWN, 'smaller region')}")
    if result.forgiven:
        lines.append(f"forgiven: {forgiven_words(result.forgiven)}")
    return "\n".join(lines)


def kind_in_words(region: Region) -> str:
    """The kind of a region; of rows and columns that only one picture has, how many: "40 inserted rows"."""
    action, _, lines = region.kind.partition("-")
    if not lines:
        return region.kind
    side = 3 if lines == "rows" else 2
    return count(max(region.bbox[side], region.candidate_bbox[side]), f"{action} {lines[:-1]}")


def in_order(pairs: Sequence[PairResult], sort: Sort) -> list[PairResult]:
    """The pairs in the order that `--sort` asks for; those of equal rank stay in the order of the report."""
    return list(pairs) if sort == "input" else sorted(pairs, key=sort_key(sort))


def sort_key(sort: Sort) -> Callable[[PairResult], Any]:
    """What pairs are sorted by: their names, or else severity.

    By severity what could not be compared stands first, then what differs, then the others.
    """
    if sort == "name":
        return lambda pair: _natural(pair.name)
    return lambda pair: (RANKS.index(pair.status), -(pair.severity or 0))


def _natural(name: str) -> list[tuple[int, str]]:
    """A name so that numbers in it stand as numbers: page 9 before page 10."""
    parts = _NUMBERS.split(name.lower())
    return [(len(part.lstrip("0")) if number else 0, part) for part, number in zip(parts, cycle((False, True)))]


def box_text(region: Region, px_per_mm: float | None = None) -> str:
    """Where a region lies in the reference: "8,5,12,10", with a scale "8,5,12,10 (0.4,0.25,0.6,0.5 mm)"."""
    in_px = ",".join(map(str, region.bbox))
    return in_px if px_per_mm is None else f"{in_px} ({','.join(f'{side / px_per_mm:.4g}' for side in region.bbox)} mm)"


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


def cut_short(report: RunReport) -> str:
    """What the report of a run that was interrupted does not hold, for who uses it later."""
    return f"the run was interrupted: its report has only the first {len(report.pairs)} pairs"


def pictures_of(result: PairResult, folder: Path | None) -> dict[str, str]:
    """The paths of a pair's picture files as reports hold them, the annotated one first, by what they are."""
    annotated = path_text(folder / result.annotated) if folder and result.annotated else None
    found = {"annotated": annotated, "reference": result.reference, "candidate": result.candidate}
    return {name: path for name, path in found.items() if path is not None}


def count(number: int, noun: str) -> str:
    """Such as "1 pair" and "2 pairs"."""
    return f"{number} {noun}{'s' * (number != 1)}"
