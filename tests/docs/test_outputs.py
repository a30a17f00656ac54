"""What docs/outputs.md says of options and names is right."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from diffspot.model import Cause, Kind
from diffspot.options.options import OUTPUTS, option_fields
from diffspot.outputs.formats import FILE_OUTPUTS
from diffspot.outputs.pairs_csv import COLUMNS
from diffspot.outputs.regions_csv import PAIR_COLUMNS, REGION_COLUMNS

PAGE = (Path(__file__).parent.parent.parent / "docs" / "outputs.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| `--([\w-]+)(?: FILE| PX_PER_MM| \w+`, `\w+| mm)?` \|.*\| (?:`(.*)`)? ?\|$", PAGE, re.MULTILINE)


def test_the_table_lists_every_output_and_its_usual_name() -> None:
    stage = {field.key: "" for field in option_fields().values() if field.stage == OUTPUTS}
    names = {kind.flag()[2:]: kind.file_name for kind in FILE_OUTPUTS}
    assert dict(ROWS) == stage | names


@pytest.mark.parametrize("columns", [(*PAIR_COLUMNS, *REGION_COLUMNS), COLUMNS])
def test_the_columns_are_those_of_the_file(columns: tuple[str, ...]) -> None:
    assert ",".join(columns) in re.sub(r"\n +", "", PAGE)


@pytest.mark.parametrize("words", [get_args(Kind), get_args(Cause)])
def test_every_kind_of_region_and_every_cause_is_explained(words: tuple[str, ...]) -> None:
    first_cells = re.findall(r"^\| ([^|]+) \|", PAGE, re.MULTILINE)
    assert set(words) <= set(re.findall(r"`([\w-]+)`", " ".join(first_cells)))
