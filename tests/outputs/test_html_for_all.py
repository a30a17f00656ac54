"""The HTML report for every reader, in a real browser: contrast, themes, screen readers, five thousand pairs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.outputs.browsing import names, open_pair, shown
from tests.outputs.reports import publish, region, result

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

    from diffspot.model import PairResult

pytestmark = pytest.mark.slow


CONTRAST = """() => {
  const channels = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
    .map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, index) => sum + v * [0.2126, 0.7152, 0.0722][index], 0);
  const ground = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const [r, g, b, a = 1] = channels(getComputedStyle(one).backgroundColor);
      if (a === 1) return [r, g, b];
    }
    return [255, 255, 255];
  };
  const poor = [];
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!own || !element.checkVisibility() || element.disabled) continue;
    const [a, b] = [light(channels(getComputedStyle(element).color)), light(ground(element))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) poor.push(`${element.className || element.id || element.tagName}: ${ratio.toFixed(2)}`);
  }
  return poor;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_in_both_themes(page: Page, tmp_path: Path, several: list[PairResult], scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)
    address = publish(tmp_path, several)
    page.goto(address)
    assert page.evaluate(CONTRAST) == []
    open_pair(page, address, "shop/cart10.png")
    assert page.evaluate(CONTRAST) == []
    page.keyboard.press("?")
    assert page.evaluate(CONTRAST) == []


def test_theme_turns_and_is_kept(page: Page, tmp_path: Path, several: list[PairResult]) -> None:
    page.goto(publish(tmp_path, several))
    ground = "getComputedStyle(document.body).backgroundColor"
    before = page.evaluate(ground)
    page.keyboard.press("t")
    dark = page.evaluate(ground)
    assert dark != before
    for _ in range(20):  # Chromium hands what it keeps to the next process in its own time
        page.reload()
        if page.evaluate(ground) == dark:
            break
        page.wait_for_timeout(250)
    assert page.evaluate(ground) == dark


def test_everything_has_a_name_for_a_screen_reader(page: Page, tmp_path: Path, several: list[PairResult]) -> None:
    page.goto(publish(tmp_path, several))
    for role in ("banner", "main", "search", "status"):
        assert page.get_by_role(role).count() == 1
    row = page.get_by_role("listitem").first
    assert (row.get_attribute("aria-posinset"), row.get_attribute("aria-setsize")) == ("1", "6")
    open_pair(page, publish(tmp_path, several), "shop/cart10.png")
    tree = page.locator("body").aria_snapshot()
    for line in tree.splitlines():
        assert line.strip() not in {"- button", "- link", "- checkbox", "- slider", "- img"}
    assert page.get_by_role("heading", level=1).inner_text() == "shop/cart10.png"
    assert page.get_by_role("complementary", name="Details").count() == 1


TYPE_AND_WAIT = """(text) => new Promise((done) => {
  const start = performance.now();
  const search = document.getElementById("search");
  search.value = text;
  search.dispatchEvent(new Event("input"));
  requestAnimationFrame(() => setTimeout(() => done(performance.now() - start)));
})"""


FIRST_ROWS = """
const look = () => requestAnimationFrame(document.querySelector("#rows li")
  ? () => setTimeout(() => { window.painted = performance.now(); })
  : look);
look();
"""


def test_five_thousand_pairs_are_painted_and_filtered_within_a_second(page: Page, tmp_path: Path) -> None:
    regions = tuple(region(10 * step, 10) for step in range(3))
    pairs = [
        result(tmp_path, f"folder {number % 50}/page {number}.png", regions=regions, change=f"c{number // 2}")
        for number in range(5000)
    ]
    page.add_init_script(FIRST_ROWS)
    page.goto(publish(tmp_path, pairs))
    page.wait_for_function("window.painted")
    paint = page.evaluate("window.painted")
    rows = page.locator("#rows li")
    assert shown(page) == "5,000 pairs, 2,500 more with the same change"
    assert rows.count() < 50
    filtered = max(page.evaluate(TYPE_AND_WAIT, text) for text in ("folder", "page 4999"))
    assert names(page) == ["folder 49/page 4999.png"]
    print(f"5,000 pairs: first rows painted after {paint:.0f} ms, a filter in {filtered:.0f} ms")  # noqa: T201
    assert paint < 1000
    assert filtered < 1000
    page.fill("#search", "")
    page.locator("#rows .name").first.focus()
    page.keyboard.press("End")
    assert names(page)[-1] == "folder 48/page 4998.png"
    assert rows.count() < 50
