"""Completes the names of pairs in a shell, from the report of the folder that stands before them."""

from __future__ import annotations

from pathlib import Path

import typer  # noqa: TC002  Typer looks up what a completion takes by its annotations

from diffspot.errors import DiffspotError
from diffspot.model import one_line


def pair_names(ctx: typer.Context, incomplete: str) -> list[str]:
    """The names of the pairs in OUT/report.json that begin like that; none where there is no report."""
    from diffspot.outputs.report_json import read_report  # noqa: PLC0415  only where somebody completes

    given = [ctx.params.get("out"), *ctx.args]  # before an option that still lacks its value nothing is sorted out
    try:
        report = read_report(Path(next(filter(None, given))))
    except (DiffspotError, StopIteration):
        return []
    return [pair.name for pair in report.pairs if pair.name.startswith(incomplete) and one_line(pair.name) == pair.name]
