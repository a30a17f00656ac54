"""What was forgiven is told in every output, and counts where `--fail-on forgiven` says so."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from junitparser import JUnitXml
from msgspec.structs import replace

from benchmarks.scenes.photo import load_photo
from diffspot import compare
from diffspot.cli.console import _cells
from diffspot.model import Forgiven, Registration
from diffspot.options.options import Options
from diffspot.outputs.github import GithubOutput
from diffspot.outputs.junit import JunitOutput
from diffspot.outputs.markdown import MarkdownOutput
from diffspot.outputs.regions_csv import CsvOutput
from diffspot.outputs.words import caveats, details, forgiven_words, headline, is_listed, notable
from tests.in_process import diffspot
from tests.outputs.browsing import open_pair
from tests.outputs.reports import publish, result
from tests.pictures import plain, save
from tests.process import diffspot as command
from tests.reports import pair, report, written

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from diffspot.model import Cause, PairResult, RunReport

REDRAWN = Path(__file__).parent.parent.parent / "fixtures" / "page-rerendered"
ALL = ["added", "removed", "renamed", "different", "forgiven", "error"]


def forgiven(cause: Cause, pixels: int, places: int = 1) -> Forgiven:
    return Forgiven(cause=cause, pixels=pixels, places=places, largest=(4, 5, 30, 12))


BOTH = forgiven("noise", 3), forgiven("rendering", 1234, 12)
WORDS = "rendering 1,234 px in 12 places, noise 3 px in 1 place"


def same(*found: Forgiven, name: str = "page.png") -> PairResult:
    """A pair of 64 x 48 px that is the same by forgiving."""
    return replace(pair(name, "same"), forgiven=found)


def failing_on(fail_on: list[str], *pairs: PairResult) -> RunReport:
    made = report(*pairs)
    return replace(made, options={**made.options, "fail_on": fail_on})


def test_the_words_begin_with_what_took_most() -> None:
    assert forgiven_words(BOTH) == WORDS
    assert headline(same(*BOTH)) == f"Forgiven: {WORDS}."
    assert details(replace(pair("x.png"), forgiven=BOTH)).splitlines()[-1] == f"forgiven: {WORDS}"
    assert headline(replace(pair("x.png"), forgiven=BOTH)) == "1 region of 120 px, the largest at 8,5,12,10."


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (forgiven("rendering", 4), True),
        (forgiven("rendering", 3), False),
        (forgiven("movement", 4), True),
        (forgiven("light", 4), True),
        (forgiven("noise", 31), True),
        (forgiven("noise", 30), False),
        (forgiven("varies", 3000), False),
        (forgiven("small", 1), True),
    ],
)
def test_much_that_was_forgiven_and_any_small_place_are_notable(found: Forgiven, told: bool) -> None:  # noqa: FBT001  a column
    assert notable(same(found)) == [found] * told
    assert not notable(replace(pair("x.png"), forgiven=(found,)))


@pytest.mark.parametrize(("pixels", "told"), [(30, False), (31, True)])
def test_what_a_turn_leaves_at_edges_is_notable_from_a_hundredth_on(pixels: int, *, told: bool) -> None:
    found = forgiven("movement", pixels)
    laid = replace(same(found), registration=Registration(method="euclidean"))
    assert notable(laid) == [found] * told


@pytest.mark.parametrize(
    ("fail_on", "codes"),
    [
        (["different", "error"], [0, 0, 1]),
        (["forgiven"], [0, 1, 0]),
        (ALL, [0, 1, 1]),
        ([], [0, 0, 0]),
    ],
)
def test_forgiven_fails_a_pair_that_is_the_same(fail_on: list[str], codes: list[int]) -> None:
    pairs = [same(), same(forgiven("noise", 1)), replace(pair("x.png"), forgiven=BOTH)]
    reports = [failing_on(fail_on, one) for one in pairs]
    assert [made.exit_code for made in reports] == codes
    assert [made.fails(made.pairs[0]) for made in reports] == [bool(code) for code in codes]


def test_the_command_fails_on_it_when_asked() -> None:
    assert command("compare", REDRAWN, "--quiet").returncode == 0
    assert command("compare", REDRAWN, "--quiet", "--fail-on", "forgiven").returncode == 1


def test_the_report_has_it() -> None:
    (found,) = json.loads(diffspot("compare", REDRAWN, "--json").stdout)["pairs"]
    assert found["status"] == "same"
    drawn = {one["cause"]: one for one in found["forgiven"]}["rendering"]
    assert drawn["pixels"] > 1000
    assert drawn["places"] > 1
    assert len(drawn["largest"]) == 4


def test_the_table_lists_it_within_80_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("FORCE_COLOR", "1")
    lines = re.sub(r"\x1b\[[0-9;]*m", "", diffspot("compare", REDRAWN).stdout).splitlines()
    assert max(map(len, lines)) <= 80
    assert re.search(r"same +reference\.png +forgiven: rendering [\d,]+ px in \d+", " ".join(lines))


def test_without_a_terminal_it_is_a_line_of_the_table() -> None:
    first, *_ = diffspot("compare", REDRAWN).stdout.splitlines()
    told = r"rendering [\d,]+ px in \d+ places, noise [\d,]+ px in 1 place"
    assert re.fullmatch(rf"same\treference\.png\t\t\tforgiven: {told}", first)


def test_a_place_below_the_least_area_lists_its_pair(tmp_path: Path) -> None:
    picture = plain()
    save(tmp_path / "a.png", picture)
    picture[20, 30] = 255 - picture[20, 30]
    save(tmp_path / "b.png", picture)
    line, summary, *_ = diffspot("compare", tmp_path / "a.png", tmp_path / "b.png").stdout.splitlines()
    assert line == "same\ta.png\t\t\tforgiven: small 1 px in 1 place"
    assert summary.startswith("1 pair: 1 same")


def test_what_could_not_be_lined_up_says_why_in_place_of_a_box() -> None:
    reason = "could not be lined up: registration confidence 0.01 is below 0.1"
    found = replace(pair("x.png"), notes=("8 bits were widened to 16", reason))
    assert headline(found) == f"C{reason[1:]}."
    assert _cells(found, Options()) == ["different", "x.png", "1", "120", reason]
    assert _cells(pair("x.png"), Options())[-1] == "largest at 8,5,12,10"


def markdown(made: RunReport) -> str:
    return written(MarkdownOutput(Path("summary.md"), None), made).decode()


def test_markdown_lists_what_is_notable_or_fails() -> None:
    little = same(forgiven("noise", 3), name="little.png")
    made = failing_on(["different"], same(*BOTH), little)
    assert "| same | `page.png` | Forgiven: rendering 1,234 px in 12 places, noise 3 px in 1 place. |" in markdown(made)
    assert "little.png" not in markdown(made)
    assert "| same | `little.png` | Forgiven: noise 3 px in 1 place. |" in markdown(failing_on(["forgiven"], little))


def test_a_pair_of_which_noise_may_hide_changes_is_listed() -> None:
    note = "high threshold: noise hides differences that score less than 0.31; try --blur 3 or a lower --threshold"
    hiding = replace(pair("noisy.png", "same"), notes=("8 bits were widened to 16", note))
    said = f"{note[0].upper()}{note[1:]}."
    assert headline(hiding) == said
    assert headline(replace(hiding, forgiven=BOTH)) == f"{said} Forgiven: {WORDS}."
    assert _cells(hiding, Options())[-1] == note
    assert f"| same | `noisy.png` | {said} |" in markdown(failing_on(["different"], hiding))
    assert not is_listed(pair("x.png", "same"))
    assert not is_listed(replace(hiding, status="different"))


def test_a_pair_of_other_sizes_is_listed_beside_what_noise_may_hide() -> None:
    sizes, noise = "sizes differ: 64x48 and 64x40; what both show was compared", "high threshold: noise hides"
    cut = replace(pair("photo.png", "same"), notes=(sizes,))
    assert is_listed(cut)
    assert _cells(cut, Options())[-1] == sizes
    assert caveats(replace(cut, notes=(noise, sizes))) == f"{noise}; {sizes}"


def test_a_candidate_that_was_turned_is_listed_and_one_that_was_turned_upright_is_not() -> None:
    photo = load_photo("coffee", 200, 150)
    turned = compare(photo, photo[::-1, ::-1].copy())
    assert turned.status == "same"
    assert caveats(turned) == "laid over the reference: the candidate was turned by 180 degrees"
    assert is_listed(turned)
    assert not is_listed(replace(turned, notes=("candidate: turned upright, as its EXIF data says",), forgiven=()))


def test_junit_has_a_failure_of_that_type() -> None:
    made = failing_on(["forgiven"], same(*BOTH), same(name="equal.png"))
    (suite,) = JUnitXml.fromstring(written(JunitOutput(Path("junit.xml"), None), made))
    first, second = suite
    (failure,) = first.result
    assert (failure.type, failure.message) == ("forgiven", f"Forgiven: {WORDS}.")
    assert not second.result


def test_github_gets_an_annotation(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    GithubOutput(None).finish(failing_on(["forgiven"], same(*BOTH), same(name="equal.png")))
    (line,) = capfdbinary.readouterr().err.decode().splitlines()
    assert line == f"::error file=ref/page.png,title=forgiven%3A page.png::Forgiven: {WORDS}."


def test_csv_has_the_pixels() -> None:
    data = written(CsvOutput(Path("regions.csv"), None), report(same(*BOTH), pair("x.png")))
    rows = csv.DictReader(io.StringIO(data.decode(), newline=""), strict=True)
    assert [row["forgiven"] for row in rows] == ["1237", "0"]


def test_the_page_says_it_in_list_and_viewer(page: Page, tmp_path: Path) -> None:
    pairs = [
        result(tmp_path, "redrawn.png", "same", forgiven=BOTH),
        result(tmp_path, "equal.png", "same"),
        result(tmp_path, "differs.png", forgiven=BOTH),
    ]
    address = publish(tmp_path, pairs)
    page.goto(address)
    page.fill("#search", "forgiven rendering")
    assert page.locator("#rows .name").all_inner_texts() == ["differs.png", "redrawn.png"]
    what = page.locator("#rows li", has_text="redrawn.png").locator(".what").inner_text()
    assert what == "forgiven rendering: 1,234 px in 12 places, noise: 3 px in 1 place"
    open_pair(page, address, "redrawn.png")
    items = page.locator("#details .facts li").all_inner_texts()
    assert items == [
        "rendering: 1,234 px in 12 places, the largest 30 \N{MULTIPLICATION SIGN} 12 at 4, 5",
        "noise: 3 px in 1 place, the largest 30 \N{MULTIPLICATION SIGN} 12 at 4, 5",
    ]
    open_pair(page, address, "equal.png")
    assert page.locator("#details").get_by_text("Forgiven").count() == 0
