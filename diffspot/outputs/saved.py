"""What the stages made of each pair, as files: the score map, the mask, the aligned candidate."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, ClassVar

from diffspot.model import annotated_name
from diffspot.outputs.pair_files import PairFileOutput
from diffspot.outputs.report_json import ALIGNED, MAPS, MASK

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    from numpy.typing import NDArray

    from diffspot.model import Maps, PairResult
    from diffspot.outputs.interface import Pictures

FINEST = 65535
"""Grey level in a PNG of a score of 1."""


def _png(scores: NDArray[np.float32]) -> bytes:
    import numpy as np  # noqa: PLC0415  most runs write none, and start without it

    from diffspot.image_io import encode_png  # noqa: PLC0415

    return encode_png(np.rint(scores * FINEST).astype(np.uint16)[..., None])


def _npy(scores: NDArray[np.float32]) -> bytes:
    import numpy as np  # noqa: PLC0415

    file = io.BytesIO()
    np.save(file, scores, allow_pickle=False)
    return file.getvalue()


def _tiff(scores: NDArray[np.float32]) -> bytes:
    from PIL import Image  # noqa: PLC0415  slow to import

    file = io.BytesIO()
    Image.fromarray(scores).save(file, "TIFF", compression="tiff_adobe_deflate")
    return file.getvalue()


FORMATS = {"png": _png, "npy": _npy, "tiff": _tiff}
"""What encodes (H, W) float32 in [0, 1], by the values of the option `map`, which are also suffixes."""


class MapOutput(PairFileOutput):
    """Writes the score map of each pair to `maps/<name>.npy` or another format."""

    field = "map_file"

    @property
    def maps(self) -> bool:  # type: ignore[override]
        """Whether any map is asked for."""
        return self._options.map != "none"

    def places(self, name: str) -> Iterable[str]:
        """See `PairFileOutput.places`."""
        return (_map_place(name, kind) for kind in FORMATS)

    def encode(self, result: PairResult, pictures: Pictures) -> tuple[str, bytes] | None:
        """See `PairFileOutput.encode`."""
        kind = self._options.map
        if kind == "none" or pictures.maps is None:
            return None
        return _map_place(result.name, kind), FORMATS[kind](pictures.maps.scores)


def _map_place(name: str, kind: str) -> str:
    return f"{MAPS}/{annotated_name(name) if kind == 'png' else f'{name}.{kind}'}"


class _SavedOutput(PairFileOutput):
    """Writes one picture of each pair, if --save asks for it, to a folder that is called so."""

    folder: ClassVar[str]

    @property
    def maps(self) -> bool:  # type: ignore[override]
        """Whether the picture is asked for."""
        return self.folder in self._options.save

    def places(self, name: str) -> Iterable[str]:
        """See `PairFileOutput.places`."""
        return (f"{self.folder}/{annotated_name(name)}",)

    def encode(self, result: PairResult, pictures: Pictures) -> tuple[str, bytes] | None:
        """See `PairFileOutput.encode`."""
        if not self.maps or pictures.maps is None:
            return None
        from diffspot.image_io import encode_png  # noqa: PLC0415  imported where it is needed

        (place,) = self.places(result.name)
        return place, encode_png(self.pixels(pictures.maps))

    def pixels(self, maps: Maps) -> NDArray[Any]:
        """(H, W, C) uint8 or uint16: the picture."""
        raise NotImplementedError


class MaskOutput(_SavedOutput):
    """Writes which pixels of each pair belong to regions, white on black."""

    field = "mask_file"
    folder = MASK

    def pixels(self, maps: Maps) -> NDArray[Any]:
        """See `_SavedOutput.pixels`."""
        return maps.mask[..., None].view("uint8") * 255


class AlignedOutput(_SavedOutput):
    """Writes the candidate of each pair as it lies over the reference."""

    field = "aligned_file"
    folder = ALIGNED

    def pixels(self, maps: Maps) -> NDArray[Any]:
        """See `_SavedOutput.pixels`."""
        return maps.aligned
