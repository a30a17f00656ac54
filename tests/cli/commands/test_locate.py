"""`diffspot locate` as its users meet it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import imagecodecs
import numpy as np
import pytest
import skimage.data

from diffspot.image_io import read_image
from tests import process
from tests.in_process import diffspot
from tests.pictures import save

if TYPE_CHECKING:
    from pathlib import Path

BOX = (60, 40, 90, 80)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A crop, the picture it is from, and a folder: it as JPEG, it mirrored, a smaller one and no picture."""
    photo = skimage.data.astronaut()
    x, y, w, h = BOX
    save(tmp_path / "crop.png", np.ascontiguousarray(photo[y : y + h, x : x + w]))
    save(tmp_path / "photo.png", photo)
    save(tmp_path / "more" / "mirrored.png", np.ascontiguousarray(photo[:, ::-1]))
    save(tmp_path / "more" / "small.png", np.ascontiguousarray(photo[:100, :100]))
    (tmp_path / "more" / "deep").mkdir()
    (tmp_path / "more" / "deep" / "copy.jpg").write_bytes(imagecodecs.jpeg_encode(photo, level=80))
    (tmp_path / "more" / "bad.png").write_bytes(b"no picture")
    return tmp_path


def test_the_place_and_the_exit_code(place: Path) -> None:
    done = process.diffspot("locate", "crop.png", "photo.png", cwd=place)
    assert (done.returncode, done.stdout, done.stderr) == (0, "photo.png\t60\t40\t90\t80\t1.0000\texact\n", "")
    done = process.diffspot("locate", "crop.png", "more/mirrored.png", cwd=place)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "diffspot: nothing found\n")


def test_why_nothing_is_found_is_told(place: Path) -> None:
    done = diffspot("locate", "photo.png", "more/small.png", "crop.png", cwd=place)
    why = "the crop is larger than the picture (of 2 pictures)"
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"diffspot: nothing found; {why}\n")
    done = diffspot("locate", "photo.png", "more/small.png", "--quiet", cwd=place)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "")


def test_one_bad_picture_is_told_and_ends_nothing(place: Path) -> None:
    done = diffspot("locate", "crop.png", "photo.png", "more", "nowhere.png", "--jsonl", cwd=place)
    assert done.returncode == 2
    lines = {line["name"]: line for line in map(json.loads, done.stdout.splitlines())}
    assert [*lines] == ["photo.png", "bad.png", "deep/copy.jpg", "mirrored.png", "small.png", "nowhere.png"]
    (exact,), (near,) = lines["photo.png"]["places"], lines["deep/copy.jpg"]["places"]
    assert (exact["bbox"], exact["score"], exact["exact"]) == ([*BOX], 1, True)
    assert (near["bbox"], near["exact"]) == ([*BOX], False)
    assert 0.95 < near["score"] < 1
    assert "is not a PNG" in lines["bad.png"]["error"]
    assert "does not exist" in lines["nowhere.png"]["error"]
    assert done.stderr.count("diffspot: ") == 2


def test_the_same_box_is_cut_out_of_many_without_loss(place: Path) -> None:
    deep = np.random.default_rng(1).integers(0, 65536, (200, 300, 4), np.uint16)
    save(place / "others" / "deep.png", deep)
    save(place / "others" / "sub" / "grey.png", np.arange(60_000, dtype=np.uint8).reshape(200, 300, 1))
    photo = imagecodecs.jpeg_decode((place / "more" / "deep" / "copy.jpg").read_bytes())
    (place / "others" / "photo.jpg").write_bytes((place / "more" / "deep" / "copy.jpg").read_bytes())
    done = diffspot("locate", "crop.png", "photo.png", "--apply", "others", "-o", "out", "--json", cwd=place)
    assert done.returncode == 0
    x, y, w, h = BOX
    here = np.s_[y : y + h, x : x + w]
    assert np.array_equal(read_image(place / "out" / "cut" / "deep.png").pixels, deep[here])
    cut = read_image(place / "out" / "cut" / "photo.jpg.png")
    assert np.array_equal(cut.pixels, photo[here])
    report = json.loads(done.stdout)
    assert (place / "out" / "locate.json").read_text(encoding="utf-8") == done.stdout
    assert report["schema"] == "diffspot.locate/1"
    assert report["options"]["min_score"] == 0.9
    notes = {one["name"]: one["notes"] for one in report["pictures"]}
    assert notes["photo.jpg"] == ["written as PNG, which loses nothing"]
    assert notes["deep.png"] == []
    assert [one["written"] for one in report["pictures"]] == [
        None,
        "cut/deep.png",
        "cut/photo.jpg.png",
        "cut/sub/grey.png",
    ]


def test_pictures_smaller_than_the_box_are_told(place: Path) -> None:
    done = diffspot("locate", "crop.png", "photo.png", "--apply", "more", "-o", "out", cwd=place)
    assert done.returncode == 2
    assert "small.png is 100x100 px, too small for the box 60,40,90,80; leave it out." in done.stderr
    assert sorted(path.name for path in (place / "out" / "cut").rglob("*.png")) == ["copy.jpg.png", "mirrored.png"]


def test_lists_scores_and_numbers(place: Path) -> None:
    (place / "list.txt").write_text("photo.png\n\nmore/deep/copy.jpg\n", encoding="utf-8")
    done = diffspot("locate", "crop.png", "--list", "list.txt", "--min-score", "0.999", cwd=place)
    assert (done.returncode, done.stdout.count("\n")) == (0, 1)
    done = diffspot(
        "locate", "crop.png", "--list", "-", "--top", "2", "--min-score", "0", stdin="photo.png\n", cwd=place
    )
    assert (done.returncode, done.stdout.count("\n")) == (0, 2)
    done = diffspot("locate", "crop.png", "photo.png", "more", "--any", cwd=place)
    assert (done.returncode, done.stdout.count("\n")) == (0, 1)


SHAPES = "0000\n1000\n1111\n\n11\n11\n"


def test_binary_shapes_in_text(tmp_path: Path) -> None:
    (tmp_path / "two.txt").write_text(SHAPES, encoding="utf-8")
    done = diffspot("locate", "--shape", "1000/1111", "two.txt", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "two.txt\t0\t1\t4\t2\tturned 0\n")
    done = diffspot("locate", "--shape", "10/11", "--orientations", "8", "two.txt", "--jsonl", cwd=tmp_path)
    first, second = map(json.loads, done.stdout.splitlines())
    assert [hit["bbox"] for hit in first["hits"]] == [[0, 1, 2, 2]]
    assert (second["name"], second["hits"]) == ("two.txt#2", [])
    assert diffspot("locate", "--shape", "101", "two.txt", cwd=tmp_path).returncode == 1


def test_flat_rows_from_standard_input() -> None:
    flat = np.random.default_rng(3).random((2, 784)) < 0.5
    text = "\n".join(" ".join(map(str, row.astype(int))) for row in flat)
    done = diffspot("locate", "--shape", "1000/1111", "--orientations", "8", "--flat", "-", "--json", stdin=text)
    counts = [len(one["hits"]) for one in json.loads(done.stdout)["pictures"]]
    rows = "\n".join("".join(map(str, row.astype(int))) for row in flat[0].reshape(28, 28))
    again = diffspot("locate", "--shape", "1000/1111", "--orientations", "8", "-", "--json", stdin=rows)
    assert counts[0] == len(json.loads(again.stdout)["pictures"][0]["hits"]) > 0
    assert len(counts) == 2


def test_a_binary_shape_in_a_list_alone(tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_text("01\n", encoding="utf-8")
    (tmp_path / "list.txt").write_text("one.txt\n", encoding="utf-8")
    done = diffspot("locate", "--shape", "1", "--list", "list.txt", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "one.txt\t1\t0\t1\t1\tturned 0\n")


def test_binary_shapes_in_pictures(tmp_path: Path) -> None:
    ink = np.full((9, 9, 3), 240, np.uint8)
    ink[3, 2:6] = ink[2, 2] = 20
    save(tmp_path / "ink.png", ink)
    done = diffspot("locate", "--shape", "1000/1111", "--ones", "dark", "ink.png", cwd=tmp_path)
    assert done.stdout == "ink.png\t2\t2\t4\t2\tturned 0\n"
    light = diffspot("locate", "--shape", "1000/1111", "ink.png", cwd=tmp_path)
    assert light.stdout == "ink.png\t1\t3\t4\t2\tturned 0\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["crop.png"], ["--list"]),
        ([], ["CROP", "--shape"]),
        (["--list", "list.txt"], ["CROP", "--shape"]),
        (["--shape", "1"], ["--list"]),
        (["nowhere.png", "photo.png"], ["nowhere.png", "does not exist"]),
        (["crop.png", "photo.png", "--apply", "more"], ["--apply", "--out"]),
        (["crop.png", "photo.png", "--top", "0"], ["--top", "from 1 on"]),
        (["crop.png", "photo.png", "--min-score", "2"], ["--min-score"]),
        (["crop.png", "photo.png", "--json", "--quiet"], ["--json", "--quiet"]),
        (["crop.png", "photo.png", "--jobs", "0"], ["--jobs"]),
        (["crop.png", "more", "-o", "more/out"], ["more/out", "lies in the input"]),
        (["--shape", "12", "photo.png"], ["--shape", "1000/1111"]),
        (["--shape", "1", "--orientations", "3", "photo.png"], ["--orientations", "1, 4 or 8"]),
        (["crop.png", "photo.png", "--max-pixels", "100"], ["--max-pixels"]),
        (["crop.png", "--list", "nowhere.txt"], ["nowhere.txt"]),
    ],
)
def test_a_users_mistake_is_a_sentence_and_exit_2(place: Path, arguments: list[str], words: list[str]) -> None:
    done = diffspot("locate", *arguments, cwd=place)
    assert (done.returncode, done.stdout) == (2, "")
    for word in words:
        assert word in done.stderr
    assert "Traceback" not in done.stderr


def test_text_that_is_no_picture_is_told(tmp_path: Path) -> None:
    (tmp_path / "bad.txt").write_text("012\n", encoding="utf-8")
    (tmp_path / "good.txt").write_text("11\n", encoding="utf-8")
    done = diffspot("locate", "--shape", "11", "bad.txt", "good.txt", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "good.txt\t0\t0\t2\t1\tturned 0\n")
    assert "bad.txt holds something else than 0 and 1" in done.stderr


@pytest.mark.parametrize("given", [["crop.png", "photo.png", "--apply", "o/cut"], ["o/cut/a.png", "photo.png"]])
def test_no_picture_is_replaced_by_its_cut(place: Path, given: list[str]) -> None:
    save(place / "o" / "cut" / "a.png", read_image(place / "crop.png").pixels)
    before = (place / "o" / "cut" / "a.png").read_bytes()
    done = diffspot("locate", *given, "-o", "o", cwd=place)
    assert done.returncode == 2
    assert "--out o" in done.stderr
    assert (place / "o" / "cut" / "a.png").read_bytes() == before


def test_cuts_of_an_earlier_run_go(place: Path) -> None:
    save(place / "some" / "a.png", read_image(place / "photo.png").pixels)
    save(place / "some" / "b.png", read_image(place / "photo.png").pixels)
    cut = ["locate", "crop.png", "photo.png", "--apply", "some", "-o", "out"]
    assert diffspot(*cut, cwd=place).returncode == 0
    assert sorted(path.name for path in (place / "out" / "cut").iterdir()) == ["a.png", "b.png"]
    (place / "some" / "b.png").unlink()
    assert diffspot(*cut, cwd=place).returncode == 0
    assert [path.name for path in (place / "out" / "cut").iterdir()] == ["a.png"]
