"""Draws pairs into a folder, lets diffspot compare them, and scores what it found."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.agreement import Agreement, agree
from benchmarks.pairs.kinds import KINDS
from benchmarks.pairs.pair import save_pair

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.scenes.truth import Box

MANIFEST, TRUTH = "pairs.csv", "truth.json"
ROOT = Path(__file__).parent.parent
# The exit codes of a run that compared: all the same, differences, and a pair in trouble.
COMPARED = (0, 1, 2)


class BenchmarkError(Exception):
    """A benchmark cannot measure; the message says why."""


@dataclass(frozen=True, slots=True)
class Truth:
    """The kind of a pair, and where it differs."""

    kind: str
    boxes: tuple[Box, ...]


def draw_pairs(folder: Path, count: int, seed: int) -> dict[str, Truth]:
    """Draw `count` pairs of each kind into `folder`, with a manifest and the truth beside them.

    Returns:
        The truth about each pair, by name.
    """
    rows, truths = [], dict[str, Truth]()
    for kind in KINDS:
        for index in range(count):
            pair = kind.pair(index, seed)
            name = f"{kind.name} {index}".replace(",", "").replace(" ", "-")
            rows.append((name, *save_pair(pair, folder, name)))
            truths[name] = Truth(kind.name, pair.boxes)
    with (folder / MANIFEST).open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("name", "reference", "candidate"), *rows])
    boxes = {name: truth.boxes for name, truth in truths.items()}
    (folder / TRUTH).write_text(json.dumps(boxes, indent=1), encoding="utf-8")
    return truths


def compare(
    folder: Path, flags: Sequence[str], *, without: str | None = None
) -> tuple[dict[str, list[Box] | None], float]:
    """Compare the pairs of a folder from `draw_pairs` in one process.

    Args:
        folder: Holds the manifest; the report is written into its folder `out`.
        flags: Options of `diffspot compare`.
        without: The mechanism that is switched off, see `benchmarks.without`; None leaves all on.

    Returns:
        The found boxes of each pair by name, None where it failed, and the seconds it took.

    Raises:
        BenchmarkError: diffspot wrote no report.
    """
    out = folder / "out"
    program = ["diffspot"] if without is None else ["benchmarks.without", without]
    command = [sys.executable, "-m", *program, "compare", "--pairs", str(folder / MANIFEST)]
    command += ["--out", str(out), "--annotate", "none", "--quiet", *flags]
    start = time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - start
    if done.returncode not in COMPARED or not (out / "report.json").is_file():
        raise BenchmarkError(f"diffspot wrote no report: {done.stderr.strip()[-2000:]}")
    report = json.loads((out / "report.json").read_text(encoding="utf-8"))
    return {pair["name"]: _boxes(pair) for pair in report["pairs"]}, seconds


def _boxes(pair: dict[str, object]) -> list[Box] | None:
    regions = pair["regions"]
    if pair["status"] == "error" or not isinstance(regions, list):
        return None
    return [tuple(region["bbox"]) for region in regions]


def score(truths: dict[str, Truth], found: dict[str, list[Box] | None]) -> dict[str, Agreement]:
    """Return how well the found boxes of each kind agree with the true ones, by kind."""
    table = {kind.name: Agreement() for kind in KINDS}
    for name, truth in truths.items():
        table[truth.kind] += agree(truth.boxes, found.get(name))
    return table
