"""docs/tuning.md names every option that changes a result, and its examples work."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from diffspot.options.options import INDIFFERENT, make_options, option_fields

PAGE = (Path(__file__).parent.parent.parent / "docs" / "tuning.md").read_text(encoding="utf-8")
RECIPE = PAGE[PAGE.index("    diffspot compare a.png b.png --align") :].replace("\\\n", " ")
EXAMPLES = [
    *(
        example
        for row in re.findall(r"^\|.*\| (`--.*`) \|$", PAGE, re.MULTILINE)
        for example in row[1:-1].split("`, `")
    ),
    RECIPE[RECIPE.index("--") :],
]


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_is_taken(example: str) -> None:
    values: dict[str, str] = {}
    for word in shlex.split(example):
        if word.startswith("--"):
            flag = word[2:].replace("-", "_")
            values[flag] = "true"  # of a switch, which no value follows
        else:
            values[flag] = word
    assert make_options(values) != make_options({})


def test_every_option_that_changes_results_has_an_example() -> None:
    flags = {field.flag for field in option_fields().values() if field.stage not in INDIFFERENT}
    assert flags == set(re.findall(r"--[a-z][a-z-]+", " ".join(EXAMPLES)))
