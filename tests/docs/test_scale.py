"""The recipes in docs/scale.md do what they say."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from diffspot.outputs.report_json import read_report
from tests.in_process import diffspot
from tests.pictures import changed, plain, save
from tests.process import place_command, with_commands

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "docs" / "scale.md").read_text(encoding="utf-8")
RECIPES = dict(re.findall(r"<!-- recipe: ([\w-]+) -->\n```\w+\n(.*?)```", PAGE, re.DOTALL))
PARALLEL = """
for number in $(cat); do eval "$(echo "$@" | sed "s/{}/$number/g")"; done
exit 0
"""
"""What GNU parallel does, one after another."""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The references and new pictures of a project, of which some differ, and a command `diffspot`."""
    for number in range(8):
        save(tmp_path / "tests" / "golden" / f"{number}.png", plain())
        save(tmp_path / "build" / "shots" / f"{number}.png", changed() if number % 4 == 0 else plain())
    monkeypatch.chdir(tmp_path)
    for variable, value in with_commands(tmp_path / "bin").items():
        monkeypatch.setenv(variable, value)
    place_command(tmp_path / "bin", "parallel", PARALLEL)
    return tmp_path


def shell(script: str, **environment: str) -> int:
    return subprocess.run(["/bin/sh", "-e", "-c", script], env=os.environ | environment, check=False).returncode


def steps(job: dict[str, Any]) -> list[str]:
    """The commands of a job that call diffspot."""
    found = job["script"] if "script" in job else [step.get("run", "") for step in job["steps"]]
    return [line for line in found if line.startswith("diffspot")]


def check_report(root: Path) -> None:
    pairs = {pair.name: pair.status for pair in read_report(root / "diff").pairs}
    assert pairs == {f"{number}.png": "same" if number % 4 else "different" for number in range(8)}
    assert (root / "diff" / "index.html").is_file()
    assert (root / "diff" / "annotated" / "4.png").is_file()


def test_every_recipe_is_tested() -> None:
    assert set(RECIPES) == {"github", "gitlab", "parallel", "slurm"}


def test_github(root: Path) -> None:
    jobs = yaml.safe_load(RECIPES["github"])["jobs"]
    [compare], [merge] = steps(jobs["compare"]), steps(jobs["merge"])
    shards = jobs["compare"]["strategy"]["matrix"]["shard"]
    codes = [shell(compare.replace("${{ matrix.shard }}", str(shard))) for shard in shards]
    assert codes == [0] * 4
    assert shell(merge) == 1
    check_report(root)


def test_gitlab(root: Path) -> None:
    jobs = yaml.safe_load(RECIPES["gitlab"])
    [compare], [merge] = steps(jobs["compare"]), steps(jobs["merge"])
    count = jobs["compare"]["parallel"]
    codes = [shell(compare, CI_NODE_INDEX=str(k), CI_NODE_TOTAL=str(count)) for k in range(1, count + 1)]
    assert codes == [0] * count
    assert shell(merge) == 1
    check_report(root)


def test_gnu_parallel(root: Path) -> None:
    assert shell(RECIPES["parallel"]) == 1
    check_report(root)


def test_slurm(root: Path) -> None:
    assert diffspot("plan", "tests/golden", "build/shots", "-o", "run", "--pairs-per-shard", "2").returncode == 0
    script = RECIPES["slurm"].replace("/100", "/4")
    assert "#SBATCH --array=1-100\n" in RECIPES["slurm"]
    codes = [shell(script, PLAN="run", SLURM_ARRAY_TASK_ID=str(k), SLURM_CPUS_PER_TASK="2") for k in range(1, 5)]
    assert codes == [0] * 4
    assert diffspot("merge", "run", "-o", "diff", "--html").returncode == 1
    check_report(root)
