"""COCO JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from msgspec.structs import replace

from diffspot.model import Inputs, Kind
from diffspot.outputs.coco import CocoOutput
from tests.reports import NAMES, awkward, pair, region, report, written

if TYPE_CHECKING:
    from diffspot.model import RunReport


def coco(made: RunReport) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(written(CocoOutput(Path("coco.json"), None), made))
    return content


def test_images_annotations_and_categories_belong_together() -> None:
    rows = replace(region(x=0, h=1), kind="inserted-rows")
    found = coco(report(pair("a.png", "same"), pair("b.png", "different", region(), rows), pair("c.png", "removed")))
    assert found["images"] == [
        {"id": 1, "file_name": "a.png", "width": 64, "height": 48},
        {"id": 2, "file_name": "b.png", "width": 64, "height": 48},
    ]
    names = {category["id"]: category["name"] for category in found["categories"]}
    assert list(names.values()) == list(get_args(Kind))
    first, second = found["annotations"]
    assert names[first.pop("category_id")] == "content"
    assert names[second["category_id"]] == "inserted-rows"
    assert first == {"id": 1, "image_id": 2, "bbox": [8, 5, 12, 10], "area": 120, "iscrowd": 0, "score": 0.75}
    assert second["id"] == 2


def test_every_name_is_right() -> None:
    files = [image["file_name"] for image in coco(awkward())["images"]]
    assert files == [f"{status}/{name}" for name in NAMES for status in ("same", "different")]


def test_without_directories_the_path_is_as_given() -> None:
    made = replace(report(pair("a.png")), inputs=Inputs())
    assert coco(made)["images"][0]["file_name"] == "ref/a.png"
