"""accept, killed at every step that it takes: the next one completes it or undoes it, says so, and leaves no copies."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from diffspot.cli.commands.exchange import JOURNAL
from tests.in_process import diffspot
from tests.pictures import changed, plain, save

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="kills copies of its own process")

DRIVER = """
import json, os, shutil, sys
from pathlib import Path
from tests.killing import KILLED, kill_at, run_forked

def tree():
    return {path.as_posix(): path.read_bytes().hex()[:200] for path in Path().rglob("*") if path.is_file()}

os.fsync = lambda _: None
command, seen = ["accept", "out", "--removed"], []
for step in range(1, 1000):
    shutil.rmtree("work", ignore_errors=True)
    shutil.copytree("start", "work")
    os.chdir("work")
    first, _ = run_forked(command, lambda: kill_at(step))
    broken = tree()
    second, said = run_forked(json.loads(sys.argv[1]))
    seen.append([first, broken, second, said, tree()])
    os.chdir("..")
    if first != KILLED:
        break
print(json.dumps(seen))
"""


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run whose candidates can be accepted: two replaced, one added in a new folder, one renamed, one removed."""
    (tmp_path / "start").mkdir()
    monkeypatch.chdir(tmp_path / "start")
    for name in ("a.png", "deep/b.png"):
        save(Path("ref", name), plain())
        save(Path("cand", name), changed())
    save(Path("cand/new/c.png"), changed(50, 40))
    save(Path("ref/old.png"), plain(30, 30))
    save(Path("ref/before.png"), changed(90, 80))
    save(Path("cand/after.png"), changed(90, 80))
    assert diffspot("compare", "ref", "cand", "-o", "out").returncode == 1
    monkeypatch.chdir(tmp_path)
    return tmp_path


Seen = list[tuple[int, dict[str, str], int, str, dict[str, str]]]


def kill_everywhere(root: Path, command: list[str]) -> Seen:
    repository = Path(__file__).parents[3]
    done = subprocess.run(
        [sys.executable, "-c", DRIVER, json.dumps(command)],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(repository)},
    )
    assert done.returncode == 0, done.stderr
    seen: Seen = json.loads(done.stdout)
    assert len(seen) > 20
    assert [code for code, *_ in seen] == [-9] * (len(seen) - 1) + [0]
    return seen


def references(tree: dict[str, str]) -> dict[str, str]:
    return {name: data for name, data in tree.items() if name.startswith("ref/")}


@pytest.mark.slow
def test_the_next_accept_ends_at_the_same_whenever_the_first_was_killed(start: Path) -> None:
    seen = kill_everywhere(start, ["accept", "out", "--removed"])
    whole = references(seen[-1][4])
    assert set(whole) == {"ref/a.png", "ref/deep/b.png", "ref/new/c.png", "ref/after.png"}
    mixed = 0
    for first, broken, second, said, after in seen:
        assert (second, references(after)) == (0, whole)
        assert not [name for name in after if name.endswith(".part") or JOURNAL in name]
        left = f"out/{JOURNAL}" in broken
        assert ("an earlier accept was interrupted" in said) == left
        mixed += first != 0 and "files were changed" in said
    assert mixed >= 6


@pytest.mark.slow
def test_without_removed_nothing_is_deleted_by_what_another_accept_began(start: Path) -> None:
    for _, broken, second, said, after in kill_everywhere(start, ["accept", "out"])[:-1]:
        assert second == 0
        for name in {"ref/old.png", "ref/before.png"} & set(broken):
            assert name in after
        assert not [name for name in after if name.endswith(".part") or JOURNAL in name]
        if "files were changed" in said and "ref/old.png" in broken:
            assert "deleted with --removed alone" in said


@pytest.mark.slow
def test_the_next_compare_says_so_and_clears_up(start: Path) -> None:
    for _, broken, second, said, after in kill_everywhere(start, ["compare", "ref", "cand", "-o", "out"])[:-1]:
        assert second in {0, 1}
        assert not [name for name in after if name.endswith(".part") or JOURNAL in name]
        assert ("an earlier accept was interrupted" in said) == (f"out/{JOURNAL}" in broken)
        assert references(after) == {
            name: data for name, data in references(broken).items() if not name.endswith(".part")
        }


@pytest.mark.parametrize(
    "journal",
    [
        "{",
        '{"copied": true, "steps": [{"place": "%s/other.png", "before": null, "after": null, "part": null}]}',
        '{"copied": true, "steps": [{"place": "ref/a.png", "before": null, "after": null, "part": "../cand/a.png"}]}',
        '{"copied": true, "steps": [{"place": "ref/a.png", "before": null, "after": null, "part": "b.png"}]}',
        '{"copied": true, "steps": [{"place": ".", "before": null, "after": null, "part": ".diffspot-0.part"}]}',
        '{"copied": true, "steps": [{"place": "a\\u0000b", "before": null, "after": null, "part": null}]}',
    ],
)
def test_a_journal_is_believed_no_more_than_a_report(
    start: Path, monkeypatch: pytest.MonkeyPatch, journal: str
) -> None:
    monkeypatch.chdir(start / "start")
    Path("out", JOURNAL).write_text(journal.replace("%s", str(start)))
    save(start / "other.png", plain())
    before = {path: path.read_bytes() for path in start.rglob("*.png")}
    for command in (["accept", "out"], ["accept", "out", "--dry-run"], ["compare", "ref", "cand", "-o", "out"]):
        done = diffspot(*command)
        assert (done.returncode, done.stderr.count("\n")) == (2, 1)
        assert {path: path.read_bytes() for path in start.rglob("*.png")} == before


def test_a_forged_journal_replaces_no_file_that_is_no_picture(start: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(start / "start")
    for name, before in (("hook", b"mine"), ("new.sh", None)):
        if before:
            Path(name).write_bytes(before)
        shutil.copy("cand/a.png", part := ".diffspot-0.part")
        digests = [data and hashlib.sha256(data).hexdigest() for data in (before, Path(part).read_bytes())]
        step = {"place": name, "before": digests[0], "after": digests[1], "part": part}
        Path("out", JOURNAL).write_text(json.dumps({"copied": True, "steps": [step]}))
        assert diffspot("accept", "out").returncode == 2
        assert Path(name).exists() == bool(before)
        assert not before or Path(name).read_bytes() == before


def test_permissions_are_kept_and_an_interrupted_report_is_told(start: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(start / "start")
    Path("ref/a.png").chmod(0o600)
    report = json.loads(Path("out/report.json").read_bytes())
    Path("out/report.json").write_text(json.dumps(report | {"interrupted": True}))
    done = diffspot("accept", "out")
    assert done.returncode == 0
    assert "the run was interrupted: its report has only the first 5 pairs" in done.stderr
    assert Path("ref/a.png").stat().st_mode & 0o777 == 0o600
    done = diffspot("report", "out", "--junit", "x.xml")
    assert "the run was interrupted: its report has only the first 5 pairs" in done.stderr
