"""A real browser for the tests of the HTML report."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from docs.browser import find_chromium, open_browser
from tests.outputs.reports import region, result

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from diffspot.model import PairResult


# Not for the whole run: while it is open an event loop runs, in which tests of other files cannot start their own.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The system's own Chromium, without a window."""
    path = find_chromium()
    if path is None:
        reason = "no Chromium was found; install it with `apt-get install chromium`"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with open_browser(path) as opened:
        yield opened


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page; it fails the test if it logs an error, faults, or asks for anything but files."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, color_scheme="light", locale="en-GB")
    page, wrong = context.new_page(), []
    page.on("console", lambda message: wrong.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("requestfailed", lambda request: wrong.append(f"failed: {request.url}"))
    page.on("request", lambda request: None if request.url.startswith("file:") else wrong.append(request.url))
    page.set_default_timeout(5000)
    yield page
    context.close()
    assert wrong == []


@pytest.fixture
def several(tmp_path: Path) -> list[PairResult]:
    """Pairs of every status; three of them with the same change."""
    return [
        result(tmp_path, "shop/cart10.png", regions=(region(5, 5), region(60, 40, 20, 20)), change="c1"),
        result(tmp_path, "shop/cart9.png", regions=(region(5, 5),), change="c2"),
        result(tmp_path, "help.png", regions=(region(5, 5),), change="c2"),
        result(tmp_path, "about.png", regions=(region(5, 5),), change="c2"),
        result(tmp_path, "same.png", "same"),
        result(tmp_path, "new.png", "added", reference=None, size=None, threshold=None, registration=None),
        result(tmp_path, "gone.png", "removed", candidate=None, size=None, threshold=None, registration=None),
        result(tmp_path, "bad.png", "error", error="bad.png is damaged; take it again.", size=None, registration=None),
    ]
