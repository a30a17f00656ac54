"""The site as it is read from the disk."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from mkdocs.exceptions import PluginError

from docs.browser import find_chromium, open_browser
from docs.site import ROOT, on_post_page

if TYPE_CHECKING:
    from pathlib import Path

WORD = "tolerance"


@pytest.mark.slow
def test_the_search_works_from_the_disk_and_no_host_is_asked(tmp_path: Path) -> None:
    build = ("-m", "mkdocs", "build", "--quiet", "--strict", "--site-dir", tmp_path)
    subprocess.run([sys.executable, *build], cwd=ROOT, check=True)
    if not (chromium := find_chromium()):
        pytest.skip("no Chromium was found")
    asked: list[str] = []
    with open_browser(chromium) as browser:
        page = browser.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.goto((tmp_path / "index.html").as_uri())
        page.locator(".md-search__input").click()
        page.keyboard.type(WORD)
        found = page.locator(".md-search-result__link")
        found.first.wait_for()
        assert WORD in found.first.inner_text().lower()
    assert asked
    assert {url.partition(":")[0] for url in asked} <= {"file", "data"}


@pytest.mark.parametrize(
    "tag",
    [
        '<script src="https://x.y/z.js"></script>',
        '<link rel="stylesheet" href="//x.y/z.css">',
        '<img src="http://x/y">',
    ],
)
def test_a_page_that_asks_another_host_is_refused(tag: str) -> None:
    with pytest.raises(PluginError, match="must not"):
        on_post_page(f"<p>{tag}</p>")
    assert on_post_page('<a href="https://x.y">z</a><img src="x.png">')
