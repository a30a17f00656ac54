"""The Python API for what is no pair gives what the commands give."""

from __future__ import annotations

import doctest
import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
import skimage.data

import diffspot
from diffspot.api import questions
from diffspot.errors import ImageReadError, OptionError
from diffspot.image_io import read_image
from tests.in_process import diffspot as command
from tests.pictures import changed, save
from tests.pipeline.finding.overlays import frames

if TYPE_CHECKING:
    from pathlib import Path


def test_the_example_in_the_documentation() -> None:
    assert doctest.testmod(questions).failed == 0
    assert doctest.testmod(questions).attempted > 0


def test_locate_takes_paths_and_arrays(tmp_path: Path) -> None:
    photo = skimage.data.astronaut()
    crop, whole = save(tmp_path / "crop.png", np.ascontiguousarray(photo[40:120, 60:150])), photo
    (place,) = diffspot.locate(crop, whole)
    assert (place.bbox, place.exact) == ((60, 40, 90, 80), True)
    save(tmp_path / "photo.png", photo)
    told = json.loads(
        command("locate", "crop.png", "photo.png", "--top", "3", "--min-score", "0.1", "--json", cwd=tmp_path).stdout
    )
    found = diffspot.locate(crop, tmp_path / "photo.png", top=3, min_score=0.1)
    assert [[*place.bbox] for place in found] == [place["bbox"] for place in told["pictures"][0]["places"]]
    assert len(found) == 3


def test_common_is_what_the_command_writes(tmp_path: Path) -> None:
    shown, _ = frames(3, 2)
    paths = [save(tmp_path / "in" / f"{number}.png", frame) for number, frame in enumerate(shown)]
    command("common", "in", "-o", "out.png", "--align", "none", cwd=tmp_path)
    for given in (shown, paths):
        found = diffspot.common(given, align="none")
        assert np.array_equal(found.pixels, read_image(tmp_path / "out.png").pixels)
        assert sum(one.area for one in found.objects) == found.mask.sum()
    assert diffspot.common(shown, align="none", background="#102030").pixels[..., :3].shape[2] == 3


def test_shapes_and_similar() -> None:
    found = diffspot.shapes(changed(), min_area=50)
    assert [(shape.bbox, shape.area) for shape in found.shapes] == [((0, 0, 64, 48), 2952), ((8, 5, 12, 10), 120)]
    assert found.labels.max() == 2
    assert len(diffspot.shapes(changed(), tolerance=255).shapes) == 1
    red, blue, pale = (np.full((9, 9, 3), color, np.uint8) for color in ((255, 0, 0), (0, 0, 255), (250, 5, 5)))
    ranked = diffspot.similar(red, [blue, pale, red])
    assert [index for index, _ in ranked] == [2, 1, 0]
    assert ranked[0][1] == 0
    assert diffspot.similar(red, [blue, pale, red], top=1) == ranked[:1]
    assert diffspot.similar(red, [blue], threshold=0.1) == []
    assert diffspot.similar(red, []) == []


def test_mistakes_are_told(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="min_scor"):
        diffspot.locate(changed(), changed(), min_scor=1)
    with pytest.raises(ImageReadError, match="does not exist"):
        diffspot.shapes(tmp_path / "nowhere.png")
    with pytest.raises(OptionError, match="two or more"):
        diffspot.common([changed()])
