"""Joins what the checks of a pytest session found, in whichever process, into one report."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from diffspot.errors import DiffspotError
from diffspot.model import path_text
from diffspot.options.options import Options
from diffspot.options.settings import Settings
from diffspot.outputs.annotated import AnnotatedOutput
from diffspot.outputs.earlier_report import EarlierReport
from diffspot.outputs.html import INDEX_NAME, HtmlOutput
from diffspot.outputs.interface import Outputs
from diffspot.outputs.report_json import REPORT_NAME, JsonOutput
from diffspot.outputs.stale import remove_all_stale
from diffspot.outputs.words import summary_line
from diffspot.pytest_plugin.checks import CANDIDATES, REFERENCES, Outcome, twice
from diffspot.runner.report import make_report

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from diffspot.model import PairResult, RunReport
    from diffspot.outputs.report_json import EarlierPair
    from diffspot.pytest_plugin.checks import Checks


def finish_checks(
    lines: Sequence[str], checks: Checks, *, started: datetime, interrupted: bool
) -> tuple[list[str], bool]:
    """Writes the report where there is something to show, or an earlier one to replace.

    Args:
        lines: an `Outcome` each, as JSON, in any order; of a test that ran again the last counts.
        checks: of the session.
        started: when the session began.
        interrupted: whether tests are missing.

    Returns:
        Lines to print, and whether all is well but for the checks themselves.
    """
    outcomes = [msgspec.json.decode(line, type=Outcome) for line in lines]
    said = sorted(f"Wrote {outcome.written}" for outcome in outcomes if outcome.written)
    clashes = _clashes(outcomes)
    report = _join(outcomes, checks, started, interrupted=interrupted)
    try:
        if any(map(report.stands_out, report.pairs)) or (checks.out / REPORT_NAME).exists():
            clashes += _write(report, checks)
            said += [summary_line(report), f"Report: {checks.shown(checks.out / INDEX_NAME)}"]
    except DiffspotError as error:
        return [*said, *clashes, str(error)], False
    return [*said, *clashes], not clashes


def _clashes(outcomes: Sequence[Outcome]) -> list[str]:
    """Names that tests in different processes share, which neither could see."""
    tests: dict[str, set[str]] = {}
    for outcome in outcomes:
        tests.setdefault(outcome.result.name, set()).add(outcome.test)
    return [twice(name, owners) for name, owners in sorted(tests.items()) if len(owners) > 1]


def _join(outcomes: Sequence[Outcome], checks: Checks, started: datetime, *, interrupted: bool) -> RunReport:
    last = {outcome.result.name: outcome for outcome in outcomes}
    shown = [last[name] for name in sorted(last)]
    return make_report(
        [outcome.result for outcome in shown],
        [outcome.seconds for outcome in shown],
        Settings(checks.layers).base,
        started=started,
        interrupted=interrupted,
    )


def _write(report: RunReport, checks: Checks) -> list[str]:
    """Writes the report and its page, and removes the pictures that only an earlier report shows; what failed."""
    earlier = EarlierReport(checks.out)
    copies = {place for pair in report.pairs if report.stands_out(pair) for place in _copies(pair)}
    stale = {place for pair in earlier.pairs for place in _copies(pair)} - copies
    remove_all_stale((checks.out / place for place in sorted(stale)), checks.out)
    page = replace(report, pairs=tuple(_as_copied(pair, checks.out, report) for pair in report.pairs))
    data = Outputs([AnnotatedOutput(checks.out, Settings(checks.layers).base, earlier), JsonOutput(checks.out)])
    shown = Outputs([HtmlOutput(checks.out, Options(pictures="link"))])
    data.finish(report)
    shown.finish(page)
    return data.told_failures + shown.told_failures


def _as_copied(pair: PairResult, out: Path, report: RunReport) -> PairResult:
    """The pair with the pictures that lie beside the page, so that the folder can be taken elsewhere."""
    places = [out / place for place in _copies(pair)]
    reference, candidate = (
        path_text(place) if report.stands_out(pair) and place.exists() else None for place in places
    )
    return replace(pair, reference=reference, candidate=candidate)


def _copies(pair: PairResult | EarlierPair) -> tuple[str, str]:
    """Where the pair's pictures lie below the folder of the report."""
    return f"{REFERENCES}/{pair.name}", f"{CANDIDATES}/{pair.name}"
