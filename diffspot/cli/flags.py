"""Turns the fields of Options into command-line options, so that they are written once."""

from __future__ import annotations

import inspect
import os
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args, get_type_hints

import typer
from msgspec.structs import replace

from diffspot.cli.help import PanelCommand
from diffspot.options.options import option_fields
from diffspot.storage import to_path

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from diffspot.options.fields import OptionField
    from diffspot.options.options import Options

BEFORE = "jobs"

AllowedFolders = Annotated[
    list[str] | None,
    typer.Option(
        "--allow",
        metavar="DIRECTORY",
        help="A directory whose pictures the report may name, beside the one that OUT lies in; may be repeated.",
        show_default=False,
    ),
]

PairsPerShard = Annotated[
    str | None,
    typer.Option(
        metavar="N",
        help="Pairs of a shard, about; what a lost worker costs at most. \\[default: 1000, of few pairs a sixteenth]",
        rich_help_panel="Running",
        show_default=False,
    ),
]


def explicit(values: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the keywords that `with_option_flags` adds that the user gave a value."""
    return {name: value for name, value in values.items() if value not in (None, [])}


def resolve_environment(options: Options) -> Options:
    """Resolves options that depend on the environment (`--github auto`)."""
    if options.github == "auto":
        return replace(options, github=os.environ.get("GITHUB_ACTIONS") == "true")
    return options


class TextCommand(PanelCommand):
    """A command that is handed text as it was given, flags as bool, and nothing for what was left out.

    Typer declares what there is and shows it; Options converts text, and says what is wrong with it, as it does for
    the Python API. For Typer to convert even a path it imports pydantic, which takes longer than Typer itself.
    """

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]
        """Reads the arguments; leaves it to Typer to show help, and to say what is missing or too much."""
        values, rest, order = self.make_parser(ctx).parse_args(args=[*args])
        told = {param.name: values[param.name] for param in order if values[param.name] != ()}
        given = {name: value for name, value in told.items() if isinstance(value, str | bool | list | tuple)}
        missing = any(param.required and param.name not in given for param in self.params)
        if rest or missing or ctx.resilient_parsing or any(param.is_eager for param in order):
            return super().parse_args(ctx, args)
        ctx.params.update(given)
        return rest


def with_option_flags(command: Callable[..., None], *, stage: str | None = None) -> Callable[..., None]:
    """Gives a TextCommand one keyword for each field of Options, or of one stage, in place of its `**values`.

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
        for option in option_fields().values()
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
    if option.boxes:
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
