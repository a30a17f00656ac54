"""`diffspot similar` as its users meet it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import imagecodecs
import numpy as np
import pytest
import skimage.data

from tests import process
from tests.in_process import diffspot
from tests.pictures import save

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A photo, and a folder of its JPEG copy, its other hue, itself turned, and another photo."""
    photo = skimage.data.chelsea()
    save(tmp_path / "photo.png", photo)
    others = {"hue": photo[..., ::-1], "turned": np.rot90(photo, 2), "coffee": skimage.data.coffee()}
    for name, pixels in others.items():
        save(tmp_path / "among" / f"{name}.png", np.ascontiguousarray(pixels))
    (tmp_path / "among" / "copy.jpg").write_bytes(imagecodecs.jpeg_encode(photo, level=60))
    return tmp_path


def test_the_copy_comes_first(place: Path) -> None:
    done = process.diffspot("similar", "photo.png", "--among", "among", cwd=place)
    assert (done.returncode, done.stderr) == (0, "")
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    assert {row[0] for row in rows} == {"photo.png"}
    assert [row[2] for row in rows] == ["copy.jpg", "turned.png", "coffee.png", "hue.png"]
    distances = [float(row[1]) for row in rows]
    assert distances == sorted(distances)
    assert distances[0] < 0.03 < distances[1]
    done = diffspot("similar", "photo.png", "--among", "among", "--threshold", "0.0001", cwd=place)
    assert (done.returncode, done.stdout) == (1, "")


def test_as_many_as_are_asked_for(place: Path) -> None:
    done = diffspot("similar", "photo.png", "among", "--among", "among", "--top", "1", "--json", "-o", "out", cwd=place)
    report = json.loads(done.stdout)
    assert (place / "out" / "similar.json").read_text(encoding="utf-8") == done.stdout
    nearest = {one["name"]: [other["name"] for other in one["similar"]] for one in report["pictures"]}
    assert nearest["photo.png"] == ["copy.jpg"]
    assert nearest["copy.jpg"] == ["turned.png"], "a picture is not like itself"


def test_near_duplicates_are_told_once(place: Path) -> None:
    assert diffspot("similar", "--among", "among", cwd=place).returncode == 1
    (place / "among" / "again.jpg").write_bytes((place / "among" / "copy.jpg").read_bytes())
    done = diffspot("similar", "--among", "among", cwd=place)
    assert (done.returncode, done.stdout) == (0, "again.jpg\t0.0000\tcopy.jpg\n")
    done = diffspot("similar", "--among", "among", "--threshold", "0.1", "--jsonl", cwd=place)
    found = {line["name"]: line["similar"] for line in map(json.loads, done.stdout.splitlines())}
    assert [one["name"] for one in found["again.jpg"]] == ["copy.jpg", "turned.png"]
    assert [one["name"] for one in found["copy.jpg"]] == ["turned.png"]


def test_one_bad_picture_is_told_and_ends_nothing(place: Path) -> None:
    (place / "among" / "bad.png").write_bytes(b"no")
    done = diffspot("similar", "photo.png", "--among", "among", cwd=place)
    assert (done.returncode, done.stdout.count("\n")) == (2, 4)
    assert done.stderr.count("bad.png") == 1
    (place / "photo.png").write_bytes(b"no")
    done = diffspot("similar", "photo.png", "--among", "among", cwd=place)
    assert (done.returncode, done.stdout) == (2, "")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["photo.png"], ["--among"]),
        (["photo.png", "--among", "among", "--top", "0"], ["--top", "from 1 on"]),
        (["photo.png", "--among", "among", "--threshold", "2"], ["--threshold", "0 to 1"]),
        (["photo.png", "--among", "among", "-o", "among"], ["lies in the input"]),
    ],
)
def test_a_users_mistake_is_a_sentence_and_exit_2(place: Path, arguments: list[str], words: list[str]) -> None:
    done = diffspot("similar", *arguments, cwd=place)
    assert (done.returncode, done.stdout) == (2, "")
    for word in words:
        assert word in done.stderr
    assert "Traceback" not in done.stderr
