"""The recipes in docs/recipes.md do what they say."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from diffspot.outputs.report_json import read_report
from docs.browser import find_chromium
from tests.in_process import diffspot
from tests.pictures import changed, plain, save
from tests.process import place_command, with_commands

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "docs" / "recipes.md").read_text(encoding="utf-8")
RECIPES = dict(re.findall(r"<!-- recipe: ([\w-]+) -->\n```\w+\n(.*?)```", PAGE, re.DOTALL))
TESTED = {
    *("github", "gitlab", "cron", "playwright", "pre-commit", "hook"),
    *("jq-regions", "jq-boxes", "jq-changes", "python-errors"),
}
RUN_BROWSER = """
import runpy, sys
from playwright.sync_api import BrowserType
launch = BrowserType.launch
browser, script = sys.argv[1:3]
del sys.argv[1:3]
BrowserType.launch = lambda self, **options: launch(self, executable_path=browser, **options)
runpy.run_path(script, run_name="__main__")
"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The references and new pictures of a project, all the same, and a command `diffspot`."""
    for folder in ("tests/golden", "build/shots"):
        save(tmp_path / folder / "home.png", plain())
        save(tmp_path / folder / "shop" / "cart.png", plain())
    monkeypatch.chdir(tmp_path)
    for variable, value in with_commands(tmp_path / "bin").items():
        monkeypatch.setenv(variable, value)
    return tmp_path


def shell(script: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", "-c", script],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env=os.environ | environment,
    )


def need(name: str) -> None:
    if shutil.which(name) is None:
        pytest.skip(f"no {name} was found; install it with the system's package manager")


def commands(recipe: str) -> list[list[str]]:
    """The calls of diffspot in a YAML recipe, as arguments."""

    def texts(value: Any) -> list[str]:  # noqa: ANN401  whatever YAML holds
        if isinstance(value, dict | list):
            return [text for part in (value.values() if isinstance(value, dict) else value) for text in texts(part)]
        return [str(value)]

    lines = [shlex.split(text) for text in texts(yaml.safe_load(RECIPES[recipe])) if text.startswith("diffspot ")]
    return [words[1:] for words in lines]


def test_every_recipe_is_tested() -> None:
    assert set(RECIPES) == TESTED
    assert PAGE.count("\n```") == 2 * len(RECIPES)


@pytest.mark.parametrize("recipe", ["github", "gitlab", "pre-commit"])
def test_the_calls_in_yaml_run(root: Path, recipe: str) -> None:
    (arguments,) = commands(recipe)
    assert diffspot(*arguments).returncode == 0
    save(root / "build" / "shots" / "home.png", changed())
    assert diffspot(*arguments).returncode == 1


@pytest.mark.usefixtures("root")
def test_gitlab_keeps_what_the_call_writes() -> None:
    job = yaml.safe_load(RECIPES["gitlab"])["pictures"]
    diffspot(*commands("gitlab")[0])
    assert all(Path(path).is_dir() for path in job["artifacts"]["paths"])
    assert Path(job["artifacts"]["reports"]["junit"]).is_file()


@pytest.mark.usefixtures("root")
def test_github_keeps_what_the_call_writes() -> None:
    steps = yaml.safe_load(RECIPES["github"])["jobs"]["pictures"]["steps"]
    diffspot(*commands("github")[0])
    assert all(Path(path).is_dir() for path in steps[-1]["with"]["path"].split())


@pytest.mark.slow
def test_cron_mails_when_something_is_wrong(root: Path) -> None:
    need("flock")
    schedule, line = re.fullmatch(r"((?:\S+ ){5})(.*)\n", RECIPES["cron"]).groups()  # type: ignore[union-attr]
    assert schedule == "0 6 * * * "
    assert "%" not in line  # cron takes it for a line break
    place_command(root / "bin", "mail", 'echo "$@" >>mails; cat >>mails')
    line = line.replace("/srv/shots", shlex.quote(str(root)))
    mails = root / "mails"

    assert shell(line).returncode == 0
    assert not mails.exists()
    save(root / "build" / "shots" / "home.png", changed())
    shell(f"exec 9>.lock; flock 9; {line}")
    assert not mails.exists()
    shell(line)
    assert mails.read_text(encoding="utf-8").startswith(
        "-s diffspot: exit code 1 team@example.org\ndifferent\thome.png"
    )
    (root / "build" / "shots" / "home.png").write_bytes(b"")
    shell(line)
    assert "exit code 2" in mails.read_text(encoding="utf-8")
    assert "home.png is empty" in mails.read_text(encoding="utf-8")


@pytest.mark.slow
def test_playwright_takes_pictures(root: Path) -> None:
    browser = find_chromium()
    if browser is None:
        reason = "no Chromium was found; install it with `apt-get install chromium`"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    (root / "shots.py").write_text(RECIPES["playwright"], encoding="utf-8")
    (root / "run.py").write_text(RUN_BROWSER, encoding="utf-8")
    (root / "site").mkdir()
    for folder, colour in (("a", "red"), ("b", "red"), ("c", "blue")):
        box = f"<div style='width:80px;height:40px;background:{colour}'></div>"
        (root / "site" / "home.html").write_text(f"<h1>Home</h1>{box}", encoding="utf-8")
        url = (root / "site" / "home.html").as_uri()
        subprocess.run([sys.executable, "run.py", browser, "shots.py", folder, url], check=True, timeout=120, cwd=root)
    assert diffspot("compare", "a", "b").returncode == 0
    assert diffspot("compare", "a", "c", "--out", "out").returncode == 1
    (pair,) = read_report(root / "out").pairs
    assert (pair.name, pair.regions[0].bbox[2:]) == ("home.png", (80, 40))


@pytest.mark.slow
def test_the_hook_stops_a_commit_that_changes_a_picture(root: Path) -> None:
    need("git")
    git = "git -c user.name=A -c user.email=a@example.org"
    hook = root / ".git" / "hooks" / "pre-commit"
    assert shell(f"git init -q && git add tests && {git} commit -qm One").returncode == 0
    hook.write_text(RECIPES["hook"], encoding="utf-8")
    hook.chmod(0o755)
    picture = save(root / "tests" / "golden" / "new name.png", plain())
    assert shell(f"git add tests && {git} commit -qm Two").returncode == 0

    save(picture, changed())
    stopped = shell(f"git add tests && {git} commit -qm Three")
    assert stopped.returncode == 1
    assert "different\ttests/golden/new name.png\t1" in stopped.stdout + stopped.stderr
    assert shell(f"{git} commit -qm Three", PICTURES="accept").returncode == 0
    assert shell("git log --oneline | wc -l").stdout.strip() == "3"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("recipe", "expected"),
    [
        ("jq-regions", "1\tshop/cart.png\n1\thome.png\n"),
        ("jq-boxes", "home.png\t8\t5\t12\t10\nshop/cart.png\t8\t5\t12\t10\n"),
        ("jq-changes", "2\thome.png shop/cart.png\n"),
        ("python-errors", "torn.png\tbuild/shots/torn.png is empty (zero bytes); copy or save it again.\n"),
    ],
)
def test_the_shell_lines_print_what_they_say(root: Path, recipe: str, expected: str) -> None:
    if recipe.startswith("jq"):
        need("jq")
    save(root / "build" / "shots" / "home.png", changed())
    save(root / "build" / "shots" / "shop" / "cart.png", changed())
    save(root / "tests" / "golden" / "torn.png", plain())
    (root / "build" / "shots" / "torn.png").write_bytes(b"")
    assert diffspot("compare", "tests/golden", "build/shots", "--out", "diff").returncode == 2
    assert shell(RECIPES[recipe]).stdout == expected
