"""docs/commands.md says what the command line does, and its check finds what is out of date."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from diffspot.options.options import option_fields
from docs import reference, site

if TYPE_CHECKING:
    from pathlib import Path


def test_every_option_has_a_row_with_its_default_and_description() -> None:
    compare = reference.page().split("\n## ")[1]
    rows = [line for line in compare.splitlines() if line.startswith("| `")]
    for field in option_fields().values():
        named = [row for row in rows if re.search(rf"--{field.key}[ `,]", row)]
        (row,) = [row for row in named if field.description[:40] in row]
        assert f"[default: {field.default}]" in row or field.switch


@pytest.mark.parametrize("before", ["Opening that removes specks", "--jobs", "## accept"])
def test_a_page_that_is_out_of_date_is_told_and_mended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], before: str
) -> None:
    page = tmp_path / "commands.md"
    text = reference.PAGE.read_text(encoding="utf-8")
    assert before in text
    page.write_text(text.replace(before, "Something else"), encoding="utf-8")
    monkeypatch.setattr(reference, "PAGE", page)
    monkeypatch.setattr("sys.argv", ["reference", "--check"])
    assert reference.main() == 1
    assert "run `make reformat`" in capsys.readouterr().out
    monkeypatch.setattr("sys.argv", ["reference"])
    assert reference.main() == 0
    assert page.read_text(encoding="utf-8") == text


def test_bars_in_the_code_of_tables_have_no_backslash_on_the_site() -> None:
    html = r"<td><code>--pairs FILE\|-</code></td><td>a \| b</td>"
    assert site.on_page_content(html) == r"<td><code>--pairs FILE|-</code></td><td>a \| b</td>"
