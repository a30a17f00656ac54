"""Pages for developers name what is there."""

from __future__ import annotations

from docs.paths import missing

THERE = ("diffspot/pipeline/verdict/lone.py", "diffspot/pipeline/verdict", "diffspot/pipeline", "tests/sweep.py")


def test_what_is_named_and_not_there_is_found() -> None:
    page = "`pipeline/verdict/` with `lone.py`, `verdict/lone.py`, `line.py`, `pipeline/lone.py`, `old/` and `diffspot`"
    assert [*missing(page, THERE)] == ["line.py", "pipeline/lone.py", "old/"]
    assert [*missing("Write `outputs/NAME.py` and `options.toml`, as in `tests/sweep.py`.", THERE)] == []
