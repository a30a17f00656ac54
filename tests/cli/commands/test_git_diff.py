"""`diffspot git-diff`, called by git itself."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import PIL.Image
import pytest

from tests.in_process import diffspot
from tests.pictures import changed, plain, save
from tests.sweep import sweep_rows

ROOT = Path(__file__).parent.parent.parent.parent
pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="no git was found; install it")


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one picture, committed, in which `git diff` asks diffspot."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.chdir(tmp_path)
    git("init", "--quiet")
    git("config", "diff.diffspot.command", f"{shlex.quote(sys.executable)} -m diffspot git-diff")
    (tmp_path / ".gitattributes").write_text("*.png diff=diffspot\n*.bmp diff=diffspot\n", encoding="utf-8")
    save(tmp_path / "shop" / "cart.png", plain())
    commit("first")
    return tmp_path


def git(*arguments: str) -> str:
    settings = ("-c", "user.name=n", "-c", "user.email=e@example.org", "-c", "core.quotePath=false")
    program = shutil.which("git") or "git"
    done = subprocess.run([program, *settings, *arguments], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def commit(message: str) -> None:
    git("add", "--all")
    git("commit", "--quiet", "--message", message)


def test_a_changed_picture(repository: Path) -> None:
    save(repository / "shop" / "cart.png", changed())
    head, status, *details = git("diff").splitlines()
    assert head == "diffspot a/shop/cart.png b/shop/cart.png"
    assert status == "  status: different"
    assert details[0].startswith("  1 region of ")


def test_a_picture_that_looks_the_same(repository: Path) -> None:
    PIL.Image.fromarray(plain()).save(repository / "shop" / "cart.png", compress_level=1)
    assert git("diff").splitlines()[:2] == ["diffspot a/shop/cart.png b/shop/cart.png", "  status: same"]


@pytest.mark.parametrize(
    ("command", "name"),
    sweep_rows([("git-diff", "--new.png"), ("git-diff --", "-h.png"), ("git-diff --", "--help.png")]),
)
def test_a_name_like_a_flag(repository: Path, command: str, name: str) -> None:
    git("config", "diff.diffspot.command", f"{shlex.quote(sys.executable)} -m diffspot {command}")
    save(repository / name, plain())
    commit("second")
    save(repository / name, changed())
    assert git("diff").splitlines()[:2] == [f"diffspot a/{name} b/{name}", "  status: different"]


def test_pictures_that_came_and_went(repository: Path) -> None:
    (repository / "shop" / "cart.png").unlink()
    save(repository / "new.png", changed())
    commit("second")
    assert git("show", "--ext-diff", "--no-renames", "--format=").splitlines() == [
        "diffspot a/new.png b/new.png",
        "  added",
        "diffspot a/shop/cart.png b/shop/cart.png",
        "  removed",
    ]


def test_a_picture_that_was_moved_and_changed_has_both_names(repository: Path) -> None:
    PIL.Image.fromarray(plain()).save(repository / "cart.bmp")  # not packed, so that git finds the two alike
    commit("second")
    (repository / "cart.bmp").unlink()
    PIL.Image.fromarray(changed()).save(repository / "basket.bmp")
    commit("third")
    head, status, *_ = git("show", "--ext-diff", "--find-renames", "--format=").splitlines()
    assert (head, status) == ("diffspot a/cart.bmp b/basket.bmp", "  status: different")


@pytest.mark.slow
def test_a_file_that_is_no_picture_stops_nothing(repository: Path) -> None:
    (repository / "shop" / "cart.png").write_text("no picture", encoding="utf-8")
    save(repository / "shop" / "other.png", plain())
    git("add", "--intent-to-add", ".")
    lines = git("diff").splitlines()
    assert lines[1].startswith("  error: shop/cart.png")
    assert lines[2:] == ["diffspot a/shop/other.png b/shop/other.png", "  added"]


@pytest.mark.slow
def test_a_rule_for_the_name_in_the_repository_holds(repository: Path) -> None:
    rule = '[[rules]]\nmatch = "shop/*"\nignore = [[0, 0, "100%", "95%"]]\n'
    (repository / "diffspot.toml").write_text(rule, encoding="utf-8")
    save(repository / "shop" / "cart.png", changed())
    assert "  status: same" in git("diff").splitlines()


def test_what_git_does_not_give_is_refused() -> None:
    done = diffspot("git-diff", "a.png", "b.png")
    assert done.returncode == 2
    assert done.stderr == (
        "diffspot: git gives 1, 7 or 9 arguments, not 2; call diffspot git-diff through `git diff`.\n"
    )


def test_a_path_that_is_not_merged_is_told() -> None:
    assert diffspot("git-diff", "a.png").stdout.splitlines() == ["diffspot a/a.png b/a.png", "  not merged"]
