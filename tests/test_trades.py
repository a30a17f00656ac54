"""The first hour of a trade, command by command: what a user types next works, and no script is needed in between."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.in_process import diffspot
from tests.pictures import changed, page, plain, save
from tests.process import diffspot as process

if TYPE_CHECKING:
    from pathlib import Path
    from subprocess import CompletedProcess

    from numpy.typing import NDArray

pytestmark = pytest.mark.slow

PLAYWRIGHT = (
    ".last-run.json",
    "home-cart-has-total-chromium/test-finished-1.png",
    "home-home-page-chromium/error-context.md",
    "home-home-page-chromium/home-actual.png",
    "home-home-page-chromium/home-diff.png",
    "home-home-page-chromium/home-expected.png",
    "home-home-page-chromium/test-failed-1.png",
    "home-home-page-chromium-retry1/error-context.md",
    "home-home-page-chromium-retry1/home-actual.png",
    "home-home-page-chromium-retry1/home-diff.png",
    "home-home-page-chromium-retry1/home-expected.png",
    "home-home-page-chromium-retry1/test-failed-1.png",
)
"""What Playwright Test 1.65 leaves in test-results/ of a test that failed twice and one that passed."""


def statuses(done: CompletedProcess[str]) -> dict[str, str]:
    return {pair["name"]: pair["status"] for pair in json.loads(done.stdout)["pairs"]}


def edited() -> NDArray[np.uint8]:
    """`page` with one word changed."""
    picture = page()
    picture[100:108, 32:41] = (200, 40, 40)
    return picture


def test_front_end_ci_with_playwright(tmp_path: Path) -> None:
    for name in PLAYWRIGHT:
        path = tmp_path / "test-results" / name
        if path.suffix == ".png":
            save(path, edited() if "actual" in name else changed() if "test-" in name else page())
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("{}", encoding="utf-8")
    # 1. the folder as it lies
    first = diffspot("compare", "test-results", "--json", cwd=tmp_path)
    assert statuses(first) == {
        "home-home-page-chromium/home-expected.png": "different",
        "home-home-page-chromium-retry1/home-expected.png": "different",
    }
    assert first.stderr == ""
    # 2. once is enough, with a page and a JUnit file to keep
    flags = ("--exclude", "*-retry*", "-o", "diff", "--html", "--junit", "diff/junit.xml")
    second = diffspot("compare", "test-results", *flags, cwd=tmp_path)
    assert second.returncode == 1
    assert "1 pair: 1 different" in second.stdout
    assert {"index.html", "junit.xml", "report.json"} <= {path.name for path in (tmp_path / "diff").iterdir()}
    # 3. that place is dynamic: a rule from the report, written and in force
    name = "home-home-page-chromium/home-expected.png"
    assert diffspot("ignore", "diff", "--pair", name, "--write", cwd=tmp_path).returncode == 0
    third = diffspot("compare", "test-results", *flags, cwd=tmp_path)
    assert (third.returncode, third.stderr.count("is for no pair")) == (0, 0)
    # 4. the same in the baselines' own folder, where a new picture is no failure yet
    save(tmp_path / "baseline" / "home.png", page())
    save(tmp_path / "shots" / "home.png", edited())
    save(tmp_path / "shots" / "new.png", plain())
    fourth = diffspot("compare", "baseline", "shots", "--unmatched", "warn", "-o", "out", cwd=tmp_path)
    assert "1 picture without a partner let pass" in fourth.stderr
    # 5. it is meant: the new look beside the old, while both are deployed
    assert diffspot("accept", "out", "home.png", "--also", "baseline-new", cwd=tmp_path).returncode == 0
    fifth = diffspot(
        "compare", "baseline", "shots", "--also", "baseline-new", "--unmatched", "ignore", "--json", cwd=tmp_path
    )
    assert (fifth.returncode, statuses(fifth)) == (0, {"home.png": "same"})


def test_inspection_by_cron(tmp_path: Path) -> None:
    rng = np.random.default_rng(11)
    tracks = np.kron(rng.integers(60, 170, (12, 16, 3)), np.ones((16, 16, 1)))

    def capture(*, defect: bool = False) -> NDArray[np.uint8]:
        picture = tracks + rng.normal(0, 5, tracks.shape)
        picture[20:32, 30:44] += rng.uniform(0, 100)  # a glint
        picture[120:140, 150:180] += 60 * defect
        return np.clip(np.rint(picture), 0, 255).astype(np.uint8)

    for number in range(8):
        save(tmp_path / "learn" / f"{number}.png", capture())
        save(tmp_path / "monday" / f"cap_{number:03}.png", capture(defect=number == 5))
    # 1. learn what varies
    first = diffspot("calibrate", "learn", "-o", "golden/board.png", cwd=tmp_path)
    assert first.stdout.splitlines()[0].startswith("golden/board.png\t8 captures")
    assert first.stdout.splitlines()[1].startswith("unstable\t")
    # 2. a day against the golden: the one part with a defect
    second = diffspot("compare", "golden/board.png", "monday", "-o", "report", "--html", cwd=tmp_path)
    assert second.returncode == 1
    assert [line.split("\t")[:3] for line in second.stdout.splitlines()[:-2]] == [["different", "cap_005.png", "1"]]
    assert "8 pairs: 7 same, 1 different" in second.stdout
    # 3. silent while all is well
    third = diffspot("compare", "golden/board.png", "monday", "--exclude", "cap_005.png", "-q", cwd=tmp_path)
    assert (third.returncode, third.stdout, third.stderr) == (0, "", "")
    # 4. that part is good as well: another right answer, for every capture
    fourth = diffspot("compare", "golden/board.png", "monday", "--also", "monday/cap_005.png", "--json", cwd=tmp_path)
    assert set(statuses(fourth).values()) == {"same"}
    # 5. a wrong path for the box of the label is told of at once
    fifth = diffspot("compare", "golden/board.png", "monday", "--ignore", "900,0,50,20", cwd=tmp_path)
    assert "--ignore 900,0,50,20 lies outside every picture" in fifth.stderr


def test_shell(tmp_path: Path) -> None:
    for side, picture in (("old", page()), ("new", edited())):
        for name in ("a b.png", "line\nbreak.png", "deep/c.png"):
            save(tmp_path / side / name, picture if name != "deep/c.png" else plain())
    # 1. what is this, and how does it work
    assert diffspot("-V").stdout.startswith("diffspot ")
    assert "--pairs0" in diffspot("man").stdout.replace("\\-", "-")
    # 2. whatever `find -print0` gives, straight in
    names = sorted(path.relative_to(tmp_path / "old") for path in (tmp_path / "old").rglob("*.png"))
    listed = "".join(f"old/{name}\0new/{name}\0" for name in names)
    second = process("compare", "--pairs0", "-", "--jsonl", stdin=listed, cwd=tmp_path)
    lines = [json.loads(line) for line in second.stdout.splitlines()]
    assert [(line["name"], line["status"]) for line in lines] == [
        ("old/a b.png", "different"),
        ("old/deep/c.png", "same"),
        ("old/line\nbreak.png", "different"),
    ]
    assert second.returncode == 1
    # 3. only some of them
    third = diffspot("compare", "old", "new", "--include", "deep/*", cwd=tmp_path)
    assert (third.returncode, third.stdout.split(" in ")[0]) == (0, "1 pair: 1 same")
    # 4. one against all that the shell's glob would give
    fourth = diffspot("compare", "old/a b.png", "new", "--json", cwd=tmp_path)
    assert {pair["reference"] for pair in json.loads(fourth.stdout)["pairs"]} == {"old/a b.png"}
    # 5. slips of the hand have a way out
    for arguments, way_out in (
        (["compare", "old", "new", "deep"], "name their folder"),
        (["compare", "old/*.jpg", "new"], "give their directory"),
        (["compare", "ftp://x/a.png", "new"], "download it first"),
        (["compare", "old", "old"], "is compared with itself"),
    ):
        assert way_out in diffspot(*arguments, cwd=tmp_path).stderr


def test_pages_of_a_document(tmp_path: Path) -> None:
    from tests.pictures import pdf_of  # noqa: PLC0415

    (tmp_path / "v1.pdf").write_bytes(pdf_of("abc", "abcd"))
    (tmp_path / "v2.pdf").write_bytes(pdf_of("abc", "abcdef"))
    whole = diffspot("compare", "v1.pdf", "v2.pdf", "--json", cwd=tmp_path)
    assert statuses(whole) == {"v1.pdf": "same", "v1.pdf#2": "different"}
    assert diffspot("compare", "v1.pdf#1", "v2.pdf#1", "-q", cwd=tmp_path).returncode == 0
