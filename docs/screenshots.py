"""Takes the pictures of the HTML report that README.md and docs/report.md show, and draws those of docs/finding.md.

`python -m docs.screenshots` compares the fixtures and writes docs/images/*.png; the report's need Chromium.
"""

from __future__ import annotations

import io
import sys
from contextlib import chdir
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from urllib.parse import quote

import PIL.Image
from msgspec.structs import replace

from diffspot import compare_files
from diffspot.model import ImagePair, Times
from diffspot.options.settings import Settings
from diffspot.outputs.html import INDEX_NAME, HtmlOutput
from diffspot.runner.run import run
from docs.browser import find_chromium, open_browser
from docs.example_page import after, before
from docs.finding import write_pictures

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).parent.parent
FIXTURES = Path("fixtures")
IMAGES = Path("docs") / "images"
WINDOW = {"width": 1240, "height": 760}
SHARPNESS = 1.25
"""Pixels of the picture for each of the page."""
COLOURS = 256
TIMES = Times(started="2026-01-01T09:00:00+00:00", seconds=1.6)
"""So that a second run gives the same pictures."""

SHOTS = {
    "list": ("light", "", ""),
    "slider": ("light", "jpeg-with-changes", "2"),
    "dark": ("dark", "page-banner-inserted", "1"),
}
"""By file: the theme, the pair that is opened, and the keys that are pressed."""


def main() -> int:
    """Writes the pictures; 1 where there is no browser for the report's."""
    with chdir(ROOT):
        IMAGES.mkdir(exist_ok=True)
        write_pictures(IMAGES)
    path = find_chromium()
    if path is None:
        print("No Chromium was found; install it with `apt-get install chromium`.", file=sys.stderr)  # noqa: T201
        return 1
    with chdir(ROOT), TemporaryDirectory() as folder, open_browser(path) as browser:
        IMAGES.mkdir(exist_ok=True)
        _write_example(browser, Path(folder))
        report = run(fixture_pairs(), Settings())
        HtmlOutput(Path(folder)).finish(replace(report, times=TIMES))
        for name, (theme, pair, keys) in SHOTS.items():
            page = _open(browser, theme, (Path(folder) / INDEX_NAME).as_uri(), pair)
            for key in keys:
                page.keyboard.press(key)
            page.mouse.move(0, 0)
            _write(IMAGES / f"report-{name}.png", page.screenshot(animations="disabled"))
            page.close()
    return 0


def _write_example(browser: Browser, folder: Path) -> None:
    """The page of a shop before and after, with what diffspot finds in it, side by side."""
    for name, text in {"before.png": before(), "after.png": after()}.items():
        page = browser.new_page(viewport={"width": 620, "height": 640}, device_scale_factor=2)
        page.set_content(text)
        page.screenshot(path=folder / name, full_page=True)
        page.close()
    compare_files(folder / "before.png", folder / "after.png", out=folder / "example", annotate="both")
    drawn = folder / "example" / "annotated" / "before.png"
    _write(IMAGES / "page.png", drawn.read_bytes())


def fixture_pairs() -> list[ImagePair]:
    """One pair a fixture and, to show every status, one that is added, one removed and one that is no picture."""
    cases = sorted(folder.parent for folder in FIXTURES.glob("*/truth.json"))
    pairs = [ImagePair(case.name, next(case.glob("reference.*")), next(case.glob("candidate.*"))) for case in cases]
    banner, patch = FIXTURES / "page-banner-inserted", FIXTURES / "one-small-patch"
    return [
        *pairs,
        ImagePair("page-of-offers", None, banner / "candidate.png"),
        ImagePair("page-of-last-year", banner / "reference.png", None),
        ImagePair("one-small-patch-again", patch / "reference.webp", next(patch.glob("candidate.*"))),
        ImagePair("notes", FIXTURES / "README.md", banner / "candidate.png"),
    ]


def _open(browser: Browser, theme: str, address: str, pair: str) -> Page:
    page = browser.new_page(viewport=WINDOW, color_scheme=theme, device_scale_factor=SHARPNESS)
    page.goto(address + (f"#pair={quote(pair, safe='')}" if pair else ""))
    page.wait_for_function("[...document.images].every((image) => image.complete)")
    return page


def _write(path: Path, png: bytes) -> None:
    with PIL.Image.open(io.BytesIO(png)) as shot:
        few = shot.convert("RGB").quantize(COLOURS, method=PIL.Image.Quantize.MEDIANCUT, kmeans=3)
        few.save(path, optimize=True)


if __name__ == "__main__":
    sys.exit(main())
