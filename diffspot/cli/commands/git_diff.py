"""`diffspot git-diff`: what `git diff`, `git log -p` and `git show` print of pictures, in words."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from diffspot.errors import DiffspotError, OptionError
from diffspot.model import one_line

if TYPE_CHECKING:
    from diffspot.model import PairResult

NUMBERS = (0, 6, 8)
"""How many arguments follow the path: none where it is not merged; two files with digest and mode; a new name, too."""


def git_diff(
    given: Annotated[
        list[str],
        typer.Argument(
            metavar="ARGUMENT",
            help="What git gives: PATH OLD HEX MODE NEW HEX MODE, and NAME SIMILARITY where it was renamed; of a path "
            "that is not merged yet, PATH alone.",
        ),
    ],
) -> None:
    """Says for `git diff` where two versions of a picture differ.

    git calls it where `.gitattributes` says `*.png diff=diffspot` and git's configuration has `diff.diffspot.command`
    as `diffspot git-diff --`. It ends with 0 whatever it finds, for git stops at anything else.
    """
    path, *files = given
    if len(files) not in NUMBERS:
        raise OptionError(
            f"git gives 1, 7 or 9 arguments, not {len(given)}; call diffspot git-diff through `git diff`."
        )
    name = files[6] if len(files) > NUMBERS[1] else path
    typer.echo(one_line(f"diffspot a/{path} b/{name}"))
    for line in _said(name, Path(files[0]), Path(files[3])) if files else ["not merged"]:
        typer.echo(one_line(f"  {line}"))


def _said(name: str, old: Path, new: Path) -> list[str]:
    if str(old) == os.devnull:
        return ["added"]
    if str(new) == os.devnull:
        return ["removed"]
    try:
        result = _compared(name, old, new)
    except DiffspotError as error:
        return [f"error: {str(error).replace(str(old), name).replace(str(new), name)}"]
    from diffspot.outputs.words import details  # noqa: PLC0415  keeps --help and --version fast

    return details(result).splitlines()


def _compared(name: str, old: Path, new: Path) -> PairResult:
    """The pair, with the options that the configuration has for its name in the repository."""
    import msgspec  # noqa: PLC0415  keeps --help and --version fast

    from diffspot.api.pairs import compare  # noqa: PLC0415
    from diffspot.options.comparison import PAIRS  # noqa: PLC0415
    from diffspot.options.config import find_config, load_settings  # noqa: PLC0415
    from diffspot.options.options import INDIFFERENT, option_fields  # noqa: PLC0415
    from diffspot.options.unused import find_unused  # noqa: PLC0415

    options = load_settings({}, find_config()).for_pair(name)
    own = msgspec.to_builtins(options)
    deciding = [field.name for field in option_fields().values() if field.stage not in {*INDIFFERENT, PAIRS}]
    unused = find_unused(deciding, [options])
    result = compare(old, new, **{option: own[option] for option in deciding if option not in unused})
    return cast("PairResult", result)  # of two files there is one
