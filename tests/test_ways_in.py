"""The GitHub action, the GitLab template, the pre-commit hooks and the workflow do what they say."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.in_process import diffspot
from tests.pictures import changed, plain, save
from tests.process import with_commands

ROOT = Path(__file__).parent.parent
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
TEMPLATE = (ROOT / "templates" / "diffspot.yml").read_text(encoding="utf-8")
HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
WORKFLOW = yaml.safe_load((ROOT / ".github" / "workflows" / "checks.yml").read_text(encoding="utf-8"))
BASH = shutil.which("bash")
needs_bash = pytest.mark.skipif(BASH is None, reason="no bash was found; install it")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """References and new pictures that are the same, in folders with spaces, and a command `diffspot`."""
    for folder in ("the golden", "build/new shots"):
        save(tmp_path / folder / "home.png", plain())
        save(tmp_path / folder / "cart.png", plain())
    for variable, value in with_commands(tmp_path / "bin").items():
        monkeypatch.setenv(variable, value)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def step(name: str) -> dict[str, Any]:
    (found,) = [one for one in ACTION["runs"]["steps"] if one.get("name") == name]
    return found


def act(project: Path, **inputs: str) -> tuple[int, dict[str, str]]:
    """Runs the steps Compare and Tell as a runner does: the exit code of the last, and the outputs."""
    values = {key: str(one.get("default", "")) for key, one in ACTION["inputs"].items()} | inputs
    outputs = project / "outputs"
    outputs.write_text("", encoding="utf-8")
    code = 0
    for name in ("Compare", "Tell"):
        told = dict(line.split("=", 1) for line in outputs.read_text(encoding="utf-8").splitlines())
        known = {f"inputs.{key}": value for key, value in values.items()}
        known |= {f"steps.compare.outputs.{key}": value for key, value in told.items()}
        own = {key: known[value.removeprefix("${{ ").removesuffix(" }}")] for key, value in step(name)["env"].items()}
        done = subprocess.run(
            [str(BASH), "--noprofile", "--norc", "-eo", "pipefail", "-c", step(name)["run"]],
            env=os.environ | own | {"GITHUB_OUTPUT": str(outputs), "GITHUB_STEP_SUMMARY": str(project / "summary.md")},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        code = done.returncode
        if code:
            break
    return code, dict(line.split("=", 1) for line in outputs.read_text(encoding="utf-8").splitlines())


FOLDERS = {"reference": "the golden", "candidate": "build/new shots"}


@needs_bash
def test_the_action_passes_where_all_is_the_same(project: Path) -> None:
    assert act(project, **FOLDERS) == (0, {"exit-code": "0", "different": "0"})
    assert (project / "diffspot-report" / "index.html").is_file()


@needs_bash
def test_the_action_fails_where_pictures_differ_unless_told_otherwise(project: Path) -> None:
    save(project / "build" / "new shots" / "home.png", changed())
    assert act(project, **FOLDERS) == (1, {"exit-code": "1", "different": "1"})
    assert "home.png" in (project / "summary.md").read_text(encoding="utf-8")
    assert act(project, **FOLDERS, fail="false") == (0, {"exit-code": "1", "different": "1"})
    assert act(project, **FOLDERS, arguments="--max-regions 9 --ignore '0, 0, 100%, 1'")[0] == 0


@needs_bash
def test_the_action_always_fails_in_trouble(project: Path) -> None:
    assert act(project, reference="none", candidate="build/new shots", fail="false") == (
        2,
        {"exit-code": "2", "different": "0"},
    )


@pytest.mark.slow
def test_no_input_of_the_action_is_written_into_a_script() -> None:
    scripts = [one["run"] for one in ACTION["runs"]["steps"] if "run" in one]
    assert len(scripts) == 3
    assert not any("${{" in script for script in scripts)


@pytest.mark.usefixtures("project")
def test_the_gitlab_template_writes_what_it_keeps() -> None:
    head, body = TEMPLATE.split("\n---\n")
    defaults = {key: str(one.get("default", "")) for key, one in yaml.safe_load(head)["spec"]["inputs"].items()}
    for key, value in (defaults | FOLDERS).items():
        body = body.replace(f"$[[ inputs.{key} ]]", value)
    assert "$[[" not in body
    job = yaml.safe_load(body)["diffspot"]
    (command,) = [shlex.split(line) for line in job["script"] if line.startswith("diffspot")]
    assert diffspot(*command[1:]).returncode == 0
    assert all(Path(path).is_dir() for path in job["artifacts"]["paths"])
    assert Path(job["artifacts"]["reports"]["junit"]).is_file()


def test_the_pre_commit_hooks_run(project: Path) -> None:
    compare, doctor = (shlex.split(hook["entry"])[1:] for hook in HOOKS)
    assert diffspot(*compare, *FOLDERS.values()).returncode == 0
    save(project / "build" / "new shots" / "home.png", changed())
    assert diffspot(*compare, *FOLDERS.values()).returncode == 1
    assert diffspot(*doctor).returncode == 0


def test_the_workflow_calls_what_there_is() -> None:
    targets = (ROOT / "Makefile").read_text(encoding="utf-8")
    lines = [one["run"] for job in WORKFLOW["jobs"].values() for one in job["steps"] if "run" in one]
    assert any(".ci/run" in line for line in lines)
    for line in lines:
        words = shlex.split(line)
        if words[0] == "make":
            assert f"\n{words[1]}:" in targets
    for given in (one["with"] for job in WORKFLOW["jobs"].values() for one in job["steps"] if one.get("uses") == "./"):
        assert set(given) <= set(ACTION["inputs"])
        assert (ROOT / given["reference"]).is_dir()


def test_the_container_gets_what_the_package_is_built_from() -> None:
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert let_in == {"diffspot", "pyproject.toml", "README.md", "LICENSE"}
    assert all((ROOT / name).exists() for name in let_in)
    assert "USER 1000" in (ROOT / "Dockerfile").read_text(encoding="utf-8")
