"""The pytest plugin, in sessions of its own."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

import pytest

from diffspot.outputs.report_json import read_report
from tests.in_process import diffspot as command
from tests.pictures import changed, plain, save
from tests.pytest_plugin.sessions import NAME, ROOT, TEST, baseline, found, out_of, root, run, run_apart

if TYPE_CHECKING:
    from pathlib import Path

    from tests.pytest_plugin.sessions import Run

pytest_plugins = ["pytester"]
__all__ = ["root", "run", "run_apart"]  # fixtures

TWO = """
import pytest

@pytest.mark.parametrize("name", ["b.png", "a.png", "same.png"])
def test_page(diffspot, name):
    diffspot.check(name, name)
"""


def test_an_equal_picture_passes_and_leaves_nothing(root: Path, run_apart: Run) -> None:
    result = run_apart()
    assert result.ret == 0
    result.assert_outcomes(passed=1)
    assert "diffspot" not in result.stdout.lines[-2]
    assert not out_of(root).exists()


def test_a_difference_fails_with_a_sentence_and_its_pictures(root: Path, run_apart: Run) -> None:
    save(root / "home.png", changed())
    result = run_apart()
    assert result.ret == 1
    result.stdout.fnmatch_lines(
        [
            "E*The picture differs from the baseline baselines/test_pages/home.png in 1 region, at 8,5,12,10 *",
            "1 pair: 1 different",
            "Report: diffspot-report/index.html",
        ]
    )
    look = "look at diffspot-report/annotated/test_pages.py/home.png, and accept it with --diffspot-update."
    assert look in result.stdout.str()
    assert "checks.py" not in result.stdout.str()
    assert found(root) == {NAME: "different"}
    pictures = {path.relative_to(out_of(root)).as_posix() for path in out_of(root).rglob("*.png")}
    assert pictures == {f"annotated/{NAME}", f"pictures/reference/{NAME}", f"pictures/candidate/{NAME}"}
    page = (out_of(root) / "index.html").read_text(encoding="utf-8")
    assert f"pictures/reference/{NAME}" in page
    assert "baselines" not in page


def test_a_missing_baseline_fails_and_keeps_the_picture(root: Path, run: Run) -> None:
    baseline(root, "home.png").unlink()
    result = run()
    assert result.ret == 1
    result.stdout.fnmatch_lines(["E*The baseline baselines/test_pages/home.png is missing; look at *"])
    assert found(root) == {NAME: "added"}
    kept = out_of(root) / "pictures" / "candidate" / NAME
    assert kept.read_bytes() == (root / "home.png").read_bytes()
    assert not baseline(root, "home.png").exists()


@pytest.mark.parametrize("before", [None, b"no picture"])
def test_update_writes_what_is_missing_or_damaged(root: Path, run: Run, before: bytes | None) -> None:
    baseline(root, "home.png").unlink()
    if before:
        baseline(root, "home.png").write_bytes(before)
    result = run("--diffspot-update")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["Wrote baselines/test_pages/home.png"])
    assert baseline(root, "home.png").read_bytes() == (root / "home.png").read_bytes()
    assert not out_of(root).exists()


def test_update_leaves_equal_baselines_alone_and_the_report_goes_stale_no_longer(root: Path, run: Run) -> None:
    save(root / "home.png", changed())
    assert run().ret == 1
    assert run("--diffspot-update").ret == 0
    assert found(root) == {NAME: "same"}
    assert not list(out_of(root).rglob("*.png"))
    before = baseline(root, "home.png").stat()
    assert run("--diffspot-update").ret == 0
    after = baseline(root, "home.png").stat()
    assert (after.st_mtime_ns, after.st_ino) == (before.st_mtime_ns, before.st_ino)
    assert found(root) == {NAME: "same"}


def test_update_keeps_the_baseline_when_the_new_picture_is_damaged(root: Path, run: Run) -> None:
    (root / "home.png").write_bytes(b"no picture")
    before = baseline(root, "home.png").read_bytes()
    assert run("--diffspot-update").ret == 1
    assert baseline(root, "home.png").read_bytes() == before


def test_accept_takes_the_report(root: Path, run: Run) -> None:
    save(root / "home.png", changed())
    assert run().ret == 1
    assert command("accept", "diffspot-report").stdout == "replaced baselines/test_pages/home.png\n"
    assert run().ret == 0


@pytest.mark.slow
def test_workers_make_one_report_in_a_stable_order(pytester: pytest.Pytester, run_apart: Run) -> None:
    pytester.makepyfile(test_pages=TWO)
    for name in ("a.png", "b.png", "same.png"):
        save(pytester.path / name, changed() if name != "same.png" else plain())
        save(baseline(pytester.path, name), plain())
    result = run_apart("-p", "xdist", "-n2")
    assert result.ret == 1
    result.assert_outcomes(failed=2, passed=1)
    result.stdout.fnmatch_lines(["3 pairs: 1 same, 2 different", "Report: diffspot-report/index.html"])
    statuses = {"a.png": "different", "b.png": "different", "same.png": "same"}
    assert list(found(pytester.path).items()) == [
        (f"test_pages.py/{name}", status) for name, status in statuses.items()
    ]


def test_rules_of_the_file_and_keywords_of_the_call_count(root: Path, pytester: pytest.Pytester, run: Run) -> None:
    save(root / "home.png", changed())
    rule = f'[[rules]]\nmatch = "{NAME}"\nignore = [[8, 5, 12, 10]]\n'
    (root / "diffspot.toml").write_text(rule, encoding="utf-8")
    assert run().ret == 0
    pytester.makepyfile(test_pages=TEST.replace('"home.png")', '"home.png", ignore="none")'))
    assert run().ret == 1
    (pair,) = read_report(out_of(root)).pairs
    assert pair.options is None
    pytester.makepyfile(test_pages=TEST.replace('"home.png")', '"home.png", max_regions=1, ignore=[])'))
    assert run().ret == 0
    (pair,) = read_report(out_of(root)).pairs
    assert pair.options == {"max_regions": 1}


def test_arrays_and_bytes_are_pictures_wherever_the_test_works(root: Path, pytester: pytest.Pytester, run: Run) -> None:
    pytester.makepyfile(
        test_pages="""
        from pathlib import Path

        import numpy as np

        def test_both(diffspot, tmp_path, monkeypatch):
            data = Path("home.png").read_bytes()
            monkeypatch.chdir(tmp_path)
            diffspot.check(data, "home.png")
            result = diffspot.check(np.full((48, 64, 3), 200, np.uint8), "array.png")
            assert result.status == "same"
        """
    )
    save(baseline(root, "array.png"), plain())
    assert run().ret == 0


def test_the_example_in_the_documentation_runs(pytester: pytest.Pytester, run: Run) -> None:
    page = (ROOT / "docs" / "pytest.md").read_text(encoding="utf-8")
    example = page.split("```python\n", 1)[1].split("```", 1)[0]
    drawing = f"""
from pathlib import Path

def draw_chart(path):
    path.write_bytes({save(pytester.path / "drawn.png", plain()).read_bytes()!r})

"""
    pytester.mkdir("tests").joinpath("test_charts.py").write_text(drawing + example, encoding="utf-8")
    assert run("--diffspot-update").ret == 0
    assert run().ret == 0
    assert "tests/baselines/test_charts/chart.png" in page
    assert (pytester.path / "tests/baselines/test_charts/chart.png").is_file()


def test_another_folder_for_the_report(root: Path, run: Run) -> None:
    save(root / "home.png", changed())
    assert run("--diffspot-out", "kept/here").ret == 1
    assert (root / "kept" / "here" / "index.html").is_file()
    assert not out_of(root).exists()


def test_sessions_without_checks_import_nothing_heavy(pytester: pytest.Pytester, run_apart: Run) -> None:
    pytester.makepyfile(
        "import sys\n\ndef test_light():\n    assert {'numpy', 'cv2', 'msgspec'}.isdisjoint(sys.modules)\n"
    )
    assert run_apart().ret == 0


def test_the_entry_point_names_the_plugin() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["entry-points"]["pytest11"] == {"diffspot": "diffspot.pytest_plugin"}


FORGIVING = """
def test_home(diffspot):
    diffspot.check("home.png", "home.png", fail_on="forgiven")
"""
REDRAWN = ROOT / "fixtures" / "page-rerendered"


def test_what_was_forgiven_fails_where_it_counts_and_can_be_accepted(root: Path, run: Run) -> None:
    (root / "home.png").write_bytes((REDRAWN / "candidate.png").read_bytes())
    baseline(root, "home.png").write_bytes((REDRAWN / "reference.png").read_bytes())
    assert run().ret == 0
    (root / "test_pages.py").write_text(FORGIVING)
    result = run()
    assert result.ret == 1
    result.stdout.fnmatch_lines(
        ["*is the same as the baseline * but for what was forgiven, rendering * px in * places*"]
    )
    assert found(root) == {NAME: "same"}
    assert (out_of(root) / "pictures" / "candidate" / NAME).read_bytes() == (REDRAWN / "candidate.png").read_bytes()
    assert run("--diffspot-update").ret == 0
    assert baseline(root, "home.png").read_bytes() == (REDRAWN / "candidate.png").read_bytes()
    assert run().ret == 0
