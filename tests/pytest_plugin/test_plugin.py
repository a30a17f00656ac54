"""The pytest plugin, in sessions of its own."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from diffspot.outputs.report_json import read_report
from diffspot.pytest_plugin import report as check_report  # noqa: F401  heavy imports happen once, not in every session
from tests.in_process import diffspot as command
from tests.pictures import changed, plain, save

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[..., pytest.RunResult]

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parent.parent.parent
TEST = """
def test_home(diffspot):
    diffspot.check("home.png", "home.png")
"""
TWO = """
import pytest

@pytest.mark.parametrize("name", ["b.png", "a.png", "same.png"])
def test_page(diffspot, name):
    diffspot.check(name, name)
"""
NAME = "test_pages.py/home.png"


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A pytest session with the plugin, whatever else is installed."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    for name in ("PYTEST_ADDOPTS", "PYTEST_XDIST_WORKER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(pytester.path)
    return lambda *arguments: pytester.runpytest_inprocess("-p", "diffspot.pytest_plugin", *arguments)


@pytest.fixture
def run_apart(pytester: pytest.Pytester, run: Run) -> Run:  # noqa: ARG001  it sets the environment
    """The same in a process of its own."""
    return lambda *arguments: pytester.runpytest_subprocess("-p", "diffspot.pytest_plugin", *arguments, timeout=120)


@pytest.fixture
def root(pytester: pytest.Pytester) -> Path:
    """A test of home.png, and a baseline that it is equal to."""
    pytester.makepyfile(test_pages=TEST)
    save(pytester.path / "home.png", plain())
    save(baseline(pytester.path, "home.png"), plain())
    return pytester.path


def baseline(root: Path, name: str) -> Path:
    return root / "baselines" / "test_pages" / name


def out_of(root: Path) -> Path:
    return root / "diffspot-report"


def found(root: Path) -> dict[str, str]:
    return {pair.name: pair.status for pair in read_report(out_of(root)).pairs}


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


def test_a_damaged_baseline_fails_and_says_so(root: Path, run: Run) -> None:
    baseline(root, "home.png").write_bytes(b"no picture")
    result = run()
    assert result.ret == 1
    result.stdout.fnmatch_lines(["E*The baseline baselines/test_pages/home.png could not be compared: *"])
    assert found(root) == {NAME: "error"}
    assert str(root) not in (out_of(root) / "report.json").read_text(encoding="utf-8")


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


@pytest.mark.parametrize("update", [False, True])
@pytest.mark.parametrize("missing", [False, True])
def test_bytes_that_are_no_picture_are_called_what_the_test_calls_them(
    root: Path, pytester: pytest.Pytester, run: Run, *, missing: bool, update: bool
) -> None:
    pytester.makepyfile(test_pages=TEST.replace('"home.png", ', "b'no picture', "))
    before = baseline(root, "home.png").read_bytes()
    if missing:
        baseline(root, "home.png").unlink()
    result = run(*["--diffspot-update"] * update)
    assert result.ret == 1
    says = "E*The baseline baselines/test_pages/home.png could not be compared: 'home.png' as given in memory *"
    result.stdout.fnmatch_lines([says])
    assert "--diffspot-update" not in result.stdout.str()
    assert found(root) == {NAME: "error"}
    assert baseline(root, "home.png").exists() != missing
    assert missing or baseline(root, "home.png").read_bytes() == before


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


@pytest.mark.parametrize(
    "source",
    [
        "def test_one(diffspot):\n    for _ in range(2):\n        diffspot.check('home.png', 'home.png')\n",
        TEST + TEST.replace("test_home", "test_again"),
    ],
)
@pytest.mark.usefixtures("root")
def test_two_checks_with_one_name_fail(pytester: pytest.Pytester, run: Run, source: str) -> None:
    pytester.makepyfile(test_pages=source)
    result = run()
    assert result.ret == 1
    result.stdout.fnmatch_lines(["E*Two checks of one file are called 'home.png'*"])


@pytest.mark.usefixtures("root")
def test_two_checks_with_one_name_in_two_workers_fail(pytester: pytest.Pytester, run_apart: Run) -> None:
    pytester.makepyfile(test_pages=TEST + TEST.replace("test_home", "test_again"))
    result = run_apart("-p", "xdist", "-n2")
    assert result.ret == 1
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["Two checks of one file are called 'test_pages.py/home.png'*"])


@pytest.mark.parametrize("name", ["../home.png", "/home.png", "home", "", ".", "a//b.png", "a\\\\b.png"])
def test_a_bad_name_fails(root: Path, pytester: pytest.Pytester, run: Run, name: str) -> None:
    pytester.makepyfile(test_pages=TEST.replace('"home.png")', f'"{name}")'))
    result = run()
    assert result.ret == 1
    assert not out_of(root).exists()


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


@pytest.mark.parametrize("option", ["min_aera=4", "junit='x.xml'", "min_area=-1"])
@pytest.mark.usefixtures("root")
def test_a_wrong_option_fails_with_its_name(pytester: pytest.Pytester, run: Run, option: str) -> None:
    pytester.makepyfile(test_pages=TEST.replace('"home.png")', f'"home.png", {option})'))
    result = run()
    assert result.ret == 1
    result.stdout.re_match_lines([f"E .*{option.partition('=')[0].replace('_', '.')}.*"])


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


@pytest.mark.parametrize(
    ("call", "says"),
    [
        ("'home.png', 'home.jpg'", "*home.png and 'home.jpg' do not end alike*"),
        ("[[1]], 'home.png'", "*A list is no picture*"),
        ("__import__('numpy').zeros((9, 9), 'uint8'), 'a.jpg'", "*An array is kept as PNG; call it 'a.png'.*"),
        ("__import__('numpy').full((9, 9), 9.5), 'a.png'", "*An array of float64 from 9.5 to 9.5 is no picture*"),
        ("'gone.png', 'home.png'", "*gone.png does not exist*"),
    ],
)
@pytest.mark.usefixtures("root")
def test_what_is_no_picture_fails_with_a_sentence(pytester: pytest.Pytester, run: Run, call: str, says: str) -> None:
    pytester.makepyfile(test_pages=TEST.replace('"home.png", "home.png"', call))
    result = run()
    assert result.ret == 1
    result.stdout.fnmatch_lines([says])


def test_a_report_that_cannot_be_written_says_so(root: Path, run: Run) -> None:
    save(root / "home.png", changed())
    result = run("--diffspot-out", "home.png/out")
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*Cannot write *home.png/out/*"])


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


def test_a_pipe_for_a_picture_is_not_waited_for(root: Path, run: Run) -> None:
    (root / "home.png").unlink()
    os.mkfifo(root / "home.png")
    result = run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*home.png is a pipe or a device; name a picture file.*"])
    assert found(root) == {NAME: "error"}


def test_a_pipe_for_a_baseline_is_not_waited_for(root: Path, run: Run) -> None:
    baseline(root, "home.png").unlink()
    os.mkfifo(baseline(root, "home.png"))
    run().assert_outcomes(failed=1)
    assert found(root) == {NAME: "error"}


@pytest.mark.usefixtures("root")
@pytest.mark.parametrize("name", ["a\\0b.png", "n" * 300 + ".png"])
def test_a_name_that_no_file_can_have_is_a_sentence(pytester: pytest.Pytester, run: Run, name: str) -> None:
    pytester.makepyfile(test_pages=f'def test_it(diffspot):\n    diffspot.check("home.png", "{name}")\n')
    result = run()
    result.assert_outcomes(failed=1)
    text = result.stdout.str()
    assert "is no name for a baseline" in text or "can be no baseline (File name too long)" in text
    assert "ValueError" not in text


def test_a_long_name_stops_no_page(pytester: pytest.Pytester, root: Path, run: Run) -> None:
    """With .copy.png appended no file can be called so; the copy has a shorter name."""
    name = "n" * 246 + ".tiff"
    pytester.makepyfile(test_pages=TEST + f'\ndef test_long(diffspot):\n    diffspot.check("long.tiff", "{name}")\n')
    save(root / "home.png", changed())
    save(root / "long.png", changed()).rename(root / "long.tiff")
    save(baseline(root, "long.png"), plain()).rename(baseline(root, name))
    result = run()
    result.assert_outcomes(failed=2)
    assert set(found(root).values()) == {"different"}
    assert "test_pages.py/home.png" in (out_of(root) / "index.html").read_text()
    result.stdout.no_fnmatch_line("*Cannot write*")
    assert len(list((out_of(root) / "pictures").rglob("*.copy.png"))) == 2
