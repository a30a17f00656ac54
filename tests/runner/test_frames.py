"""All frames of two files are compared, each as a pair of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import PIL.Image
import pytest

from diffspot import compare, compare_directories, compare_files
from diffspot.outputs.html import COPIES
from diffspot.outputs.words import summary_line
from tests.made_pictures import save
from tests.process import diffspot

if TYPE_CHECKING:
    from pathlib import Path

    from diffspot.model import RunReport

KINDS = {"tif": "TIFF", "gif": "GIF", "png": "PNG", "webp": "WEBP"}


def drawn(shade: int) -> PIL.Image.Image:
    """A page with a square of some shade."""
    pixels = np.full((60, 80, 3), 250, np.uint8)
    pixels[20:40, 30:50] = shade
    return PIL.Image.fromarray(pixels)


def stack(path: Path, *shades: int) -> Path:
    """A file with one frame for each shade."""
    first, *more = map(drawn, shades)
    kind = KINDS[path.suffix[1:]]
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(
        save(first, kind, save_all=True, append_images=more, **({"lossless": True} if kind == "WEBP" else {}))
    )
    return path


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    return tmp_path / "r", tmp_path / "c"


def told(report: RunReport) -> list[tuple[str, str]]:
    return [(pair.name, pair.status) for pair in report.pairs]


@pytest.mark.parametrize("suffix", KINDS)
def test_each_frame_is_a_pair(folders: tuple[Path, Path], suffix: str) -> None:
    for folder, second in zip(folders, (60, 160), strict=True):
        stack(folder / f"a.{suffix}", 10, second, 110)
    report = compare_directories(*folders)
    assert told(report) == [(f"a.{suffix}", "same"), (f"a.{suffix}#2", "different"), (f"a.{suffix}#3", "same")]
    assert report.pairs[1].regions[0].bbox == (30, 20, 20, 20)
    assert [(pair.frame, pair.frames) for pair in report.pairs] == [(1, 3), (2, 3), (3, 3)]
    assert not report.interrupted


def test_frames_that_one_file_lacks_are_added_or_removed(folders: tuple[Path, Path]) -> None:
    for folder, counts in zip(folders, ((1, 3), (2, 1)), strict=True):
        for name, count in zip("ab", counts, strict=True):
            stack(folder / f"{name}.tif", *range(10, 10 + 70 * count, 70))
    report = compare_directories(*folders)
    assert told(report) == [
        ("a.tif", "same"),
        ("a.tif#2", "added"),
        ("b.tif", "same"),
        ("b.tif#2", "removed"),
        ("b.tif#3", "removed"),
    ]
    assert report.exit_code == 1


def test_the_first_frames_alone_are_told_of(folders: tuple[Path, Path]) -> None:
    stack(folders[0] / "a.tif", 10, 60)
    stack(folders[1] / "a.tif", 10)
    report = compare_directories(*folders, frames="first")
    assert told(report) == [("a.tif", "same")]
    assert report.pairs[0].notes == ("reference: first of 2 frames",)
    assert summary_line(report) == "1 pair: 1 same; the first frame alone of 1 pair"
    assert summary_line(compare_directories(*folders)) == "2 pairs: 1 same, 1 removed"


def test_equal_files_are_compared_frame_by_frame(folders: tuple[Path, Path]) -> None:
    for folder in folders:
        stack(folder / "a.gif", 10, 60)
    assert told(compare_directories(*folders)) == [("a.gif", "same"), ("a.gif#2", "same")]


def test_a_frame_that_is_damaged_is_an_error_and_so_are_those_after_it(folders: tuple[Path, Path]) -> None:
    for folder in folders:
        stack(folder / "a.webp", 10, 60, 110)
    path = folders[1] / "a.webp"
    data = bytearray(path.read_bytes())
    second = data.index(b"ANMF", data.index(b"ANMF") + 4)
    image = data.index(b"VP8L", second)
    data[image + 9] ^= 0xFF  # the size in the stream is another than that of the frame
    path.write_bytes(data)
    report = compare_directories(*folders)
    assert [pair.status for pair in report.pairs][1:] == ["error", "error"]
    assert all(pair.error for pair in report.pairs[1:])


def test_a_page_that_is_refused_leaves_the_others_their_places(folders: tuple[Path, Path]) -> None:
    for folder, shade in zip(folders, (60, 160), strict=True):
        folder.mkdir()
        pages = [drawn(10).resize((800, 600)), drawn(shade), drawn(110)]
        (folder / "a.tif").write_bytes(save(pages[0], "TIFF", save_all=True, append_images=pages[1:]))
    report = compare_directories(*folders, max_memory="5MB")
    assert [pair.status for pair in report.pairs] == ["error", "different", "same"]
    assert report.pairs[1].size == (80, 60)


def test_frames_have_their_own_annotated_pictures_and_copies(folders: tuple[Path, Path], tmp_path: Path) -> None:
    stack(folders[0] / "a.gif", 10, 60)
    stack(folders[1] / "a.gif", 10, 160)
    out = tmp_path / "out"
    report = compare_directories(*folders, out=out, html=True)
    assert report.pairs[1].annotated == "annotated/a.gif#2.png"
    assert (out / "annotated/a.gif#2.png").is_file()
    for side, shade in (("reference", 60), ("candidate", 160)):
        with PIL.Image.open(out / COPIES / side / "a.gif#2.copy.png") as copy:
            assert np.asarray(copy.convert("RGB"))[30, 40].tolist() == pytest.approx([shade] * 3, abs=2)


@pytest.mark.slow
def test_files_are_accepted_whole(folders: tuple[Path, Path], tmp_path: Path) -> None:
    stack(folders[0] / "a.tif", 10, 60, 110)
    stack(folders[1] / "a.tif", 20, 60, 130, 140)
    assert diffspot("compare", "r", "c", "-o", "out", cwd=tmp_path).returncode == 1
    done = diffspot("accept", "out", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (folders[0] / "a.tif").read_bytes() == (folders[1] / "a.tif").read_bytes()
    assert diffspot("compare", "r", "c", cwd=tmp_path).returncode == 0
    assert sorted(path.name for path in folders[0].iterdir()) == ["a.tif"]


def test_where_one_result_stands_for_all_it_is_one_that_differs(folders: tuple[Path, Path]) -> None:
    files = stack(folders[0] / "a.tif", 10, 60), stack(folders[1] / "a.tif", 10, 160)
    assert compare_files(*files).name == "a.tif#2"
    assert compare(*files).notes == ("reference: first of 2 frames", "candidate: first of 2 frames")
    assert compare(*files).status == "same"


def test_renamed_files_have_all_frames_in_common(folders: tuple[Path, Path]) -> None:
    stack(folders[0] / "first-equal.tif", 10, 60)
    stack(folders[1] / "first-alike.tif", 10, 160)
    stack(folders[0] / "old.gif", 30, 60)
    stack(folders[1] / "new.tif", 30, 60)
    assert sorted(told(compare_directories(*folders))) == [
        ("first-alike.tif", "added"),
        ("first-equal.tif", "removed"),
        ("old.gif", "renamed"),
    ]
