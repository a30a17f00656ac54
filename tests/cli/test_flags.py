"""Values on the command line: read as the Python API reads them, refused in its words."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from diffspot import compare_files
from diffspot.errors import OptionError
from tests.in_process import diffspot
from tests.pictures import changed, plain, save

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    return save(tmp_path / "a.png", plain()), save(tmp_path / "b.png", changed())


@pytest.mark.parametrize(
    ("flag", "value"),
    [
        ("--threshold", "nan"),
        ("--threshold", "2"),
        ("--threshold", "95"),
        ("--closing", "x"),
        ("--closing", "4"),
        ("--padding", "-1"),
        ("--metric", "foo"),
        ("--ignore", "1,2,3"),
        ("--fail-on", "sometimes"),
    ],
)
def test_a_wrong_value_is_refused_in_the_words_of_the_api(files: tuple[Path, Path], flag: str, value: str) -> None:
    done = diffspot("compare", *files, flag, value)
    with pytest.raises(OptionError) as error:
        compare_files(*files, **{flag[2:].replace("-", "_"): [value] if flag == "--ignore" else value})
    assert done.returncode == 2
    assert done.stderr == f"diffspot: {error.value}\n"
    assert done.stderr.startswith(f"diffspot: {flag} cannot be ")


@pytest.mark.parametrize("jobs", ["0", "-1", "two", "1.5"])
def test_jobs_that_cannot_be(files: tuple[Path, Path], jobs: str) -> None:
    done = diffspot("compare", *files, "--jobs", jobs)
    assert done.returncode == 2
    assert done.stderr == f"diffspot: --jobs cannot be {jobs!r}: expected a whole number from 1 on.\n"


def test_values_are_converted(files: tuple[Path, Path], tmp_path: Path) -> None:
    flags = ["--threshold", "0.5", "--min-area=9", "--ignore", "0,0,1,1", "--ignore", "5%,0,1,1", "-j", "2", "--quiet"]
    assert diffspot("compare", *files, "--out", tmp_path / "out", *flags).returncode == 1
    options = json.loads((tmp_path / "out" / "report.json").read_bytes())["options"]
    assert (options["threshold"], options["min_area"], options["ignore"]) == (0.5, 9, [[0, 0, 1, 1], ["5%", 0, 1, 1]])


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["compare", "a", "b", "c"], "c is too much for diffspot compare, which takes a reference and a candidate"),
        (["compare", "a", "b", "my c.png"], "'my c.png' is too much for diffspot compare"),
        (["--install-completion", "x"], "x is too much for --install-completion, which is for the shell it runs in."),
        (["compare", "a", "b", "--metric"], "--metric has no value, or one too many; write --metric "),
        (["compare", "a", "b", "--json=yes"], "--json has no value, or one too many; write --json.\n"),
        (["compare", "--metrik", "ssim"], "There is no option '--metrik'; did you mean '--metric'?\n"),
        (["compare", "--qqqqqq"], "There is no option '--qqqqqq'; diffspot compare --help lists them.\n"),
        (["accept", "--removd"], "There is no option '--removd'; did you mean '--removed'?\n"),
        (["--versoin"], "There is no option '--versoin'; did you mean '--version'?\n"),
        (["--qqqqqq"], "There is no option '--qqqqqq'; diffspot --help lists them.\n"),
        (["report"], "diffspot report needs OUT; diffspot report --help says what it is.\n"),
        (["report", "--html", "--no-html"], "diffspot report needs OUT; diffspot report --help says what it is.\n"),
        (
            ["calibrate", "a.png"],
            "diffspot calibrate needs --out DIRECTORY|FILE.png; diffspot calibrate --help says what it is.\n",
        ),
    ],
)
def test_what_does_not_fit_the_command_is_said(arguments: list[str], sentence: str) -> None:
    done = diffspot(*arguments)
    assert done.returncode == 2
    assert done.stderr.startswith(f"diffspot: {sentence}")
    assert done.stderr.count("\n") == 1


def test_the_last_of_two_switches_wins(files: tuple[Path, Path], tmp_path: Path) -> None:
    for switches, written in ((["--html", "--no-html"], False), (["--no-html", "--html"], True)):
        diffspot("compare", *files, "--out", tmp_path / "out", "--quiet", *switches)
        assert (tmp_path / "out" / "index.html").exists() == written
