"""How the command line is taken apart: the command, imported once it is named, and its arguments as text."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import typer

from diffspot.cli.help import PanelCommand, PanelGroup
from diffspot.errors import OptionError
from diffspot.image_io.suffixes import is_picture
from diffspot.model import printable

if TYPE_CHECKING:
    from collections.abc import Iterator


class TextCommand(PanelCommand):
    """A command that is handed text as it was given, flags as bool, and nothing for what was left out.

    Typer declares what there is and shows it; Options converts text, and says what is wrong with it, as it does for
    the Python API. For Typer to convert even a path it imports pydantic, which takes longer than Typer itself.
    """

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]
        """Reads the arguments; leaves it to Typer to show help, and to say what is missing or too much."""
        _refuse_dashes(args)
        values, rest, order = self.make_parser(ctx).parse_args(args=[*args])
        given = {
            param.name: [*value] if isinstance(value, tuple) else value
            for param in order
            if isinstance(value := values[param.name], str | bool | list | tuple) and value != ()
        }
        missing = any(param.required and param.name not in given for param in self.params)
        if rest and not ctx.resilient_parsing:
            raise OptionError(_too_many(f"diffspot {ctx.info_name}", args, rest))
        if missing or ctx.resilient_parsing or any(param.is_eager for param in order):
            return super().parse_args(ctx, args)
        ctx.params.update(given)
        return rest


def _refuse_dashes(args: list[str]) -> None:
    """Refuses a picture whose name looks like an option.

    Raises:
        OptionError: there is one.
    """
    for arg in args:
        if arg == "--":
            return
        if arg.startswith("-") and "=" not in arg and is_picture(arg):
            raise OptionError(
                f"{printable(arg)} is read as an option; write ./{printable(arg)}, or -- before the paths."
            )


def _too_many(command: str, args: list[str], rest: list[str]) -> str:
    """The sentence about arguments that a command has no use for."""
    if {"--ignore", "--only"} & {*args} and all(part.rstrip("%").isdecimal() for part in rest):
        return f"{printable(' '.join(rest))} is too much: a box is written with commas, such as --ignore 0,0,100%,40."
    sentence = f"{printable(shlex.join(rest[:3]))} is too much for {command}"
    if command.endswith(" compare"):
        return (
            f"{sentence}, which takes a reference and a candidate; to compare one picture with many name their folder, "
            "or list the pairs with --pairs."
        )
    return f"{sentence}; see its --help."


class Declared(NamedTuple):
    """A command that is not imported yet.

    Attributes:
        function: where it lies in `diffspot.cli.commands`, such as "compare.compare".
        kind: the class of Typer's that reads its arguments.
        epilog: what its help ends with.
        settings: of its context.
    """

    function: str
    kind: type[PanelCommand] = PanelCommand
    epilog: str | None = None
    settings: Mapping[str, object] | None = None


class _Imported(Mapping[str, Any]):
    """Commands by name, each imported when it is looked up: all together take as long as half of Typer."""

    def __init__(self, declared: Mapping[str, Declared]) -> None:
        self._declared = declared

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401  a command of Click, which Typer brings along
        one = self._declared[name]
        module, _, function = one.function.partition(".")
        alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        command = getattr(import_module(f"diffspot.cli.commands.{module}"), function)
        settings = dict(one.settings or {})
        alone.command(name, cls=one.kind, epilog=one.epilog, context_settings=settings)(command)
        return typer.main.get_command(alone)

    def __iter__(self) -> Iterator[str]:
        return iter(self._declared)

    def __len__(self) -> int:
        return len(self._declared)


class ImportedGroup(PanelGroup):
    """Commands by name, each imported once it is named."""

    declared: ClassVar[Mapping[str, Declared]] = {}

    def __init__(self, **attrs: Any) -> None:  # noqa: ANN401  as Typer's
        super().__init__(**attrs)
        # Nothing is added to them later, so they need not be mutable.
        self.commands = _Imported(self.declared)  # type: ignore[assignment]

    def list_commands(self, ctx: typer.Context) -> list[str]:  # type: ignore[override]
        """The names of the commands, in their order."""
        del ctx
        return [*self.commands]
