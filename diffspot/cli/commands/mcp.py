"""`diffspot mcp`: the comparison as tools of the Model Context Protocol, for assistants that look at pictures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from diffspot.errors import DiffspotError, OptionError
from diffspot.model import __version__

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from mcp.server.mcpserver import MCPServer

    from diffspot.model import PairResult, RunReport

    T = TypeVar("T")

MOST_TOLD = 50
"""Pairs that an answer holds; the report in `out` has all."""
ABOUT = (
    "diffspot finds where two pictures differ. Boxes are [x, y, width, height] in px of the reference. "
    "`same` with `forgiven` means that something differs and was explained."
)


def serve() -> None:
    """Serves compare, compare_directories and explain to an assistant, over standard input and output (MCP).

    It needs the extra: pip install 'diffspot[mcp]'. The tools read what the user who started it may read, and write
    only into the folder that a call names as `out`.
    """
    server().run("stdio")


def server() -> MCPServer[Any]:
    """The server with its tools.

    Raises:
        OptionError: the package mcp is not installed.
    """
    try:
        from mcp.server.mcpserver import MCPServer  # noqa: PLC0415  an extra, and slow to import
    except ImportError as error:
        raise OptionError("diffspot mcp needs the package mcp; pip install 'diffspot[mcp]'.") from error
    made = MCPServer[Any]("diffspot", version=__version__, instructions=ABOUT)
    for tool in (compare, compare_directories, explain):
        made.tool()(tool)
    return made


def compare(reference: str, candidate: str, options: dict[str, Any] | None = None) -> dict[str, Any]:
    """Finds where two picture files differ.

    Args:
        reference: path of what ought to be there.
        candidate: path of what is there.
        options: those of `diffspot compare`, with underscores: {"min_area": 9, "ignore": [[0, 0, "100%", 40]]}.

    Returns:
        status, a sentence, and the regions with kind, bbox, area and peak.
    """
    from diffspot import api  # noqa: PLC0415  keeps --help and --version fast

    return _told(_answered(lambda: api.compare(reference, candidate, **_deciding(options))))


def compare_directories(
    reference: str, candidate: str, out: str | None = None, options: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Compares two directories of pictures by relative path.

    Args:
        reference: directory of what ought to be there.
        candidate: directory of what is there.
        out: folder for report.json, annotated pictures and index.html; without it nothing is written.
        options: those of `diffspot compare`, with underscores.

    Returns:
        The summary, and the pairs that are not the same, at most 50.
    """
    from diffspot import api  # noqa: PLC0415

    html = {"html": True} if out else {}
    given = {**html, **_deciding(options)}
    return _summary(_answered(lambda: api.compare_directories(reference, candidate, out=out, **given)))


def explain(out: str, pair: str | None = None) -> dict[str, Any]:
    """Explains the report of an earlier run.

    Args:
        out: the folder that was its --out.
        pair: the name of one pair; without it the summary of all.

    Returns:
        What is known of the pair, or the summary and the pairs that are not the same.
    """
    from diffspot.outputs.report_json import read_report  # noqa: PLC0415

    report = _answered(lambda: read_report(Path(out)))
    if pair is None:
        return _summary(report)
    found = next((one for one in report.pairs if one.name == pair), None)
    if found is None:
        raise _refused(f"No pair in {out} is called {pair!r}; call explain without pair for the names.")
    return _told(found)


def _deciding(options: dict[str, Any] | None) -> dict[str, Any]:
    """The options, none of which writes anything or is for Python alone."""
    from diffspot.options.options import option_fields  # noqa: PLC0415
    from diffspot.outputs import refuse_outputs  # noqa: PLC0415

    given = options or {}
    _answered(lambda: refuse_outputs(given))
    unknown = [name for name in given if name not in {field.name for field in option_fields().values()}]
    if unknown:
        raise _refused(f"There is no option {unknown[0]!r}; see docs/commands.md.")
    return given


def _answered(call: Callable[[], T]) -> T:
    """What a call gives; an error of diffspot's becomes the sentence that the assistant is told."""
    try:
        return call()
    except DiffspotError as error:
        raise _refused(str(error)) from error


def _refused(sentence: str) -> Exception:
    from mcp.server.mcpserver.exceptions import ToolError  # noqa: PLC0415

    return ToolError(sentence)


def _summary(report: RunReport) -> dict[str, Any]:
    import msgspec  # noqa: PLC0415

    unequal = [pair for pair in report.pairs if pair.status != "same"]
    return {
        "summary": msgspec.to_builtins(report.summary),
        "pairs": [_told(pair) for pair in unequal[:MOST_TOLD]],
        "left_out": max(len(unequal) - MOST_TOLD, 0),
    }


def _told(result: PairResult) -> dict[str, Any]:
    import msgspec  # noqa: PLC0415

    from diffspot.outputs.words import details  # noqa: PLC0415

    fields = ("kind", "bbox", "candidate_bbox", "area", "peak")
    return {
        "name": result.name,
        "status": result.status,
        "sentence": details(result),
        "regions": [{key: msgspec.to_builtins(region)[key] for key in fields} for region in result.regions],
        "notes": list(result.notes),
        "annotated": result.annotated,
    }
