"""The tutorials' commands print what the pages show."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.process import with_commands

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent.parent
PAGES = sorted((ROOT / "docs").glob("tutorial-*.md"))
BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)
SCRIPT = re.compile(r'```python title="([\w.]+)"\n(.*?)```', re.DOTALL)
SECONDS = re.compile(r" in \d+(\.\d+)? s\b")
END = "-- end of a command --"


def steps(page: Path) -> list[tuple[str, str]]:
    """The commands of a page, those that go over several lines joined, each with what is shown below it."""
    found: list[tuple[str, str]] = []
    for block in BLOCK.findall(page.read_text(encoding="utf-8")):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], ""))
            elif line.startswith("> "):
                found[-1] = (f"{found[-1][0]}\n{line[2:]}", "")
            else:
                found[-1] = (found[-1][0], f"{found[-1][1]}{line}\n")
    return found


def test_there_are_tutorials_with_commands() -> None:
    assert len(PAGES) == 4
    assert all(steps(page) for page in PAGES)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_commands_print_what_is_shown(tmp_path: Path, page: Path) -> None:
    if shutil.which("jq") is None and "jq " in page.read_text(encoding="utf-8"):
        pytest.skip("no jq was found; install it with the system's package manager")
    (tmp_path / "fixtures").symlink_to(ROOT / "fixtures")
    for name, text in SCRIPT.findall(page.read_text(encoding="utf-8")):
        (tmp_path / name).write_text(text, encoding="utf-8")
    told = steps(page)
    # All in one shell, for `$?`; messages such as "Wrote out/index.html." go to standard error.
    script = "\n".join(f"{command}\n{{ code=$?; echo '{END}'; (exit $code); }}" for command, _ in told)
    done = subprocess.run(
        [shutil.which("bash") or "bash", "-c", script],
        cwd=tmp_path,
        env=os.environ | with_commands(tmp_path / "bin"),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    printed = SECONDS.sub(" in N s", done.stdout).split(f"{END}\n")[:-1]
    assert printed == [SECONDS.sub(" in N s", shown) for _, shown in told], done.stderr
