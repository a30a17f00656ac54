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
from diffspot.options.options import Options
from diffspot.options.settings import Settings
from diffspot.outputs.history import Entry, read_history
from diffspot.outputs.html import INDEX_NAME, HtmlOutput
from diffspot.outputs.report_json import encode_line
from diffspot.outputs.trends import find_trends
from diffspot.outputs.trends_svg import draw_trends
from diffspot.runner.run import run
from docs.browser import find_chromium, open_browser
from docs.example_page import after, before
from docs.finding import write_pictures, write_small

if TYPE_CHECKING:
    from typing import Literal

    from playwright.sync_api import Browser, Page, ViewportSize

    ColorScheme = Literal["light", "dark"]

ROOT = Path(__file__).parent.parent
FIXTURES = Path("fixtures")
IMAGES = Path("docs") / "images"
WINDOW = {"width": 1240, "height": 760}
PHONE = {"width": 390, "height": 760}
SHARPNESS = 1.25
"""Pixels of the picture for each of the page."""
GAP = 12
"""Px between the pictures of the stages."""
TIMES = Times(started="2026-01-01T09:00:00+00:00", seconds=1.6)
"""So that a second run gives the same pictures."""

RUNS = 10
COURSES = {
    "board/connector.png": (0, 0, 0, 14, 22, 25, 41, 52, 66, 71),
    "home/clock.png": (35, 0, 40, 0, 0, 38, 0, 31, 0, 42),
    "home/index.png": (0, 0, 0, 0, 410, 410, 0, 0, 0, 0),
    "shop/cart.png": (0, 0, 0, 0, 0, 0, 0, 0, 120, 120),
}
"""Severities that trends are drawn of, 0 where a pair is the same."""

SHOTS = {
    "list": (WINDOW, "light", "", ""),
    "slider": (WINDOW, "light", "jpeg-with-changes", "2"),
    "dark": (WINDOW, "dark", "page-banner-inserted", "1"),
    "difference": (WINDOW, "light", "rotated-with-changes", "5"),
    "trend": (WINDOW, "light", "board-like", "1"),
    "phone": (PHONE, "light", "page-text-change", "1n"),
}
"""By file: the window, the theme, the pair that is opened, and the keys that are pressed."""
SHOWN = {
    "board/connector.png": "board-like",
    "home/clock.png": "page-text-change",
    "home/index.png": "heading-redrawn",
    "shop/cart.png": "card-tint",
}
"""The pairs of the page that have the trends of `COURSES`."""


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
        _write_example(browser, Path(folder))
        _write_stages(Path(folder))
        _draw_trends(Path(folder))
        report = run(fixture_pairs(), Settings())
        made_history(Path(folder) / "shown.jsonl", SHOWN)
        options = Options(history=str(Path(folder) / "shown.jsonl"))
        HtmlOutput(Path(folder), options).finish(replace(report, times=TIMES))
        for name, (window, theme, pair, keys) in SHOTS.items():
            page = _open(browser, window, theme, (Path(folder) / INDEX_NAME).as_uri(), pair)
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


def _write_stages(folder: Path) -> None:
    """What each stage makes of a JPEG photo with three changes, in one picture."""
    case = FIXTURES / "jpeg-with-changes"
    candidate = next(case.glob("candidate.*"))
    compare_files(case / "reference.webp", candidate, out=folder / "staged", stages=str(folder / "stages"))
    drawn = [PIL.Image.open(path).convert("RGB") for path in sorted((folder / "stages").rglob("*.png"))]
    width, height = drawn[0].size
    sheet = PIL.Image.new("RGB", (4 * (width + GAP) - GAP, 2 * (height + GAP) - GAP), "white")
    for index, picture in enumerate(drawn):
        place = index % 4 * (width + GAP), index // 4 * (height + GAP)
        sheet.paste(picture.resize((width, height)), place)
    write_small(IMAGES / "stages.png", sheet)


def made_history(path: Path, names: dict[str, str]) -> None:
    """Appends the runs of `COURSES` to a history, each pair under the name that it is given."""
    for index in range(RUNS):
        entries = (
            Entry(
                run=f"2025-12-{index + 20}T09:00:00.000+00:00",
                name=names.get(name, name),
                status="different" if severities[index] else "same",
                severity=float(severities[index]),
            )
            for name, severities in COURSES.items()
        )
        with path.open("ab") as file:
            file.writelines(map(encode_line, entries))


def _draw_trends(folder: Path) -> None:
    made_history(folder / "history.jsonl", {})
    found = read_history(folder / "history.jsonl")
    (IMAGES / "trends.svg").write_bytes(draw_trends(found.runs, find_trends(found)))


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


def _open(browser: Browser, window: ViewportSize, theme: ColorScheme, address: str, pair: str) -> Page:
    page = browser.new_page(viewport=window, color_scheme=theme, device_scale_factor=SHARPNESS)
    page.goto(address + (f"#pair={quote(pair, safe='')}" if pair else ""))
    page.wait_for_function("[...document.images].every((image) => image.complete)")
    return page


def _write(path: Path, png: bytes) -> None:
    with PIL.Image.open(io.BytesIO(png)) as shot:
        write_small(path, shot)


if __name__ == "__main__":
    sys.exit(main())
