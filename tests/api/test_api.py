"""The Python API: comparisons as functions, and its refusals."""

from __future__ import annotations

import doctest
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import diffspot
from diffspot.api import pairs
from diffspot.errors import DiffspotError, ImageReadError, OptionError, OutputError, PairingError
from tests.pictures import PATCH, changed, plain, save
from tests.trees import refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from diffspot.model import PairResult


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two directories: one pair the same, one different, one picture removed, one added."""
    for side, patched in (("ref", plain()), ("cand", changed())):
        save(tmp_path / side / "sub" / "patched.png", patched)
        save(tmp_path / side / "plain.png", plain())
    save(tmp_path / "ref" / "gone.png", plain())
    save(tmp_path / "cand" / "new.png", plain(30, 40))
    return tmp_path


def boxes(result: PairResult) -> list[tuple[int, int, int, int]]:
    return [region.bbox for region in result.regions]


def test_the_examples_in_the_docstrings_hold() -> None:
    failed, attempted = doctest.testmod(pairs)
    assert attempted > 0
    assert failed == 0


def test_public_names() -> None:
    for name in diffspot.__all__:
        assert getattr(diffspot, name) is not None
    assert diffspot.compare is pairs.compare
    assert diffspot.compare_files is pairs.compare_files
    assert diffspot.compare_directories is pairs.compare_directories
    assert diffspot.DiffspotError is DiffspotError
    with pytest.raises(AttributeError, match="no attribute 'difference'"):
        getattr(diffspot, "difference")  # noqa: B009 - the attribute is not there


@pytest.mark.parametrize("shape", [(48, 64), (48, 64, 1), (48, 64, 3)])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_arrays(shape: tuple[int, ...], dtype: type[np.uint8 | np.uint16]) -> None:
    reference = np.full(shape, np.iinfo(dtype).max // 2, dtype)
    candidate = reference.copy()
    x, y, w, h = PATCH
    candidate[y : y + h, x : x + w] = 0
    result = diffspot.compare(reference, candidate)
    assert (result.name, result.status, result.size) == ("array", "different", (64, 48))
    assert (result.reference, result.candidate) == (None, None)
    assert boxes(result) == [PATCH]
    assert (result.regions[0].candidate_bbox, result.regions[0].area) == (PATCH, w * h)
    assert diffspot.compare(reference, reference.copy()).status == "same"


def test_arrays_are_not_written_to() -> None:
    reference, candidate = plain(), changed()
    diffspot.compare(reference, candidate)
    assert np.array_equal(reference, plain())
    assert np.array_equal(candidate, changed())


@pytest.mark.parametrize("kind", [str, Path])
def test_paths(folder: Path, kind: Callable[[Path], str | Path]) -> None:
    paths = [kind(folder / side / "sub" / "patched.png") for side in ("ref", "cand")]
    result = diffspot.compare(*paths)
    assert (result.name, boxes(result)) == ("patched.png", [PATCH])
    assert (result.reference, result.candidate) == tuple(map(str, paths))
    assert boxes(diffspot.compare(paths[0], changed())) == [PATCH]
    assert boxes(diffspot.compare(plain(), paths[1])) == [PATCH]


def test_options_are_those_of_the_command_line() -> None:
    assert boxes(diffspot.compare(plain(), changed(), padding=2)) == [(6, 3, 16, 14)]
    assert boxes(diffspot.compare(plain(), changed(), min_area="121")) == []
    assert diffspot.compare(plain(), changed(), threshold=0.25).threshold == 0.25


def test_files_write_nothing_without_out(folder: Path) -> None:
    before = sorted(folder.rglob("*"))
    result = diffspot.compare_files(folder / "ref/sub/patched.png", folder / "cand/sub/patched.png")
    assert (result.status, boxes(result), result.annotated) == ("different", [PATCH], None)
    assert sorted(folder.rglob("*")) == before


def test_files_with_out(folder: Path) -> None:
    out = folder / "out"
    result = diffspot.compare_files(folder / "ref/sub/patched.png", folder / "cand/sub/patched.png", out=out, padding=1)
    report = json.loads((out / "report.json").read_text())
    assert [pair["status"] for pair in report["pairs"]] == ["different"]
    assert report["pairs"][0]["regions"][0]["bbox"] == [7, 4, 14, 12]
    assert boxes(result) == [(7, 4, 14, 12)]
    assert result.annotated is not None
    assert (out / result.annotated).read_bytes().startswith(b"\x89PNG")


def test_directories(folder: Path) -> None:
    seen: list[PairResult] = []
    report = diffspot.compare_directories(folder / "ref", folder / "cand", jobs=1, on_result=seen.append)
    statuses = {pair.name: pair.status for pair in report.pairs}
    assert statuses == {
        "gone.png": "removed",
        "new.png": "added",
        "plain.png": "same",
        "sub/patched.png": "different",
    }
    assert (report.summary.pairs, report.summary.different, report.exit_code) == (4, 1, 1)
    assert tuple(seen) == report.pairs
    assert not (folder / "report.json").exists()


def test_directories_with_out(folder: Path) -> None:
    report = diffspot.compare_directories(folder / "ref", folder / "cand", out=folder / "out", annotate="none")
    written = json.loads((folder / "out" / "report.json").read_text())
    assert [pair["name"] for pair in written["pairs"]] == [pair.name for pair in report.pairs]
    assert written["options"]["padding"] == 0
    assert [path.name for path in (folder / "out").rglob("*") if path.is_file()] == ["report.json"]


def test_one_directory_of_pairs(tmp_path: Path) -> None:
    save(tmp_path / "x_a.png", plain())
    save(tmp_path / "x_b.png", changed())
    (pair,) = diffspot.compare_directories(tmp_path).pairs
    assert boxes(pair) == [PATCH]


def test_a_picture_that_cannot_be_read_is_a_result(folder: Path) -> None:
    (folder / "cand" / "plain.png").write_bytes(b"no picture")
    report = diffspot.compare_directories(str(folder / "ref"), str(folder / "cand"))
    (broken,) = (pair for pair in report.pairs if pair.status == "error")
    assert broken.name == "plain.png"
    assert broken.error is not None
    assert "plain.png" in broken.error
    assert report.exit_code == 2


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (np.zeros(5, np.uint8), "(5,)"),
        (np.zeros((6, 7, 5), np.uint8), "(6, 7, 5)"),
        (np.zeros((4, 4, 0), np.uint8), "(4, 4, 0)"),
        (np.zeros((0, 4, 3), np.uint8), "(0, 4, 3)"),
        (np.zeros((2, 4, 4, 3), np.uint8), "(2, 4, 4, 3) may be NHWC or NCHW; say which with layout="),
        (np.zeros((4, 7, 3), np.uint8), "(4, 7, 3) may be HWC or CHW; say which with layout="),
        (np.zeros((1, 2, 9, 9, 3), np.uint8), "(1, 2, 9, 9, 3)"),
        (np.full((6, 6), -0.1), "float64 from -0.1 to -0.1"),
        (np.full((6, 6), 255.0), "scale it to [0, 1]"),
        (np.full((6, 6), np.nan), "from nan to nan"),
        (np.zeros((6, 6, 3), np.int32), "int32"),
        (np.zeros((6, 6, 3), complex), "complex128"),
        (object(), "A object is no picture"),
        ([[0, 1], [1, 0]], "A list is no picture"),
        (b"", "picture in memory"),
        (b"no picture", "picture in memory is not a PNG"),
    ],
)
def test_arrays_that_are_no_pictures(given: np.ndarray, said: str) -> None:
    for pair in ((given, plain()), (plain(), given)):
        with pytest.raises(ImageReadError) as caught:
            diffspot.compare(*pair)
        assert said in refusal(caught)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"metrik": "ssim"}, "did you mean 'metric'"),
        ({"colour": 1}, "no option 'colour'"),
        ({"metric": "psnr"}, "--metric"),
        ({"align": None}, "--align"),
        ({"min_area": 0}, "--min-area"),
        ({"threshold": 1.5}, "--threshold"),
        ({"opening": 4}, "--opening"),
        ({"blur": -1}, "--blur"),
        ({"tolerance": 50}, "--tolerance"),
        ({"threshold": "101%"}, "--threshold"),
    ],
)
def test_options_that_cannot_be(folder: Path, options: dict[str, Any], said: str) -> None:
    calls: list[Callable[[], object]] = [
        lambda: diffspot.compare(plain(), changed(), **options),
        lambda: diffspot.compare_files(folder / "ref/plain.png", folder / "cand/plain.png", **options),
        lambda: diffspot.compare_directories(folder / "ref", folder / "cand", **options),
    ]
    for call in calls:
        with pytest.raises(OptionError) as caught:
            call()
        assert said in refusal(caught)


def test_files_that_are_not_there_or_no_pictures(folder: Path) -> None:
    (folder / "text.png").write_text("no picture")
    for path in (folder / "nowhere.png", folder / "text.png", folder / "ref"):
        with pytest.raises(ImageReadError) as caught:
            diffspot.compare(path, plain())
        assert path.name in refusal(caught)


@pytest.mark.parametrize(("place", "said"), [("nowhere.png", "cannot be opened"), ("ref", "is a directory")])
def test_compare_files_wants_files(folder: Path, place: str, said: str) -> None:
    for pair in ((place, "ref/plain.png"), ("ref/plain.png", place)):
        with pytest.raises(PairingError) as caught:
            diffspot.compare_files(*(folder / name for name in pair), out=folder / "out")
        assert f"{place} {said}" in refusal(caught)
    assert not (folder / "out").exists()


@pytest.mark.parametrize("jobs", [0, -1])
def test_jobs_that_cannot_be(folder: Path, jobs: int) -> None:
    with pytest.raises(OptionError, match=f"--jobs cannot be {jobs}"):
        diffspot.compare_directories(folder / "ref", folder / "cand", jobs=jobs)


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        (("ref/plain.png",), "single file"),
        (("ref/plain.png", "nowhere.png"), "nowhere.png"),
    ],
)
def test_inputs_that_are_no_directories(folder: Path, inputs: tuple[str, ...], said: str) -> None:
    with pytest.raises(PairingError) as caught:
        diffspot.compare_directories(*(folder / name for name in inputs))
    assert said in refusal(caught)


def test_directories_without_pairs(tmp_path: Path) -> None:
    for name in ("ref", "cand"):
        (tmp_path / name).mkdir()
    for inputs in ((tmp_path / "ref", tmp_path / "cand"), (tmp_path / "ref",), (tmp_path / "nowhere",)):
        with pytest.raises(PairingError) as caught:
            diffspot.compare_directories(*inputs)
        assert inputs[0].name in refusal(caught)


def test_results_do_not_land_among_inputs_or_on_a_file(folder: Path) -> None:
    for out in (folder / "ref" / "out", folder / "ref" / "plain.png"):
        with pytest.raises(OutputError) as caught:
            diffspot.compare_directories(folder / "ref", folder / "cand", out=out)
        assert "--out" in refusal(caught)
    with pytest.raises(OutputError) as caught:
        diffspot.compare_files(folder / "ref/plain.png", folder / "cand/plain.png", out=folder / "ref/plain.png")
    assert "--out" in refusal(caught)
