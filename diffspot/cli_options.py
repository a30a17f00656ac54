"""Turns the fields of Options into command-line options, so that they are written once."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_type_hints

import typer

from diffspot.options import option_fields

if TYPE_CHECKING:
    from collections.abc import Callable

    from diffspot.options import OptionField

BEFORE = "jobs"


def takes_options(command: Callable[..., None]) -> Callable[..., None]:
    """Gives a Typer command one keyword for each field of Options in place of its `**values`.

    What the user leaves out comes in as None, so that the default stays with Options. In the help
    they stand before `BEFORE`.
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
    index = next(index for index, parameter in enumerate(own) if parameter.name == BEFORE)
    parameters = [*own[:index], *added, *own[index:]]
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {part.name: part.annotation for part in parameters}
    return command


def _kind(option: OptionField) -> Any:  # noqa: ANN401  a type made at run time
    """The type Typer checks; a mix of words and numbers is text that Options converts."""
    if option.number is None:
        return Literal[option.words]
    return str if option.words else option.number


def _typer_option(option: OptionField) -> Any:  # noqa: ANN401  what typer.Option returns
    return typer.Option(
        option.flag,
        help=f"{option.description} \\[default: {option.default}]",
        metavar=None if option.number is None else option.values,
        min=option.least,
        max=option.most,
        show_default=False,
        rich_help_panel=option.stage,
    )
