"""Files that are equal byte for byte: the result is the one that decoding and comparing them gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from diffspot.image_io import encode_png
from diffspot.model import ImagePair
from diffspot.options.settings import Layer, Settings
from diffspot.runner import worker
from diffspot.runner.run import run
from tests.image_io.test_outline import DOUBTFUL, PROVED
from tests.image_io.test_read import KINDS
from tests.made_pictures import noise

if TYPE_CHECKING:
    from pathlib import Path

    from diffspot.model import PairResult

FILES = {**PROVED, **{name: data for name, (data, _, _) in KINDS.items()}, **DOUBTFUL}
OPTIONS: list[dict[str, Any]] = [
    {},
    {"ignore": [(0, 0, 5, 3)]},
    {"only": [("10%", "20%", "50%", 2)]},
    {"only": [(5000, 0, 1, 1)]},
]


def compared(folder: Path, data: bytes, options: dict[str, Any]) -> tuple[PairResult, ...]:
    pair = ImagePair("a", folder / "reference.jpg", folder / "candidate.png")
    for path in (pair.reference, pair.candidate):
        assert path is not None
        path.write_bytes(data)
    return run([pair], Settings([Layer("flag", options)])).pairs


@pytest.mark.parametrize("options", OPTIONS, ids=["all", "ignore", "only", "nothing left"])
@pytest.mark.parametrize("data", FILES.values(), ids=FILES)
def test_the_result_is_that_of_decoding(
    data: bytes, options: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = compared(tmp_path, data, options)
    monkeypatch.setattr(worker, "read_outline", lambda *_: None)
    assert found == compared(tmp_path, data, options)


def test_a_proved_picture_is_never_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(worker, "decode_frames")
    (result,) = compared(tmp_path, encode_png(noise(3)), {"ignore": [(0, 0, 17, 21)]})
    assert (result.status, result.size, result.ignored) == ("same", (34, 21), 0.5)
    assert result.reference_digest == result.candidate_digest is not None
    assert result.notes == ("reference: is a PNG despite its name", "candidate: is a PNG despite its name")
