"""COCO: the regions as annotations of the references, for labelling tools and evaluation."""

from __future__ import annotations

from contextlib import suppress
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, get_args

from diffspot.errors import ImageReadError
from diffspot.image_io.storage import text_path
from diffspot.model import Kind
from diffspot.outputs.interface import FileOutput
from diffspot.outputs.report_json import json_parts

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from diffspot.model import Inputs, PairResult, Region, RunReport, Split

CATEGORIES = {kind: number for number, kind in enumerate(get_args(Kind), 1)}
TWICE = 2
"""Times that a mask is enlarged before it is outlined, so that an outline separates a pixel's left and right edge."""


class CocoOutput(FileOutput):
    """Writes COCO JSON.

    A pair whose size is not known, because nothing was compared, is no image. `file_name` starts from the reference
    directory where there is one; of a sheet that shows both pictures, boxes lie in the sheet. `score` is the region's
    peak, `area` its differing pixels. With the masks that --save wrote each region has its outlines as `segmentation`
    and COCO's uncompressed run lengths as `rle`.
    """

    option = "coco"
    file_name = "coco.json"

    def parts(self, report: RunReport) -> Iterator[bytes]:
        """See `FileOutput.parts`."""
        found = (one for number, result in _compared(report) for one in self._annotations(number, result))
        content = {
            "info": {"description": "Differences found by diffspot", "version": report.tool.version},
            "images": (_image(number, result, report.inputs) for number, result in _compared(report)),
            "annotations": ({"id": index} | one for index, one in enumerate(found, 1)),
            "categories": [{"id": number, "name": kind} for kind, number in CATEGORIES.items()],
        }
        return json_parts(content)

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


def _compared(report: RunReport) -> Iterator[tuple[int, PairResult]]:
    """The pairs that are images, each with its number."""
    return enumerate((result for result in report.pairs if result.size), 1)


def _outlined(region: Region, mask: NDArray[np.bool_], result: PairResult) -> dict[str, Any]:
    """What of the mask lies in a region: polygons, and run lengths of the whole picture."""
    (left, top), (x, y, w, h) = _corner(result.split), region.bbox
    part, origin = mask[y : y + h, x : x + w], (left + x, top + y)
    return {"segmentation": polygons(part, origin), "rle": run_lengths(part, origin, _size(result))}


def polygons(part: NDArray[np.bool_], origin: tuple[int, int] = (0, 0)) -> list[list[int]]:
    """The outer outlines of a mask along the edges of its pixels: [x, y, x, y, ...], half-open as boxes are.

    COCO's polygons have no holes; where an outline turns inwards, it cuts the corner of a pixel.

    Args:
        part: (h, w) bool.
        origin: (x, y) of its first pixel in the picture.
    """
    import cv2  # noqa: PLC0415  slow to import, and without a mask not needed
    import numpy as np  # noqa: PLC0415

    large = part.astype(np.uint8).repeat(TWICE, axis=0).repeat(TWICE, axis=1)
    found, _ = cv2.findContours(large, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    outlines = [(outline.reshape(-1, 2).astype(int) + 1) // TWICE + np.array(origin) for outline in found]
    return [outline.ravel().tolist() for outline in outlines]


def run_lengths(part: NDArray[np.bool_], origin: tuple[int, int], size: tuple[int, int]) -> dict[str, Any]:
    """COCO's uncompressed run lengths of a mask: column by column, first of what is not set.

    Args:
        part: (h, w) bool; nothing else is set.
        origin: (x, y) of its first pixel in the picture.
        size: (width, height) of the picture, px.
    """
    import numpy as np  # noqa: PLC0415

    (x, y), (width, height) = origin, size
    columns = np.zeros((part.shape[1], height), np.bool_)
    columns[:, y : y + part.shape[0]] = part.T
    line = np.concatenate([[False], columns.ravel(), [False]])
    edges = np.flatnonzero(line[1:] != line[:-1]) + x * height
    counts = np.diff(np.concatenate([[0], edges, [width * height]]))
    return {"size": [height, width], "counts": counts[: len(counts) - (counts[-1] == 0)].tolist()}


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
