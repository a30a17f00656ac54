"""The check of the README finds what is out of date."""

from __future__ import annotations

import pytest

from docs import readme


def test_the_readme_is_up_to_date(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["readme", "--check"])
    assert readme.main() == 0


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("Opening that removes specks", "Something else", "run `make reformat`"),
        ("--jobs", "--job", "does not name --jobs;"),
        ("`--json`, ", "", "does not name --json;"),
    ],
)
def test_what_is_out_of_date_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], before: str, after: str, said: str
) -> None:
    text = readme.README.read_text(encoding="utf-8")
    assert before in text
    monkeypatch.setattr("sys.argv", ["readme", "--check"])
    monkeypatch.setattr("pathlib.Path.read_text", lambda *_, **__: text.replace(before, after))
    assert readme.main() == 1
    assert said in capsys.readouterr().out
