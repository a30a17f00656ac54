"""`diffspot doctor` says what is there and whether it works."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from diffspot import __version__
from diffspot.cli.app import app
from diffspot.cli.commands import health
from diffspot.errors import BackendError, ImageReadError
from diffspot.image_io import decode
from diffspot.model import Image
from diffspot.runner import warm_up
from tests.backends import host, strict
from tests.process import diffspot

if TYPE_CHECKING:
    from pathlib import Path


def told(output: str) -> dict[str, str]:
    """What stands behind each word that begins a line."""
    return {line.split()[0]: line[17:] for line in output.splitlines() if line.startswith("  ")}


def test_all_that_is_needed_works_here() -> None:
    done = diffspot("doctor")
    assert (done.returncode, done.stderr) == (0, "")
    found = told(done.stdout)
    assert (found["diffspot"], found["NumPy"], found["OpenCV"]) == (__version__, np.__version__, cv2.__version__)
    assert all(library in found["imagecodecs"] for library in ("libdeflate 1", "libpng 1", "libwebp 1"))
    assert [found[name] for name in ("PNG", "JPEG", "WEBP", "TIFF", "BMP")] == ["works"] * 5
    assert found["numpy"] == "works on CPU"
    assert "cupy" in found


def test_every_format_that_is_read_is_tried() -> None:
    from diffspot.image_io.read import FORMATS  # noqa: PLC0415

    assert [name.lower() for name in health.FORMATS] == [kind.NAME.lower() for kind in FORMATS]


def run() -> tuple[int, dict[str, str]]:
    done = CliRunner().invoke(app, ["doctor"])
    return done.exit_code, told(done.output)


def test_a_decoder_that_fails_is_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(data: bytes, path: Path) -> Image:
        if path.suffix == ".webp":
            raise ImageReadError("No decoder.")
        image = decode(data, path)
        return Image(image.pixels ^ 255) if path.suffix == ".bmp" else image

    monkeypatch.setattr(health, "decode", broken)
    code, found = run()
    assert code == 2
    assert (found["PNG"], found["WEBP"]) == ("works", "does not work: No decoder.")
    assert found["BMP"] == "decodes wrongly, by 175 grey levels"


@pytest.mark.parametrize(("name", "code"), [("numpy", 2), ("cupy", 0)])
def test_only_the_gpu_may_be_missing(name: str, code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    real = warm_up.get_backend

    def missing(asked: str) -> Any:  # noqa: ANN401
        if asked == name:
            raise BackendError("Gone.")
        return real("numpy")

    monkeypatch.setattr(warm_up, "get_backend", missing)
    found = run()
    assert found[0] == code
    assert found[1][name] == "does not work: Gone."


def test_a_gpu_is_described(monkeypatch: pytest.MonkeyPatch) -> None:
    if not host.COMPILER:
        pytest.skip("no C++ compiler to run CUDA kernels on the processor with")
    strict.install(monkeypatch)
    assert run()[1]["cupy"] == f"works on {strict.DEVICE}, 8.0 GiB, driver for CUDA 12.9"
