"""`diffspot accept` as its users meet it."""

from __future__ import annotations

import json
import re
import signal
import threading
from fnmatch import fnmatchcase
from itertools import permutations
from typing import TYPE_CHECKING

import pytest

from diffspot.cli.commands.acceptance import choose, plan_changes
from diffspot.cli.commands.exchange import apply_changes
from diffspot.errors import AcceptError
from diffspot.outputs.bounds import Bounds
from diffspot.outputs.report_json import read_report
from tests.in_process import diffspot
from tests.opening import on_open
from tests.pictures import changed, pdf_of, plain, save
from tests.reports import pair, report

if TYPE_CHECKING:
    from pathlib import Path

    from diffspot.cli.commands.acceptance import Plan

Tree = dict[str, bytes]
OLD, NEW = "ref/old.png", "ref/deep/new.png"


def tree(root: Path) -> Tree:
    """Every file below a folder, with its content."""
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def planned(project: Path, *, removed: bool = False) -> Plan:
    return plan_changes(read_report(project / "out"), Bounds(project / "out"), (), removed=removed)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with two folders and the report on them in out/."""
    monkeypatch.chdir(tmp_path)
    save(tmp_path / "ref" / "same.png", plain())
    save(tmp_path / "cand" / "same.png", plain())
    for name in ("home.png", "deep/<a> 'b' #1\n日本.png"):
        save(tmp_path / "ref" / name, plain())
        save(tmp_path / "cand" / name, changed())
    save(tmp_path / OLD, plain())
    save(tmp_path / "cand" / "deep" / "new.png", changed())
    save(tmp_path / "ref" / "bad.png", plain())
    (tmp_path / "cand" / "bad.png").write_bytes(b"no picture")
    assert diffspot("compare", "ref", "cand", "-o", "out").returncode == 2
    return tmp_path


def test_everything_is_accepted(project: Path) -> None:
    before = tree(project)
    done = diffspot("accept", "out", "--removed")
    assert done.returncode == 0
    assert done.stdout.splitlines() == [
        r"replaced ref/deep/<a> 'b' #1\n日本.png",
        "added ref/deep/new.png",
        "replaced ref/home.png",
        "deleted ref/old.png",
    ]
    assert done.stderr == "diffspot: 1 left alone: could not be compared\n"
    candidates = {f"ref/{name[5:]}": data for name, data in before.items() if name.startswith("cand/")}
    expected = before | candidates | {"ref/bad.png": before["ref/bad.png"]}
    del expected[OLD]
    assert tree(project) == expected
    (project / "cand" / "bad.png").unlink()
    (project / "ref" / "bad.png").unlink()
    assert diffspot("compare", "ref", "cand").returncode == 0


def test_a_dry_run_changes_nothing(project: Path) -> None:
    before = tree(project)
    done = diffspot("accept", "out", "--removed", "--dry-run")
    assert done.returncode == 0
    assert [line.split()[:2] for line in done.stdout.splitlines()] == [
        ["would", verb] for verb in ("replace", "add", "replace", "delete")
    ]
    assert tree(project) == before


@pytest.mark.parametrize(
    ("globs", "accepted"),
    [
        (["home.png"], ["ref/home.png"]),
        (["deep/*"], ["ref/deep/<a> 'b' #1\n日本.png", NEW]),
        (["*new*", "h?me.png"], [NEW, "ref/home.png"]),
        (["same.png"], []),
        (["old.png"], []),
        (["[h]ome.png"], ["ref/home.png"]),
    ],
)
def test_globs_choose_pairs(project: Path, globs: list[str], accepted: list[str]) -> None:
    before = tree(project)
    done = diffspot("accept", "out", *globs)
    assert done.returncode == 0
    after = tree(project)
    assert sorted(name for name in after if after[name] != before.get(name)) == sorted(accepted)
    assert len(done.stdout.splitlines()) == len(accepted)
    assert ("nothing to accept" in done.stderr) == (not accepted)


def test_a_name_with_brackets_matches_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    save(tmp_path / "ref" / "[id].png", plain())
    candidate = save(tmp_path / "cand" / "[id].png", changed())
    diffspot("compare", "ref", "cand", "-o", "out")
    assert diffspot("accept", "out", "[id].png").returncode == 0
    assert (tmp_path / "ref" / "[id].png").read_bytes() == candidate.read_bytes()


def test_names_and_globs_choose_what_each_of_them_matches_alone() -> None:
    names = ["a.png", "A.png", "a1.png", "a[1].png", "[ab].png", "*", "b/a.png", "b/?.png", "b\n.png", "[!a].png"]
    run = report(*map(pair, names))
    for count in (0, 1, 2):
        for globs in permutations([*names, "a*", "*/*", "?.png", "[!b].png", "b[", "*.jpg"], count):
            matching = {glob: {name for name in names if name == glob or fnmatchcase(name, glob)} for glob in globs}
            if all(matching.values()):
                expected = set(names) if not globs else set().union(*matching.values())
                assert [one.name for one in choose(run.pairs, globs)] == [name for name in names if name in expected]
            else:
                first = next(glob for glob in globs if not matching[glob])
                with pytest.raises(AcceptError, match=re.escape(f"is called {first!r};")):
                    choose(run.pairs, globs)


@pytest.mark.usefixtures("project")
def test_pairs_can_be_accepted_a_few_at_a_time() -> None:
    assert diffspot("accept", "out", "home.png").stdout == "replaced ref/home.png\n"
    done = diffspot("accept", "out", "--removed")
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == 3
    assert "1 left alone: accepted before" in done.stderr
    done = diffspot("accept", "out", "--removed")
    assert (done.returncode, done.stdout) == (0, "")
    assert "4 left alone: accepted before" in done.stderr


@pytest.mark.parametrize(
    ("path", "content", "words"),
    [
        ("ref/home.png", b"other", ["ref/home.png has changed", "compare again"]),
        ("ref/home.png", None, ["ref/home.png is gone", "compare again"]),
        ("cand/home.png", b"other", ["cand/home.png has changed", "compare again"]),
        ("cand/home.png", None, ["cand/home.png cannot be read", "in the directory"]),
        (NEW, b"other", [f"{NEW} is there", "compare again"]),
        (OLD, b"other", [f"{OLD} has changed", "compare again"]),
    ],
)
def test_what_changed_since_the_report_stops_everything(
    project: Path, path: str, content: bytes | None, words: list[str]
) -> None:
    if content is None:
        (project / path).unlink()
    else:
        (project / path).write_bytes(content)
    before = tree(project)
    done = diffspot("accept", "out", "--removed")
    assert (done.returncode, done.stdout) == (2, "")
    for word in words:
        assert word in done.stderr
    assert tree(project) == before


def test_another_working_directory_is_named(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project / "out")
    done = diffspot("accept", "../out")
    assert done.returncode == 2
    assert "The directory ref is not here; run diffspot accept in the directory in which" in done.stderr


def test_a_glob_that_matches_nothing_is_a_mistake(project: Path) -> None:
    done = diffspot("accept", "out", "home.png", "hoem.*")
    assert done.returncode == 2
    assert "'hoem.*'" in done.stderr
    assert (project / "ref" / "home.png").read_bytes() != (project / "cand" / "home.png").read_bytes()


def test_a_renamed_picture_moves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    moved = save(tmp_path / "ref" / "before.png", changed())
    save(tmp_path / "cand" / "deep" / "after.png", changed())
    assert diffspot("compare", "ref", "cand", "-o", "out").returncode == 1
    content = moved.read_bytes()
    done = diffspot("accept", "out")
    assert done.stdout.splitlines() == ["added ref/deep/after.png"]
    assert "1 left alone: renamed; --removed deletes the reference" in done.stderr
    assert tree(tmp_path / "ref") == {"before.png": content, "deep/after.png": content}
    assert diffspot("accept", "out", "--removed").stdout.splitlines() == ["deleted ref/before.png"]
    assert tree(tmp_path / "ref") == {"deep/after.png": content}
    assert diffspot("compare", "ref", "cand").returncode == 0


def test_two_files_are_accepted_and_a_link_stays_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    save(tmp_path / "store" / "r.png", plain())
    (tmp_path / "r.png").symlink_to("store/r.png")
    candidate = save(tmp_path / "c.png", changed())
    diffspot("compare", "r.png", "c.png", "-o", "out")
    assert diffspot("accept", "out").stdout == "replaced r.png\n"
    assert (tmp_path / "r.png").is_symlink()
    assert (tmp_path / "store" / "r.png").read_bytes() == candidate.read_bytes()


def test_other_names_of_a_file_keep_the_earlier_picture_and_that_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    reference = save(tmp_path / "r.png", plain())
    before, candidate = reference.read_bytes(), save(tmp_path / "c.png", changed())
    (tmp_path / "twin.png").hardlink_to(reference)
    diffspot("compare", "r.png", "c.png", "-o", "out")
    told = "diffspot: r.png has other names (hard links); they keep the earlier picture\n"
    assert diffspot("accept", "out", "--dry-run").stderr == told
    assert diffspot("accept", "out").stderr == told
    assert (reference.read_bytes(), (tmp_path / "twin.png").read_bytes()) == (candidate.read_bytes(), before)


@pytest.mark.parametrize("command", ["accept", "report", "merge"])
def test_a_directory_that_is_not_there_is_not_allowed(project: Path, command: str) -> None:
    flags = ["-o", "all"] if command == "merge" else []
    done = diffspot(command, "out", "--allow", "nowhere", *flags, cwd=project)
    assert done.returncode == 2
    assert "--allow nowhere is not a directory" in done.stderr


def listed(tmp_path: Path, *rows: str) -> None:
    save(tmp_path / "r.png", plain())
    save(tmp_path / "c.png", changed())
    save(tmp_path / "d.png", changed(50, 70))
    (tmp_path / "pairs.csv").write_text("\n".join(["name,reference,candidate", *rows]))
    diffspot("compare", "--pairs", "pairs.csv", "-o", "out")


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (["x,r.png,c.png", "new,,d.png"], ["d.png has no reference", "no place to go to"]),
        (["x,r.png,c.png", "y,r.png,d.png"], ["c.png and d.png would both become r.png"]),
    ],
)
def test_a_list_that_does_not_say_what_goes_where(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: list[str], words: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    listed(tmp_path, *rows)
    before = tree(tmp_path)
    done = diffspot("accept", "out")
    assert done.returncode == 2
    for word in words:
        assert word in done.stderr
    assert tree(tmp_path) == before
    assert diffspot("accept", "out", "x").stdout == "replaced r.png\n"


def test_a_tampered_report_adds_nothing_outside(project: Path) -> None:
    file = project / "out" / "report.json"
    report = json.loads(file.read_bytes())
    (added,) = (pair for pair in report["pairs"] if pair["status"] == "added")
    added["candidate"] = "cand/../cand/deep/new.png"
    file.write_text(json.dumps(report))
    done = diffspot("accept", "out")
    assert done.returncode == 2
    assert "is not in cand" in done.stderr


def test_pages_are_left_alone_and_the_others_accepted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    save(tmp_path / "a.png", plain())
    save(tmp_path / "b.png", changed())
    (tmp_path / "a.pdf").write_bytes(pdf_of("abc", "abcd", "x"))
    (tmp_path / "b.pdf").write_bytes(pdf_of("abc", "abcde", "xy"))
    rows = "one,a.pdf#1,b.pdf#1\ntwo,a.pdf#2,b.pdf#2\nthree,a.pdf#3,b.pdf#3\npicture,a.png,b.png\n"
    (tmp_path / "pairs.csv").write_text(f"name,reference,candidate\n{rows}")
    assert diffspot("compare", "--pairs", "pairs.csv", "-o", "out").returncode == 1
    before = (tmp_path / "a.pdf").read_bytes()
    done = diffspot("accept", "out")
    assert (done.returncode, done.stdout) == (0, "replaced a.png\n")
    assert done.stderr == (
        "diffspot: 2 left alone: page of a PDF, which is replaced as a whole; copy the file by hand\n"
    )
    assert (tmp_path / "a.pdf").read_bytes() == before


def test_a_failure_to_write_changes_nothing(project: Path) -> None:
    plan = planned(project, removed=True)
    before = tree(project)
    copies: set[Path] = set()

    def fill_up(path: Path) -> None:
        if path.suffix == ".part" and path.parent != project / "out":
            copies.add(path)
            if len(copies) == 3:
                raise OSError(28, "No space left on device", str(path))

    with (
        on_open(fill_up),
        pytest.raises(AcceptError, match=r"ref/home\.png \(No space left on device\); nothing was changed"),
    ):
        apply_changes(plan.changes, project / "out", threading.Event())
    assert tree(project) == before


def test_a_failure_halfway_says_how_far_it_came(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = planned(project)
    replace = type(project).replace

    def refuse_home(part: Path, path: Path) -> None:
        if path.name == "home.png":
            raise OSError(13, "Permission denied", str(path))
        replace(part, path)

    monkeypatch.setattr("pathlib.Path.replace", refuse_home)
    with pytest.raises(AcceptError, match=r"home\.png cannot be changed \(Permission denied\); 2 of 3 files were"):
        apply_changes(plan.changes, project / "out", threading.Event())
    assert not list(project.rglob("*.part"))


def test_a_stop_before_the_first_change_changes_nothing(project: Path) -> None:
    before, stop = tree(project), threading.Event()
    stop.set()
    with pytest.raises(AcceptError, match="Stopped before anything was changed"):
        apply_changes(planned(project).changes, project / "out", stop)
    assert tree(project) == before


def test_an_interruption_exits_2(project: Path) -> None:
    """Ctrl-C while the new references are written beside the old ones."""
    before = tree(project)
    sent: list[Path] = []

    def interrupt(path: Path) -> None:
        if path.suffix == ".part" and path.parent.name != "out" and not sent:
            sent.append(path)
            signal.raise_signal(signal.SIGINT)

    with on_open(interrupt):
        done = diffspot("accept", "out")
    assert sent
    assert done.returncode == 2
    assert "Stopped before anything was changed" in done.stderr
    assert tree(project) == before
