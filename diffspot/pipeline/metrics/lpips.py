"""LPIPS: what a trained network takes for a difference, by an ONNX file that the user gives."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from diffspot.errors import OptionError
from diffspot.options.fields import NOTHING
from diffspot.pipeline.metrics.colour import COLOURS
from diffspot.pipeline.metrics.interface import Metric

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend


@dataclass(frozen=True)
class Lpips(Metric):
    """The spatial map of an LPIPS network.

    Attributes:
        lpips_model: path of an ONNX file with two inputs (1, 3, H, W), float32 in [-1, 1], and one output (1, 1, H, W),
            as an export of `lpips.LPIPS(spatial=True)` has them.

    References:
        Zhang, Isola, Efros, Shechtman, Wang: The unreasonable effectiveness of deep features as a perceptual metric.
        CVPR 2018. doi:10.1109/CVPR.2018.00068
    """

    lpips_model: str = NOTHING

    name: ClassVar[str] = "lpips"
    is_of_colours: ClassVar[bool] = True

    crisp_floor: ClassVar[float] = 0.05
    grainy_floor: ClassVar[float] = 0.15

    @property
    def reach(self) -> float:
        """See `Metric.reach`."""
        return math.inf

    def prepare(self) -> None:
        """See `Metric.prepare`."""
        load_network(self.lpips_model)

    def distance(self, reference: NDArray[Any], candidate: NDArray[Any], backend: Backend) -> NDArray[Any]:
        """See `Metric.distance`; the network runs on the processor, and alpha is left out."""
        first, second = (backend.to_host(levels) for levels in (reference, candidate))
        height, width, channels = first.shape[-3:]
        pairs = zip(
            first.reshape(-1, height, width, channels), second.reshape(-1, height, width, channels), strict=True
        )
        maps = [spatial_map(self.lpips_model, *pair) for pair in pairs]
        return backend.from_host(np.stack(maps).reshape(first.shape[:-1]).clip(0, 1))


def spatial_map(model: str, reference: NDArray[Any], candidate: NDArray[Any]) -> NDArray[np.float32]:
    """(H, W) float32, what the network gives for two pictures (H, W, C) of levels; all 0 of equal ones.

    Args:
        model: path of the ONNX file.
        reference: on the host.
        candidate: on the host.

    Raises:
        OptionError: onnxruntime is missing, or the file cannot be used.
    """
    session = load_network(model)
    if np.array_equal(reference, candidate):
        return np.zeros(reference.shape[:2], np.float32)
    given = {
        one.name: _as_input(levels) for one, levels in zip(session.get_inputs(), (reference, candidate), strict=True)
    }
    try:
        found = np.asarray(session.run(None, given)[0], np.float32)
    except Exception as error:  # noqa: BLE001  whatever the runtime raises for a picture that it does not take
        raise OptionError(
            f"--lpips-model {model} fails on pictures of {reference.shape[1]}x{reference.shape[0]} px "
            f"({_first_line(error)}); export it with free sides, or compare larger pictures."
        ) from None
    if found.size != reference.shape[0] * reference.shape[1]:
        raise OptionError(
            f"--lpips-model {model} gives {found.shape} for pictures of {reference.shape[1]}x{reference.shape[0]} px, "
            "not a score for each pixel; export LPIPS(spatial=True)."
        )
    return found.reshape(reference.shape[:2])


@lru_cache(maxsize=1)
def load_network(model: str) -> Any:  # noqa: ANN401  onnxruntime.InferenceSession, which may be missing
    """The network in an ONNX file.

    Raises:
        OptionError: no file is named, onnxruntime is missing, or the file is not such a network.
    """
    if model == NOTHING:
        raise OptionError("LPIPS needs a network; name its ONNX file with --lpips-model FILE.")
    if Path(model).exists() and not Path(model).is_file():  # the runtime waits for what comes out of a pipe
        raise OptionError(f"--lpips-model {model} is a folder, a pipe or a device; name an ONNX file.")
    try:
        import onnxruntime  # noqa: PLC0415  an extra, and slow to import
    except ImportError:
        raise OptionError("LPIPS needs onnxruntime, which is not installed; pip install 'diffspot[lpips]'.") from None
    try:
        session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    except Exception as error:  # noqa: BLE001  whatever the runtime raises of a file that is no network
        raise OptionError(f"--lpips-model {model} cannot be used ({_first_line(error)}); name an ONNX file.") from None
    if len(session.get_inputs()) != 2:  # noqa: PLR2004  reference and candidate
        raise OptionError(f"--lpips-model {model} does not take two pictures; export an LPIPS network.")
    return session


def _as_input(levels: NDArray[Any]) -> NDArray[np.float32]:
    """(1, 3, H, W) float32 in [-1, 1]; grey three times, without alpha."""
    colours = levels[..., :COLOURS] if levels.shape[2] >= COLOURS else levels[..., :1].repeat(COLOURS, axis=2)
    return np.ascontiguousarray(colours.astype(np.float32).transpose(2, 0, 1)[None] / np.float32(127.5) - np.float32(1))


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
