"""Mistakes in tests that use the plugin: each is a sentence, and nothing waits or is lost."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.pictures import changed, plain, save
from tests.pytest_plugin.sessions import NAME, TEST, baseline, found, out_of, root, run, run_apart
from tests.sweep import sweep

if TYPE_CHECKING:
    from pathlib import Path

    from tests.pytest_plugin.sessions import Run

pytest_plugins = ["pytester"]
__all__ = ["root", "run", "run_apart"]  # fixtures


@pytest.mark.parametrize("update", sweep([True, False]))
@pytest.mark.parametrize("missing", [False, True])
def test_bytes_that_are_no_picture_are_called_what_the_test_calls_them(
    root: Path, pytester: pytest.Pytester, run: Run, *, missing: bool, update: bool
) -> None:
    pytester.makepyfile(test_pages=TEST.replace('"home.png", ', "b'no picture', "))
    before = baseline(root, "home.png").read_bytes()
    if missing:
        baseline(root, "home.png").unlink()
    result = run(*["--diffspot-update"] * update)
    assert result.ret == 1
    says = "E*The baseline baselines/test_pages/home.png could not be compared: 'home.png' as given in memory *"
    result.stdout.fnmatch_lines([says])
    assert "--diffspot-update" not in result.stdout.str()
    assert found(root) == {NAME: "error"}
    assert baseline(root, "home.png").exists() != missing
    assert missing or baseline(root, "home.png").read_bytes() == before


@pytest.mark.parametrize(
    "source",
    [
        "def test_one(diffspot):\n    for _ in range(2):\n        diffspot.check('home.png', 'home.png')\n",
        TEST + TEST.replace("test_home", "test_again"),
    ],
)
@pytest.mark.usefixtures("root")
def test_two_checks_with_one_name_fail(pytester: pytest.Pytester, run: Run, source: str) -> None:
    pytester.makepyfile(test_pages=source)
    result = run()
    assert result.ret == 1
    result.stdout.fnmatch_lines(["E*Two checks of one file are called 'home.png'*"])


@pytest.mark.slow
@pytest.mark.usefixtures("root")
def test_two_checks_with_one_name_in_two_workers_fail(pytester: pytest.Pytester, run_apart: Run) -> None:
    pytester.makepyfile(test_pages=TEST + TEST.replace("test_home", "test_again"))
    result = run_apart("-p", "xdist", "-n2")
    assert result.ret == 1
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["Two checks of one file are called 'test_pages.py/home.png'*"])


@pytest.mark.parametrize("name", sweep(["../home.png", "home", "", "/home.png", ".", "a//b.png", "a\\\\b.png"], keep=3))
def test_a_bad_name_fails(root: Path, pytester: pytest.Pytester, run: Run, name: str) -> None:
    pytester.makepyfile(test_pages=TEST.replace('"home.png")', f'"{name}")'))
    result = run()
    assert result.ret == 1
    assert not out_of(root).exists()


@pytest.mark.parametrize("option", sweep(["min_aera=4", "junit='x.xml'", "min_area=-1"], keep=2))
@pytest.mark.usefixtures("root")
def test_a_wrong_option_fails_with_its_name(pytester: pytest.Pytester, run: Run, option: str) -> None:
    pytester.makepyfile(test_pages=TEST.replace('"home.png")', f'"home.png", {option})'))
    result = run()
    assert result.ret == 1
    result.stdout.re_match_lines([f"E .*{option.partition('=')[0].replace('_', '.')}.*"])


@pytest.mark.parametrize(
    ("call", "says"),
    [
        ("'home.png', 'home.jpg'", "*home.png and 'home.jpg' do not end alike*"),
        ("[[1]], 'home.png'", "*A list is no picture*"),
        ("__import__('numpy').zeros((9, 9), 'uint8'), 'a.jpg'", "*An array is kept as PNG; call it 'a.png'.*"),
        ("__import__('numpy').full((9, 9), 9.5), 'a.png'", "*An array of float64 from 9.5 to 9.5 is no picture*"),
        ("'gone.png', 'home.png'", "*gone.png does not exist*"),
    ],
)
@pytest.mark.usefixtures("root")
def test_what_is_no_picture_fails_with_a_sentence(pytester: pytest.Pytester, run: Run, call: str, says: str) -> None:
    pytester.makepyfile(test_pages=TEST.replace('"home.png", "home.png"', call))
    result = run()
    assert result.ret == 1
    result.stdout.fnmatch_lines([says])


def test_a_report_that_cannot_be_written_says_so(root: Path, run: Run) -> None:
    save(root / "home.png", changed())
    result = run("--diffspot-out", "home.png/out")
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*Cannot write *home.png/out/*"])


def test_a_pipe_for_a_picture_is_not_waited_for(root: Path, run: Run) -> None:
    (root / "home.png").unlink()
    os.mkfifo(root / "home.png")
    result = run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*home.png is a pipe or a device; save what it gives to a file and name that.*"])
    assert found(root) == {NAME: "error"}


def test_a_pipe_for_a_baseline_is_not_waited_for(root: Path, run: Run) -> None:
    baseline(root, "home.png").unlink()
    os.mkfifo(baseline(root, "home.png"))
    run().assert_outcomes(failed=1)
    assert found(root) == {NAME: "error"}


@pytest.mark.usefixtures("root")
@pytest.mark.parametrize("name", sweep(["a\\0b.png", "n" * 300 + ".png"]))
def test_a_name_that_no_file_can_have_is_a_sentence(pytester: pytest.Pytester, run: Run, name: str) -> None:
    pytester.makepyfile(test_pages=f'def test_it(diffspot):\n    diffspot.check("home.png", "{name}")\n')
    result = run()
    result.assert_outcomes(failed=1)
    text = result.stdout.str()
    assert "is no name for a baseline" in text or "can be no baseline (File name too long)" in text
    assert "ValueError" not in text


def test_a_long_name_stops_no_page(pytester: pytest.Pytester, root: Path, run: Run) -> None:
    """With .copy.png appended no file can be called so; the copy has a shorter name."""
    name = "n" * 246 + ".tiff"
    pytester.makepyfile(test_pages=TEST + f'\ndef test_long(diffspot):\n    diffspot.check("long.tiff", "{name}")\n')
    save(root / "home.png", changed())
    save(root / "long.png", changed()).rename(root / "long.tiff")
    save(baseline(root, "long.png"), plain()).rename(baseline(root, name))
    result = run()
    result.assert_outcomes(failed=2)
    assert set(found(root).values()) == {"different"}
    assert "test_pages.py/home.png" in (out_of(root) / "index.html").read_text()
    result.stdout.no_fnmatch_line("*Cannot write*")
    assert len(list((out_of(root) / "pictures").rglob("*.copy.png"))) == 2


def test_a_damaged_baseline_fails_and_says_so(root: Path, run: Run) -> None:
    baseline(root, "home.png").write_bytes(b"no picture")
    result = run()
    assert result.ret == 1
    result.stdout.fnmatch_lines(["E*The baseline baselines/test_pages/home.png could not be compared: *"])
    assert found(root) == {NAME: "error"}
    assert str(root) not in (out_of(root) / "report.json").read_text(encoding="utf-8")
