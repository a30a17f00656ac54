"""How well diffspot finds what was changed, on pairs that are drawn with known truth.

`python -m benchmarks.accuracy [--pairs N] [--seed S] [--keep DIR] [--ablate] [-- OPTIONS ...]`

OPTIONS go to `diffspot compare`. The columns, kind by kind:

- pairs: pairs of this kind; every fourth, or each where the name says so, is unchanged.
- true: regions planted. A change of layout is one: the removed rows, or the seam of inserted ones.
- found: regions that diffspot reported.
- recall: share of the true regions of which found ones cover at least half.
- precision: share of the found regions that lie at least half inside true ones grown by 12 px.
- F1: the harmonic mean of the two.
- tight: F1 where a found region counts if it matches one true region, and that region only it, with
  an intersection over union of at least 0.33.
- clean: share of the unchanged pairs for which no region was reported.

Where there is nothing to take a share of, the column is empty. The last line adds all pairs and
says how long the run took.
"""

from __future__ import annotations

import argparse
import sys
from functools import reduce
from operator import add
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from benchmarks.measured import BenchmarkError, compare, draw_pairs, score
from benchmarks.without import MECHANISMS
from diffspot.options.options import option_fields

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.agreement import Agreement
    from benchmarks.measured import Truth

PAIRS, SEED = 8, 1

ABLATIONS = (
    ("no registration", "align", "none"),
    ("no sub-pixel models", "align", "translation"),
    ("no light correction", "normalize", "none"),
    ("no layout shift", "layout", "none"),
    ("no tolerance", "tolerance", "0"),
    ("tolerance of 3 px", "tolerance", "3"),
    ("no blur", "blur", "0"),
    ("threshold of 0", "threshold", "0"),
    ("threshold of 8 levels", "threshold", "0.0314"),
    ("classic quantile", "threshold", "95%"),
    ("SSIM", "metric", "ssim"),
    ("absolute difference", "metric", "absdiff"),
    ("opening of 3 px", "opening", "3"),
    ("no opening", "opening", "1"),
    ("no joining", "join", "0"),
    ("no least area", "min_area", "1"),
)
"""What is switched off, by which option and value; a line that is the default, or names an option
that this version lacks, is left out."""

HEADER = ("kind", "pairs", "true", "found", "recall", "precision", "F1", "tight", "clean")
WIDTHS = (30, 6, 6, 6, 7, 10, 6, 6, 6)


def _line(cells: Sequence[str]) -> str:
    first, *rest = (f"{cell:>{width}}" for cell, width in zip(cells, WIDTHS, strict=False))
    return " ".join((first.strip().ljust(WIDTHS[0]), *rest))


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _cells(label: str, got: Agreement) -> tuple[str, ...]:
    shares = (got.recall, got.precision, got.f1, got.tight_f1)
    known = (got.true, got.found, got.true, got.true)
    return (
        label,
        *(str(count) for count in (got.pairs, got.true, got.found)),
        *(_number(share if some else None) for share, some in zip(shares, known, strict=True)),
        _number(got.clean_share),
    )


def _total(table: dict[str, Agreement]) -> Agreement:
    return reduce(add, table.values())


def print_table(table: dict[str, Agreement], seconds: float) -> None:
    """Print one line a kind, then their sum."""
    print(_line(HEADER))
    for kind, got in table.items():
        print(_line(_cells(kind, got)))
    total = _total(table)
    print(_line(_cells("all", total)), f"  {seconds:.1f} s")
    if total.errors:
        print(f"{total.errors} pairs failed: compare them with diffspot to see why.")


def ablations() -> Iterator[tuple[str, list[str]]]:
    """Yield the label and the flags of each ablation that this version knows."""
    fields = option_fields()
    for label, name, value in ABLATIONS:
        if name in fields and str(fields[name].default) not in (value, f"{value}.0"):
            yield f"{label} ({fields[name].flag} {value})", [fields[name].flag, value]


def print_ablation(label: str, table: dict[str, Agreement], full: dict[str, Agreement]) -> None:
    """Print one line: F1, tight F1 and clean share over all, then the kinds that change."""
    total = _total(table)
    print(f"{label:40} {_brief(total)}")
    for kind, got in table.items():
        if _brief(got) != _brief(full[kind]):
            print(f"    {kind:36} {_brief(got)}   was {_brief(full[kind])}")


def _brief(got: Agreement) -> str:
    shares = (got.f1 if got.true else None, got.tight_f1 if got.true else None, got.clean_share)
    return " / ".join(_number(share) or "-" for share in shares)


def _measure(folder: Path, truths: dict[str, Truth], options: Sequence[str], *, ablate: bool) -> None:
    found, seconds = compare(folder, options)
    full = score(truths, found)
    print_table(full, seconds)
    if not ablate:
        return
    print("\nWithout one mechanism each: F1 / tight / clean, and the kinds for which they change")
    for label, flags in ablations():
        found, _ = compare(folder, [*options, *flags])
        print_ablation(label, score(truths, found), full)
    for name in MECHANISMS:
        found, _ = compare(folder, options, without=name)
        print_ablation(f"no {name}", score(truths, found), full)


def main() -> int:
    """Draw, compare and print; return the exit code."""
    parser = argparse.ArgumentParser(description="How well diffspot finds what was changed.")
    parser.add_argument("--pairs", type=int, default=PAIRS, help="pairs a kind")
    parser.add_argument("--seed", type=int, default=SEED, help="another seed, other pairs")
    parser.add_argument("--keep", type=Path, help="keep pictures and report in this folder")
    parser.add_argument("--ablate", action="store_true", help="switch each mechanism off in turn")
    parser.add_argument("options", nargs="*", help="after --: options of diffspot compare")
    asked = parser.parse_args()
    with TemporaryDirectory() as temporary:
        folder = asked.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        truths = draw_pairs(folder.resolve(), asked.pairs, asked.seed)
        try:
            _measure(folder.resolve(), truths, asked.options, ablate=asked.ablate)
        except BenchmarkError as error:
            print(error, file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
