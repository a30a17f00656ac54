"""The commands, and what is said where a path stands in place of one."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

from diffspot.cli.help import PanelGroup
from diffspot.errors import OptionError
from diffspot.image_io.suffixes import is_picture
from diffspot.model import printable

if TYPE_CHECKING:
    import typer


class CommandGroup(PanelGroup):
    """Commands by name; pictures without one are a comparison that lacks its name."""

    def resolve_command(self, ctx: typer.Context, args: list[str]) -> Any:  # type: ignore[override]  # noqa: ANN401
        """The command that the arguments begin with, as Typer finds it.

        Raises:
            OptionError: they begin with a path.
        """
        if not ctx.resilient_parsing and self.get_command(ctx, args[0]) is None and _looks_like_path(args[0]):
            wanted = printable(shlex.join(["diffspot", "compare", *args]))
            raise OptionError(f"There is no command {printable(args[0])!r}; to compare pictures write {wanted}")
        return super().resolve_command(ctx, args)


def _looks_like_path(word: str) -> bool:
    return is_picture(word) or "/" in word or os.sep in word or Path(word).exists()
