"""Turns the fields of Options into command-line options, so that they are written once."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_type_hints

import typer

from diffspot.options import option_fields

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from diffspot.option_fields import OptionField

BEFORE = "jobs"


def given(values: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the keywords that `takes_options` adds that the user gave a value."""
    return {name: value for name, value in values.items() if value not in (None, [])}


def takes_options(command: Callable[..., None]) -> Callable[..., None]:
    """Gives a Typer command one keyword for each field of Options in place of its `**values`.

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
    ]
    index = next((index for index, parameter in enumerate(own) if parameter.name == BEFORE), len(own))
    parameters = [*own[:index], *added, *own[index:]]
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {part.name: part.annotation for part in parameters}
    return command


def _kind(option: OptionField) -> Any:  # noqa: ANN401  a type made at run time
    """The type Typer checks; what it has no type for is text that Options converts."""
    if option.boxes:
        return list[str]
    if option.many or option.form or (option.words and option.number):
        return str
    return option.number or Literal[option.words]


def _typer_option(option: OptionField) -> Any:  # noqa: ANN401  what typer.Option returns
    return typer.Option(
        option.flag,
        help=f"{option.description} \\[default: {option.default}]",
        metavar=option.values if option.number or option.form or option.many else None,
        min=option.least,
        max=option.most,
        show_default=False,
        rich_help_panel=option.stage,
    )
