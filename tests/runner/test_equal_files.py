"""Files that are equal byte for byte: the result is the one that decoding and comparing them gives."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from diffspot.backends import get_backend
from diffspot.errors import DiffspotError
from diffspot.image_io import decode, encode_png
from diffspot.image_io.digest import digest
from diffspot.model import ImagePair, initial_result
from diffspot.options.options import make_options
from diffspot.options.settings import Layer, Settings
from diffspot.outputs.interface import Output
from diffspot.runner import files
from diffspot.runner.pair import compare_pair
from diffspot.runner.run import run
from tests.image_io.test_outline import DOUBTFUL, PROVED
from tests.image_io.test_read import KINDS
from tests.made_pictures import noise
from tests.sweep import sweep

if TYPE_CHECKING:
    from diffspot.model import PairResult

FILES = {**PROVED, **{name: data for name, (data, _, _) in KINDS.items()}, **DOUBTFUL}
OPTIONS: list[dict[str, Any]] = [
    {},
    {"ignore": [(0, 0, 5, 3)]},
    {"only": [("10%", "20%", "50%", 2)]},
    {"only": [(5000, 0, 1, 1)]},
]


def compared(pair: ImagePair, options: dict[str, Any]) -> PairResult:
    (result,) = run([pair], Settings([Layer("flag", {**options, "frames": "first"})])).pairs
    return replace(result, frame=None, frames=None)


def decoded(pair: ImagePair, data: bytes, options: dict[str, Any]) -> PairResult:
    """What comes of decoding both files and comparing their pixels."""
    known = replace(initial_result(pair), options=Settings([Layer("flag", options)]).overrides(pair.name))
    read = replace(known, reference_digest=digest(data), candidate_digest=digest(data))
    try:
        image = decode(data, Path(known.reference or ""))
        return compare_pair(read, image, image, make_options(options), backend=get_backend("numpy"), output=Output())
    except DiffspotError as error:
        return replace(read, status="error", error=str(error))


@pytest.mark.parametrize("name", [*PROVED, *sweep(KINDS, keep=12), *sweep(DOUBTFUL, keep=8)])
def test_the_result_is_that_of_decoding(name: str, tmp_path: Path) -> None:
    data = FILES[name]
    pair = ImagePair("a", tmp_path / "reference.jpg", tmp_path / "candidate.png")
    for file in ("reference.jpg", "candidate.png"):
        (tmp_path / file).write_bytes(data)
    for options in OPTIONS:
        assert compared(pair, options) == decoded(pair, data, options)


def test_a_proved_picture_is_never_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "picture.jpg"
    path.write_bytes(encode_png(noise(3)))
    monkeypatch.delattr(files, "decode_frames")
    result = compared(ImagePair("a", path, path), {"ignore": [(0, 0, 17, 21)]})
    assert (result.status, result.size, result.ignored) == ("same", (34, 21), 0.5)
    assert result.reference_digest == result.candidate_digest is not None
    assert result.notes == ("reference: is a PNG despite its name", "candidate: is a PNG despite its name")
