"""Keys and words of the HTML report in a real browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from tests.outputs.browsing import MATRICES, names, open_pair, wait_for_pair
from tests.outputs.reports import WHITE, moved, plain, publish, region, result, write

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

    from diffspot.model import PairResult

pytestmark = pytest.mark.slow


EVIL = [
    "<img src=x onerror=alert(1)>.png",
    "</script><script>alert(1)</script>.png",
    "#1 100%25 & 50%?.png",
    "\"quoted\" 'name'.png",
    "naïve/картинка 日本語.png",
    "javascript:alert(1).png",
]


def test_keys_go_through_pairs_and_regions(page: Page, tmp_path: Path, several: list[PairResult]) -> None:
    page.goto(publish(tmp_path, several))
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.locator("#rows .name").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    heading = page.locator("#pair-name")
    wait_for_pair(page, "shop/cart10.png")
    assert page.evaluate("document.activeElement.id") == "pair-name"
    page.locator("#skip").focus()
    page.keyboard.press("Enter")
    assert heading.is_visible()
    page.keyboard.press("n")
    assert page.locator("#region-place").inner_text() == "Region 1 of 2"
    page.keyboard.press("p")
    assert page.locator("#region-place").inner_text() == "Region 2 of 2"
    assert page.locator("tr[aria-current] th").inner_text() == "2"
    assert page.locator("#said").inner_text() == "Region 2 of 2: content, 60, 40, 20, 20"
    page.keyboard.press("j")
    assert heading.inner_text() == "shop/cart9.png"
    page.keyboard.press("ArrowLeft")
    assert heading.inner_text() == "shop/cart10.png"
    page.keyboard.press("?")
    assert page.get_by_role("dialog", name="Keys").is_visible()
    page.keyboard.press("Escape")
    assert heading.is_visible()
    page.keyboard.press("Escape")
    assert not heading.is_visible()
    assert page.evaluate("document.activeElement.textContent") == "shop/cart10.png"


def test_single_keys_can_be_turned_off(page: Page, tmp_path: Path, several: list[PairResult]) -> None:
    open_pair(page, publish(tmp_path, several), "shop/cart10.png")
    page.click("#help-open")
    page.uncheck("#single-keys")
    page.get_by_role("button", name="Close").click()
    page.keyboard.press("j")
    assert page.locator("#pair-name").inner_text() == "shop/cart10.png"


def test_a_pair_with_missing_pictures_says_so(page: Page, tmp_path: Path, several: list[PairResult]) -> None:
    kept = [replace(one, reference=None, candidate=None) if one.status == "same" else one for one in several]
    address = publish(tmp_path, kept)
    open_pair(page, address, "new.png")
    assert page.locator(".missing:visible").all_inner_texts() == ["There is no reference: this picture was added."]
    assert page.locator("#modes button:enabled").all_inner_texts() == ["Side by side"]
    open_pair(page, address, "same.png")
    said = [f"The report holds no {side} of this pair." for side in ("reference", "candidate")]
    assert page.locator(".missing:visible").all_inner_texts() == said
    open_pair(page, address, "bad.png")
    assert page.locator("#details .error").inner_text() == "bad.png is damaged; take it again."


def test_facts_and_regions_are_told(page: Page, tmp_path: Path) -> None:
    pair = result(
        tmp_path,
        "a.png",
        notes=("grey was compared as colour",),
        registration=moved("translation", MATRICES["translation"]),
        regions=(region(3, 4, 5, 6, kind="inserted-rows"), region(0, 0, 1, 1200, kind="removed-columns")),
    )
    open_pair(page, publish(tmp_path, [pair]), "a.png")
    details = page.locator("#details").inner_text()
    for fact in (
        "100 \N{MULTIPLICATION SIGN} 100 px",
        "0.100",
        "translation: moved by 7.5, -3.25 px",
        "90 %",
        "grey was compared as colour",
    ):
        assert fact in details
    assert page.locator("tbody tr").first.inner_text().split("\t") == [
        "1",
        "6 inserted rows",
        "3, 4",
        "5 \N{MULTIPLICATION SIGN} 6",
        "30",
        "7.5",
    ]
    assert page.locator("tbody tr").last.locator("td").first.inner_text() == "1 removed column"


@pytest.mark.parametrize("name", EVIL)
def test_names_stay_text_and_links_lead_to_the_pictures(page: Page, tmp_path: Path, name: str) -> None:
    paths = {
        side: str(write(tmp_path / f"{side} #1 50%?<b>" / name.replace("</", "<"), plain(WHITE)))
        for side in ("reference", "candidate")
    }
    pair = result(tmp_path, name, **paths, notes=(name,), regions=(region(1, 1),))
    page.goto(publish(tmp_path / "out <i>", [pair, result(tmp_path, "bad.png", "error", error=name)]))
    assert names(page) == ["bad.png", name]
    page.get_by_role("link", name=name, exact=True).click()
    wait_for_pair(page, name)
    assert page.evaluate("[...document.querySelectorAll('#stage img')].map((one) => one.naturalWidth)") == [100] * 3
    assert page.evaluate("document.scripts.length") == 2
    assert page.evaluate("document.querySelectorAll('#details b, #details i, #details img').length") == 0
    page.reload()
    wait_for_pair(page, name)
