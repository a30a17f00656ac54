"""Which pictures are compared: --include, --exclude, --unmatched, --pairs0, and the folders of other tools."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

import diffspot as api
from diffspot.errors import OptionError
from diffspot.options.config import load_settings
from diffspot.pairing.selection import selector
from tests.in_process import diffspot
from tests.pictures import changed, plain, save

if TYPE_CHECKING:
    from pathlib import Path


def found(done: Any) -> dict[str, str]:  # noqa: ANN401  a finished process
    return {pair["name"]: pair["status"] for pair in json.loads(done.stdout)["pairs"]}


@pytest.fixture
def shots(tmp_path: Path) -> Path:
    for side, picture in (("old", plain()), ("new", changed())):
        for name in ("home.png", "admin/users.png", "admin/deep/logs.png", "home-diff.png"):
            save(tmp_path / side / name, picture)
    save(tmp_path / "new" / "more.png", plain())
    save(tmp_path / "old" / "less.png", changed())
    return tmp_path


@pytest.mark.parametrize(
    ("flags", "names"),
    [
        (["--include", "home*.png"], {"home.png", "home-diff.png"}),
        (["--include", "admin/*"], {"admin/users.png", "admin/deep/logs.png"}),
        (["--include", "logs.png", "--include", "more.png"], {"admin/deep/logs.png", "more.png"}),
        (["--include", "h*", "--exclude", "*-diff.png"], {"home.png"}),
        (["--exclude", "admin/*", "--exclude", "*e*.png"], set()),
        (["--exclude", "admin/*", "--exclude", "*-diff.png"], {"home.png", "more.png", "less.png"}),
    ],
)
def test_globs_choose_pictures(shots: Path, flags: list[str], names: set[str]) -> None:
    done = diffspot("compare", "old", "new", "--json", *flags, cwd=shots)
    if names:
        assert set(found(done)) == names
    else:
        assert "and that --include and --exclude let through" in done.stderr


def test_globs_of_a_file_and_of_the_api_and_a_list(shots: Path) -> None:
    (shots / "diffspot.toml").write_text('include = ["admin/*"]\n', encoding="utf-8")
    assert set(found(diffspot("compare", "old", "new", "--json", cwd=shots))) == {
        "admin/users.png",
        "admin/deep/logs.png",
    }
    report = api.compare_directories(shots / "old", shots / "new", exclude=["admin/*", "*-diff.png", "more.png"])
    assert [pair.name for pair in report.pairs] == ["home.png", "less.png"]
    rows = "reference,candidate\nold/home.png,new/home.png\nold/less.png,\n"
    done = diffspot("compare", "--pairs", "-", "--include", "home.png", "--json", stdin=rows, cwd=shots)
    assert set(found(done)) == {"old/home.png"}


def test_they_are_for_the_whole_run(tmp_path: Path) -> None:
    path = tmp_path / "diffspot.toml"
    path.write_text('[[rules]]\nmatch = "a"\nexclude = ["b"]\n', encoding="utf-8")
    with pytest.raises(OptionError, match=r"exclude in .* rule 1 is for the whole run"):
        load_settings({}, path)


@pytest.mark.parametrize(
    ("name", "include", "exclude", "taken"),
    [
        ("a/b.png", [], [], True),
        ("a/b.png", ["b.png"], [], True),
        ("a/b.png", ["a/b.png"], [], True),
        ("a/b.png", ["/b.png"], [], False),
        ("a/b.png", ["a/*"], ["b.*"], False),
        ("a/B.png", ["b.png"], [], False),
    ],
)
def test_a_glob_without_a_slash_is_for_names(name: str, include: list[str], exclude: list[str], *, taken: bool) -> None:
    assert selector(include, exclude)(name) is taken


def test_pictures_of_one_side_fail_warn_or_are_left_out(shots: Path) -> None:
    flags = ("compare", "old", "new", "--json", "--include", "more.png", "--include", "less.png")
    failing = diffspot(*flags, cwd=shots)
    assert failing.returncode == 1
    assert failing.stderr.startswith("diffspot: No two pictures have the same name;")
    warned = diffspot(*flags, "--unmatched", "warn", cwd=shots)
    assert found(warned) == {"less.png": "removed", "more.png": "added"}
    assert warned.returncode == 0
    assert warned.stderr == "diffspot: 2 pictures without a partner let pass, as --unmatched warn says\n"
    ignored = diffspot("compare", "old", "new", "--json", "--unmatched", "ignore", cwd=shots)
    assert {"less.png", "more.png"}.isdisjoint(found(ignored))
    none = diffspot(*flags, "--unmatched", "ignore", cwd=shots)
    assert (none.returncode, "No picture has a partner" in none.stderr) == (2, True)


def test_what_is_let_pass_is_no_failure_in_junit(shots: Path) -> None:
    flags = ("--include", "more.png", "--unmatched", "warn", "--junit", "junit.xml")
    diffspot("compare", "old", "new", *flags, cwd=shots)
    assert "<failure" not in (shots / "junit.xml").read_text(encoding="utf-8")


def test_pairs_that_end_in_nul(shots: Path) -> None:
    save(shots / "new" / "line\nbreak.png", plain())
    paths = ["old/home.png", "new/home.png", "", "new/line\nbreak.png", "old/less.png", ""]
    done = diffspot("compare", "--pairs0", "-", "--json", stdin="\0".join([*paths, ""]), cwd=shots)
    assert list(found(done).values()) == ["different", "added", "removed"]
    (shots / "list").write_text("old/home.png\0new/home.png\0old/less.png", encoding="utf-8")
    odd = diffspot("compare", "--pairs0", "list", cwd=shots)
    assert "list has an odd number of paths, 3, so the last has no partner; write reference and" in odd.stderr
    both = diffspot("compare", "--pairs0", "list", "--pairs", "list", cwd=shots)
    assert "--pairs and --pairs0 exclude each other" in both.stderr
    empty = diffspot("compare", "--pairs0", "-", cwd=shots)
    assert "standard input lists no pairs" in empty.stderr


def test_what_playwright_leaves(tmp_path: Path) -> None:
    folder = tmp_path / "test-results" / "home-has-title-chromium"
    for name in ("home-1-expected.png", "home-1-diff.png", "home-1-previous.png", "test-failed-1.png"):
        save(folder / name, plain())
    save(folder / "home-1-actual.png", changed())
    save(tmp_path / "test-results" / "home-has-title-chromium-retry1" / "test-finished-1.png", plain())
    done = diffspot("compare", "test-results", "--json", cwd=tmp_path)
    assert found(done) == {"home-has-title-chromium/home-1-expected.png": "different"}


def test_the_folders_of_backstop(tmp_path: Path) -> None:
    name, data = "shop_home_0_document_0_phone.png", tmp_path / "backstop_data"
    save(data / "bitmaps_reference" / name, plain())
    save(data / "bitmaps_test" / "20250101-101010" / name, plain())
    save(data / "bitmaps_test" / "20250102-101010" / name, changed())
    save(data / "bitmaps_test" / "20250102-101010" / f"failed_diff_{name}", changed())
    for inputs in (["backstop_data"], ["backstop_data/bitmaps_reference", "backstop_data/bitmaps_test"]):
        done = diffspot("compare", *inputs, "--json", cwd=tmp_path)
        assert found(done) == {name: "different"}
    report = json.loads(done.stdout)
    assert report["inputs"]["candidate"] == "backstop_data/bitmaps_test/20250102-101010"
    assert api.compare_directories(data).summary.different == 1
