"""Several right answers: a candidate that is the same as any of them is the same, and the report says as which."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import diffspot as api
from diffspot.errors import OptionError
from tests.in_process import diffspot
from tests.pictures import changed, plain, save

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


def dark() -> NDArray[np.uint8]:
    """`plain` in another theme."""
    picture = 255 - plain()
    picture[10:20, 10:30] = 90
    return picture


@pytest.fixture
def shots(tmp_path: Path) -> Path:
    """References in two themes, and shots of which one is in neither."""
    for name in ("home.png", "deep/cart.png", "new.png", "wrong.png"):
        if name != "new.png":
            save(tmp_path / "ref" / name, plain())
        save(tmp_path / "dark" / name, dark())
        save(tmp_path / "shots" / name, dark())
    save(tmp_path / "shots" / "home.png", plain())
    save(tmp_path / "shots" / "wrong.png", changed())
    return tmp_path


def pairs_of(done: Any) -> dict[str, Any]:  # noqa: ANN401  a finished process
    return {pair["name"]: pair for pair in json.loads(done.stdout)["pairs"]}


def test_a_candidate_may_be_the_same_as_any(shots: Path) -> None:
    done = diffspot("compare", "ref", "shots", "--also", "dark", "--json", cwd=shots)
    found = pairs_of(done)
    assert done.returncode == 1
    assert {name: (pair["status"], pair["reference"]) for name, pair in found.items()} == {
        "deep/cart.png": ("same", "dark/deep/cart.png"),
        "home.png": ("same", "ref/home.png"),
        "new.png": ("same", "dark/new.png"),
        "wrong.png": ("different", "ref/wrong.png"),
    }
    assert found["deep/cart.png"]["notes"] == ["the same as one of 2 references"]
    assert found["wrong.png"]["notes"] == ["the same as none of 2 references"]
    assert found["home.png"]["notes"] == []
    assert done.stderr == ""


def test_without_them_they_differ(shots: Path) -> None:
    done = diffspot("compare", "ref", "shots", "--json", cwd=shots)
    assert {name: pair["status"] for name, pair in pairs_of(done).items()} == {
        "deep/cart.png": "different",
        "home.png": "same",
        "new.png": "added",
        "wrong.png": "different",
    }


def test_a_golden_may_have_others(shots: Path) -> None:
    save(shots / "good.png", dark())
    done = diffspot("compare", "ref/home.png", "shots", "--also", "good.png", "--json", cwd=shots)
    assert {name: pair["status"] for name, pair in pairs_of(done).items()} == {
        "deep/cart.png": "same",
        "home.png": "same",
        "new.png": "same",
        "wrong.png": "different",
    }


def test_only_what_is_right_nowhere_is_drawn(shots: Path) -> None:
    diffspot("compare", "ref", "shots", "--also", "dark", "-o", "out", cwd=shots)
    assert [path.name for path in (shots / "out" / "annotated").rglob("*.png")] == ["wrong.png"]


def test_what_is_wanted_of_all_pairs_is_of_the_reference_that_won(shots: Path) -> None:
    flags = ("--map", "npy", "--save", "mask,aligned", "--stages", "stages", "-o", "out", "--json")
    found = pairs_of(diffspot("compare", "ref", "shots", "--also", "dark", *flags, cwd=shots))
    assert found["deep/cart.png"]["notes"] == ["the same as one of 2 references"]
    assert found["home.png"]["notes"] == []
    for name, pair in found.items():
        for written in ("map_file", "mask_file", "aligned_file"):
            assert (shots / "out" / pair[written]).is_file(), (name, written)
        assert any((shots / "stages" / name).glob("*.stage.png"))
        highest = np.load(shots / "out" / pair["map_file"]).max()
        assert (highest > 0) == (pair["status"] == "different")


def test_what_was_found_holds_until_an_answer_changes(shots: Path) -> None:
    in_the_way = shots / "out" / "index.html" / "in the way"
    in_the_way.mkdir(parents=True)  # so that the journal stays
    command = ("compare", "ref", "shots", "--also", "dark", "-o", "out", "--html")
    diffspot(*command, cwd=shots)
    assert "4 results taken" in diffspot(*command, "--resume", cwd=shots).stderr
    save(shots / "dark" / "deep" / "cart.png", changed())
    in_the_way.rmdir()
    in_the_way.parent.rmdir()
    again = diffspot(*command, "--resume", cwd=shots)
    assert "3 results taken" in again.stderr
    assert again.returncode == 1


def test_the_api_takes_them(shots: Path) -> None:
    report = api.compare_directories(shots / "ref", shots / "shots", also=[shots / "dark"])
    assert [pair.status for pair in report.pairs] == ["same", "same", "same", "different"]


@pytest.mark.parametrize("sheets", ["sheets", "sheets/a.png"])
def test_a_sheet_has_no_other_answer(shots: Path, sheets: str) -> None:
    save(shots / "sheets" / "a.png", np.hstack([plain(), changed()]))
    done = diffspot("compare", sheets, "--split", "auto", "--also", "dark/wrong.png", cwd=shots)
    assert (done.returncode, "--split" in done.stderr, "--also" in done.stderr) == (2, True, True)
    with pytest.raises(OptionError, match=r"--split .* --also"):
        api.compare_directories(shots / "sheets", also=[shots / "dark"], split="auto")


def test_accept_keeps_both(shots: Path) -> None:
    diffspot("compare", "ref", "shots", "-o", "out", cwd=shots)
    done = diffspot("accept", "out", "deep/cart.png", "wrong.png", "--also", "more", cwd=shots)
    assert done.stdout == "added more/deep/cart.png\nadded more/wrong.png\n"
    assert (shots / "ref" / "wrong.png").read_bytes() != (shots / "more" / "wrong.png").read_bytes()
    again = diffspot("compare", "ref", "shots", "--also", "more", "--json", cwd=shots)
    assert {name: pair["status"] for name, pair in pairs_of(again).items()} == {
        "deep/cart.png": "same",
        "home.png": "same",
        "new.png": "added",
        "wrong.png": "same",
    }


def test_accept_replaces_no_other_answer(shots: Path) -> None:
    diffspot("compare", "ref", "shots", "-o", "out", cwd=shots)
    done = diffspot("accept", "out", "wrong.png", "--also", "dark", cwd=shots)
    assert done.returncode == 2
    assert "dark/wrong.png is another right answer already; name another directory with --also." in done.stderr


def test_a_place_that_has_nothing_to_say_is_told_of(shots: Path) -> None:
    save(shots / "other" / "unlike.png", plain())
    done = diffspot("compare", "ref", "shots", "--also", "other", cwd=shots)
    assert "nothing in other has the name of a pair; see --also" in done.stderr
    gone = diffspot("compare", "ref", "shots", "--also", "nowhere", cwd=shots)
    assert (gone.returncode, "nowhere cannot be opened" in gone.stderr) == (2, True)
    inside = diffspot("compare", "ref", "shots", "--also", "dark", "-o", "dark/out", cwd=shots)
    assert (inside.returncode, "lies in the input dark" in inside.stderr) == (2, True)
