"""One bad item never loses a run: everything else is written and told, what failed is named, and the exit code is 2."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from diffspot.outputs.lock import lock_folder
from diffspot.runner.journal import JOURNAL
from tests.in_process import diffspot
from tests.pictures import changed, plain, save

if TYPE_CHECKING:
    from subprocess import CompletedProcess

FORGED = """{"tool": {"name": "d", "version": "0"}, "options": {}, "summary": {}, "pairs": [{"name": "a.png",
"status": "different", "reference": "ref/a.png", "candidate": "cand/a.png", "annotated": "%s"}],
"times": {"started": "x", "seconds": 0}}"""
LONG = "n" * 248 + ".jpg"
"""252 bytes: with .png appended no file can be called so."""


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, pixels in (("a.png", changed()), ("deep/b.png", changed()), ("same.png", plain())):
        save(Path("ref", name), plain())
        save(Path("cand", name), pixels)


def compare(*flags: object) -> CompletedProcess[str]:
    files = ("--html", "--junit", "junit.xml", "--csv", "out/r.csv")
    return diffspot("compare", "ref", "cand", "-o", "out", *files, *flags)


def assert_rest_is_there(done: CompletedProcess[str], *, different: int = 2) -> None:
    """The table, the report and the other outputs."""
    assert "fault" not in done.stderr
    assert f"{different} different" in done.stdout
    assert json.loads(Path("out/report.json").read_bytes())["summary"]["different"] == different
    assert Path("out/index.html").is_file()
    assert Path("junit.xml").read_text().count("<failure") == different
    assert Path("out/r.csv").is_file()


@pytest.mark.parametrize("suffix", [".jpg", ".tif"])
def test_a_name_that_is_too_long(suffix: str) -> None:
    name = LONG.replace(".jpg", suffix)
    save(Path("ref/long.png"), plain()).rename(Path("ref", name))
    save(Path("cand/long.png"), changed()).rename(Path("cand", name))
    done = compare()
    assert done.returncode == 2
    assert_rest_is_there(done, different=3)
    assert f"{name}.png: File name too long" in done.stderr
    long = next(pair for pair in json.loads(Path("out/report.json").read_bytes())["pairs"] if pair["name"] == name)
    assert (len(long["regions"]), long["annotated"], long["error"]) == (1, None, None)


def test_a_long_name_of_a_pair_that_is_the_same_is_no_trouble() -> None:
    for side in ("ref", "cand"):
        save(Path(side, "long.png"), plain()).rename(Path(side, LONG))
    assert compare().returncode == 1
    assert compare().returncode == 1


@pytest.mark.parametrize("place", ["out/annotated/a.png", "out/index.html", "out/report.json"])
def test_a_folder_lies_in_the_way(place: str) -> None:
    Path(place, "mine").mkdir(parents=True)
    done = compare()
    assert done.returncode == 2
    assert f"Cannot write {place}: Is a directory" in done.stderr
    assert "2 different" in done.stdout
    written = {"out/report.json", "out/index.html", "out/annotated/a.png", "out/annotated/deep/b.png", "out/r.csv"}
    assert all(Path(path).is_file() for path in written - {place})
    assert Path(place, "mine").is_dir()


def test_a_picture_and_the_annotated_one_of_another_share_a_name() -> None:
    for side, pixels in (("ref", plain()), ("cand", changed())):
        save(Path(side, "x.png"), pixels).rename(Path(side, "x.jpg"))
        save(Path(side, "x.jpg.png", "y.png"), pixels)
    done = compare()
    assert done.returncode == 2
    assert_rest_is_there(done, different=4)
    assert done.stderr.count("Cannot write out/annotated/x.jpg.png") == 1


@pytest.mark.parametrize(
    "earlier",
    [
        "{",
        "",
        '{"pairs": 5}',
        *(FORGED.replace("%s", place) for place in (".", "..", "/", "", "a\\u0000b", "annotated", "n" * 300)),
    ],
)
def test_an_earlier_report_is_broken(earlier: str) -> None:
    Path("out").mkdir()
    Path("out/report.json").write_text(earlier)
    done = compare()
    assert done.returncode == 1
    assert_rest_is_there(done)


def test_an_earlier_report_is_a_pipe() -> None:
    Path("out").mkdir()
    os.mkfifo("out/report.json")
    done = compare()
    assert done.returncode == 1
    assert_rest_is_there(done)


def test_a_picture_is_a_link_to_itself() -> None:
    Path("cand/same.png").unlink()
    Path("cand/same.png").symlink_to("same.png")
    done = compare()
    assert done.returncode == 2
    assert_rest_is_there(done)
    assert "same.png" in done.stdout


def test_an_output_that_cannot_be_written_keeps_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "/nowhere/at/all")
    Path("junit.xml").mkdir()
    done = compare("--github", "--junit", "junit.xml/x.xml", "--coco", "out/coco.json")
    assert done.returncode == 2
    assert "Cannot write the summary" in done.stderr
    assert Path("out/coco.json").is_file()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs limits of a process")
@pytest.mark.parametrize("style", [[], ["--json"], ["--jsonl"]])
@pytest.mark.parametrize("limit", [0, 300])
def test_a_disk_is_full(style: list[str], limit: int) -> None:
    """A process that may write only so many bytes to a file meets the errors of a full disk."""
    code = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}));"
    code += "from diffspot.__main__ import main; main()"
    command = [sys.executable, "-c", code, "compare", "ref", "cand", "-o", "out", "--csv", "r.csv", *style]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert "fault" not in done.stderr
    for place in ("out/report.json", "r.csv", "out/annotated/a.png"):
        assert f"Cannot write {place}: File too large" in done.stderr.replace(str(Path.cwd()) + "/", "")
    found = {line.split("\t")[0] for line in done.stdout.splitlines()} if not style else done.stdout
    assert "different" in found
    assert list(Path().rglob("*.part")) == []


def test_a_full_disk_leaves_no_file_of_an_earlier_run_beside_it() -> None:
    assert compare().returncode == 1
    code = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0));"
    code += "from diffspot.__main__ import main; main()"
    files = ("--html", "--junit", "junit.xml", "--csv", "out/r.csv")
    command = [sys.executable, "-c", code, "compare", "ref", "ref", "-o", "out", *files]
    assert subprocess.run(command, capture_output=True, check=False, timeout=60).returncode == 2
    left = {path.as_posix() for path in Path("out").rglob("*") if path.is_file()}
    assert left - {f"out/{JOURNAL}"} == {"out/report.json"}
    assert not Path("junit.xml").exists()


@pytest.mark.slow
def test_a_second_run_in_one_folder_is_refused() -> None:
    Path("out").mkdir()
    release = lock_folder(Path("out"))
    done = compare()
    assert done.returncode == 2
    assert done.stderr == ("diffspot: Another run is writing into out; wait until it ends, or name another folder.\n")
    assert list(Path("out").iterdir()) == []
    release()
    assert compare().returncode == 1
    release = lock_folder(Path("out"))
    for command in (["accept", "out"], ["report", "out", "--html"]):
        done = diffspot(*command)
        assert (done.returncode, done.stderr.count("Another run")) == (2, 1)
    release()


def test_a_lock_ends_with_its_process() -> None:
    Path("out").mkdir()
    code = (
        "from pathlib import Path; from diffspot.outputs.lock import lock_folder as f; f(Path('out')); print(); input()"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        assert "Another run" in compare().stderr
        holder.kill()
    assert compare().returncode == 1


@pytest.mark.parametrize("again", ["report", "compare"])
def test_no_output_of_an_earlier_run_stays_beside_a_new_report(again: str) -> None:
    tif = save(Path("cand/t.png"), changed())
    tif.rename("cand/t.tif")
    files = ("--junit", "out/", "--csv", "out/deep/mine.csv", "--markdown", "out/m.md", "--coco", "out", "--reg", "out")
    assert diffspot("compare", "ref", "cand", "-o", "out", "--html", *files).returncode == 1
    if again == "report":
        assert diffspot("report", "out", "--html", "--junit", "out", "--reg", "out").returncode == 0
    Path("out/own.xml").write_text("mine")
    Path("out/regions.csv").write_text("mine, by the usual name")
    assert len(list(Path("out").rglob("*.copy.png"))) == 3
    assert diffspot("compare", "ref", "ref", "-o", "out", "--coco", "out").returncode == 0
    left = {path.relative_to("out").as_posix() for path in Path("out").rglob("*") if path.is_file()}
    assert left == {"report.json", "coco.json", "own.xml", "regions.csv"}
    assert json.loads(Path("out/coco.json").read_bytes())["annotations"] == []


def test_a_report_names_no_file_of_others_to_remove() -> None:
    assert diffspot("compare", "ref", "cand", "-o", "out", "--junit", "out").returncode == 1
    report = json.loads(Path("out/report.json").read_bytes())
    assert report["outputs"] == ["junit.xml"]
    Path("mine.txt").write_text("mine")
    Path("out/mine.txt").write_text("mine")
    Path("out/junit.xml").rename("junit.xml")
    for names in (["../junit.xml"], ["mine.txt"], [str(Path("junit.xml").resolve())]):
        Path("out/report.json").write_text(json.dumps(report | {"outputs": names}))
        assert diffspot("compare", "ref", "ref", "-o", "out").returncode == 0
        assert Path("junit.xml").exists()
        assert Path("out/mine.txt").exists()
