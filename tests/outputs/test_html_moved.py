"""The folder of a run taken elsewhere alone: every picture loads in a real browser, and the page can be made again."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import tifffile

from tests.in_process import diffspot
from tests.outputs.browsing import open_pair
from tests.pictures import changed, plain, save

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.slow

LOADED = "[...document.images].filter((one) => one.complete && one.naturalWidth > 0).length"

LOADS = """(place) => new Promise((done) => {
  const image = new Image();
  image.onload = () => done(true);
  image.onerror = () => done(false);
  image.src = place;
})"""


@pytest.fixture
def moved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a run over different, equal, added, removed and many-paged pictures, without the pictures."""
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    for name in ("deep/#1 50%.png", "same.png", "scan.tif", "gone.png"):
        save(Path("ref", name).with_suffix(".png"), plain()).rename(Path("ref", name))
    shutil.copytree("ref", "cand")
    save(Path("cand/deep/#1 50%.png"), changed())
    Path("cand/gone.png").rename("cand/new.png")
    save(Path("cand/new.png"), np.flip(changed(), 1))
    for side, shade in (("ref", 0), ("cand", 200)):
        pages = np.zeros((2, 40, 40), np.uint8)
        pages[1, 10:30, 10:30] = shade
        tifffile.imwrite(f"{side}/scan.tif", pages, photometric="minisblack")
    assert diffspot("compare", "ref", "cand", "-o", "out", "--html").returncode == 1
    shutil.move("out", tmp_path / "elsewhere")
    monkeypatch.chdir(tmp_path)
    shutil.rmtree("work")
    return tmp_path / "elsewhere"


def test_every_picture_loads(page: Page, moved: Path) -> None:
    address = (moved / "index.html").as_uri()
    page.goto(address)
    page.wait_for_function("[...document.images].every((one) => one.complete)")
    pairs = json.loads((moved / "report.json").read_bytes())["pairs"]
    shown = {"different": 2, "same": 2, "added": 1, "removed": 1}
    wanted = sum(shown[pair["status"]] for pair in pairs if (pair["status"], pair["frame"]) != ("same", 1))
    assert (wanted, page.evaluate(LOADED)) == (8, 8)
    for pair in pairs:
        open_pair(page, address, pair["name"])
        links = page.locator("#details a")
        for place in [link.get_attribute("href") for link in links.all()]:
            assert page.evaluate(LOADS, place) is True


def test_the_page_is_made_again_without_the_pictures(moved: Path) -> None:
    before = (moved / "index.html").read_bytes()
    (moved / "index.html").unlink()
    done = diffspot("report", moved, "--html")
    assert (done.returncode, done.stderr) == (0, "Wrote elsewhere/index.html.\n")
    assert (moved / "index.html").read_bytes() == before


def test_a_copy_that_somebody_changed_is_not_taken(moved: Path) -> None:
    (copy := moved / "pictures" / "reference" / "deep" / "#1 50%.png.copy.png").write_bytes(b"other")
    done = diffspot("report", moved, "--html")
    assert done.returncode == 2
    assert "The page has no copy of ref/deep/#1 50%.png: No such file" in done.stderr
    assert not copy.exists()
