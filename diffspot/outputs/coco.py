"""COCO: the regions as annotations of the references, for labelling tools and evaluation."""

from __future__ import annotations

from contextlib import suppress
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, get_args

from diffspot.errors import ImageReadError
from diffspot.model import Kind, text_path
from diffspot.outputs.interface import FileOutput
from diffspot.outputs.report_json import encode_report

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from diffspot.model import Inputs, PairResult, Region, RunReport, Split

CATEGORIES = {kind: number for number, kind in enumerate(get_args(Kind), 1)}


class CocoOutput(FileOutput):
    """Writes COCO JSON.

    A pair whose size is not known, because nothing was compared, is no image. `file_name` starts from the reference
    directory where there is one; of a sheet that shows both pictures, boxes lie in the sheet. `score` is the region's
    peak, `area` its differing pixels. With the masks that --save wrote each region has its outlines as `segmentation`
    and COCO's uncompressed run lengths as `rle`.
    """

    option = "coco"
    file_name = "coco.json"

    def encode(self, report: RunReport) -> bytes:
        """See `FileOutput.encode`."""
        compared = list(enumerate((result for result in report.pairs if result.size), 1))
        found = [one for number, result in compared for one in self._annotations(number, result)]
        content = {
            "info": {"description": "Differences found by diffspot", "version": report.tool.version},
            "images": [_image(number, result, report.inputs) for number, result in compared],
            "annotations": [{"id": index} | one for index, one in enumerate(found, 1)],
            "categories": [{"id": number, "name": kind} for kind, number in CATEGORIES.items()],
        }
        return encode_report(content)

    def _annotations(self, image: int, result: PairResult) -> Iterator[dict[str, Any]]:
        """The regions of a pair; where its mask was saved, with their outlines and run lengths."""
        mask = self._mask(result) if result.regions else None
        for region in result.regions:
            outlined = {} if mask is None else _outlined(region, mask, result)
            yield _annotation(image, region, result.split) | outlined

    def _mask(self, result: PairResult) -> NDArray[np.bool_] | None:
        """(H, W) bool, the mask of a pair that --save wrote; None where it did not, or where it is gone."""
        if result.mask_file is None or self.folder is None:
            return None
        from diffspot.image_io import read_image  # noqa: PLC0415  most runs save none

        path = self.folder / text_path(result.mask_file)
        with suppress(ImageReadError):
            mask: NDArray[np.bool_] = read_image(path).pixels[..., 0] > 0
            return mask if mask.shape[::-1] == result.size else None
        return None


def _outlined(region: Region, mask: NDArray[np.bool_], result: PairResult) -> dict[str, Any]:
    """What of the mask lies in a region: polygons, and run lengths of the whole picture."""
    from diffspot.outputs.outlines import polygons, run_lengths  # noqa: PLC0415  OpenCV is slow to import

    (left, top), (x, y, w, h) = _corner(result.split), region.bbox
    part, origin = mask[y : y + h, x : x + w], (left + x, top + y)
    return {"segmentation": polygons(part, origin), "rle": run_lengths(part, origin, _size(result))}


def _image(number: int, result: PairResult, inputs: Inputs) -> dict[str, Any]:
    width, height = _size(result)
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


def _size(result: PairResult) -> tuple[int, int]:
    """(width, height) of the picture that boxes lie in: of a sheet all of it."""
    return (result.split.size if result.split else result.size) or (0, 0)


def _corner(split: Split | None) -> tuple[int, int]:
    """Where boxes start from in that picture: those of a sheet's pair are its panel's."""
    return split.reference[:2] if split else (0, 0)


def _annotation(image: int, region: Region, split: Split | None) -> dict[str, Any]:
    x, y, w, h = region.bbox
    left, top = _corner(split)
    return {
        "image_id": image,
        "category_id": CATEGORIES[region.kind],
        "bbox": (x + left, y + top, w, h),
        "area": region.area,
        "iscrowd": 0,
        "score": region.peak,
    }
