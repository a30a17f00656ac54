"""Configuration at the command line: found, shown, written, obeyed."""

from __future__ import annotations

import json
import tomllib
from typing import TYPE_CHECKING

import jsonschema
import numpy as np
import pytest

from diffspot import compare, compare_directories, compare_files
from diffspot.options.options import Options, make_options
from tests.in_process import diffspot
from tests.pictures import PATCH, changed, plain, save

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A directory with `reference` and `candidate`: two pairs that differ in PATCH, one of them in a folder."""
    for name in ("home.png", "deep/page.png"):
        save(tmp_path / "reference" / name, plain())
        save(tmp_path / "candidate" / name, changed())
    return tmp_path


def statuses(place: Path, *arguments: object) -> dict[str, str]:
    done = diffspot("compare", "reference", "candidate", "--jsonl", *arguments, cwd=place)
    pairs = [json.loads(line) for line in done.stdout.splitlines()]
    return {pair["name"]: pair["status"] for pair in pairs}


IGNORING = "ignore = [[8, 5, 12, 10]]\n"


@pytest.mark.parametrize(
    ("text", "home", "page"),
    [
        (IGNORING, "same", "same"),
        ("min-area = 121\n", "same", "same"),
        ("[[rules]]\nmatch = 'deep/*'\n" + IGNORING, "different", "same"),
        ("[[rules]]\nmatch = '*.png'\n" + IGNORING + "[[rules]]\nmatch = 'home*'\nignore = []\n", "different", "same"),
        ("only = [['50%', 0, '50%', '100%']]\n", "same", "same"),
        ("max-regions = 1\n[[rules]]\nmatch = 'home.png'\nmax-regions = 0\n", "different", "same"),
    ],
)
def test_a_file_nearby_is_obeyed(place: Path, text: str, home: str, page: str) -> None:
    (place / "diffspot.toml").write_text(text)
    assert statuses(place) == {"home.png": home, "deep/page.png": page}


def test_flags_win_over_the_file_and_another_file_takes_its_place(place: Path) -> None:
    (place / "diffspot.toml").write_text(IGNORING)
    (place / "other.toml").write_text("min-area = 2\n")
    assert set(statuses(place, "--ignore", "0,0,3,3").values()) == {"different"}
    assert set(statuses(place, "--ignore", "none").values()) == {"different"}
    assert set(statuses(place, "--config", "other.toml").values()) == {"different"}
    assert set(statuses(place).values()) == {"same"}


def test_boxes_may_be_repeated_and_in_percent(place: Path) -> None:
    assert set(statuses(place, "--ignore", "0,0,12,100%", "--ignore", "12,0,8,30%").values()) == {"same"}
    assert set(statuses(place, "--only", "0,0,5,5", "--only", "40,30,5,5").values()) == {"same"}


def test_a_mask_is_relative_to_its_file_or_to_here(place: Path) -> None:
    mask = np.full((48, 64, 1), 255, np.uint8)
    x, y, w, h = PATCH
    mask[y : y + h, x : x + w] = 0
    save(place / "masks" / "mask.png", mask)
    (place / "masks" / "config.toml").write_text("mask = 'mask.png'\n")
    assert set(statuses(place, "--mask", "masks/mask.png").values()) == {"same"}
    assert set(statuses(place, "--config", "masks/config.toml").values()) == {"same"}


def test_a_mask_of_another_size_is_that_pairs_error(place: Path) -> None:
    save(place / "mask.png", np.full((9, 9, 1), 255, np.uint8))
    (place / "diffspot.toml").write_text("[[rules]]\nmatch = 'home.png'\nmask = 'mask.png'\n")
    done = diffspot("compare", "reference", "candidate", cwd=place)
    assert done.returncode == 2
    assert "mask.png is of 9x9 px and the reference of 64x48 px" in done.stdout
    assert "1 different, 1 error" in done.stdout


@pytest.mark.parametrize("text", ["min_area = 9", "[[rules]]\nmatch = '*'\npading = 1", "blur = 'wide'", "x ="])
def test_a_mistake_in_the_file_is_a_sentence_and_exit_2(place: Path, text: str) -> None:
    (place / "diffspot.toml").write_text(text)
    for command in (["compare", "reference", "candidate"], ["config"]):
        done = diffspot(*command, cwd=place)
        assert (done.returncode, done.stdout) == (2, "")
        assert "diffspot.toml" in done.stderr
        assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("fail_on", "code"),
    [("different", 1), ("error", 0), ("none", 0), ("renamed", 1), ("added,removed", 0)],
)
def test_fail_on_decides_the_exit_code(place: Path, fail_on: str, code: int) -> None:
    save(place / "reference" / "old.png", plain(20, 20))
    save(place / "candidate" / "new.png", plain(20, 20))
    done = diffspot("compare", "reference", "candidate", "--fail-on", fail_on, cwd=place)
    assert done.returncode == code
    assert "renamed\told.png\t\t\tnow candidate/new.png" in done.stdout
    assert "3 pairs: 2 different, 1 renamed" in done.stdout


def test_the_report_with_rules_obeys_the_schema(place: Path) -> None:
    save(place / "reference" / "old.png", plain(20, 20))
    save(place / "candidate" / "new.png", plain(20, 20))
    (place / "diffspot.toml").write_text("only = [[0, 0, '50%', 9]]\n[[rules]]\nmatch = 'home*'\nannotate = 'none'\n")
    done = diffspot("compare", "reference", "candidate", "-o", "out", "--json", cwd=place)
    report = json.loads(done.stdout)
    jsonschema.validate(report, json.loads(diffspot("schema").stdout))
    assert report["options"]["only"] == [[0, 0, "50%", 9]]
    page, home, old = report["pairs"]
    assert (home["options"], home["annotated"]) == ({"annotate": "none"}, None)
    assert (page["options"], page["annotated"]) == (None, "annotated/deep/page.png")
    assert page["ignored"] == pytest.approx(1 - 32 * 9 / (64 * 48), abs=1e-6)
    assert (old["status"], old["ignored"], report["summary"]["renamed"]) == ("renamed", None, 1)


def test_init_writes_a_file_that_changes_nothing_and_never_overwrites(place: Path) -> None:
    before = statuses(place)
    done = diffspot("init", cwd=place)
    assert (done.returncode, done.stdout) == (0, "")
    assert statuses(place) == before
    text = (place / "diffspot.toml").read_text()
    again = diffspot("init", cwd=place)
    assert again.returncode == 2
    assert "diffspot.toml is there already" in again.stderr
    assert (place / "diffspot.toml").read_text() == text


def test_config_prints_what_is_in_force_and_where_it_comes_from(place: Path) -> None:
    (place / "deep").mkdir()
    (place / "pyproject.toml").write_text(
        "[tool.diffspot]\nblur = 1.5\n[[tool.diffspot.rules]]\nmatch = 'home*'\nmin-area = 9\n"
    )
    done = diffspot("config", "home.png", "--padding", "3", "--ignore", "0,0,5%,5", cwd=place / "deep")
    shown = make_options(tomllib.loads(done.stdout), file="shown")
    assert shown == make_options({"blur": 1.5, "min_area": 9, "padding": 3, "ignore": "0,0,5%,5"})
    origins = {line.partition(" = ")[0]: line.partition("  # ")[2] for line in done.stdout.splitlines()}
    assert {key: origins[key] for key in ("blur", "min-area", "padding", "ignore", "join")} == {
        "blur": "../pyproject.toml",
        "min-area": "../pyproject.toml, rule 1",
        "padding": "flag",
        "ignore": "flag",
        "join": "default",
    }
    in_general = tomllib.loads(diffspot("config", cwd=place).stdout)
    assert make_options(in_general, file="shown") == make_options({"blur": 1.5})


def test_without_a_file_config_prints_the_defaults(tmp_path: Path) -> None:
    shown = tomllib.loads(diffspot("config", cwd=tmp_path).stdout)
    assert make_options(shown, file="shown") == Options()


def test_ignore_turns_a_failure_into_a_rule_and_the_next_run_passes(place: Path) -> None:
    assert diffspot("compare", "reference", "candidate", "-o", "out", cwd=place).returncode == 1
    printed = diffspot("ignore", "out", "--pair", "home.png", cwd=place)
    assert tomllib.loads(printed.stdout) == {"rules": [{"match": "home.png", "ignore": [[6, 3, 16, 14]]}]}
    assert not (place / "diffspot.toml").exists()
    for name in ("home.png", "deep/page.png"):
        done = diffspot("ignore", "out", "--pair", name, "--region", "1", "--padding", "0", "--write", cwd=place)
        assert (done.returncode, done.stderr) == (0, "Appended a rule to diffspot.toml.\n")
    assert diffspot("compare", "reference", "candidate", "-o", "out", cwd=place).returncode == 0


def test_a_second_rule_keeps_what_the_first_ignored(place: Path) -> None:
    two = changed()
    two[30:40, 40:60] = 0
    save(place / "candidate" / "home.png", two)
    for boxes in (1, 2):
        diffspot("compare", "reference", "candidate", "-o", "out", cwd=place)
        diffspot("ignore", "out", "--pair", "home.png", "--region", "1", "--write", cwd=place)
        rules = tomllib.loads((place / "diffspot.toml").read_text())["rules"]
        assert len(rules[-1]["ignore"]) == boxes
    assert statuses(place)["home.png"] == "same"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["out", "--pair", "hom.png"], ["did you mean 'home.png'"]),
        (["out", "--pair", "home.png", "--region", "2"], ["--region takes 1 to 1"]),
        (["reference", "--pair", "home.png"], ["report.json", "--out folder"]),
        (["out"], ["--pair"]),
    ],
)
def test_a_mistake_about_a_run_is_a_sentence_and_exit_2(place: Path, arguments: list[str], words: list[str]) -> None:
    diffspot("compare", "reference", "candidate", "-o", "out", cwd=place)
    done = diffspot("ignore", *arguments, cwd=place)
    assert (done.returncode, done.stdout) == (2, "")
    for word in words:
        assert word in done.stderr
    assert "Traceback" not in done.stderr


def test_a_report_that_is_none_is_refused(place: Path) -> None:
    (place / "report.json").write_text("{}")
    done = diffspot("ignore", ".", "--pair", "home.png", cwd=place)
    assert done.returncode == 2
    assert "report.json is no report of this version" in done.stderr


def test_the_api_takes_the_same_and_looks_for_no_file(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(place)
    config = place / "diffspot.toml"
    config.write_text("padding = 2\n[[rules]]\nmatch = 'home.png'\n" + IGNORING)
    sides = place / "reference", place / "candidate"
    files = sides[0] / "home.png", sides[1] / "home.png"
    assert compare(*files).status == compare_files(*files).status == "different"
    assert compare(*files, config=config).status == compare_files(*files, config=str(config)).status == "same"
    assert compare(*files, config=config).options == {"ignore": ((8, 5, 12, 10),)}
    found = compare_directories(*sides, config=config)
    assert [(pair.name, pair.status) for pair in found.pairs] == [("deep/page.png", "different"), ("home.png", "same")]
    assert found.options["padding"] == 2
    assert compare(*files, config=config, ignore=[]).status == "different"
    assert compare(*files, ignore=["0,0,50%,100%"], fail_on="none", max_regions=3).status == "same"


def test_the_api_finds_renames(place: Path) -> None:
    save(place / "reference" / "old.png", plain(20, 20))
    save(place / "candidate" / "new.png", plain(20, 20))
    report = compare_directories(place / "reference", place / "candidate")
    assert (report.summary.renamed, report.summary.added, report.summary.removed) == (1, 0, 0)
