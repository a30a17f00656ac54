"""Reports that nobody's run wrote: whatever they say, nothing of others is read, written or deleted."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from diffspot.errors import OptionError
from diffspot.outputs.bounds import Bounds
from tests.in_process import diffspot
from tests.pictures import changed, plain, save
from tests.sweep import sweep

if TYPE_CHECKING:
    from subprocess import CompletedProcess

SHAPES = pytest.mark.parametrize("status", sweep(["different", "added", "renamed", "removed"], keep=2))


@pytest.fixture(autouse=True)
def yard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with pictures and other files in it, beside a directory of somebody else's."""
    here = tmp_path / "here"
    save(here / "ref" / "a.png", plain())
    save(here / "cand" / "a.png", changed())
    (here / "cand" / "script.png").write_bytes(b"#!/bin/sh\n")
    (here / ".git" / "hooks").mkdir(parents=True)
    (here / ".git" / "hooks" / "pre-commit").write_bytes(b"mine")
    save(tmp_path / "other" / "a.png", plain())
    (tmp_path / "other" / "secret").write_bytes(b"secret")
    (here / "link").symlink_to(tmp_path / "other")
    (here / "ref" / "link").symlink_to(tmp_path / "other")
    monkeypatch.chdir(here)
    return here


def sha(path: str | None) -> str | None:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest() if path and Path(path).is_file() else None


def forge(reference: str | None, candidate: str | None, status: str = "different", **fields: Any) -> None:  # noqa: ANN401
    """Writes a report that knows every digest."""
    pair = {"name": "a.png", "status": status, "reference": reference, "candidate": candidate}
    pair |= {"reference_digest": sha(reference), "candidate_digest": sha(candidate)}
    report = {
        "tool": {"name": "diffspot", "version": "0.1.0"},
        "options": {"fail_on": ["different"]},
        "summary": {},
        "pairs": [pair | {key: value for key, value in fields.items() if key not in {"inputs", "options"}}],
        "times": {"started": "2026-01-01T00:00:00+00:00", "seconds": 0},
        **{key: value for key, value in fields.items() if key in {"inputs", "options"}},
    }
    Path("out").mkdir(exist_ok=True)
    Path("out/report.json").write_text(json.dumps(report))


def listing(root: Path) -> dict[str, bytes]:
    """Every file below a folder but the report, with its content."""
    found = {path: path.read_bytes() for path in root.rglob("*") if path.is_file() and not path.is_symlink()}
    return {path.relative_to(root).as_posix(): data for path, data in found.items() if path.name != "report.json"}


def assert_refused(root: Path, *command: object) -> CompletedProcess[str]:
    """One sentence, exit code 2 and nothing touched."""
    before = listing(root)
    done = diffspot(*command)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("diffspot: ")
    assert done.stderr.count("\n") == 1
    assert "fault" not in done.stderr
    assert listing(root) == before
    return done


@pytest.mark.parametrize(
    ("reference", "candidate", "status"),
    [
        ("ref/../.git/hooks/pre-commit", "cand/script.png", "different"),
        (".git/hooks/pre-commit", "cand/script.png", "different"),
        (".git/hooks/pre-commit", "cand/a.png", "different"),
        ("ref/a.png", "cand/script.png", "different"),
        ("ref/new.sh", "cand/a.png", "different"),
        ("{tmp}/other/a.png", "cand/a.png", "different"),
        ("{tmp}/other/new.png", "cand/a.png", "different"),
        ("../other/a.png", "cand/a.png", "different"),
        ("link/a.png", "cand/a.png", "different"),
        ("ref/link/a.png", "cand/a.png", "different"),
        ("ref/a.png", "{tmp}/other/a.png", "different"),
        ("ref/a.png", "link/a.png", "different"),
        ("ref/a.png", "{tmp}/other/secret", "different"),
        ("{tmp}/other/a.png", "cand/a.png", "renamed"),
        (".git/hooks/pre-commit", None, "removed"),
        ("{tmp}/other/a.png", None, "removed"),
        ("link/a.png", None, "removed"),
    ],
)
@pytest.mark.parametrize("inputs", sweep([None, {"reference": "ref", "candidate": "cand"}]))
def test_nothing_out_of_bounds_is_accepted(
    tmp_path: Path, reference: str, candidate: str | None, status: str, inputs: dict[str, str] | None
) -> None:
    paths = [path and path.format(tmp=tmp_path) for path in (reference, candidate)]
    forge(*paths, status, **({"inputs": inputs} if inputs else {}))
    assert_refused(tmp_path, "accept", "out", "--removed")


@pytest.mark.parametrize("root", ["{tmp}/other", "../other", "link", "ref/link", "/"])
def test_the_directories_of_a_report_are_not_believed(tmp_path: Path, root: str) -> None:
    root = root.format(tmp=tmp_path)
    forge(None, "cand/a.png", "added", inputs={"reference": root, "candidate": "cand"})
    assert_refused(tmp_path, "accept", "out")


def test_a_renamed_pair_deletes_nothing_unasked() -> None:
    save(Path("ref/precious.png"), plain())
    forge("ref/precious.png", "cand/a.png", "renamed", inputs={"reference": "ref", "candidate": "cand"})
    Path("ref/a.png").unlink()
    assert diffspot("accept", "out").stdout == "added ref/a.png\n"
    assert Path("ref/precious.png").exists()


def test_a_link_for_out_opens_nothing(tmp_path: Path) -> None:
    """An unpacked artefact may hold the link itself."""
    forge("../other/a.png", "cand/a.png")
    shutil.move("out/report.json", tmp_path / "other" / "report.json")
    Path("out").rmdir()
    Path("out").symlink_to(tmp_path / "other")
    assert_refused(tmp_path, "accept", "out")


def test_the_root_of_the_file_system_holds_nothing() -> None:
    with pytest.raises(OptionError, match="--allow"):
        Bounds(Path("/out")).place(Path("/ref/a.png"))


def test_what_the_user_names_is_allowed(tmp_path: Path) -> None:
    forge("../other/a.png", "cand/a.png")
    assert_refused(tmp_path, "accept", "out")
    done = diffspot("accept", "out", "--allow", "../other")
    assert done.stdout == "replaced ../other/a.png\n"
    assert (tmp_path / "other" / "a.png").read_bytes() == Path("cand/a.png").read_bytes()


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    forge("ref/a.png", "cand/a.png")
    Path("cand/a.png").unlink()
    os.mkfifo("cand/a.png")
    assert_refused(tmp_path, "accept", "out")
    Path("out/report.json").unlink()
    os.mkfifo("out/report.json")
    for command in (["accept", "out"], ["report", "out", "--html"], ["ignore", "out", "--pair", "a.png"]):
        assert_refused(tmp_path, *command)


@pytest.mark.parametrize("name", ["../../../PWNED", "{tmp}/PWNED", "a/../../PWNED", "..", "/", "", "a\0.png"])
@SHAPES
def test_a_name_leads_nowhere_else(tmp_path: Path, name: str, status: str) -> None:
    save(Path("cand/t.tif"), plain())
    forge(None, "cand/t.tif", status, name=name.format(tmp=tmp_path))
    done = assert_refused(tmp_path, "report", "out", "--html")
    assert "is no report" in done.stderr


@pytest.mark.parametrize("place", ["..", ".", "/etc/passwd", "annotated/../a.png", "x.png", "annotated/a.txt", "a\0b"])
def test_an_annotated_picture_lies_where_they_do(tmp_path: Path, place: str) -> None:
    forge("ref/a.png", "cand/a.png", annotated=place)
    assert_refused(tmp_path, "report", "out", "--html")


@pytest.mark.parametrize("picture", ["{tmp}/other/t.tif", "../other/t.tif", "link/t.tif"])
def test_no_picture_of_others_is_copied(tmp_path: Path, picture: str) -> None:
    save(tmp_path / "other" / "t.png", plain()).rename(tmp_path / "other" / "t.tif")
    forge(None, picture.format(tmp=tmp_path), "added")
    done = diffspot("report", "out", "--html", "--junit", "x.xml")
    assert done.returncode == 2
    assert "t.tif does not lie where the report does" in done.stderr
    assert not Path("out/pictures").exists()
    assert Path("x.xml").exists()
    assert diffspot("report", "out", "--html", "--allow", tmp_path / "other").returncode == 0
    assert Path("out/pictures/candidate/a.png.copy.png").exists()


@pytest.mark.parametrize("folder", ["annotated", "pictures"])
def test_a_folder_of_results_that_is_a_link_is_not_followed(tmp_path: Path, folder: str) -> None:
    save(tmp_path / "other" / "candidate" / "b.copy.png", plain())
    save(Path("cand/t.png"), plain()).rename("cand/t.tif")
    forge(None, "cand/t.tif", "added", annotated="annotated/a.png")
    Path("out", folder).symlink_to(tmp_path / "other")
    before = listing(tmp_path / "other")
    commands = [["compare", "ref/a.png", "cand/a.png", "-o", "out", "--html"], ["report", "out", "--html"]]
    for command in commands if folder == "annotated" else reversed(commands):
        done = diffspot(*command)
        assert done.returncode == 2 or (command[0] == "report" and folder == "annotated")
        assert done.returncode == 0 or "a link that leads out of out" in done.stderr
    assert listing(tmp_path / "other") == before


@pytest.mark.parametrize(
    "options",
    [
        {"fail_on": 5},
        {"fail_on": "different"},
        {"ignore": [["x"]]},
        {"ignore": [[1, 2, 3, {"a": 1}]]},
        {"ignore": None},
    ],
)
@pytest.mark.parametrize("place", ["report", "pair"])
def test_options_are_what_options_can_be(tmp_path: Path, options: dict[str, object], place: str) -> None:
    region = {"bbox": [0, 0, 5, 5], "candidate_bbox": [0, 0, 5, 5], "area": 25, "peak": 1, "mean": 1}
    forge(
        "ref/a.png",
        "cand/a.png",
        regions=[region],
        size=[60, 80],
        **({"options": options} if place == "report" else {}),
    )
    if place == "pair":
        report = json.loads(Path("out/report.json").read_text())
        report["pairs"][0]["options"] = options
        Path("out/report.json").write_text(json.dumps(report))
    for command in (["report", "out", "--junit", "x.xml"], ["ignore", "out", "--pair", "a.png", "--write"]):
        assert_refused(tmp_path, *command)


@pytest.mark.parametrize("flag", ["--csv-pairs", "--history"])
def test_there_are_as_many_times_as_pairs(tmp_path: Path, flag: str) -> None:
    forge("ref/a.png", "cand/a.png")
    report = json.loads(Path("out/report.json").read_text())
    report["times"]["pairs"] = [1.0, 2.0]
    Path("out/report.json").write_text(json.dumps(report))
    assert "2 times are of 1 pairs" in assert_refused(tmp_path, "report", "out", flag, "x").stderr


def test_a_report_without_options_has_the_defaults() -> None:
    forge("ref/a.png", "cand/a.png", options={})
    assert diffspot("report", "out", "--junit", "x.xml").returncode == 0
    assert 'type="different"' in Path("x.xml").read_text()


def test_depth_is_no_fault(tmp_path: Path) -> None:
    forge("ref/a.png", "cand/a.png")
    report = Path("out/report.json").read_text()
    Path("out/report.json").write_text(
        report.replace('"fail_on": ["different"]', '"x": ' + "[" * 50_000 + "]" * 50_000)
    )
    assert_refused(tmp_path, "report", "out", "--junit", "x.xml")


def test_a_file_larger_than_memory_is_not_read_for_the_page() -> None:
    forge(None, "cand/big.png", candidate_digest=None)
    with Path("cand/big.png").open("wb") as file:
        file.truncate(10**12)  # a sparse file takes no room
    done = diffspot("report", "out", "--html")
    assert (done.returncode, done.stdout) == (2, "")
    assert "The page has no copy of cand/big.png: cand/big.png has 1000000000000 bytes" in done.stderr
    assert "fault" not in done.stderr
