"""The list of the HTML report in a real browser: filters, search and sorting."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.outputs.browsing import names, open_pair, shown
from tests.outputs.reports import publish

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

    from diffspot.model import PairResult

pytestmark = pytest.mark.slow


def test_status_filters_are_counted_and_combine(page: Page, tmp_path: Path, several: list[PairResult]) -> None:
    page.goto(publish(tmp_path, several))
    chips = page.locator("#statuses button")
    assert chips.all_inner_texts() == ["All\n8", "Error\n1", "Different\n4", "Added\n1", "Removed\n1", "Same\n1"]
    page.locator("#statuses [data-status=added]").click()
    assert names(page) == ["new.png"]
    assert shown(page) == "1 of 8 pairs"
    page.locator("#statuses [data-status=removed]").click()
    assert names(page) == ["new.png", "gone.png"]
    assert page.locator("#statuses [aria-pressed=true]").count() == 2
    page.locator("#statuses [data-status=all]").click()
    assert shown(page) == "8 pairs, 2 more with the same change"


def test_search_looks_at_names_and_messages(page: Page, tmp_path: Path, several: list[PairResult]) -> None:
    page.goto(publish(tmp_path, several))
    page.keyboard.press("/")
    page.keyboard.type("CART shop")
    assert names(page) == ["shop/cart10.png", "shop/cart9.png"]
    page.fill("#search", "damaged")
    assert names(page) == ["bad.png"]
    page.fill("#search", "nothing like it")
    assert names(page) == []
    page.click("#clear")
    assert shown(page) == "8 pairs, 2 more with the same change"


@pytest.mark.parametrize(
    ("order", "first"),
    [
        ("status", ["bad.png", "shop/cart10.png", "shop/cart9.png"]),
        ("name", ["about.png", "bad.png", "gone.png"]),
        ("regions", ["shop/cart10.png", "shop/cart9.png", "help.png"]),
        ("area", ["shop/cart10.png", "shop/cart9.png", "help.png"]),
        ("input", ["shop/cart10.png", "shop/cart9.png", "help.png"]),
    ],
)
def test_sorts(page: Page, tmp_path: Path, several: list[PairResult], order: str, first: list[str]) -> None:
    page.goto(publish(tmp_path, several))
    page.uncheck("#grouped")
    page.select_option("#sort", order)
    assert names(page)[:3] == first


def test_numbers_in_names_sort_as_numbers(page: Page, tmp_path: Path, several: list[PairResult]) -> None:
    page.goto(publish(tmp_path, several))
    page.uncheck("#grouped")
    page.select_option("#sort", "name")
    assert names(page)[-2:] == ["shop/cart9.png", "shop/cart10.png"]


def test_the_same_change_is_one_row_that_opens(page: Page, tmp_path: Path, several: list[PairResult]) -> None:
    page.goto(publish(tmp_path, several))
    assert len(names(page)) == 6
    more = page.get_by_role("button", name="Show 2 more with the same change")
    assert more.get_attribute("aria-expanded") == "false"
    more.click()
    start = names(page).index("shop/cart9.png")
    assert names(page)[start : start + 3] == ["shop/cart9.png", "help.png", "about.png"]
    page.keyboard.press("ArrowLeft")
    assert len(names(page)) == 6
    open_pair(page, publish(tmp_path, several), "help.png")
    assert page.locator(".alike a").all_inner_texts() == ["shop/cart9.png", "about.png"]


def test_no_font_joins_the_letters_of_a_name(page: Page, tmp_path: Path, several: list[PairResult]) -> None:
    address = publish(tmp_path, several)
    for opened in (None, "shop/cart9.png"):
        page.goto(address)
        if opened:
            open_pair(page, address, opened)
        with_text = "[...document.body.querySelectorAll(':not([type=checkbox], [type=range])')]"
        joined = f"{with_text}.filter(element => getComputedStyle(element).fontVariantLigatures !== 'none').length"
        assert page.evaluate(joined) == 0
