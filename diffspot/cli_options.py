"""Turns the fields of Options into command-line options, so that they are written once."""

from __future__ import annotations

import inspect
import os
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_type_hints

import typer
from msgspec.structs import replace

from diffspot.options import option_fields

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from diffspot.option_fields import OptionField
    from diffspot.options import Options

BEFORE = "jobs"


def given(values: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the keywords that `takes_options` adds that the user gave a value."""
    return {name: value for name, value in values.items() if value not in (None, [])}


def settled(options: Options) -> Options:
    """The options, with what the environment of the command decides decided."""
    if options.github == "auto":
        return replace(options, github=os.environ.get("GITHUB_ACTIONS") == "true")
    return options


def takes_options(command: Callable[..., None], *, stage: str | None = None) -> Callable[..., None]:
    """Gives a Typer command one keyword for each field of Options, or of one stage, in place of its `**values`.

    What the user leaves out comes in as None, so that the default stays with Options. In the help
    they stand before `BEFORE`, or last.
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
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {part.name: part.annotation for part in parameters}
    return command


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
        metavar=option.values if not option.switch and (option.number or option.form or option.many) else None,
        min=option.least,
        max=option.most,
        show_default=False,
        rich_help_panel=option.stage,
    )
