"""What does not fit a command, told in one sentence as any other mistake; Typer draws a frame of four lines."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import Any

import typer

from diffspot.cli.parsing import ImportedGroup
from diffspot.errors import OptionError
from diffspot.image_io.suffixes import is_picture
from diffspot.model import or_nearest, printable
from diffspot.options.fields import unknown_option

UsageError: type[Any] = typer.BadParameter.__mro__[1]
"""Click's, of which Typer brings a copy of its own, or not."""

COMPLETION = "--install-completion", "--show-completion"
"""Typer's own flags, which would ignore whatever follows."""


class CommandGroup(ImportedGroup):
    """Commands by name; pictures without one are a comparison that lacks its name."""

    def make_context(self, info_name: str | None, args: list[str], *rest: Any, **extra: Any) -> Any:  # noqa: ANN401
        """As Typer's; without arguments it shows the help."""
        if not args:
            return super().make_context(info_name, args, *rest, **extra)
        if args[0] in COMPLETION and args[1:]:
            raise OptionError(f"{printable(args[1])} is too much for {args[0]}, which is for the shell it runs in.")
        try:
            return super().make_context(info_name, args, *rest, **extra)
        except UsageError as error:
            raise OptionError(_sentence(error, self, "")) from None

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401  of Click
        """As Typer's; the command reads its arguments here."""
        try:
            return super().invoke(ctx)
        except UsageError as error:
            command = self.get_command(ctx, ctx.invoked_subcommand)
            raise OptionError(_sentence(error, command, ctx.invoked_subcommand)) from None

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:  # noqa: ANN401  of Click
        """The command that the arguments begin with, as Typer finds it.

        Raises:
            OptionError: they begin with a path, or with no command.
        """
        if ctx.resilient_parsing or (self.get_command(ctx, args[0]) and "" not in args):
            return super().resolve_command(ctx, args)
        if "" in args:
            raise OptionError(
                "An argument is empty, as that of a variable which is not set; give a path or leave it out."
            )
        name = printable(args[0])
        if _looks_like_path(args[0]):
            wanted = printable(shlex.join(["diffspot", "compare", *args]))
            raise OptionError(f"There is no command {name!r}; to compare pictures write {wanted}")
        nearest = or_nearest(name, self.list_commands(ctx), "diffspot --help lists them")
        raise OptionError(f"There is no command {name!r}; {nearest}")


def _looks_like_path(word: str) -> bool:
    return is_picture(word) or "/" in word or os.sep in word or Path(word).exists()


def _sentence(error: Any, command: Any, name: str) -> str:  # noqa: ANN401  of Click
    """What Typer has to say of the arguments of a command, with the way out."""
    whole = f"diffspot {name}".rstrip()
    given: str = getattr(error, "option_name", "")
    if type(error).__name__ == "NoSuchOption":
        options = (option for one in command.params for option in (*one.opts, *one.secondary_opts))
        return unknown_option(given, options, command=name)
    if type(error).__name__ == "MissingParameter":
        return f"{whole} needs {_in_help(error.param)}; {whole} --help says what it is."
    if given:
        wanted = next((_in_help(one) for one in command.params if given in one.opts), given)
        return f"{given} has no value, or one too many; write {wanted}."
    return f"{error.format_message().rstrip('.')}; see {whole} --help."


def _in_help(parameter: Any) -> str:  # noqa: ANN401  of Click
    """How the help names a parameter, with what it takes."""
    if parameter.param_type_name == "argument":
        return str(parameter.metavar or parameter.name)
    return f"{max(parameter.opts, key=len)} {parameter.metavar or ''}".rstrip()
