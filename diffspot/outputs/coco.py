"""COCO: the regions as annotations of the references, for labelling tools and evaluation."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING, Any, get_args

from diffspot.model import Kind
from diffspot.outputs.interface import FileOutput
from diffspot.outputs.report_json import encode_report

if TYPE_CHECKING:
    from diffspot.model import Inputs, PairResult, Region, RunReport, Split

CATEGORIES = {kind: number for number, kind in enumerate(get_args(Kind), 1)}


class CocoOutput(FileOutput):
    """Writes COCO JSON.

    A pair whose size is not known, because nothing was compared, is no image. `file_name` starts from the reference
    directory where there is one; of a sheet that shows both pictures, boxes lie in the sheet. `score` is the region's
    peak, `area` its differing pixels.
    """

    option = "coco"
    file_name = "coco.json"

    def encode(self, report: RunReport) -> bytes:
        """See `FileOutput.encode`."""
        compared = list(enumerate((result for result in report.pairs if result.size), 1))
        regions = [(number, region, result.split) for number, result in compared for region in result.regions]
        content = {
            "info": {"description": "Differences found by diffspot", "version": report.tool.version},
            "images": [_image(number, result, report.inputs) for number, result in compared],
            "annotations": [_annotation(index, *region) for index, region in enumerate(regions, 1)],
            "categories": [{"id": number, "name": kind} for kind, number in CATEGORIES.items()],
        }
        return encode_report(content)


def _image(number: int, result: PairResult, inputs: Inputs) -> dict[str, Any]:
    width, height = (result.split.size if result.split else result.size) or (0, 0)
    return {
        "id": number,
        "file_name": below(result.reference or result.name, inputs.reference),
        "width": width,
        "height": height,
    }


def below(path: str, directory: str | None) -> str:
    """The path relative to the directory it was found in; as it is where there is none."""
    place = PurePath(path)
    return place.relative_to(directory).as_posix() if directory and place.is_relative_to(directory) else path


def _annotation(index: int, image: int, region: Region, split: Split | None) -> dict[str, Any]:
    x, y, w, h = region.bbox
    left, top = split.reference[:2] if split else (0, 0)  # boxes of a sheet's pair are its panel's
    return {
        "id": index,
        "image_id": image,
        "category_id": CATEGORIES[region.kind],
        "bbox": (x + left, y + top, w, h),
        "area": region.area,
        "iscrowd": 0,
        "score": region.peak,
    }
