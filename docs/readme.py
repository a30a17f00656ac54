"""Keeps the option tables in README.md equal to what the code says.

`python -m docs.readme` rewrites them, `--check` only tells whether they are up to date. Both tell which flags of
`diffspot compare` the README does not name.
"""

from __future__ import annotations

import re
import sys
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from typer.testing import CliRunner

from diffspot.cli.app import app
from diffspot.options.options import option_fields

if TYPE_CHECKING:
    from diffspot.options.fields import OptionField

README = Path(__file__).parent.parent / "README.md"
FLAG = re.compile(r"(?<![\w-])--[a-z][a-z-]*")
START, END = "<!-- options: written by docs/readme.py -->", "<!-- end of options -->"


def option_table() -> str:
    """One Markdown table of every option, stage by stage."""
    lines = ["| stage | option | default | what it does |", "|---|---|---|---|"]
    for stage, options in groupby(option_fields().values(), key=lambda option: option.stage):
        for index, option in enumerate(options):
            lines.append(_row("" if index else stage, option))
    return "\n".join(lines)


def _row(stage: str, option: OptionField) -> str:
    usage = option.usage.replace("|", r"\|")
    return f"| {stage} | `{usage}` | `{option.default}` | {option.description} |"


def unnamed_flags(text: str) -> list[str]:
    """Every flag that `diffspot compare --help` lists and the text does not name."""
    shown = CliRunner().invoke(app, ["compare", "--help"], env={"COLUMNS": "200"}, color=False).output
    flags = set(FLAG.findall(shown))
    return sorted(flags - set(FLAG.findall(text)))


def main() -> int:
    """Rewrites or checks README.md; 1 when it was to be checked and is out of date, or does not name a flag."""
    before = README.read_text(encoding="utf-8")
    pattern = re.compile(f"{re.escape(START)}.*?{re.escape(END)}", re.DOTALL)
    after = pattern.sub(lambda _: f"{START}\n{option_table()}\n{END}", before)
    unnamed = unnamed_flags(after)
    for flag in unnamed:
        print(f"README.md does not name {flag}; write what it is for.")  # noqa: T201
    if before != after:
        if "--check" in sys.argv:
            print("The table of options in README.md is out of date; run `make reformat`.")  # noqa: T201
            return 1
        README.write_text(after, encoding="utf-8")
    return 1 if unnamed else 0


if __name__ == "__main__":
    sys.exit(main())
