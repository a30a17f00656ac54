"""`diffspot shapes` as its users meet it."""

from __future__ import annotations

import json
import signal
from typing import TYPE_CHECKING

import numpy as np
import pytest

from diffspot.image_io import read_image
from tests import process
from tests.in_process import diffspot
from tests.opening import on_open
from tests.pictures import changed, plain, save

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def place(tmp_path: Path) -> Path:
    save(tmp_path / "in" / "patch.png", changed())
    save(tmp_path / "in" / "deep" / "plain.png", plain())
    return tmp_path


def test_the_areas_and_the_exit_code(place: Path) -> None:
    done = process.diffspot("shapes", "in/patch.png", cwd=place)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "patch.png\t1\t200,200,200\t2952\t0\t0\t64\t48\npatch.png\t2\t0,0,0\t120\t8\t5\t12\t10\n"
    assert diffspot("shapes", "in/patch.png", "--min-area", 4000, "-q", cwd=place).returncode == 1


def test_labels_and_coco(place: Path) -> None:
    done = diffspot("shapes", "in", "--out", "out", "--json", cwd=place)
    assert done.returncode == 0
    assert done.stdout == (place / "out" / "shapes.json").read_text(encoding="utf-8")
    labels = read_image(place / "out" / "labels" / "patch.png").pixels
    assert labels.dtype == np.uint16
    assert np.array_equal(labels[..., 0], np.where(changed()[..., 0] == 0, 2, 1))
    assert (place / "out" / "labels" / "deep" / "plain.png").is_file()
    coco = json.loads((place / "out" / "coco.json").read_text(encoding="utf-8"))
    names = {image["id"]: image["file_name"] for image in coco["images"]}
    assert [(names[one["image_id"]], one["bbox"], one["area"]) for one in coco["annotations"]] == [
        ("deep/plain.png", [0, 0, 64, 48], 3072),
        ("patch.png", [0, 0, 64, 48], 2952),
        ("patch.png", [8, 5, 12, 10], 120),
    ]


def test_a_tolerance_takes_the_place_of_levels(place: Path) -> None:
    ramp = np.repeat(np.arange(0, 250, 5, dtype=np.uint8)[None, :, None], 10, axis=0)
    save(place / "ramp.png", ramp)
    assert diffspot("shapes", "ramp.png", cwd=place).stdout.count("\n") == 8
    assert diffspot("shapes", "ramp.png", "--tolerance", "5", cwd=place).stdout.count("\n") == 1
    assert diffspot("shapes", "ramp.png", "--tolerance", "4", "--min-area", "1", cwd=place).stdout.count("\n") == 50


def test_one_bad_picture_is_told_and_ends_nothing(place: Path) -> None:
    (place / "in" / "bad.png").write_bytes(b"no")
    done = diffspot("shapes", "in", "--jsonl", "-o", "out", cwd=place)
    assert done.returncode == 2
    assert [json.loads(line)["name"] for line in done.stdout.splitlines()] == ["bad.png", "deep/plain.png", "patch.png"]
    assert (place / "out" / "labels" / "patch.png").is_file()
    assert len(json.loads((place / "out" / "coco.json").read_text(encoding="utf-8"))["images"]) == 2


def test_where_no_picture_could_be_looked_at_nothing_is_said_of_areas(place: Path) -> None:
    (place / "bad.png").write_bytes(b"no")
    save(place / "grey.png", np.full((9, 9, 3), 90, np.uint8))
    done = diffspot("shapes", "bad.png", cwd=place)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "nothing found" not in done.stderr
    assert "nothing found" in diffspot("shapes", "bad.png", "grey.png", "--min-area", "99", cwd=place).stderr


def test_more_areas_than_labels_have_numbers(place: Path) -> None:
    save(place / "noise.png", np.random.default_rng(1).integers(0, 256, (280, 280, 3), np.uint8))
    done = diffspot("shapes", "noise.png", "--levels", "256", "--min-area", "1", "-o", "out", "--quiet", cwd=place)
    assert done.returncode == 2
    assert "raise --min-area" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], ["--list"]),
        (["in", "--levels", "1"], ["--levels", "from 2 to 256"]),
        (["in", "--tolerance", "300"], ["--tolerance", "0 to 255"]),
        (["in", "-o", "in/out"], ["lies in the input"]),
        (["in/patch.png", "in", "-o", "out2"], ["patch.png", "would both be written"]),
        (["empty"], ["no picture in empty"]),
    ],
)
def test_a_users_mistake_is_a_sentence_and_exit_2(place: Path, arguments: list[str], words: list[str]) -> None:
    (place / "empty").mkdir()
    done = diffspot("shapes", *arguments, cwd=place)
    assert (done.returncode, done.stdout) == (2, "")
    for word in words:
        assert word in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("given", [["o/labels"], ["o/labels/patch.png"], ["--list", "list.txt"]])
def test_no_picture_is_replaced_by_its_labels(place: Path, given: list[str]) -> None:
    save(place / "o" / "labels" / "patch.png", changed())
    (place / "list.txt").write_text("o/labels/patch.png\n")
    before = (place / "o" / "labels" / "patch.png").read_bytes()
    done = diffspot("shapes", *given, "-o", "o", cwd=place)
    assert done.returncode == 2
    assert "--out o" in done.stderr
    assert (place / "o" / "labels" / "patch.png").read_bytes() == before


def test_labels_of_an_earlier_run_go_and_nothing_else(place: Path) -> None:
    save(place / "mine.png", plain())
    save(place / "out" / "labels" / "mine.png", plain())
    assert diffspot("shapes", "in", "-o", "out", cwd=place).returncode == 0
    report = json.loads((place / "out" / "shapes.json").read_text(encoding="utf-8"))
    forged = [{"written": name} for name in ("labels/../../mine.png", "../mine.png", "coco.json", "labels/notes.txt")]
    (place / "out" / "labels" / "notes.txt").write_text("mine")
    (place / "out" / "shapes.json").write_text(json.dumps(report | {"pictures": report["pictures"] + forged}))
    assert diffspot("shapes", "in/patch.png", "-o", "out", cwd=place).returncode == 0
    left = sorted(path.relative_to(place).as_posix() for path in (place / "out").rglob("*") if path.is_file())
    assert left == [
        "out/coco.json", "out/labels/mine.png", "out/labels/notes.txt", "out/labels/patch.png", "out/shapes.json",
    ]  # fmt: skip
    assert (place / "mine.png").is_file()


def test_an_interruption_tells_how_far_it_came(tmp_path: Path) -> None:
    for index in range(40):
        save(tmp_path / "in" / f"{index:02}.png", changed())
    sent: list[Path] = []

    def interrupt(path: Path) -> None:
        if path.name == "03.png" and not sent:
            sent.append(path)
            signal.raise_signal(signal.SIGINT)

    command = ["shapes", "in", "--out", "out", "--jobs", "1", "--json"]
    with on_open(interrupt):
        done = diffspot(*command, cwd=tmp_path)
    looked = json.loads((tmp_path / "out" / "shapes.json").read_bytes())["pictures"]
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "diffspot: stopping (SIGINT); a second time stops at once",
        f"diffspot: interrupted; {len(looked)} of 40 pictures were looked at.",
    ]
    assert 1 <= len(looked) < 40
    assert [one["name"] for one in looked] == [f"{index:02}.png" for index in range(len(looked))]
    again = diffspot(*command, cwd=tmp_path)
    assert (again.returncode, again.stderr) == (0, ""), "the folder and the signals are free again"
    assert len(json.loads(again.stdout)["pictures"]) == 40


def test_other_neighbours_than_4_and_8_are_a_mistake(tmp_path: Path) -> None:
    save(tmp_path / "a.png", plain())
    result = diffspot("shapes", tmp_path / "a.png", "--connectivity", "6")
    assert result.returncode == 2
    assert "--connectivity cannot be '6': expected 4|8." in result.stderr
