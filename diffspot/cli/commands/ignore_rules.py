"""Ignore rules from what an earlier run found."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

from diffspot.errors import OptionError
from diffspot.model import or_nearest
from diffspot.options.config import PROJECT_NAME, RULES
from diffspot.options.toml import ignore_rule
from diffspot.outputs.atomic import write_atomically
from diffspot.pipeline.boxes import widened

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from diffspot.model import PairResult, RunReport
    from diffspot.options.types import Area


def boxes_to_ignore(report: RunReport, name: str, numbers: Sequence[int], padding: int) -> list[Area]:
    """The boxes of a pair's regions, after those that were ignored already, since a later rule replaces earlier ones.

    Args:
        report: of the earlier run.
        name: of the pair.
        numbers: the regions as numbered in the annotated picture, from 1; none is all of them.
        padding: px by which each box is widened on all sides, within the picture.

    Raises:
        OptionError: there is no such pair or region, or the region is a movement of the whole picture.
    """
    pair = _pair(report, name)
    count = len(pair.regions)
    if not count or pair.size is None:
        raise OptionError(f"{name} has no regions in that run, so there is nothing to ignore; name another --pair.")
    for number in numbers:
        if not 1 <= number <= count:
            raise OptionError(f"{name} has no region {number}; --region takes 1 to {count}.")
    chosen = [pair.regions[number - 1] for number in numbers or range(1, count + 1)]
    if any(region.kind == "moved" for region in chosen):
        raise OptionError(
            f"{name} moved as a whole or is another picture, which no box can ignore; raise max-shift if it is set, or "
            "choose by --region."
        )
    before = [tuple(box) for box in report.option(pair, "ignore")]
    return [*before, *(widened(region.bbox, padding, pair.size) for region in chosen)]


def append_rule(path: Path, name: str, boxes: Sequence[Area]) -> None:
    """Adds a rule to the end of a configuration file, and leaves the rest as it stands; makes the file.

    Raises:
        OptionError: the file cannot be read, or takes no further rule.
        OutputError: it cannot be written.
    """
    try:
        before = path.read_bytes().decode() if path.exists() else ""  # as it stands, with its BOM and line ends
    except (OSError, UnicodeDecodeError) as error:
        raise OptionError(f"Cannot read {path} ({error}); check --config.") from error
    gap = "" if not before else "\n" if before.endswith("\n") else "\n\n"
    after = before + gap + ignore_rule(name, boxes, rules_table(path))
    try:
        tomllib.loads(after.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError as error:
        raise OptionError(f"{path} takes no rule at its end ({error}); write each rule under [[{RULES}]].") from error
    write_atomically(path.resolve(), after.encode(), way_out="name another file with --config")


def rules_table(path: Path | None) -> str:
    """What the table of rules is called in a configuration file."""
    return f"tool.diffspot.{RULES}" if path is not None and path.name == PROJECT_NAME else RULES


def _pair(report: RunReport, name: str) -> PairResult:
    pairs = {pair.name: pair for pair in report.pairs}
    if name in pairs:
        return pairs[name]
    raise OptionError(f"That run has no pair {name!r}; {or_nearest(name, pairs, 'take a name from its report.json')}")
