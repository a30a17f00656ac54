"""`diffspot common` as its users meet it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import imagecodecs
import numpy as np
import pytest
import tifffile

from diffspot.image_io import read_image
from tests import process
from tests.in_process import diffspot
from tests.pictures import save
from tests.pipeline.finding.overlays import frames

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "frames").mkdir()
    for number, frame in enumerate(frames(4, 1)[0]):
        (tmp_path / "frames" / f"{number}.jpg").write_bytes(imagecodecs.jpeg_encode(frame, level=90))
    return tmp_path


def moving() -> tuple[list[NDArray[np.uint8]], NDArray[np.uint8]]:
    ground = np.random.default_rng(1).integers(0, 255, (40, 60, 3), np.uint8)
    shown = [ground.copy() for _ in range(9)]
    for step, frame in enumerate(shown):
        frame[10:20, 6 * step : 6 * step + 6] = 255
    return shown, ground


def test_what_is_shared_and_the_exit_code(place: Path) -> None:
    done = process.diffspot("common", "frames", "-o", "shared.png", "--align", "none", cwd=place)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) == 4
    mask = frames(4, 1)[1]
    shared = read_image(place / "shared.png").pixels
    assert set(np.unique(shared[..., 3])) == {0, 255}
    shown = shared[..., 3] == 255
    assert (shown & mask).sum() / (shown | mask).sum() > 0.95
    assert not shared[~shown].any()
    dark, light = (np.full((30, 30, 3), level, np.uint8) for level in (10, 240))
    save(place / "dark.png", dark)
    save(place / "light.png", light)
    assert diffspot("common", "dark.png", "light.png", cwd=place).returncode == 1


def test_frames_of_other_sizes_are_told_of(tmp_path: Path) -> None:
    for name, shape in (("a", (40, 60)), ("b", (30, 60)), ("c", (40, 60))):
        save(tmp_path / f"{name}.png", np.full((*shape, 3), 9, np.uint8))
    said = "diffspot: the frames are 60x40 and 60x30 px; only what all of them show can be shared.\n"
    done = diffspot("common", "a.png", "b.png", "c.png", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "0\t0\t60\t30\t1800\n", said)
    assert diffspot("common", "a.png", "b.png", "-q", cwd=tmp_path).stderr == ""
    assert diffspot("common", "a.png", "c.png", cwd=tmp_path).stderr == ""


def test_frames_of_two_sizes_that_share_nothing_have_a_way_out(tmp_path: Path) -> None:
    for name, size, level in (("a", 40, 9), ("b", 60, 240)):
        save(tmp_path / f"{name}.png", np.full((size, 60, 3), level, np.uint8))
    done = diffspot("common", "a.png", "b.png", cwd=tmp_path)
    assert (done.returncode, done.stderr.splitlines()[-1]) == (
        1,
        "diffspot: bring the frames to one size, or name how they lie over each other with --align.",
    )


def test_a_background_of_one_colour(place: Path) -> None:
    done = diffspot(
        "common", "frames", "-o", "a.png", "--background", "#ff8000", "--align", "none", "--json", cwd=place
    )
    report = json.loads(done.stdout)
    assert (report["schema"], len(report["pictures"]), len(report["objects"])) == ("diffspot.common/1", 4, 4)
    pixels = read_image(place / "a.png").pixels
    assert pixels.shape[2] == 3
    x, y, w, h = report["objects"][0]["bbox"]
    pixels[y : y + h, x : x + w] = 0
    assert (pixels[0, 0] == (255, 128, 0)).all()


@pytest.mark.parametrize("kind", ["files", "tiff", "list"])
def test_the_background_behind_what_moves(tmp_path: Path, kind: str) -> None:
    shown, ground = moving()
    if kind == "tiff":
        tifffile.imwrite(tmp_path / "all.tif", np.stack(shown), photometric="rgb")
        given = ["all.tif"]
    else:
        for number, frame in enumerate(shown):
            save(tmp_path / "in" / f"{number}.png", frame)
        (tmp_path / "list.txt").write_text("".join(f"in/{number}.png\n" for number in range(9)), encoding="utf-8")
        given = ["in"] if kind == "files" else ["--list", "list.txt"]
    done = diffspot("common", *given, "--take", "median", "--align", "none", "-o", "out.png", "-q", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    found = read_image(tmp_path / "out.png").pixels
    assert np.array_equal(found[..., :3], ground)
    assert (found[..., 3] == 255).all()


def test_one_bad_frame_is_told_and_ends_nothing(place: Path) -> None:
    (place / "frames" / "bad.png").write_bytes(b"no")
    done = diffspot("common", "frames", "-o", "out.png", "--align", "none", cwd=place)
    assert (done.returncode, len(done.stdout.splitlines())) == (2, 4)
    assert "bad.png" in done.stderr
    assert (place / "out.png").is_file()


def test_too_many_frames_for_the_memory(place: Path) -> None:
    done = diffspot("common", "frames", "--max-memory", "6MB", "--align", "none", cwd=place)
    assert done.returncode == 2
    assert "--max-memory" in done.stderr
    assert done.stdout.count("\n") >= 1, "those that fit are looked at"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], ["--list"]),
        (["frames/0.jpg"], ["two or more"]),
        (["frames", "-o", "out.jpg"], ["--out", ".png"]),
        (["frames", "--background", "red"], ["--background", "#ffffff"]),
        (["frames", "own.png", "-o", "own.png"], ["would replace own.png"]),
    ],
)
def test_a_users_mistake_is_a_sentence_and_exit_2(place: Path, arguments: list[str], words: list[str]) -> None:
    save(place / "own.png", np.zeros((4, 4, 3), np.uint8))
    done = diffspot("common", *arguments, cwd=place)
    assert (done.returncode, done.stdout) == (2, "")
    for word in words:
        assert word in done.stderr
    assert "Traceback" not in done.stderr
