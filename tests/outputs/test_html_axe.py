"""What axe-core says of the HTML report, at the width of a desktop, a tablet and a phone, light and dark."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING

import pytest

from diffspot.model import Forgiven
from diffspot.outputs.history import Entry
from diffspot.outputs.report_json import encode_line
from tests.outputs.browsing import open_pair
from tests.outputs.reports import publish, region, result

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

    from diffspot.model import PairResult

pytestmark = pytest.mark.slow

AXE = (resources.files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
FOUND = """async () => {
  const { violations } = await axe.run(document, { resultTypes: ["violations"] });
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(" ")).join(", ")}`);
}"""


def violations(page: Page) -> list[str]:
    page.evaluate(AXE)
    found: list[str] = page.evaluate(FOUND)
    return found


def with_everything(folder: Path, several: list[PairResult]) -> str:
    """The address of a page with trends, millimetres, forgiven differences and inserted rows."""
    history = folder / "history.jsonl"
    for run in range(4):
        entry = Entry(
            run=f"2026-01-0{run + 1}T00:00", name="shop/cart10.png", status="different", severity=float(run + 1)
        )
        with history.open("ab") as file:
            file.write(encode_line(entry))
    forgiven = (Forgiven(cause="rendering", pixels=900, places=3, largest=(10, 10, 30, 30)),)
    regions = (region(0, 5, 100, 1, kind="inserted-rows", candidate_bbox=(0, 5, 100, 40)), region(60, 40, 20, 20))
    rich = result(folder, "deep/er/rich.png", regions=regions, forgiven=forgiven, notes=("grey was compared",))
    return publish(folder, [*several, rich], history=str(history), unit="mm", scale=20.0)


@pytest.mark.parametrize("width", [1400, 800, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(page: Page, tmp_path: Path, several: list[PairResult], width: int, scheme: str) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    address = with_everything(tmp_path, several)
    page.goto(address)
    assert violations(page) == []
    page.get_by_role("checkbox", name="Tick shop/cart10.png").check()
    assert violations(page) == []
    page.click("#copy-accept")
    assert violations(page) == []
    page.get_by_role("button", name="Close").click()
    for name in ("deep/er/rich.png", "shop/cart10.png", "new.png", "bad.png"):
        open_pair(page, address, name)
        assert violations(page) == []
    page.keyboard.press("5")
    page.keyboard.press("?")
    assert violations(page) == []


@pytest.mark.parametrize("width", [1400, 800, 390])
def test_nothing_is_cut_at_the_edge(page: Page, tmp_path: Path, several: list[PairResult], width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    address = with_everything(tmp_path, several)
    outside = """() => [...document.querySelectorAll(
      ".badge, .name .file, button, #details td, #details dd, .tick, h1")].filter((one) => {
        const { left, right, width } = one.getBoundingClientRect();
        return one.checkVisibility() && !one.closest(".chips, .segments") && width && (left < 0 || right > innerWidth);
      }).map((one) => one.outerHTML)"""
    page.goto(address)
    assert page.evaluate(outside) == []
    open_pair(page, address, "deep/er/rich.png")
    assert page.evaluate(outside) == []
