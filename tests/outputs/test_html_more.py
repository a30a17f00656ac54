"""Ticks and commands, order, units, maps, forgiven places and trends in the HTML report, in a real browser."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from diffspot.model import Forgiven
from tests.in_process import diffspot
from tests.outputs.browsing import colours, names, open_pair
from tests.outputs.reports import WHITE, plain, publish, region, result, write
from tests.pictures import changed, save
from tests.pictures import plain as page_of

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from diffspot.model import PairResult

pytestmark = pytest.mark.slow

NAMES = ("a.png", "it's $(here) [1].png", "-dash.png", "new.png")


@pytest.fixture
def out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a run over pairs with awkward names, of which one is added."""
    monkeypatch.chdir(tmp_path)
    for name in NAMES:
        save(Path("ref", name), page_of())
        save(Path("cand", name), changed())
    save(Path("cand/new.png"), np.flip(changed(), 1))
    Path("ref/new.png").unlink()
    assert diffspot("compare", "ref", "cand", "-o", "a report", "--html").returncode == 1
    return tmp_path / "a report"


def run_shown(page: Page) -> subprocess.CompletedProcess[str]:
    """Runs the command that the page shows, in a shell that finds this diffspot."""
    command = page.locator("#command-text").input_value()
    script = f'diffspot() {{ {shlex.quote(sys.executable)} -m diffspot "$@"; }}\n{command}\n'
    return subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=False)  # noqa: S607


def test_the_accept_command_accepts_what_was_ticked(page: Page, out: Path) -> None:
    page.goto((out / "index.html").as_uri())
    page.uncheck("#grouped")
    assert not page.locator("#ticked").is_visible()
    for name in NAMES[1:]:
        page.get_by_role("checkbox", name=f"Tick {name}", exact=True).check()
    assert page.locator("#ticked-count").inner_text() == "3 pairs ticked"
    page.click("#copy-accept")
    done = run_shown(page)
    assert (done.returncode, done.stderr) == (0, "")
    for name in NAMES[1:]:
        assert Path("ref", name).read_bytes() == Path("cand", name).read_bytes()
    assert Path("ref/a.png").read_bytes() != Path("cand/a.png").read_bytes()


def test_the_ignore_command_ignores_what_was_ticked(page: Page, out: Path) -> None:
    page.goto((out / "index.html").as_uri())
    page.uncheck("#grouped")
    page.locator("#rows .name").first.focus()
    page.keyboard.press("x")
    page.click("#tick-all")
    page.click("#copy-ignore")
    done = run_shown(page)
    assert done.returncode == 0, done.stderr
    again = diffspot("compare", "ref", "cand", "--fail-on", "different,error")
    assert (again.returncode, again.stdout.splitlines()[-1].split(" in ")[0]) == (0, "4 pairs: 3 same, 1 added")


def test_one_region_is_ignored_from_the_viewer(page: Page, out: Path) -> None:
    open_pair(page, (out / "index.html").as_uri(), NAMES[1])
    page.keyboard.press("n")
    page.click("#copy-pair-ignore")
    text = page.locator("#command-text").input_value()
    assert shlex.split(text)[3:] == [f"--pair={NAMES[1]}", "--region", "1", "--write"]
    assert shlex.split(text)[2] == str(out)
    page.get_by_role("button", name="Close").click()
    page.click("#copy-pair-accept")
    assert shlex.split(page.locator("#command-text").input_value())[-1] == "it's $(here) [[]1].png"


def test_what_cannot_be_accepted_has_no_command(page: Page, tmp_path: Path, several: list[PairResult]) -> None:
    page.goto(publish(tmp_path, several))
    page.get_by_role("checkbox", name="Tick same.png").check()
    page.get_by_role("checkbox", name="Tick bad.png").check()
    assert page.locator("#copy-accept").is_disabled()
    assert page.locator("#copy-ignore").is_disabled()
    page.get_by_role("checkbox", name="Tick gone.png").check()
    page.click("#copy-accept")
    assert shlex.split(page.locator("#command-text").input_value())[2] == "--removed"
    page.get_by_role("button", name="Close").click()
    page.click("#tick-none")
    assert page.locator(".tick :checked").count() == 0


def test_the_page_opens_in_the_order_that_was_asked_for(page: Page, tmp_path: Path) -> None:
    areas = {"b.png": 10, "c.png": 400, "a.png": 90}
    pairs = [result(tmp_path, name, regions=(region(5, 5, area=area),)) for name, area in areas.items()]
    pairs.append(result(tmp_path, "bad.png", "error", error="bad.png is damaged.", size=None))
    for sort, order in (
        ("severity", ["bad.png", "c.png", "a.png", "b.png"]),
        ("name", ["a.png", "b.png", "bad.png", "c.png"]),
        ("input", ["bad.png", "b.png", "c.png", "a.png"]),
    ):
        page.goto(publish(tmp_path / sort, pairs, sort=sort))
        assert names(page) == order
    assert page.locator("#rows li").nth(2).locator(".number").last.inner_text().split() == ["100", "severity"]


def test_lengths_and_areas_stand_in_millimetres_too(page: Page, tmp_path: Path) -> None:
    pair = result(tmp_path, "a.png", regions=(region(5, 10, 20, 30),))
    open_pair(page, publish(tmp_path, [pair], unit="mm", scale=20.0), "a.png")
    cells = page.locator("#details tbody td").all_inner_texts()
    by = "\N{MULTIPLICATION SIGN}"
    assert [cell.split("\n") for cell in cells] == [
        ["content"], ["5, 10", "0.25, 0.5"], [f"20 {by} 30", f"1 {by} 1.5"], ["600", "1.5"], ["150"],
    ]  # fmt: skip
    assert f"100 {by} 100 px, 5 {by} 5 mm" in page.locator("#details").inner_text()
    assert f"20 {by} 30 (1 {by} 1.5 mm)" in page.locator("#rows .what").first.text_content()  # type: ignore[operator]


def test_maps_are_modes_where_the_run_wrote_them(page: Page, tmp_path: Path) -> None:
    write(tmp_path / "maps" / "a.png", plain((0, 99, 0)))
    write(tmp_path / "mask" / "a.png", plain(WHITE))
    write(tmp_path / "maps" / "b.png", plain(WHITE))  # which no run of this report wrote
    files = {"a.png": {"map_file": "maps/a.png", "mask_file": "mask/a.png"}, "b.png": {"map_file": "maps/b.png.npy"}}
    pairs = [result(tmp_path, name, regions=(region(1, 1),), **named) for name, named in files.items()]
    address = publish(tmp_path, pairs)
    open_pair(page, address, "a.png")
    page.uncheck("#boxes")
    for key, colour in (("6", (0, 99, 0)), ("7", WHITE), ("4", None)):
        page.keyboard.press(key)
        assert colour is None or colours(page, (0.5, 0.5)) == [colour]
    page.get_by_role("button", name="Score map").click()
    open_pair(page, address, "b.png")
    assert page.locator("#modes :disabled").all_inner_texts() == ["Score map", "Mask"]
    assert page.locator("#stage").get_attribute("data-mode") == "side"
    write(tmp_path / "other" / "maps" / "a.png", plain(WHITE))
    open_pair(page, publish(tmp_path / "other", [result(tmp_path, "a.png", regions=(region(1, 1),))]), "a.png")
    assert page.locator("#modes button").count() == 5


def test_what_was_forgiven_is_told_and_shown(page: Page, tmp_path: Path) -> None:
    took = (Forgiven(cause="rendering", pixels=1200, places=3, largest=(20, 30, 40, 10)),)
    pair = result(tmp_path, "a.png", forgiven=took, regions=(region(1, 1),))
    address = publish(tmp_path, [pair])
    page.goto(address)
    assert "forgiven rendering: 1,200 px in 3 places" in page.locator("#rows .what").inner_text()
    open_pair(page, address, "a.png")
    frame = page.locator(".pane:not(.second) .area.forgiven")
    assert frame.count() == 0
    page.locator("#details button.link").click()
    shown, stage = frame.bounding_box(), page.locator(".pane:not(.second)").bounding_box()
    assert shown
    assert stage
    assert shown["width"] / shown["height"] == pytest.approx(4, abs=0.01)
    assert shown["x"] + shown["width"] / 2 == pytest.approx(stage["x"] + stage["width"] / 2, abs=1)
    page.keyboard.press("n")
    assert frame.count() == 0


def test_trends_are_drawn_where_there_is_a_history(page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("wears.png", "flaky.png", "still.png"):
        save(Path("ref", name), page_of())
        save(Path("new", name), page_of())
    for step in range(4):
        worn, spotted = page_of().copy(), page_of().copy()
        worn[5 : 8 + 2 * step, 5:15] = 0
        spotted[5:15, 5:15] = 0 if step % 2 else spotted[5:15, 5:15]
        save(Path("new/wears.png"), worn)
        save(Path("new/flaky.png"), spotted)
        diffspot("compare", "ref", "new", "-o", "out", "--html", "--history", "h.jsonl")
    address = Path("out/index.html").resolve().as_uri()
    page.set_viewport_size({"width": 1400, "height": 800})
    page.goto(address)
    page.select_option("#sort", "trend")
    assert names(page) == ["flaky.png", "wears.png", "still.png"]
    assert page.locator("#rows .course").all_inner_texts() == ["flaky", "grows"]
    page.fill("#search", "grows")
    assert names(page) == ["wears.png"]
    open_pair(page, address, "wears.png")
    chart = page.locator("#details svg.trend")
    assert chart.get_attribute("aria-label") == "grows by 15.69 a run: not the same in 4 of 4 runs"
    heights = [float(dot.get_attribute("cy") or "") for dot in chart.locator("circle").all()]
    assert heights == sorted(heights, reverse=True)
    assert len(set(heights)) == 4
    open_pair(page, address, "still.png")
    assert page.locator("#details svg.trend").count() == 0


@pytest.mark.parametrize("name", ["constructor", "toString", "__proto__"])
def test_a_name_that_every_object_has_is_a_name(page: Page, tmp_path: Path, name: str) -> None:
    address = publish(tmp_path, [result(tmp_path, name, regions=(region(1, 1),)), result(tmp_path, "b.png", "same")])
    page.goto(address)
    assert names(page) == [name, "b.png"]
    open_pair(page, address, name)
    assert page.locator("#details svg.trend").count() == 0
    assert page.locator("#details").inner_text()


def test_without_a_history_there_is_no_trend(page: Page, tmp_path: Path, several: list[PairResult]) -> None:
    page.goto(publish(tmp_path, several))
    assert page.locator("#sort option[value=trend]").count() == 0
    assert page.locator(".course-cell").count() == 0
