"""The Python API for what is no pair: `locate`, `common`, `shapes` and `similar`, with the commands' option names."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from diffspot.api.picture import IN_MEMORY
from diffspot.backends import CPU, get_backend
from diffspot.image_io import decode_first, open_picture
from diffspot.image_io.arrays import image_of
from diffspot.options.finding import (
    CommonOptions,
    LocateOptions,
    ShapesOptions,
    SimilarOptions,
    make_finding_options,
)
from diffspot.pipeline.finding.common import common as find_common
from diffspot.pipeline.finding.common import cut_out
from diffspot.pipeline.finding.locate import locate as find_places
from diffspot.pipeline.finding.shapes import find_shapes
from diffspot.pipeline.finding.similar import distances, look
from diffspot.runner.pictures import FRAME_BYTES, LOCATE_BYTES, LOOK_BYTES, SHAPES_BYTES, PictureReader

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    from numpy.typing import NDArray

    from diffspot.api.picture import Picture
    from diffspot.model import Image
    from diffspot.options.finding import Limits
    from diffspot.pipeline.finding.common import Shared
    from diffspot.pipeline.finding.places import Place
    from diffspot.pipeline.finding.shapes import Shapes


class CommonPicture(NamedTuple):
    """What frames share.

    Attributes:
        pixels: (H, W, 4), transparent where nothing is shared, or (H, W, 3) on a background; the frames' dtype.
        mask: (H, W) bool, where it is shared.
        objects: each with its bbox and area.
    """

    pixels: NDArray[Any]
    mask: NDArray[np.bool_]
    objects: list[Shared]


def locate(crop: Picture, picture: Picture, **options: Any) -> list[Place]:  # noqa: ANN401
    """Finds where a crop lies in a picture, the best place first.

    Args:
        crop: a path, or an array as `compare` takes it.
        picture: where to look, a path or an array.
        **options: those of `diffspot locate` for crops: `min_score=0.8`, `top="all"`.

    Raises:
        ImageReadError: a picture cannot be read.
        OptionError: an option is unknown or cannot have that value.

    Example:
        >>> import numpy as np
        >>> picture = np.random.default_rng(1).integers(0, 256, (60, 80, 3), np.uint8)
        >>> [place.bbox for place in locate(picture[20:40, 30:60], picture)]
        [(30, 20, 30, 20)]
    """
    own = make_finding_options(LocateOptions, options)
    part, whole = _read([crop, picture], own, LOCATE_BYTES)
    return find_places(whole, part, min_score=own.min_score, top=own.best, equals=own.top == "equal").places


def common(pictures: Iterable[Picture], **options: Any) -> CommonPicture:  # noqa: ANN401
    """Keeps what frames of one view share, or the background behind what moves.

    Args:
        pictures: two or more paths or arrays; of a file with several frames the first.
        **options: those of `diffspot common`: `take="median"`, `background="#ffffff"`.

    Raises:
        ImageReadError: a picture cannot be read.
        OptionError: there are fewer than two, or an option is unknown or cannot have that value.
    """
    own = make_finding_options(CommonOptions, options)
    found = find_common(_read(pictures, own, FRAME_BYTES), get_backend(CPU), take=own.take, align=own.align)
    return CommonPicture(cut_out(found.picture, found.mask, own.color), found.mask, found.objects)


def shapes(picture: Picture, **options: Any) -> Shapes:  # noqa: ANN401
    """Finds the contiguous areas of like colour of a picture, and (H, W) int32 of their numbers.

    Args:
        picture: a path or an array.
        **options: those of `diffspot shapes`: `levels=4`, `min_area=100`.

    Raises:
        ImageReadError: the picture cannot be read.
        OptionError: an option is unknown or cannot have that value.
    """
    own = make_finding_options(ShapesOptions, options)
    (image,) = _read([picture], own, SHAPES_BYTES)
    return find_shapes(image, **own.rule)


def similar(query: Picture, among: Iterable[Picture], **options: Any) -> list[tuple[int, float]]:  # noqa: ANN401
    """Ranks pictures by how alike they look from afar.

    Args:
        query: a path or an array.
        among: the pictures to choose from.
        **options: those of `diffspot similar`: `top=3`, `threshold=0.1`.

    Returns:
        Index in `among` and distance, 0 the same look to 1, the most alike first.

    Raises:
        ImageReadError: a picture cannot be read.
        OptionError: an option is unknown or cannot have that value.
    """
    own = make_finding_options(SimilarOptions, options)
    (asked, *rivals) = (look(image) for image in _read([query, *among], own, LOOK_BYTES))
    (row,) = distances([asked], rivals)
    threshold = 1.0 if isinstance(own.threshold, str) else own.threshold
    order = [(index, float(row[index])) for index in row.argsort(kind="stable").tolist() if row[index] <= threshold]
    return order[: own.most]


def _read(pictures: Iterable[Picture], limits: Limits, work_bytes: int) -> list[Image]:
    reader = PictureReader(limits, work_bytes)
    return [_image(one, reader, limits) for one in pictures]


def _image(given: Picture, reader: PictureReader, limits: Limits) -> Image:
    if isinstance(given, str | os.PathLike):
        with reader.reading(Path(given)) as image:
            return image
    if isinstance(given, bytes | bytearray | memoryview):
        return next(decode_first(open_picture(bytes(given), IN_MEMORY, limits.max_pixels)))()
    return image_of(given)
