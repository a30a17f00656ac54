"""The command as its users meet it: exit codes, streams and files; each exit code once from a real process."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import jsonschema
import pytest

from tests.in_process import diffspot
from tests.pictures import PATCH, changed, plain, save
from tests.process import diffspot as process

if TYPE_CHECKING:
    from pathlib import Path


def test_two_equal_files(tmp_path: Path) -> None:
    done = process("compare", save(tmp_path / "a.png", plain()), save(tmp_path / "b.png", plain()))
    assert done.returncode == 0
    assert done.stdout.startswith("1 pair: 1 same in ")
    assert done.stderr == ""


def test_two_different_files(tmp_path: Path) -> None:
    done = process("compare", save(tmp_path / "a.png", plain()), save(tmp_path / "b.png", changed()))
    assert done.returncode == 1
    status, name, regions, area, where = done.stdout.splitlines()[0].split("\t")
    assert (status, name, regions, area) == ("different", "a.png", "1", "120")
    assert where == "added at " + ",".join(map(str, PATCH))


def test_directories_with_out(folders: tuple[Path, Path], tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = diffspot("compare", *folders, "-o", out)
    assert done.returncode == 1
    report = json.loads((out / "report.json").read_bytes())
    assert report["schema"] == "diffspot.report/1"
    assert report["tool"]["name"] == "diffspot"
    assert report["summary"] == {
        "pairs": 4,
        "same": 1,
        "different": 1,
        "added": 1,
        "removed": 1,
        "renamed": 0,
        "error": 0,
    }
    assert [(pair["name"], pair["status"]) for pair in report["pairs"]] == [
        ("deep/differs.png", "different"),
        ("new.png", "added"),
        ("old.png", "removed"),
        ("same.png", "same"),
    ]
    assert report["pairs"][0]["regions"][0]["bbox"] == list(PATCH)
    assert report["pairs"][0]["annotated"] == "annotated/deep/differs.png"
    written = sorted(path.relative_to(out).as_posix() for path in out.rglob("*.*"))
    assert written == ["annotated/deep/differs.png", "report.json"]


def test_the_report_obeys_the_schema(folders: tuple[Path, Path]) -> None:
    schema = json.loads(diffspot("schema").stdout)
    report = json.loads(diffspot("compare", *folders, "--json").stdout)
    jsonschema.validate(report, schema)
    report["pairs"][0]["status"] = "passed"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(report, schema)


def test_two_runs_give_the_same_bytes_but_for_the_times(folders: tuple[Path, Path]) -> None:
    first, second = (json.loads(diffspot("compare", *folders, "--json", "--jobs", jobs).stdout) for jobs in (1, 4))
    assert first.pop("times") != {}
    second.pop("times")
    assert json.dumps(first) == json.dumps(second)


def test_jsonl_is_a_line_a_pair(folders: tuple[Path, Path]) -> None:
    done = diffspot("compare", *folders, "--jsonl")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["status"] for line in lines] == ["different", "added", "removed", "same"]


def test_the_files_of_outputs_are_told_of(folders: tuple[Path, Path], tmp_path: Path) -> None:
    flags = ["--junit", "deep/", "--csv", tmp_path.parent / "x.csv", "--html", "-o", "out"]
    (tmp_path / "deep").mkdir()
    done = diffspot("compare", *folders, *flags, cwd=tmp_path)
    assert done.stderr == f"Wrote deep/junit.xml, {tmp_path.parent / 'x.csv'}, out/index.html.\n"
    assert done.stdout.endswith("Report: out/report.json\n")
    for style in ("--quiet", "--json", "--jsonl"):
        assert diffspot("compare", *folders, *flags, style, cwd=tmp_path).stderr == ""
    assert diffspot("report", "out", "--html", cwd=tmp_path).stderr == "Wrote out/index.html.\n"


def test_quiet_prints_nothing(folders: tuple[Path, Path]) -> None:
    done = diffspot("compare", *folders, "--quiet")
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "")


@pytest.mark.parametrize("style", ["--json", "--jsonl", "--no-html"])
def test_pictures_that_are_not_read_are_told_of_once(folders: tuple[Path, Path], style: str) -> None:
    for place in ("deep/a.jp2", "b.jp2", "c.SVG"):
        (folders[0] / place).write_bytes(b"")
    (folders[1] / "b.jp2").write_bytes(b"")
    done = diffspot("compare", *folders, style)
    assert done.returncode == 1
    assert done.stderr == (
        "diffspot: 4 pictures left out, of formats that diffspot does not read: .jp2 (3), .svg (1); "
        "convert to PNG what is to be compared.\n"
    )
    assert diffspot("compare", *folders, "--quiet").stderr == ""


def test_one_directory_of_pairs(tmp_path: Path) -> None:
    save(tmp_path / "home_a.png", plain())
    save(tmp_path / "home_b.png", changed())
    done = diffspot("compare", tmp_path)
    assert done.returncode == 1
    assert done.stdout.startswith("different\thome_a.png\t1\t")


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_pairs_from_standard_input(folders: tuple[Path, Path], form: str) -> None:
    rows = [("changed", "deep/differs.png"), ("unchanged", "same.png")]
    paths = [(name, folders[0] / path, folders[1] / path) for name, path in rows]
    if form == "csv":
        text = "name,reference,candidate\n" + "".join(f"{n},{r},{c}\n" for n, r, c in paths)
    else:
        keys = ("name", "reference", "candidate")
        text = "".join(json.dumps(dict(zip(keys, map(str, row), strict=True))) + "\n" for row in paths)
    run = process if form == "csv" else diffspot
    done = run("compare", "--pairs", "-", "--jsonl", stdin=text)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(pair["name"], pair["status"]) for pair in found] == [
        ("changed", "different"),
        ("unchanged", "same"),
    ]


@pytest.mark.usefixtures("folders")
def test_pairs_from_a_file_are_relative_to_it(tmp_path: Path) -> None:
    listing = tmp_path / "pairs.csv"
    listing.write_text("reference,candidate\nreference/same.png,candidate/same.png\n")
    assert diffspot("compare", "--pairs", listing).returncode == 0


def test_one_bad_pair_is_an_error_and_the_rest_is_done(folders: tuple[Path, Path]) -> None:
    (folders[1] / "same.png").write_bytes(b"GIF? no.")
    done = process("compare", *folders)
    assert done.returncode == 2
    assert "error\tsame.png\t\t\t" in done.stdout
    assert "4 pairs: 1 different, 1 added, 1 removed, 1 error" in done.stdout
    assert "Traceback" not in done.stderr


def test_stale_pictures_go_and_strangers_stay(folders: tuple[Path, Path], tmp_path: Path) -> None:
    out = tmp_path / "out"
    diffspot("compare", *folders, "-o", out)
    stranger = out / "annotated" / "mine.txt"
    stranger.write_text("keep me")
    save(folders[1] / "deep" / "differs.png", plain())
    diffspot("compare", *folders, "-o", out)
    assert stranger.read_text() == "keep me"
    assert not (out / "annotated" / "deep").exists()


def test_stale_pictures_of_pairs_that_are_gone_go_too(folders: tuple[Path, Path], tmp_path: Path) -> None:
    out = tmp_path / "out"
    diffspot("compare", *folders, "-o", out)
    (folders[0] / "deep" / "differs.png").unlink()
    (folders[1] / "deep" / "differs.png").unlink()
    diffspot("compare", *folders, "-o", out)
    assert not (out / "annotated").exists()


def test_a_tampered_report_deletes_nothing_outside(folders: tuple[Path, Path], tmp_path: Path) -> None:
    out, precious = tmp_path / "out", save(tmp_path / "precious.png", plain())
    diffspot("compare", *folders, "-o", out)
    report = json.loads((out / "report.json").read_bytes())
    report["pairs"][0]["annotated"] = "annotated/../../precious.png"
    (out / "report.json").write_text(json.dumps(report))
    diffspot("compare", *folders, "-o", out)
    assert precious.exists()


def test_annotate_none_writes_boxes_only(folders: tuple[Path, Path], tmp_path: Path) -> None:
    out = tmp_path / "out"
    diffspot("compare", *folders, "-o", out, "--annotate", "none")
    assert [path.name for path in out.iterdir()] == ["report.json"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["{reference}", "{missing}"], ["missing", "{missing}"]),
        (["{reference}", "{candidate}", "-o", "{candidate}/out"], ["--out", "{candidate}"]),
        (["{reference}", "{candidate}", "--min-area", "0"], ["--min-area"]),
        (["{reference}", "{candidate}", "--opening", "2"], ["--opening", "odd"]),
        (["{reference}", "{candidate}", "--json", "--jsonl"], ["--json", "--jsonl"]),
        (["{reference}", "--pairs", "x.csv"], ["--pairs"]),
        (["--pairs", "{missing}"], ["{missing}", "--pairs"]),
        ([], ["REFERENCE", "--pairs"]),
        (["{empty}", "{empty}"], ["{empty}", ".png"]),
        (["{reference}", "{candidate}", "--no-such-option"], ["--no-such-option"]),
    ],
    ids=lambda part: " ".join(part) if isinstance(part, list) else None,
)
@pytest.mark.usefixtures("folders")
def test_a_users_mistake_is_a_sentence_and_exit_2(tmp_path: Path, arguments: list[str], words: list[str]) -> None:
    (tmp_path / "empty").mkdir()
    names = {name: tmp_path / name for name in ("reference", "candidate", "missing", "empty")}
    done = diffspot("compare", *(part.format(**names) for part in arguments))
    assert done.returncode == 2
    assert done.stdout == ""
    flat = "".join(done.stderr.split())
    for word in words:
        assert "".join(word.format(**names).split()) in flat
    assert "Traceback" not in done.stderr


def test_a_fault_in_diffspot_exits_2(folders: tuple[Path, Path]) -> None:
    code = "import diffspot.pairing.pairs as p; p.pair_inputs = None\nfrom diffspot.cli.app import main; main()"
    run = [sys.executable, "-c", code, "compare", *map(str, folders)]
    done = subprocess.run(run, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "fault in diffspot (TypeError" in done.stderr
    assert "Traceback" not in done.stderr
    done = subprocess.run([*run, "--debug"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "Traceback" in done.stderr


def test_nothing_is_written_without_out(folders: tuple[Path, Path], tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*"))
    started = time.time()
    diffspot("compare", *folders)
    assert sorted(tmp_path.rglob("*")) == before
    assert all(path.stat().st_mtime < started for path in before if path.is_file())
