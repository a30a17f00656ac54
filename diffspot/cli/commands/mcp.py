"""`diffspot mcp`: the comparison as tools of the Model Context Protocol, for assistants that look at pictures."""

from __future__ import annotations

from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Annotated, Any

import typer

from diffspot.errors import DiffspotError, OptionError
from diffspot.model import __version__, one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import TypeVar

    from mcp.server.mcpserver import MCPServer

    from diffspot.model import PairResult, RunReport
    from diffspot.outputs.bounds import Roots

    T = TypeVar("T")

MOST_TOLD = 50
"""Pairs that an answer holds; the report in `out` has all."""
ABOUT = (
    "diffspot finds where two pictures differ. Boxes are [x, y, width, height] in px of the reference. "
    "`same` with `forgiven` means that something differs and was explained."
)


def serve(
    allow: Annotated[
        list[str] | None,
        typer.Option(
            metavar="DIRECTORY",
            help="A directory or URL that the tools may use beside the working directory; may be repeated.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Serves compare, compare_directories and explain to an assistant, over standard input and output (MCP).

    It needs the extra: pip install 'diffspot[mcp]'. The tools read and write nothing outside the working directory and
    what --allow names, and write only into the folder that a call names as `out`.
    """
    from diffspot.outputs.bounds import allowed_directories  # noqa: PLC0415  keeps --help and --version fast

    server(allowed_directories(allow)).run("stdio")


def server(allowed: Iterable[Path] = ()) -> MCPServer[Any]:
    """The server with its tools.

    Args:
        allowed: directories that the tools may use beside the working directory.

    Raises:
        OptionError: the package mcp is not installed.
    """
    try:
        from mcp.server.mcpserver import MCPServer  # noqa: PLC0415  an extra, and slow to import
    except ImportError as error:
        raise OptionError("diffspot mcp needs the package mcp; pip install 'diffspot[mcp]'.") from error
    from diffspot.outputs.bounds import Roots, real  # noqa: PLC0415

    here = real(Path())
    roots = [here] if here != here.parent else []  # a root of the file system would hold everything
    refusal = "lies outside what diffspot mcp may use; start it with --allow DIRECTORY, or in another directory."
    tools = Tools(Roots([*roots, *map(real, allowed)], refusal))
    made = MCPServer[Any]("diffspot", version=__version__, instructions=ABOUT)
    for tool in (tools.compare, tools.compare_directories, tools.explain):
        made.tool()(tool)
    return made


class Tools:
    """What an assistant may call. One comparison runs at a time: each takes the memory that is left for its own.

    Args:
        roots: where they may read and write.
    """

    def __init__(self, roots: Roots) -> None:
        self._roots = roots
        self._turn = Lock()

    def compare(self, reference: str, candidate: str, options: dict[str, Any] | None = None) -> dict[str, Any]:
        """Finds where two picture files differ.

        Args:
            reference: path of what ought to be there.
            candidate: path of what is there.
            options: those of `diffspot compare`, with underscores: {"min_area": 9, "ignore": [[0, 0, "100%", 40]]}.

        Returns:
            status, a sentence, and the regions with kind, bbox, area and peak.
        """
        from diffspot.api.pairs import compare  # noqa: PLC0415  keeps --help and --version fast

        def compared() -> PairResult:
            given, places = self._deciding(options), self._inputs(reference, candidate)
            with self._turn:
                result: PairResult = compare(places[0], places[1], **given)
            return result

        return _told(_answered(compared))

    def compare_directories(
        self, reference: str, candidate: str, out: str | None = None, options: dict[str, Any] | None = None
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
        from diffspot.api.pairs import compare_directories  # noqa: PLC0415

        def compared() -> RunReport:
            given, places = self._deciding(options), self._inputs(reference, candidate)
            folder = self._place(out) if out else None
            page: dict[str, Any] = {"html": True} if out else {}
            with self._turn:
                return compare_directories(places[0], places[1], out=folder, **page, **given)

        return _summary(_answered(compared))

    def explain(self, out: str, pair: str | None = None) -> dict[str, Any]:
        """Explains the report of an earlier run.

        Args:
            out: the folder that was its --out.
            pair: the name of one pair; without it the summary of all.

        Returns:
            What is known of the pair, or the summary and the pairs that are not the same.
        """
        from diffspot.outputs.report_json import REPORT_NAME, read_report  # noqa: PLC0415

        report = _answered(lambda: read_report(self._place(out, REPORT_NAME).parent))
        if pair is None:
            return _summary(report)
        found = next((one for one in report.pairs if one.name == pair), None)
        if found is None:
            raise _refused(f"No pair in {out} is called {pair!r}; call explain without pair for the names.")
        return _told(found)

    def _inputs(self, *given: str) -> list[Path]:
        """Two files or directories; what links in a directory lead to has to lie within the roots, too."""
        from diffspot.pairing.files import find_pictures, is_directory  # noqa: PLC0415

        places = [self._place(one) for one in given]
        for folder in filter(is_directory, places):
            for picture in find_pictures(folder).values():
                self._roots.place(picture)
        return places

    def _deciding(self, options: dict[str, Any] | None) -> dict[str, Any]:
        """The options, none of which writes anything, is for Python alone or names a file elsewhere."""
        from diffspot.options.options import option_fields  # noqa: PLC0415
        from diffspot.outputs import refuse_outputs  # noqa: PLC0415

        given, fields = options or {}, option_fields()
        refuse_outputs(given)
        for name, value in given.items():
            if name not in fields:
                raise OptionError(f"There is no option {name!r}; see docs/commands.md.")
            if fields[name].path and value != fields[name].default:
                self._place(str(value))
        return given

    def _place(self, *parts: str) -> Path:
        """Where a path leads that a call names, within the roots."""
        from diffspot.image_io.storage import to_path  # noqa: PLC0415

        path = to_path(parts[0]).joinpath(*parts[1:])
        self._roots.place(path)
        return path


def _answered(call: Callable[[], T]) -> T:
    """What a call gives; an error of diffspot's becomes a sentence for the assistant."""
    try:
        return call()
    except DiffspotError as error:
        raise _refused(str(error)) from error


def _refused(sentence: str) -> Exception:
    from mcp.server.mcpserver.exceptions import ToolError  # noqa: PLC0415

    return ToolError(one_line(sentence))


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
