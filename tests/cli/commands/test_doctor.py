"""`diffspot doctor` says what is there and whether it works."""

from __future__ import annotations

import sys

import cv2
import imagecodecs
import numpy as np
import pytest
from typer.testing import CliRunner

from diffspot import __version__
from diffspot.cli.app import app
from diffspot.cli.commands import health
from tests.backends import host, strict
from tests.in_process import diffspot


def told(output: str) -> dict[str, str]:
    """What stands behind each word that begins a line."""
    return {line.split()[0]: line[17:] for line in output.splitlines() if line.startswith("  ")}


def test_all_that_is_needed_works_here() -> None:
    done = diffspot("doctor")
    assert (done.returncode, done.stderr) == (0, "")
    found = told(done.stdout)
    assert (found["diffspot"], found["NumPy"], found["OpenCV"]) == (__version__, np.__version__, cv2.__version__)
    assert all(library in found["imagecodecs"] for library in ("libdeflate 1", "libpng 1", "libwebp 1"))
    assert [found[name] for name in ("PNG", "JPEG", "WEBP", "TIFF", "GIF", "BMP", "AVIF")] == ["works"] * 7
    assert found["numpy"] == "works on CPU"
    assert "cupy" in found


def test_every_format_that_is_read_is_tried() -> None:
    from diffspot.image_io.read import FORMATS  # noqa: PLC0415

    told_of = {name.lower() for name in (*health.FORMATS, *health.EXTRAS)}
    assert told_of == {kind.NAME.lower() for kind in FORMATS}


def run() -> tuple[int, dict[str, str]]:
    done = CliRunner().invoke(app, ["doctor"])
    return done.exit_code, told(done.output)


def test_a_decoder_that_fails_is_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: bytes) -> None:
        raise RuntimeError("No decoder.")

    decode = imagecodecs.tiff_decode
    monkeypatch.setattr(imagecodecs, "webp_decode", refuse)
    monkeypatch.setattr(imagecodecs, "tiff_decode", lambda data, index: decode(data, index=index) ^ 255)
    code, found = run()
    assert code == 2
    assert found["PNG"] == "works"
    assert found["WEBP"].startswith("does not work: ")
    assert found["TIFF"] == "decodes wrongly, by 175 grey levels"


def test_only_the_gpu_may_be_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cupy", None)
    code, found = run()
    assert code == 0
    assert found["cupy"].startswith("does not work: --backend cupy needs CuPy")
    monkeypatch.delattr(cv2, "connectedComponents")
    code, found = run()
    assert code == 2
    assert found["numpy"].startswith("does not work: --backend numpy fails at a test pair (AttributeError: ")


def test_a_gpu_is_described(monkeypatch: pytest.MonkeyPatch) -> None:
    if not host.COMPILER:
        pytest.skip("no C++ compiler to run CUDA kernels on the processor with")
    strict.install(monkeypatch)
    assert run()[1]["cupy"] == f"works on {strict.DEVICE}, 8.0 GiB, driver for CUDA 12.9"
