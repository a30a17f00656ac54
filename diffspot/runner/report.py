"""The report of a run, from its results."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from diffspot.model import BackendUsed, Inputs, RunReport, Summary, Times, Tool, __version__, path_text
from diffspot.options.options import result_options

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from diffspot.model import PairResult
    from diffspot.options.options import Options


def make_report(
    results: Sequence[PairResult],
    seconds: Sequence[float],
    options: Options,
    *,
    started: datetime,
    interrupted: bool,
    backend: BackendUsed | None = None,
    inputs: Sequence[Path] = (),
    outputs: Sequence[str] = (),
) -> RunReport:
    """The report of a run that ends now.

    Args:
        results: of the pairs, in the order of the report.
        seconds: that each pair took.
        options: of pairs that no rule is for.
        started: when the run began, UTC.
        interrupted: whether pairs are missing.
        backend: what worked on the pixels; None is the processor.
        inputs: the directories that the pairs were found in.
        outputs: names of the files that the run writes below its folder.
    """
    return RunReport(
        tool=Tool(name="diffspot", version=__version__),
        options=result_options(options),
        backend=backend or BackendUsed(),
        inputs=report_inputs(inputs),
        summary=Summary(pairs=len(results), **Counter[str](result.status for result in results)),
        interrupted=interrupted,
        outputs=tuple(outputs),
        pairs=tuple(results),
        times=Times(
            started=started.isoformat(timespec="microseconds"),
            seconds=round((datetime.now(UTC) - started).total_seconds(), 3),
            pairs=tuple(round(taken, 3) for taken in seconds),
        ),
    )


def report_inputs(directories: Sequence[Path]) -> Inputs:
    """Two directories as a report holds them; nothing where there are not two."""
    if len(directories) != 2:  # noqa: PLR2004
        return Inputs()
    reference, candidate = (path_text(directory) for directory in directories)
    return Inputs(reference=reference, candidate=candidate)
