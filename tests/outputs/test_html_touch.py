"""Fingers, tall pages and the bounds of the view in a real browser."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.outputs.browsing import open_pair
from tests.outputs.reports import publish, region, result, write

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.slow


def zoomed(page: Page) -> int:
    return int(page.locator("#zoom").inner_text().removesuffix(" %"))


def place(page: Page) -> dict[str, float]:
    """The picture's box, in px of its pane."""
    found: dict[str, float] = page.evaluate("""() => {
      const pane = document.querySelector("#stage .pane").getBoundingClientRect();
      const { left, top, right, bottom } = document.querySelector("#stage .layer img").getBoundingClientRect();
      return { left: left - pane.left, top: top - pane.top, right: right - pane.left, bottom: bottom - pane.top,
        width: pane.width, height: pane.height };
    }""")
    return found


def test_two_fingers_magnify_about_their_middle(browser: Browser, tmp_path: Path) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    open_pair(page, publish(tmp_path, [result(tmp_path, "a.png", regions=(region(5, 5),))]), "a.png")
    page.keyboard.press("2")
    before = zoomed(page)
    box = page.locator("#stage").bounding_box()
    assert box
    x, y = box["x"] + 120, box["y"] + 200
    touch = context.new_cdp_session(page)

    def fingers(kind: str, apart: float) -> None:
        points = [{"x": x - apart, "y": y, "id": 0}, {"x": x + apart, "y": y, "id": 1}] if apart else []
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    below = (
        "([x, y]) => { const { x: left, y: top } = document.querySelector('#stage .pane').getBoundingClientRect();"
        "const m = new DOMMatrix(document.querySelector('#stage .layer img').style.transform).inverse();"
        "const p = m.transformPoint(new DOMPoint(x - left, y - top)); return [p.x, p.y]; }"
    )
    point = page.evaluate(below, [x, y])
    fingers("touchStart", 40)
    for apart in (50, 65, 80):
        fingers("touchMove", apart)
    fingers("touchEnd", 0)
    assert zoomed(page) == pytest.approx(2 * before, abs=1)
    assert page.evaluate(below, [x, y]) == pytest.approx(point, abs=1)
    assert page.evaluate("visualViewport.scale") == 1  # the page itself was not magnified
    context.close()


def test_a_picture_cannot_be_dragged_out_of_sight(page: Page, tmp_path: Path) -> None:
    open_pair(page, publish(tmp_path, [result(tmp_path, "a.png")]), "a.png")
    page.keyboard.press("2")
    for key, edge, side, sign in (
        ("ArrowRight", "right", "width", 1),
        ("ArrowDown", "bottom", "height", 1),
        ("ArrowLeft", "left", "width", -1),
        ("ArrowUp", "top", "height", -1),
    ):
        for _ in range(40):
            page.keyboard.press(f"Shift+{key}")
        found = place(page)
        assert sign * (found[edge] - found[side] / 2) == pytest.approx(0, abs=1)
    page.keyboard.press("0")
    for _ in range(30):
        page.mouse.move(300, 300)
        page.mouse.down()
        page.mouse.move(1000, 700)
        page.mouse.up()
    found = place(page)
    assert (found["left"], found["top"]) == pytest.approx((found["width"] / 2, found["height"] / 2), abs=1)


@pytest.mark.parametrize("known", [True, False])
def test_a_tall_page_opens_at_the_width_of_its_pane(page: Page, tmp_path: Path, known: bool) -> None:  # noqa: FBT001
    path = str(write(tmp_path / "tall.png", np.full((9000, 400, 3), 200, np.uint8)))
    fields = {"size": (400, 9000)} if known else {"size": None, "status": "removed", "candidate": None}
    pair = result(tmp_path, "tall.png", **{"reference": path, "candidate": path} | fields)  # type: ignore[arg-type]
    open_pair(page, publish(tmp_path, [pair]), "tall.png")
    opened = zoomed(page)
    assert opened >= 90
    assert place(page)["top"] == 12
    page.mouse.move(300, 400)
    page.mouse.wheel(0, 500)
    assert (zoomed(page), place(page)["top"]) == (opened, -488)
    page.get_by_role("button", name="Fit").click()
    assert zoomed(page) < 10
    page.keyboard.press("w")
    assert zoomed(page) == opened
    page.keyboard.down("Control")
    page.mouse.move(300, 400)
    page.mouse.wheel(0, 300)
    page.keyboard.up("Control")
    assert zoomed(page) < opened


def test_a_phone_shows_the_names_of_files(page: Page, tmp_path: Path) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    deep = "a/folder/that/is/long/enough/to/fill/the/line"
    pairs = [result(tmp_path, f"{deep}/page {number}.png", regions=(region(5, 5),)) for number in range(3)]
    page.goto(publish(tmp_path, pairs))
    for width in (390, 800):
        page.set_viewport_size({"width": width, "height": 844})
        for number in range(3):
            file = page.locator("#rows .file").nth(number)
            assert file.inner_text() == f"page {number}.png"
            assert file.evaluate("one => one.scrollWidth <= one.clientWidth + 1")
    rows = page.locator("#rows li")
    tops = [row.bounding_box() for row in rows.all()]
    assert tops[0]
    assert tops[1]
    assert tops[1]["y"] - tops[0]["y"] == tops[0]["height"]


def test_a_phone_scrolls_from_the_pictures_to_the_facts(page: Page, tmp_path: Path) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    regions = tuple(region(5, 5 + 12 * step) for step in range(7))
    open_pair(page, publish(tmp_path, [result(tmp_path, "a.png", regions=regions)]), "a.png")
    assert page.locator("#stage").evaluate("one => getComputedStyle(one).touchAction") == "pan-y"
    split = page.locator(".split")
    assert split.evaluate("one => one.scrollHeight > one.clientHeight")
    page.keyboard.press("n")
    assert split.evaluate("one => one.scrollTop") == 0  # a chosen region is looked at, not its row
    assert page.locator("#stage").evaluate("one => getComputedStyle(one).touchAction") == "none"
    assert re.match("Region 1 of 7", page.locator("#region-place").inner_text())
