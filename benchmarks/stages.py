"""Times the stages of the pipeline where they run, each with the bytes that it is given and gives."""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import dataclass, field, fields, is_dataclass
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from diffspot.pipeline import detection
from diffspot.pipeline.compare import compare_images

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend
    from diffspot.model import Image
    from diffspot.options.options import Options
    from diffspot.pipeline.batch import Request

STAGES = {
    "make_batch": "stack the pairs",
    "blurred_difference": "blur and difference",
    "active_pixels": "where scores decide",
    "score": "blur, tolerance, metric",
    "make_mask": "threshold and morphology",
    "find_components": "connected components",
}
"""Functions that the pipeline calls -> what they do."""


@dataclass(slots=True)
class Stage:
    """What one stage took.

    Attributes:
        seconds: of each run.
        bytes: of the arrays that it reads and returns: less cannot be moved.
    """

    seconds: list[float] = field(default_factory=list)
    bytes: int = 0


def request_of(
    reference: Image,
    candidate: Image,
    options: Options,
    backend: Backend,
    ignored: NDArray[np.bool_] | None = None,
) -> Request:
    """The request of the pipeline for a pair once it is registered, its arrays on the backend."""
    caught: list[Request] = []

    def batched(work: Callable[[Sequence[Request]], Sequence[Any]], request: Request, batch_key: object) -> Any:  # noqa: ANN401
        del batch_key
        caught.append(request)
        return work([request])[0]

    with patch.object(backend, "batched", batched):
        compare_images(reference, candidate, options, backend, ignored)
    return caught[0]


def time_stages(
    requests: Sequence[Request], backend: Backend, runs: int, finish: Callable[[], None]
) -> dict[str, Stage]:
    """What each stage takes of a batch.

    Args:
        requests: of equal batch keys.
        backend: what their arrays live on.
        runs: so many.
        finish: waits until the device has done what it was told.
    """
    stages: dict[str, Stage] = {}
    with ExitStack() as patches:
        for name in STAGES:
            stage = stages[name] = Stage()
            watched = _watched(getattr(detection, name), stage, finish)
            patches.enter_context(patch.object(detection, name, watched))
        for _ in range(runs):
            detection.find_differences(requests, backend)
    return stages


def _watched(work: Callable[..., Any], stage: Stage, finish: Callable[[], None]) -> Callable[..., Any]:
    """The same function, with a watch on it."""

    def watched(*given: object, **named: object) -> Any:  # noqa: ANN401
        finish()
        started = time.perf_counter()
        result = work(*given, **named)
        finish()
        stage.seconds.append(time.perf_counter() - started)
        arrays = {id(array): array.nbytes for array in _arrays((given, result))}
        stage.bytes = sum(arrays.values())
        return result

    return watched


def _arrays(value: object) -> Iterator[Any]:
    """Every array within."""
    if hasattr(value, "nbytes"):
        yield value
    elif is_dataclass(value):
        for one in fields(value):
            yield from _arrays(getattr(value, one.name))
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _arrays(one)
