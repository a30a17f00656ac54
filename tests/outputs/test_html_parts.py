"""The page of a report that is too large for one file: what is not the same, in parts."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from diffspot.errors import OutputError
from diffspot.options.options import Options
from diffspot.outputs import open_outputs
from diffspot.outputs.html import HtmlOutput
from diffspot.outputs.html.parts import part_name
from tests.outputs.browsing import names, open_pair
from tests.outputs.reports import publish, region, report_of, result

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Page

    from diffspot.model import PairResult

NAV = re.compile(r'<nav class="run" aria-label="Parts">(.*?)</nav>')
ALL = {"index.html", "index-2.html", "index-3.html"}


@pytest.fixture(autouse=True)
def _few_pairs_a_part(pairs_a_part: Callable[[int], None]) -> None:
    pairs_a_part(3)


def found(root: Path) -> list[PairResult]:
    """Four pairs that are the same, six that differ more and more, and two errors at the end."""
    same = [result(root, f"same{number}.png", "same") for number in range(4)]
    worse = [result(root, f"d{side}.png", regions=(region(0, 0, side, 1),)) for side in range(1, 7)]
    return [*same, *worse, *(result(root, f"e{number}.png", "error", error="It is broken.") for number in (1, 2))]


def data_of(page: Path) -> Any:  # noqa: ANN401  JSON
    shown = re.search(r'<script type="application/json" id="data">(.*?)</script>', page.read_text(), re.DOTALL)
    assert shown
    return json.loads(shown[1])


def names_of(page: Path) -> list[str]:
    return [pair["name"] for pair in data_of(page)["report"]["pairs"]]


def test_the_first_part_has_the_severest_and_none_has_what_is_the_same(tmp_path: Path) -> None:
    HtmlOutput(tmp_path, Options(pictures="link")).finish(report_of(found(tmp_path)))
    assert {page.name for page in tmp_path.glob("*.html")} == ALL
    assert names_of(tmp_path / "index.html") == ["d6.png", "e1.png", "e2.png"]  # in the order of the report
    assert names_of(tmp_path / "index-2.html") == ["d3.png", "d4.png", "d5.png"]
    assert names_of(tmp_path / "index-3.html") == ["d1.png", "d2.png"]
    assert data_of(tmp_path / "index-3.html")["report"]["summary"]["pairs"] == 12
    assert [len(data_of(tmp_path / name)["pictures"]) for name in sorted(ALL)] == [3, 2, 3]


def test_each_part_leads_to_the_others(tmp_path: Path) -> None:
    HtmlOutput(tmp_path, Options(pictures="link")).finish(report_of(found(tmp_path)))
    for number, name in enumerate(["index.html", "index-2.html", "index-3.html"], 1):
        nav = NAV.search((tmp_path / name).read_text())
        assert nav
        assert nav[1].startswith(f"Part {number} of 3:")
        assert set(re.findall(r'<a href="([^"]*)">', nav[1])) == ALL - {name}
        assert nav[1].endswith("; 4 pairs that are the same are not listed")


def test_by_name_the_parts_are_in_the_order_of_names(tmp_path: Path) -> None:
    HtmlOutput(tmp_path, Options(pictures="link", sort="name")).finish(report_of(found(tmp_path)[::-1]))
    assert names_of(tmp_path / "index.html") == ["d3.png", "d2.png", "d1.png"]


def test_a_small_report_is_one_page_with_all(tmp_path: Path) -> None:
    HtmlOutput(tmp_path, Options(pictures="link")).finish(report_of(found(tmp_path)[3:6]))
    assert [page.name for page in tmp_path.glob("*.html")] == ["index.html"]
    assert names_of(tmp_path / "index.html") == ["same3.png", "d1.png", "d2.png"]
    assert not NAV.search((tmp_path / "index.html").read_text())


def test_a_large_report_of_which_all_is_the_same_has_an_empty_page(tmp_path: Path) -> None:
    HtmlOutput(tmp_path, Options(pictures="link")).finish(report_of(found(tmp_path)[:4]))
    assert names_of(tmp_path / "index.html") == []
    nav = NAV.search((tmp_path / "index.html").read_text())
    assert nav
    assert nav[1] == "4 pairs that are the same are not listed"


def test_copies_of_all_parts_stay_and_a_smaller_page_removes_parts_and_copies(tmp_path: Path) -> None:
    out = tmp_path / "out"
    pairs = [result(tmp_path / str(number), f"{number}.png") for number in range(5)]
    HtmlOutput(out).finish(report_of(pairs))
    assert data_of(out / "index-2.html")["pictures"][0]["reference"].startswith("pictures/reference/")
    shown = [one for name in ("index.html", "index-2.html") for one in data_of(out / name)["pictures"]]
    assert all((out / one[side]).is_file() for one in shown for side in ("reference", "candidate"))
    (out / "index-9.html").write_text("not ours")
    HtmlOutput(out).finish(report_of(pairs[:1]))
    assert {page.name for page in out.glob("*.html")} == {"index.html", "index-9.html"}
    assert len(list(out.rglob("*.copy.png"))) == 2


def test_a_run_without_a_page_removes_the_parts(tmp_path: Path) -> None:
    out = tmp_path / "out"
    HtmlOutput(out, Options(pictures="link")).finish(report_of(found(tmp_path)))
    with open_outputs(out, Options(), [], []) as outputs:
        outputs.finish(report_of([]))
    assert list(out.glob("*.html")) == []


def test_no_file_of_others_is_replaced_by_a_part(tmp_path: Path) -> None:
    out = tmp_path / "out"
    HtmlOutput(out, Options(pictures="link")).finish(report_of(found(tmp_path)))
    own = out / "index-3.html"
    own.write_text("mine")
    output = HtmlOutput(out, Options(pictures="link"))
    with pytest.raises(OutputError, match=r"--html would replace .*index-3\.html, which diffspot did not write; move"):
        output.finish(report_of(found(tmp_path)))
    assert [page.name for page in out.glob("*.html")] == ["index-3.html"]  # nothing of an earlier run beside it
    assert own.read_text() == "mine"


def test_no_page_of_others_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("mine")
    with pytest.raises(OutputError, match=r"index\.html, which diffspot did not write"):
        open_outputs(tmp_path, Options(html=True), [], [])
    assert (tmp_path / "index.html").read_text() == "mine"


def test_the_parts_are_read_in_a_browser(page: Page, tmp_path: Path) -> None:
    """Each lists its own pairs, leads to the others, and opens a pair with its pictures."""
    page.goto(publish(tmp_path / "out", found(tmp_path), pictures="link"))
    for number, listed in (
        (2, ["d3.png", "d4.png", "d5.png"]),
        (3, ["d1.png", "d2.png"]),
        (1, ["d6.png", "e1.png", "e2.png"]),
    ):
        page.get_by_label("Parts").get_by_role("link", name=str(number), exact=True).click()
        page.wait_for_url(f"**/{part_name(number)}")
        assert sorted(names(page)) == listed
        open_pair(page, page.url, listed[0])
        shown = page.evaluate("[...document.querySelectorAll('#stage img')].map((one) => one.naturalWidth)")
        assert shown
        assert all(shown)
        page.keyboard.press("Escape")
