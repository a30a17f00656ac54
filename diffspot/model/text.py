"""Text that is shown or stored: paths that come back, and nothing that breaks a line or turns its direction."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import PurePath

UNSHOWABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufffe\uffff]")
"""Control characters, line breaks, and what writes text in another direction than its characters have."""

_ESCAPED = re.compile(r"\\u(005c|dc[89a-f][0-9a-f])")
_LOOKS_ESCAPED = re.compile(r"\\(?=u(?:005c|dc[89a-f][0-9a-f]))")


def annotated_name(name: str) -> str:
    """Where the annotated picture of the pair called `name` goes, relative to `annotated/`."""
    return name if name.lower().endswith(".png") else f"{name}.png"


def or_nearest(name: str, names: Iterable[str], way_out: str) -> str:
    """The end of a sentence about a name that is none of `names`: the nearest of them, or else the way out."""
    close = difflib.get_close_matches(name, [*names], n=1)
    return f"did you mean {close[0]!r}?" if close else f"{way_out}."


def printable(text: object) -> str:
    r"""`str(text)`, with what UTF-8 cannot hold (names in other encodings) written as \udcXX."""
    return str(text).encode("utf-8", "backslashreplace").decode("utf-8")


def path_text(path: PurePath | str) -> str:
    r"""A path as reports hold it, with forward slashes: UTF-8 that `path_as_given` turns back, whatever its bytes.

    A byte that is no UTF-8 is written as \udcXX, and the backslash of a name that looks like that as \u005c.
    """
    text = path if isinstance(path, str) else path.as_posix()
    return printable(_LOOKS_ESCAPED.sub(r"\\u005c", text))


def path_as_given(text: str) -> str:
    """The path that `path_text` wrote."""
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)


def one_line(text: str) -> str:
    r"""The text with line breaks and other control characters written as \n, \x1b and so on."""
    return UNSHOWABLE.sub(lambda match: match[0].encode("unicode_escape").decode(), text)


def escaped(text: str) -> str:
    r"""JSON or TOML of one line, without raw control characters, which stand in strings alone: \u009b and so on."""
    return UNSHOWABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
