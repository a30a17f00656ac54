"""What was found for all pairs of a run."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from diffspot.errors import ExitCode
from diffspot.model.at_hand import ReportAtHand
from diffspot.model.result import PairResult  # noqa: TC001  msgspec reads the annotations

ONE_SIDED = frozenset({"added", "removed"})
"""Statuses of pairs that have one picture."""


class Summary(Struct, frozen=True, kw_only=True):
    """How many pairs ended with which status."""

    pairs: int = 0
    same: int = 0
    different: int = 0
    added: int = 0
    removed: int = 0
    renamed: int = 0
    error: int = 0


class Tool(Struct, frozen=True, kw_only=True):
    """What wrote the report."""

    name: str
    version: str


class BackendUsed(Struct, frozen=True, kw_only=True):
    """What worked on the pixels."""

    name: Annotated[str, Meta(description="numpy or cupy.")] = "numpy"
    device: Annotated[str, Meta(description="CPU, or the name of the GPU.")] = "CPU"


class Times(Struct, frozen=True, kw_only=True):
    """The only part of a report that changes from run to run."""

    started: Annotated[str, Meta(description="ISO 8601, UTC.")]
    seconds: float
    pairs: Annotated[tuple[float, ...], Meta(description="Seconds that each pair took, in their order.")] = ()


class Inputs(Struct, frozen=True, kw_only=True):
    """The two directories that were compared, as given; null for files, lists and directories of pairs."""

    reference: str | None = None
    candidate: str | None = None


class RunReport(Struct, ReportAtHand, frozen=True, kw_only=True):
    """Everything a run found."""

    schema: Literal["diffspot.report/1"] = "diffspot.report/1"
    tool: Tool
    options: Annotated[dict[str, Any], Meta(description="The options that decide the result, with their values.")]
    backend: BackendUsed = BackendUsed()
    inputs: Inputs = Inputs()
    summary: Summary
    interrupted: Annotated[
        bool,
        Meta(description="True when pairs are missing: the run was stopped, or some of its shards were not merged."),
    ] = False
    outputs: Annotated[
        tuple[str, ...], Meta(description="Files that the run was to write below its folder, beside the report.")
    ] = ()
    pairs: tuple[PairResult, ...] = ()
    times: Times

    def option(self, pair: PairResult, name: str) -> Any:  # noqa: ANN401  as many types as options
        """The value of an option for a pair."""
        return (pair.options or {}).get(name, self.options[name])

    def fails(self, pair: PairResult) -> bool:
        """Whether a pair fails the run, by `fail_on` and `unmatched`."""
        if pair.status in ONE_SIDED and self.options["unmatched"] != "fail":
            return False
        return pair.fails(self.option(pair, "fail_on"))

    def stands_out(self, pair: PairResult) -> bool:
        """Whether a pair has anything to report beside that it is the same."""
        return pair.status != "same" or pair.left_out is not None or self.fails(pair)

    @property
    def exit_code(self) -> ExitCode:
        """The exit code of the run: trouble wins over differences, and `fail_on` says what counts."""
        failing = {pair.status for pair in self.pairs if self.fails(pair)}
        if self.interrupted or "error" in failing:
            return ExitCode.TROUBLE
        return ExitCode.DIFFERENT if failing else ExitCode.SAME
