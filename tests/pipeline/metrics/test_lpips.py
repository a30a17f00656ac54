"""LPIPS by a small network with random weights, against the same network in NumPy."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from scipy.ndimage import correlate

import diffspot
from diffspot.errors import OptionError
from diffspot.pipeline.metrics.lpips import Lpips, load_network, spatial_map
from tests.pictures import changed, plain, save
from tests.process import diffspot as run

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend

TOLERANCE = 1e-5
"""27 products of float32 in either order, squared: some 1e-6."""
WEIGHTS = np.random.default_rng(1).normal(0, 0.2, (4, 3, 3, 3)).astype(np.float32)


@pytest.fixture(autouse=True)
def _forget_networks() -> None:
    load_network.cache_clear()


def network(path: Path, *, spatial: bool = True) -> Path:
    """A layer of features, their squared differences, and the mean over channels, as LPIPS has them."""
    sides: list[Any] = [1, 3, "h", "w"]
    inputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, sides) for name in ("in0", "in1")]
    output = helper.make_tensor_value_info("out", TensorProto.FLOAT, [1, 1, None, None])
    nodes = [
        helper.make_node("Conv", ["in0", "weights"], ["f0"], pads=[1, 1, 1, 1]),
        helper.make_node("Conv", ["in1", "weights"], ["f1"], pads=[1, 1, 1, 1]),
        helper.make_node("Sub", ["f0", "f1"], ["difference"]),
        helper.make_node("Mul", ["difference", "difference"], ["squares"]),
        helper.make_node("ReduceMean", ["squares"], ["out"], axes=[1] if spatial else [1, 2, 3], keepdims=1),
    ]
    graph = helper.make_graph(nodes, "small", inputs, [output], [numpy_helper.from_array(WEIGHTS, "weights")])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.save(model, path)
    return path


def by_hand(reference: NDArray[np.uint8], candidate: NDArray[np.uint8]) -> NDArray[np.float64]:
    features = []
    for picture in (reference, candidate):
        samples = picture.astype(np.float64) / 127.5 - 1
        features.append(
            [
                sum(correlate(samples[..., c], kernel[c].astype(np.float64), mode="constant") for c in range(3))
                for kernel in WEIGHTS
            ]
        )
    return np.mean((np.array(features[0]) - np.array(features[1])) ** 2, axis=0)


def test_the_map_is_that_of_the_network(backend: Backend, tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    reference = rng.integers(0, 256, (30, 41, 3), dtype=np.uint8)
    candidate = np.clip(reference + rng.normal(0, 20, reference.shape), 0, 255).astype(np.uint8)
    metric = Lpips(str(network(tmp_path / "small.onnx")))
    found = backend.to_host(metric.distance(backend.from_host(reference), backend.from_host(candidate), backend))
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, by_hand(reference, candidate).clip(0, 1), atol=TOLERANCE, rtol=0)
    result = diffspot.compare(
        reference, candidate, align="none", normalize="none", measure="lpips", lpips_model=tmp_path / "small.onnx"
    )
    assert result.measures["lpips"] == pytest.approx(by_hand(reference, candidate).mean(), abs=TOLERANCE)


def test_grey_is_taken_as_rgb_and_equal_pictures_are_0(tmp_path: Path) -> None:
    model = str(network(tmp_path / "small.onnx"))
    rng = np.random.default_rng(3)
    one, other = (rng.integers(0, 256, (1, 9, 1), dtype=np.uint8) for _ in range(2))
    expected = by_hand(one.repeat(3, axis=2), other.repeat(3, axis=2))
    np.testing.assert_allclose(spatial_map(model, one, other), expected, atol=TOLERANCE, rtol=0)
    assert spatial_map(model, one, one.copy()).max() == 0


def pipe(path: Path) -> Path:
    os.mkfifo(path)
    return path


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda _: "none", "LPIPS needs a network; name its ONNX file with --lpips-model FILE."),
        (lambda path: str(path / "gone.onnx"), "gone.onnx cannot be used"),
        (lambda path: str(pipe(path / "pipe.onnx")), "pipe.onnx is a folder, a pipe or a device; name an ONNX file."),
        (lambda path: str(network(path / "number.onnx", spatial=False)), "not a score for each pixel"),
    ],
)
def test_what_cannot_be_used_is_one_sentence(tmp_path: Path, make: Any, words: str) -> None:  # noqa: ANN401
    with pytest.raises(OptionError, match=words) as caught:
        spatial_map(make(tmp_path), np.zeros((5, 5, 3), np.uint8), np.ones((5, 5, 3), np.uint8))
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)


def test_without_onnxruntime_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(OptionError, match=r"pip install 'diffspot\[lpips\]'"):
        load_network(str(network(tmp_path / "small.onnx")))


def test_the_command_says_so_once_and_ends_with_2(tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        save(tmp_path / "reference" / name, plain())
        save(tmp_path / "candidate" / name, changed())
    done = run("compare", "reference", "candidate", "--metric", "lpips", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr == "diffspot: LPIPS needs a network; name its ONNX file with --lpips-model FILE.\n"
