"""What the command imports: nothing before it is needed."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.in_process import diffspot
from tests.pictures import changed, plain, save

if TYPE_CHECKING:
    from pathlib import Path

PICTURES = {"numpy", "cv2", "imagecodecs", "PIL", "skimage", "scipy"}
SHOWN = {"rich", "jinja2", "markupsafe", "xml.etree.ElementTree", "csv"}
TYPERS = {"pydantic", "typer.rich_utils"}
"""What Typer imports to convert values and to draw help."""
OTHERS = {f"diffspot.cli.commands.{name}" for name in ("locate", "merge", "mcp")}
"""Of commands that nobody named."""


def imported(*arguments: object, cwd: Path) -> set[str]:
    """The modules that a process has after it ran the command."""
    code = (
        "import sys\n"
        "from diffspot.__main__ import main\n"
        "try: main()\n"
        "except SystemExit as end: assert end.code in (0, 1), end.code\n"
        "print('modules:', *sys.modules)"
    )
    command = [sys.executable, "-c", code, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=cwd, timeout=60)
    return set(done.stdout.rpartition("modules: ")[2].split())


@pytest.fixture
def place(tmp_path: Path) -> Path:
    save(tmp_path / "a.png", plain())
    save(tmp_path / "b.png", changed())
    return tmp_path


slow = partial(pytest.param, marks=pytest.mark.slow)


@pytest.mark.parametrize(
    ("arguments", "absent"),
    [
        ("--version", PICTURES | SHOWN | TYPERS | OTHERS | {"diffspot.options.options"}),
        ("--help", PICTURES | SHOWN | TYPERS),
        slow("compare --help", PICTURES | SHOWN | TYPERS),
        slow("locate --help", PICTURES | SHOWN | TYPERS),
        slow("similar --help", PICTURES | SHOWN | TYPERS),
        slow("locate a.png a.png --json", SHOWN | TYPERS | {"PIL", "skimage", "scipy"}),
        slow("common a.png b.png --align none", SHOWN | TYPERS | {"PIL", "skimage", "scipy"}),
        ("compare a.png b.png", SHOWN | TYPERS | OTHERS | {"PIL", "skimage", "scipy", "tomllib"}),
        slow("compare a.png b.png --quiet --jobs 2 --metric ssim --annotate none --ignore 0,0,3,3", SHOWN | TYPERS),
        slow("compare a.png b.png --out out --json", SHOWN | TYPERS),
        ("compare a.png b.png --out out --html", {"rich", "csv"} | TYPERS),
        slow("compare a.png b.png --csv out.csv", {"rich", "jinja2"} | TYPERS),
        ("report out --csv out.csv", PICTURES | TYPERS | {"rich", "jinja2"}),
    ],
)
def test_nothing_is_imported_before_it_is_needed(place: Path, arguments: str, absent: set[str]) -> None:
    if arguments.startswith("report"):
        diffspot("compare", "a.png", "b.png", "--out", "out", cwd=place)
    there = imported(*arguments.split(), cwd=place)
    assert "diffspot.cli.app" in there
    assert there & absent == set()


def test_equal_files_need_nothing_that_compares_pixels(place: Path) -> None:
    for side in ("reference", "candidate"):
        for name, picture in (("a.png", plain()), ("b.png", changed())):
            save(place / side / name, picture)
    compares = {"cv2", "PIL", "skimage", "scipy", "diffspot.runner.pair", "diffspot.pipeline.compare"}
    arguments = ["compare", "reference", "candidate", "--jobs", "2", "--ignore", "0,0,3,3", "--out", "out"]
    there = imported(*arguments, cwd=place)
    assert "diffspot.runner.worker" in there
    assert there & compares == set()
    save(place / "candidate" / "b.png", plain())
    assert {"cv2", "diffspot.runner.pair"} <= imported(*arguments, cwd=place)


def test_what_is_asked_for_is_imported(place: Path) -> None:
    there = imported("compare", "a.png", "b.png", "--out", "out", "--html", "--csv", "out.csv", cwd=place)
    assert {"numpy", "cv2", "imagecodecs", "jinja2", "csv"} <= there


@pytest.mark.parametrize(("given", "used"), [({}, "1"), ({"OPENBLAS_NUM_THREADS": "3"}, "3")])
def test_linear_algebra_uses_one_thread_unless_told_otherwise(given: dict[str, str], used: str) -> None:
    code = (
        "import atexit, os, sys\n"
        "sys.argv = ['diffspot', '--version']\n"
        "atexit.register(lambda: print(os.environ['OPENBLAS_NUM_THREADS'], 'numpy' in sys.modules))\n"
        "from diffspot.__main__ import main\n"
        "assert 'numpy' not in sys.modules\n"
        "main()"
    )
    environment = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"} | given
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment, timeout=60)
    assert done.stdout.splitlines()[1:] == [f"{used} False"]
