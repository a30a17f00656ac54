"""Steps that tests of the HTML report take in a browser."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from diffspot.image_io import decode

if TYPE_CHECKING:
    from playwright.sync_api import Page

MATRICES = {
    "translation": ((1.0, 0.0, 7.5), (0.0, 1.0, -3.25), (0.0, 0.0, 1.0)),
    "homography": ((1.02, 0.05, 4.0), (-0.04, 0.97, -2.0), (0.0004, -0.0002, 1.01)),
}


def names(page: Page) -> list[str]:
    return page.locator("#rows .name").all_text_contents()


def shown(page: Page) -> str:
    return page.locator("#count").inner_text()


def open_pair(page: Page, address: str, name: str) -> None:
    page.goto(f"{address}#pair={quote(name, safe='')}")
    wait_for_pair(page, name)


def wait_for_pair(page: Page, name: str) -> None:
    page.locator("#pair-name").get_by_text(name, exact=True).wait_for()
    page.wait_for_function("[...document.querySelectorAll('#stage img')].every((one) => one.complete)")


def colours(page: Page, *places: tuple[float, float]) -> list[tuple[int, ...]]:
    """What is seen at places of the stage, each a share of its width and height."""
    pixels = decode(page.locator("#stage").screenshot(), Path("stage.png")).pixels
    height, width = pixels.shape[:2]
    return [tuple(int(value) for value in pixels[int(y * height), int(x * width), :3]) for x, y in places]


def view(page: Page) -> Any:  # noqa: ANN401
    """The transforms of all pictures on the stage."""
    return page.evaluate("[...document.querySelectorAll('#stage img')].map(one => one.style.transform)")
