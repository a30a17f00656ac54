"""The Markdown table, read back by a parser."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest
from markdown_it import MarkdownIt

from diffspot.model import one_line
from diffspot.outputs.markdown import MarkdownOutput
from tests.reports import NAMES, awkward, pair, report, written

if TYPE_CHECKING:
    from markdown_it.token import Token

    from diffspot.model import RunReport


def cells(made: RunReport, path: Path = Path("summary.md")) -> list[list[Token]]:
    """The inline tokens of each row below the header."""
    text = written(MarkdownOutput(path, Path("out")), made).decode()
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(text)
    inline = [token for before, token in pairwise(tokens) if before.type == "td_open"]
    return [inline[start : start + 4] for start in range(0, len(inline), 4)]


def links(cell: Token) -> dict[str, str]:
    children = cell.children or []
    return {
        text.content: unquote(str(opened.attrs["href"]))
        for opened, text in pairwise(children)
        if opened.type == "link_open"
    }


@pytest.mark.parametrize("name", NAMES)
def test_a_name_stays_text_and_links_lead_to_the_files(name: str) -> None:
    ((status, title, what, pictures),) = cells(report(pair(name)))
    assert status.content == "different"
    assert [(token.type, token.content) for token in title.children or []] == [("code_inline", one_line(name))]
    assert [token.type for token in what.children or []] == ["text"]
    assert links(pictures) == {
        "annotated": f"out/annotated/{name}",
        "reference": f"ref/{name}",
        "candidate": f"cand/{name}",
    }


@pytest.mark.parametrize("name", NAMES)
def test_an_error_stays_text(name: str) -> None:
    ((_, _, what, _),) = cells(report(pair(name, "error")))
    assert {token.type for token in what.children or []} <= {"text", "text_special"}
    assert "".join(token.content for token in what.children or []) == one_line(
        f"cand/{name} is damaged; copy it again."
    )


def test_links_start_at_the_file() -> None:
    ((*_, pictures),) = cells(report(pair("x.png", "added")), Path("deep/er/summary.md"))
    assert links(pictures) == {"candidate": "../../cand/x.png"}


def test_only_what_is_not_the_same_is_listed() -> None:
    assert len(cells(awkward())) == 5 * len(NAMES)
    text = written(MarkdownOutput(Path("x.md"), None), report(pair("x.png", "same"))).decode()
    assert text == "## diffspot: 1 pair: 1 same\n\n"


def test_an_interruption_is_told() -> None:
    assert b"Pairs are missing" in written(MarkdownOutput(Path("x.md"), None), report(interrupted=True))
    assert b"Pairs are missing" not in written(MarkdownOutput(Path("x.md"), None), report())
