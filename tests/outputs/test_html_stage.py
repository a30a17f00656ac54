"""The pictures of the HTML report in a real browser: what lies where."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.outputs.browsing import MATRICES, colours, open_pair, view
from tests.outputs.reports import BLUE, RED, moved, publish, region, result

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

    from diffspot.model import PairResult

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("key", "left", "right"),
    [
        ("1", RED, BLUE),
        ("2", RED, BLUE),
        ("4", (100, 0, 100), (100, 0, 100)),
        ("5", (200, 0, 200), (200, 0, 200)),
    ],
    ids=["side", "slider", "overlay", "difference"],
)
def test_modes_show_the_pictures(
    page: Page, tmp_path: Path, key: str, left: tuple[int, ...], right: tuple[int, ...]
) -> None:
    open_pair(page, publish(tmp_path, [result(tmp_path, "a.png")]), "a.png")
    page.keyboard.press(key)
    if key == "5":
        page.fill("#amount", "1")
    for seen, wanted in zip(colours(page, (0.4, 0.6), (0.6, 0.6)), (left, right), strict=True):
        assert seen == pytest.approx(wanted, abs=2)  # blending rounds each channel once or twice


def test_blink_swaps_by_hand_and_by_itself(page: Page, tmp_path: Path) -> None:
    open_pair(page, publish(tmp_path, [result(tmp_path, "a.png")]), "a.png")
    page.keyboard.press("3")
    page.wait_for_selector("#stage[data-front=reference]")
    page.wait_for_selector("#stage[data-front=candidate]")
    page.locator("#stage").focus()
    for _ in range(2):
        before = page.locator("#stage").get_attribute("data-front")
        page.keyboard.press("Space")
        front = page.locator("#stage").get_attribute("data-front")
        assert colours(page, (0.5, 0.6)) == [{"reference": RED, "candidate": BLUE}[front or ""]]
    assert front != before
    assert page.locator("#play").inner_text() == "Play"


def test_slider_moves_by_key_and_mouse(page: Page, tmp_path: Path) -> None:
    open_pair(page, publish(tmp_path, [result(tmp_path, "a.png")]), "a.png")
    page.keyboard.press("2")
    handle = page.get_by_role("slider", name="Reference left, candidate right")
    handle.focus()
    page.keyboard.press("End")
    assert handle.get_attribute("aria-valuenow") == "100"
    assert colours(page, (0.6, 0.6)) == [RED]
    page.keyboard.press("Home")
    assert colours(page, (0.4, 0.6)) == [BLUE]
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    assert handle.get_attribute("aria-valuenow") == "10"
    start, stage = handle.bounding_box(), page.locator("#stage").bounding_box()
    assert start
    assert stage
    page.mouse.move(start["x"] + 12, start["y"] + 200)
    page.mouse.down()
    page.mouse.move(stage["x"] + 0.75 * stage["width"], start["y"] + 200)
    page.mouse.up()
    assert handle.get_attribute("aria-valuenow") == "75"


@pytest.mark.parametrize("method", MATRICES)
@pytest.mark.parametrize("key", "1245")
def test_candidate_is_laid_where_registration_says(page: Page, tmp_path: Path, method: str, key: str) -> None:
    pair = result(tmp_path, "a.png", registration=moved(method, MATRICES[method]))
    open_pair(page, publish(tmp_path, [pair]), "a.png")
    page.keyboard.press(key)
    layer = "[...document.querySelectorAll('#stage .layer[data-side=%s] img')].find((one) => one.checkVisibility())"
    place = f"""([x, y]) => {{
      const at = (image) => new DOMMatrix(getComputedStyle(image).transform).transformPoint(new DOMPoint(x, y));
      const {{x: left, y: top, w}} = at({layer % "SIDE"});
      return [left / w, top / w];
    }}"""
    for x, y in ((0, 0), (99, 0), (40, 70), (99, 99)):
        u, v, w = np.array(MATRICES[method]) @ (x, y, 1)
        laid = page.evaluate(place.replace("SIDE", "candidate"), [x + 0.5, y + 0.5])
        wanted = page.evaluate(place.replace("SIDE", "reference"), [u / w + 0.5, v / w + 0.5])
        assert laid == pytest.approx(wanted, abs=0.01)  # px on the screen: the browser keeps 6 digits


def test_layout_shift_is_laid_over_at_the_chosen_region(page: Page, tmp_path: Path) -> None:
    regions = (region(10, 10, candidate_bbox=(10, 40, 10, 10)),)
    pair = result(tmp_path, "a.png", registration=moved("layout", MATRICES["translation"]), regions=regions)
    open_pair(page, publish(tmp_path, [pair]), "a.png")
    page.keyboard.press("2")
    before = view(page)
    assert "matrix3d" not in "".join(before)
    assert "laid over unmoved" in page.locator("#details .note").inner_text()
    page.keyboard.press("n")
    assert view(page)[1].endswith("translate(0px, -30px)")


def test_boxes_are_numbered_where_they_are_and_go(page: Page, tmp_path: Path, several: list[PairResult]) -> None:
    open_pair(page, publish(tmp_path, several), "shop/cart10.png")
    boxes = page.locator(".pane:not(.second) .box")
    assert boxes.all_inner_texts() == ["1", "2"]
    image = page.locator(".pane:not(.second) .layer[data-side=reference] img").bounding_box()
    box = boxes.nth(1).bounding_box()
    assert image
    assert box
    scale = image["width"] / 100
    frame = 2  # px, outside the region on every side
    assert box["x"] - image["x"] == pytest.approx(60 * scale - frame, abs=0.6)
    assert box["y"] - image["y"] == pytest.approx(40 * scale - frame, abs=0.6)
    assert box["width"] == pytest.approx(20 * scale + 2 * frame, abs=0.6)
    page.keyboard.press("b")
    assert not boxes.first.is_visible()


def test_what_is_ignored_is_hatched(page: Page, tmp_path: Path) -> None:
    pair = result(tmp_path, "a.png", ignored=0.12, options={"ignore": [["10%", 20, 30, "40%"]]})
    open_pair(page, publish(tmp_path, [pair]), "a.png")
    image = page.locator(".pane:not(.second) .layer[data-side=reference] img").bounding_box()
    area = page.locator(".pane:not(.second) .area.ignore").bounding_box()
    assert image
    assert area
    scale = image["width"] / 100
    shares = [(area["x"] - image["x"]) / scale, (area["y"] - image["y"]) / scale, area["width"] / scale]
    assert [*shares, area["height"] / scale] == pytest.approx([10, 20, 30, 40], abs=0.2)
    details = page.locator("#details").inner_text()
    assert "12 % of the reference" in details
    assert 'ignore = [["10%",20,30,"40%"]]' in details


def test_zoom_and_pan_keep_both_pictures_in_step(page: Page, tmp_path: Path) -> None:
    open_pair(page, publish(tmp_path, [result(tmp_path, "a.png")]), "a.png")
    page.keyboard.press("1")
    fitted = view(page)
    stage = page.locator("#stage").bounding_box()
    assert stage
    page.mouse.move(stage["x"] + 0.75 * stage["width"], stage["y"] + 100)
    page.mouse.wheel(0, -300)
    page.mouse.down()
    page.mouse.move(stage["x"] + 0.75 * stage["width"] + 40, stage["y"] + 160)
    page.mouse.up()
    page.keyboard.press("+")
    page.keyboard.press("Shift+ArrowDown")
    transforms = {transform.strip() for transform in view(page)}
    assert len(transforms) == 1
    assert transforms != {fitted[0].strip()}
    page.keyboard.press("z")
    assert page.locator("#zoom").inner_text() == "100 %"
    page.keyboard.press("0")
    assert view(page) == fitted


def test_what_is_in_the_middle_stays_there(page: Page, tmp_path: Path, several: list[PairResult]) -> None:
    open_pair(page, publish(tmp_path, several), "shop/cart10.png")
    page.keyboard.press("p")
    middle = """() => {
      const pane = document.querySelector("#stage .pane").getBoundingClientRect();
      const box = document.querySelectorAll("#stage .pane:not(.second) .box")[1].getBoundingClientRect();
      return [(box.left + box.right) / 2 - (pane.left + pane.right) / 2,
              (box.top + box.bottom) / 2 - (pane.top + pane.bottom) / 2];
    }"""
    for change in (
        lambda: page.keyboard.press("2"),
        lambda: page.set_viewport_size({"width": 900, "height": 600}),
        lambda: page.keyboard.press("1"),
    ):
        change()
        page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
        assert page.evaluate(middle) == pytest.approx([0, 0], abs=1.5)  # px: each change rounds once, half a px
