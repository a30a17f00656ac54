"""Options as TOML: a commented file to start from, and rules from what a run found."""

from __future__ import annotations

import glob
import json
from itertools import groupby
from typing import TYPE_CHECKING

import msgspec

from diffspot.model import escaped, one_line
from diffspot.options.config import CONFIG_NAME, MATCH, RULES
from diffspot.options.options import Options, option_fields
from diffspot.options.settings import DEFAULT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diffspot.options.settings import Settings
    from diffspot.options.types import Area

HEADER = f"""\
# {CONFIG_NAME}: how diffspot compares, for every run in this directory and below.
# Each option stands here with its default; take the "# " away to change it. Flags win over this file.
# In pyproject.toml the same goes under [tool.diffspot].
"""
EXAMPLE = f"""
# Rules override options for the pairs whose name matches; later ones win. * also crosses folders.
# [[{RULES}]]
# {MATCH} = "home/*.png"
# ignore = [[0, 0, "100%", 40], [120, 300, 80, 20]]
"""


def toml_value(value: object) -> str:
    """A text, number or list of them as TOML, without raw control characters."""
    return escaped(json.dumps(value, ensure_ascii=False))


def commented_file() -> str:
    """A configuration file that names every option and changes none."""
    defaults = msgspec.to_builtins(Options())
    parts = [HEADER]
    for stage, options in groupby(option_fields().values(), key=lambda option: option.stage):
        parts.append(f"\n# {stage}\n")
        for option in options:
            form = "[[X, Y, W, H], ...]" if option.boxes else "[GLOB, ...]" if option.globs else option.values
            parts.append(f"\n# {option.description}\n# {option.key} = {toml_value(defaults[option.name])}  # {form}\n")
    return "".join([*parts, EXAMPLE])


def settings_text(settings: Settings, name: str | None) -> str:
    """The options of the pair called `name`, or of pairs in general, as TOML; comments say where each comes from."""
    options = settings.for_pair(name) if name else settings.base
    sources = settings.sources(name)
    values = msgspec.to_builtins(options)
    lines = [(f"{field.key} = {toml_value(values[field.name])}", field.name) for field in option_fields().values()]
    width = min(40, max(len(line) for line, _ in lines))
    return "".join(f"{line:{width}}  # {one_line(sources.get(option, DEFAULT))}\n" for line, option in lines)


def ignore_rule(name: str, boxes: Sequence[Area], table: str) -> str:
    """A rule for one pair; `table` is the name of the table of rules in the file that it is for."""
    listed = ", ".join(toml_value(box) for box in boxes)
    return f"[[{table}]]\n{MATCH} = {toml_value(glob.escape(name))}\nignore = [{listed}]\n"
