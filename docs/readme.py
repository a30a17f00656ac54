"""Keeps the option tables in README.md equal to what the code says.

`python -m docs.readme` rewrites them, `--check` only tells whether they are up to date.
"""

from __future__ import annotations

import re
import sys
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from diffspot.options import option_fields

if TYPE_CHECKING:
    from diffspot.option_fields import OptionField

README = Path(__file__).parent.parent / "README.md"
START, END = "<!-- options: written by docs/readme.py -->", "<!-- end of options -->"


def option_table() -> str:
    """One Markdown table of every option, stage by stage."""
    lines = ["| stage | option | default | what it does |", "|---|---|---|---|"]
    for stage, options in groupby(option_fields().values(), key=lambda option: option.stage):
        for index, option in enumerate(options):
            lines.append(_row("" if index else stage, option))
    return "\n".join(lines)


def _row(stage: str, option: OptionField) -> str:
    values = option.values.replace("|", r"\|")
    return f"| {stage} | `{option.flag} {values}` | `{option.default}` | {option.description} |"


def main() -> int:
    """Rewrites or checks README.md; 1 when it was to be checked and is out of date."""
    before = README.read_text(encoding="utf-8")
    pattern = re.compile(f"{re.escape(START)}.*?{re.escape(END)}", re.DOTALL)
    after = pattern.sub(lambda _: f"{START}\n{option_table()}\n{END}", before)
    if before == after:
        return 0
    if "--check" in sys.argv:
        return 1
    README.write_text(after, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
