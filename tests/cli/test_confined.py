"""Where a configuration file that was only found may have something written, and where nobody may."""

from __future__ import annotations

import threading
from pathlib import Path

import cv2
import pytest

from diffspot.errors import lacks_memory
from tests.in_process import diffspot
from tests.pictures import changed, plain, save


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project in which the working directory is a folder."""
    save(tmp_path / "project" / "here" / "a.png", plain())
    save(tmp_path / "project" / "here" / "b.png", changed())
    (tmp_path / "outside").mkdir()
    monkeypatch.chdir(tmp_path / "project" / "here")
    return tmp_path / "project"


PLACES = ["{out}/x.xml", "../outside/x.xml", "link/x.xml", "profile", "here/hook", "{out}"]


@pytest.mark.parametrize("place", PLACES)
def test_a_found_configuration_file_writes_nothing_of_others(project: Path, place: str) -> None:
    outside = project.parent / "outside"
    (project / "link").symlink_to(outside)
    for file in (project / "profile", project / "here" / "hook"):
        file.write_text("mine")
    place = place.format(out=outside)
    (project / "diffspot.toml").write_text(f'junit = "{place}"\n')
    done = diffspot("compare", "a.png", "b.png")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert list(outside.iterdir()) == []
    assert (project / "profile").read_text() == (project / "here" / "hook").read_text() == "mine"
    assert diffspot("compare", "a.png", "b.png", "--config", "../diffspot.toml").returncode == 1


def test_it_writes_in_its_folder_again_and_again(project: Path) -> None:
    (project / "diffspot.toml").write_text('junit = "reports/x.xml"\ncsv = "here/r.csv"\nreg = "."\nmarkdown="m.md"\n')
    for _ in range(2):
        assert diffspot("compare", "a.png", "b.png", "--coco", "../../outside/c.json").returncode == 1
    for place in ("reports/x.xml", "here/r.csv", "reg.json", "m.md", "../outside/c.json"):
        assert (project / place).is_file()


@pytest.mark.parametrize("root", ["/", "/.", "//", "/usr/.."])
def test_the_root_of_the_file_system_is_no_folder_of_results(root: str) -> None:
    done = diffspot("compare", "a.png", "b.png", "-o", root)
    assert done.returncode == 2
    assert "is the root of the file system" in done.stderr
    assert not Path("/report.json").exists()


@pytest.mark.parametrize("command", [["compare", "a.png", "b.png"], ["config"], ["compare", "-h"]])
def test_toml_that_is_nested_too_deep_is_a_sentence(command: list[str]) -> None:
    Path("diffspot.toml").write_text("x = " + "[" * 5000 + "]" * 5000 + "\n")
    done = diffspot(*command)
    assert "fault" not in done.stderr
    if "-h" not in command:
        assert done.stderr == "diffspot: diffspot.toml is nested too deep to be read; mend it.\n"


class OpenCvError(Exception):
    """As OpenCV raises it."""

    code = -4


@pytest.mark.parametrize(
    ("error", "lacking"),
    [
        (MemoryError(), True),
        (OpenCvError("OpenCV(5.0.0) alloc.cpp:73: error: (-4:Insufficient memory) Failed to allocate 9 bytes"), True),
        (ImportError("cv2.abi3.so: failed to map segment from shared object"), True),
        (OSError(12, "Cannot allocate memory"), True),
        (RuntimeError("can't start new thread"), True),
        (ImportError("No module named 'cv2'"), False),
        (OSError(28, "No space left on device"), False),
        (ValueError("-4"), False),
    ],
)
def test_who_lacks_memory_is_told_so(error: Exception, *, lacking: bool) -> None:
    assert lacks_memory(error) is lacking


def test_an_import_without_memory_is_told_as_that(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ImportError("cv2.abi3.so: failed to map segment from shared object")

    monkeypatch.setattr(cv2, "absdiff", fail)
    done = diffspot("compare", "a.png", "b.png")
    assert (done.returncode, "needs more memory than there is" in done.stdout) == (2, True)
    monkeypatch.setattr(threading.Thread, "start", fail)
    done = diffspot("compare", "a.png", "b.png")
    assert (done.returncode, "fault" in done.stderr) == (2, False)
    assert "there is too little memory" in done.stderr
