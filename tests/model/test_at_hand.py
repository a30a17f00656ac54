"""What results of the Python API show of their pictures, and reports that are loaded."""

from __future__ import annotations

import base64
import io
import json
import pickle
import re
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import PIL.Image
import pytest

import diffspot
from diffspot.errors import ImageReadError, OptionError
from diffspot.image_io import encode_png
from tests.pictures import PATCH, changed, page, plain, save
from tests.pipeline.registration.scenes import photo
from tests.pipeline.sheets import SHEETS
from tests.trees import refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from diffspot.model import PairResult


def test_dir_shows_the_public_names() -> None:
    assert dir(diffspot) == sorted(diffspot.__all__)
    assert "load_report" in dir(diffspot)


def test_the_pictures_of_a_result() -> None:
    result = diffspot.compare(plain(), changed(), align="none")
    inside = np.zeros((48, 64), bool)
    x, y, w, h = PATCH
    inside[y : y + h, x : x + w] = True
    assert result.score_map.dtype == np.float32
    assert np.array_equal(result.score_map, inside * np.float32(200 / 255))
    assert np.array_equal(result.mask, inside)
    assert np.array_equal(result.aligned, changed())
    assert result.overlay().shape == (48, 64, 3)
    assert np.array_equal(result.overlay("pair")[:, :64], plain())
    assert np.array_equal(result.overlay("candidate")[inside], changed()[inside])
    assert result.score_map is result.score_map  # worked out once


def test_equal_pictures_have_them_too() -> None:
    result = diffspot.compare(page(), page())
    assert (result.status, result.score_map.max(), result.mask.any()) == ("same", 0, False)
    assert np.array_equal(result.aligned, page())


def test_what_was_found_as_a_dictionary() -> None:
    result = diffspot.compare(plain(), changed())
    result.score_map.sum()
    found = result.to_dict()
    assert found["regions"][0]["bbox"] == PATCH
    assert json.loads(json.dumps(found)) == json.loads(msgspec.json.encode(result))
    assert pickle.loads(pickle.dumps(result)) == result  # noqa: S301  our own


def test_a_notebook_shows_status_regions_and_pictures() -> None:
    html = diffspot.compare(plain(), changed())._repr_html_()
    assert html is not None
    assert "<p>array: different, 1 region</p>" in html
    assert "<td>8,5,12,10</td><td>120</td>" in html
    data = re.search(r"base64,([^\"]+)", html)
    assert data is not None
    shown = PIL.Image.open(io.BytesIO(base64.b64decode(data[1])))
    assert shown.size[1] == 48


def test_a_wide_picture_is_shown_smaller_and_names_are_escaped(tmp_path: Path) -> None:
    wide = photo("astronaut", 400, 500)
    path = save(tmp_path / "<b>&.png", np.concatenate([wide, wide, wide], axis=1))
    html = diffspot.compare(path, path)._repr_html_()
    assert html is not None
    assert "&lt;b&gt;&amp;.png: same" in html
    data = re.search(r"base64,([^\"]+)", html)
    assert data is not None
    assert PIL.Image.open(io.BytesIO(base64.b64decode(data[1]))).size[0] == 900


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A working directory with a pair that differs, one that is the same and an added picture."""
    monkeypatch.chdir(tmp_path)
    for side, picture in (("ref", plain()), ("cand", changed())):
        save(Path(side, "a.png"), picture)
        save(Path(side, "same.png"), plain())
    save(Path("cand/new.png"), page())


WAYS: dict[str, Callable[[], PairResult]] = {
    "compare": lambda: diffspot.compare("ref/a.png", "cand/a.png"),
    "compare_files": lambda: diffspot.compare_files("ref/a.png", "cand/a.png"),
    "compare_directories": lambda: diffspot.compare_directories("ref", "cand").pairs[0],
}


@pytest.mark.usefixtures("folders")
@pytest.mark.parametrize("way", WAYS)
def test_files_are_read_again(way: str) -> None:
    result = WAYS[way]()
    assert int(result.mask.sum()) == 120
    later = WAYS[way]()
    save(Path("cand/a.png"), plain())
    with pytest.raises(ImageReadError) as caught:
        _ = later.score_map
    assert "a.png has changed since it was compared" in refusal(caught)
    html = later._repr_html_()
    assert html is not None
    assert "has changed since it was compared" in html
    assert "<td>8,5,12,10</td>" in html


@pytest.mark.usefixtures("folders")
def test_a_report_is_loaded() -> None:
    made = diffspot.compare_directories("ref", "cand", out="out", padding=2)
    for place in ("out", Path("out/report.json")):
        report = diffspot.load_report(place)
        assert report.pairs == made.pairs
        assert report.to_dict()["summary"]["different"] == 1
        assert int(report.pairs[0].mask.sum()) == 120
        assert "a.png: different, 1 region" in report._repr_html_()
        with pytest.raises(ImageReadError, match="no pictures at hand"):
            _ = report.pairs[1].mask  # added: there is one picture alone
    for place, said in (("ref", "Cannot read ref/report.json"), ("ref/a.png", "neither a folder of results nor its")):
        with pytest.raises(OptionError) as caught:
            diffspot.load_report(place)
        assert said in refusal(caught)


def test_a_sheet_of_a_report_is_cut_again(tmp_path: Path) -> None:
    sheet = SHEETS["gutter"]()
    save(tmp_path / "sheets" / "a.png", sheet.pixels)
    diffspot.compare_directories(tmp_path / "sheets", split="auto", out=tmp_path / "out")
    (pair,) = diffspot.load_report(tmp_path / "out").pairs
    assert pair.score_map.shape == (300, 400)
    assert pair.overlay("pair").shape == (300, 800, 3)


def test_bytes_are_named_in_memory() -> None:
    result = diffspot.compare(encode_png(plain()), encode_png(changed()))
    assert (result.name, result.reference, result.regions[0].bbox) == ("bytes", None, PATCH)
    assert result.reference_digest is not None
    assert int(result.mask.sum()) == 120


@pytest.mark.parametrize("name", ["map", "save", "stages", "html"])
def test_compare_writes_nothing(name: str) -> None:
    with pytest.raises(OptionError, match=f"{name} cannot be written here"):
        diffspot.compare(plain(), changed(), **{name: "x"})


def test_an_overlay_is_of_a_side_that_there_is() -> None:
    with pytest.raises(OptionError, match="side cannot be 'left': expected reference"):
        diffspot.compare(plain(), changed()).overlay("left")
