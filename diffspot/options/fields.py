"""Describes each option from the fields of a Struct: name, type, default, range, stage and form."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin, get_type_hints

from msgspec import Meta

from diffspot.errors import OptionError
from diffspot.model import or_nearest, printable
from diffspot.options.types import MeasureName

if TYPE_CHECKING:
    from collections.abc import Iterable

    from msgspec import Struct

NOTHING = "none"
"""What an empty list, or no file, is called where options are text."""
PATH_FORM = f"{NOTHING}|FILE"
FOLDER_FORM = f"{NOTHING}|DIRECTORY"
BOX_FORM = "X,Y,W,H"
GLOB_FORM = "GLOB"
GLOBS = "globs such as 'home/*.png'"
BOXES = "boxes X,Y,W,H: left, top, width and height, each in px or a percentage such as '12.5%'"
LIMITS_ON = f"limits on measures such as ssim=0.98, of {', '.join(get_args(MeasureName))}; similarities end at 1"
WHOLE = "a whole number"
IN_WORDS = {
    PATH_FORM: PATH_FORM,
    "true|false": "true or false",
    "auto|true|false": "auto, true or false",
    "none|PX|P%": "'none', px as a whole number, or a percentage up to 100% such as '12.5%'",
    "auto|SIZE": "'auto', bytes, or a size such as '800MB' or '1.5GiB'",
    "auto|SCORE|P%": "'auto', a score from 0 to 1, or a percentage such as '95%'",
}
"""What an option of a form may be, in words."""
COMMAND_LINE = frozenset(
    {
        *("also", "backend", "cluster", "config", "debug", "jobs", "json", "jsonl", "out", "pairs", "pairs0"),
        *("pairs_per_shard", "plan", "quiet", "resume", "shard"),
    }
)
"""What is said of a single run, on the command line; no configuration file takes it."""


def option(
    stage: str,
    description: str,
    *,
    unit: str = "",
    form: str = "",
    ge: float | None = None,
    le: float | None = None,
) -> Meta:
    """Describes a field: its stage, what it does, the unit of its number, and its form where the type does not say."""
    return Meta(description=description, ge=ge, le=le, extra={"stage": stage, "unit": unit, "form": form})


@dataclass(frozen=True, slots=True)
class OptionField:
    """What is known of one option.

    Attributes:
        default: as its flag takes it; `none` for an empty list.
        words: the words it may be ("auto", "ssim"); empty for a plain number.
        number: int or float where it may be a number, else None.
        many: whether it is a list, of words or else of boxes or of limits.
        switch: whether it may be true or false.
    """

    name: str
    default: str | float
    description: str
    stage: str
    unit: str
    form: str
    words: tuple[str, ...]
    number: type[int | float] | None
    least: float | None
    most: float | None
    many: bool
    switch: bool

    @property
    def flag(self) -> str:
        """The command-line flag: `min_area` -> `--min-area`."""
        return "--" + self.key

    @property
    def flags(self) -> str:
        """Every flag that sets it: `--github/--no-github`."""
        return f"{self.flag}/--no-{self.key}" if self.switch else self.flag

    @property
    def usage(self) -> str:
        """How it stands on the command line: `--min-area PX`, `--github/--no-github`."""
        return self.flags if self.switch else f"{self.flags} {self.values}"

    @property
    def path(self) -> bool:
        """Whether it names a file or a directory."""
        return self.form in {PATH_FORM, FOLDER_FORM}

    @property
    def key(self) -> str:
        """The key in a configuration file: `min_area` -> `min-area`."""
        return self.name.replace("_", "-")

    @property
    def boxes(self) -> bool:
        """Whether it is a list of boxes."""
        return self.form == BOX_FORM

    @property
    def globs(self) -> bool:
        """Whether it is a list of globs."""
        return self.form == GLOB_FORM

    @property
    def repeatable(self) -> bool:
        """Whether its flag may be given several times: boxes, globs and limits."""
        return self.many and not self.words

    @property
    def _members(self) -> str:
        """What a list holds, in words."""
        if self.words:
            return f"any of {','.join(self.words)}"
        return BOXES if self.boxes else GLOBS if self.globs else LIMITS_ON

    @property
    def values(self) -> str:
        """What it takes, for help and messages: `auto|PX`, `absdiff|ssim`."""
        number = (self.unit or "number").upper()
        return self.form or "|".join((*self.words, number) if self.number else self.words)

    def read(self, given: Any) -> Any:  # noqa: ANN401  whatever a user gives
        """What is meant by a value in which text may stand for numbers, lists and boxes; others are left alone."""
        if self.boxes or self.globs:
            listed = [given] if isinstance(given, str) else given
            return _boxes(listed) if self.boxes else [] if listed == [NOTHING] else listed
        if isinstance(given, os.PathLike):
            return os.fspath(given)
        if self.many:
            return _parts_of(given) if isinstance(given, str) else _joined(given) if self.repeatable else given
        if not isinstance(given, str):
            return given
        if self.number is float and self.form:
            return _score(given)
        return _number(given) if self.number else given

    def complaint(self, what: str, *, in_file: bool) -> str:
        """What msgspec says is wrong with a value, as a part of a sentence in the words of a user.

        What the type does not allow, it tells in words of Python and JSON; other checks have their own.
        """
        if self.many:
            members = self._members
            return f"expected {'a list of ' if in_file else '' if self.boxes else f'{NOTHING} alone or '}{members}"
        if what.startswith(("Invalid enum value", "Expected `")):
            listed = self.values if self.words or self.form else self._plain_number
            return f"expected {IN_WORDS.get(self.form) or listed}"
        return what[0].lower() + what[1:]

    @property
    def _plain_number(self) -> str:
        kind = WHOLE if self.number is int else "a number"
        return f"{kind} from {self.least:g} {'on' if self.most is None else f'to {self.most:g}'}"


def read_count(flag: str, given: int | str | None) -> int | None:
    """How many of something a flag says; None where it says nothing.

    Raises:
        OptionError: it is no whole number from 1 on.
    """
    number = _number(given) if isinstance(given, str) else given
    if isinstance(number, str) or (number is not None and number < 1):
        raise OptionError(f"{flag} cannot be {given!r}: expected {WHOLE} from 1 on.")
    return number


def unknown_option(name: str, names: Iterable[str], file: str | None = None, command: str = "compare") -> str:
    """The sentence about a name that is none of `names`, the options of a command, with the nearest right one."""
    if file and name.replace("-", "_") in COMMAND_LINE:
        flag = name.replace("_", "-")
        return f"{name} in {file} is for a single run; take it out and write --{flag} on the command line."
    hint = or_nearest(name, names, " ".join(filter(None, ["diffspot", command, "--help lists them"])))
    return f"There is no option {printable(name)!r}{f' in {file}' if file else ''}; {hint}"


def describe_fields(struct: type[Struct]) -> dict[str, OptionField]:
    """The fields of a Struct whose annotations carry `option`, by name, in order."""
    hints = get_type_hints(struct, include_extras=True)
    defaults = struct()
    return {name: _describe(name, hints[name], getattr(defaults, name)) for name in hints}


def _describe(name: str, hint: object, default: object) -> OptionField:
    kind, meta = get_args(hint)
    many = get_origin(kind) is tuple
    parts = _parts(get_args(kind)[0] if many else kind)
    return OptionField(
        name=name,
        default=_text(default),
        words=tuple(word for part in parts for word in get_args(part) if isinstance(word, str)),
        number=next((part for part in parts if part in (int, float)), None),
        description=meta.description,
        least=meta.ge,
        most=meta.le,
        many=many,
        switch=bool in parts,
        **meta.extra,
    )


def _parts(kind: object) -> tuple[Any, ...]:
    """The members of a union; a type that is none is its own only member."""
    return (kind,) if get_origin(kind) in (Literal, tuple) else get_args(kind) or (kind,)


def _text(default: object) -> str | float:
    if isinstance(default, tuple):
        return ",".join(default) or NOTHING
    return default if isinstance(default, int | float) else str(default)


def _parts_of(text: str) -> list[str]:
    """The members of a list that is one text."""
    return [] if text == NOTHING else [part.strip() for part in text.split(",")]


def _joined(given: object) -> object:
    """The members of lists that are texts, one after the other."""
    if not isinstance(given, list | tuple) or not all(isinstance(text, str) for text in given):
        return given
    return [part for text in given for part in _parts_of(text)]


def _boxes(given: object) -> object:
    if not isinstance(given, list | tuple):
        return given
    return [] if list(given) == [NOTHING] else [_box(box) for box in given]


def _box(given: object) -> object:
    return [_number(part.strip()) for part in given.split(",")] if isinstance(given, str) else given


def _score(text: str) -> float | str:
    """The number that a text is; a word or a percentage stays as it is."""
    try:
        return float(text)
    except ValueError:
        return text


def _number(text: str) -> int | str:
    return int(text) if text.isascii() and text.isdecimal() else text
