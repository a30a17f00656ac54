"""Turns the fields of Options into command-line options, so that they are written once."""

from __future__ import annotations

import inspect
import os
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args, get_type_hints

import typer
from msgspec.structs import replace

from diffspot.errors import OptionError
from diffspot.image_io.storage import to_path
from diffspot.options.options import make_options, option_fields
from diffspot.options.unused import refuse_unused

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from diffspot.cli.console import Style
    from diffspot.options.fields import OptionField
    from diffspot.options.options import Options

BEFORE = "jobs"


def taking(*names: str, takes: str, text: str, panel: str) -> Any:  # noqa: ANN401  what typer.Option returns
    """An option with a value, whose default its text tells, if it has one.

    Args:
        names: such as --jobs and -j; none is the name of the parameter.
        takes: what the value is, such as DIRECTORY.
        text: what it does.
        panel: of the help, where it stands.
    """
    return typer.Option(*names, metavar=takes, help=text, rich_help_panel=panel, show_default=False)


def out_option(takes: str, text: str) -> Any:  # noqa: ANN401  what typer.Option returns
    """The option --out of a command; see `taking`."""
    return taking("--out", "-o", takes=takes, text=text, panel="Results")


AllowedFolders = Annotated[
    list[str] | None,
    typer.Option(
        "--allow",
        metavar="DIRECTORY",
        help="Another directory, beside the one that OUT lies in, whose pictures the report may name; may be repeated.",
        show_default=False,
    ),
]

PairsPerShard = Annotated[
    str | None,
    taking(
        takes="N",
        text="Pairs in a shard, about; the most that a lost worker costs. \\[default: 1000, of few pairs a sixteenth]",
        panel="Running",
    ),
]


ListFile = Annotated[
    Path | None,
    taking(
        "--list",
        takes="FILE|-",
        text="Take the pictures of a list, too, one path a line; - is standard input.",
        panel="Input",
    ),
]
OutFolder = Annotated[
    Path | None,
    out_option("DIRECTORY", "Write the report and pictures there; without it nothing is written."),
]
Json = Annotated[
    bool, typer.Option("--json", help="Print the report as JSON instead of the table.", rich_help_panel="Results")
]
Jsonl = Annotated[
    bool,
    typer.Option("--jsonl", help="Print one line of JSON for each picture as it ends.", rich_help_panel="Results"),
]
PairsJsonl = Annotated[
    bool, typer.Option("--jsonl", help="Print one line of JSON for each pair as it comes.", rich_help_panel="Results")
]
Quiet = Annotated[
    bool,
    typer.Option("--quiet", "-q", help="Print nothing but errors; the exit code tells.", rich_help_panel="Results"),
]
Jobs = Annotated[
    str | None,
    taking(
        "--jobs",
        "-j",
        takes="N",
        text="Pictures to look at at the same time, 1 or more. \\[default: the cores this process may use]",
        panel="Running",
    ),
]
Debug = Annotated[bool, typer.Option("--debug", help="Print the traceback of a fault.", rich_help_panel="Running")]


def read_style(*, json: bool, jsonl: bool, quiet: bool) -> Style:
    """How results are printed.

    Raises:
        OptionError: two of the ways are asked for.
    """
    if json + jsonl + quiet > 1:
        raise OptionError("--json, --jsonl and --quiet exclude each other; choose one.")
    return "json" if json else "jsonl" if jsonl else "quiet" if quiet else "table"


def explicit(values: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the keywords that `with_option_flags` adds that the user gave a value."""
    return {name: value for name, value in values.items() if value not in (None, [])}


def resolve_environment(options: Options) -> Options:
    """Resolves options that depend on the environment (`--github auto`)."""
    if options.github == "auto":
        return replace(options, github=os.environ.get("GITHUB_ACTIONS") == "true")
    return options


def output_options(values: Mapping[str, Any]) -> Options:
    """The options of a command that has those of the stage Outputs alone, from its `**values`.

    Raises:
        OptionError: a value is wrong, or would change nothing.
    """
    given = explicit(values)
    options = make_options(given)
    refuse_unused(given, [options])
    return resolve_environment(options)


def with_option_flags(
    command: Callable[..., None], *, stage: str | None = None, fields: Mapping[str, OptionField] | None = None
) -> Callable[..., None]:
    """Gives a TextCommand one keyword for each field of Options, or of one stage, in place of its `**values`.

    `fields` are those of other options.

    What the user leaves out comes in as None, so that the default stays with Options. In the help
    they stand before `BEFORE`, or last. Of the command's own parameters, paths are converted.
    """
    hints = get_type_hints(command, include_extras=True)
    own = [
        parameter.replace(annotation=hints[name])
        for name, parameter in inspect.signature(command).parameters.items()
        if parameter.kind is not inspect.Parameter.VAR_KEYWORD
    ]
    added = [
        inspect.Parameter(
            option.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=None,
            annotation=Annotated[_kind(option) | None, _typer_option(option)],
        )
        for option in (fields or option_fields()).values()
        if stage in (None, option.stage)
    ]
    index = next((index for index, parameter in enumerate(own) if parameter.name == BEFORE), len(own))
    parameters = [*own[:index], *added, *own[index:]]
    paths = frozenset(part.name for part in own if _is_path(part.annotation))

    @wraps(command)
    def convert(**given: Any) -> None:  # noqa: ANN401  whatever the parameters are of
        command(
            **{name: to_path(value) if value is not None and name in paths else value for name, value in given.items()}
        )

    convert.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    convert.__annotations__ = {part.name: part.annotation for part in parameters}
    return convert


def _is_path(hint: object) -> bool:
    """Whether a parameter is `Annotated[Path, ...]` or `Annotated[Path | None, ...]`."""
    kind = get_args(hint)[:1]
    return Path in (*kind, *get_args(*kind))


def _kind(option: OptionField) -> Any:  # noqa: ANN401  a type made at run time
    """The type Typer checks; what it has no type for is text that Options converts."""
    if option.switch:
        return bool
    if option.repeatable:
        return list[str]
    if option.many or option.form or (option.words and option.number):
        return str
    return option.number or Literal[option.words]


def _typer_option(option: OptionField) -> Any:  # noqa: ANN401  what typer.Option returns
    return typer.Option(
        option.flags,
        help=f"{option.description} \\[default: {option.default}]",
        metavar=None if option.switch else option.values + _range(option),
        show_default=False,
        rich_help_panel=option.stage,
    )


def _range(option: OptionField) -> str:
    """What its number may be, such as " [1<=x<=99]"."""
    match option.least, option.most:
        case None, None:
            return ""
        case least, None:
            return f" [x>={least}]"
        case None, most:
            return f" [x<={most}]"
        case least, most:
            return f" [{least}<=x<={most}]"
