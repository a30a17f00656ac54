"""Metrics: stage 3 of the pipeline, one file each."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from diffspot.errors import OptionError
from diffspot.options.types import installed_metrics
from diffspot.pipeline.metrics.interface import Metric

if TYPE_CHECKING:
    from collections.abc import Callable

METRICS = {
    "absdiff": "absdiff.AbsDiff",
    "ssim": "ssim.Ssim",
    "ms-ssim": "ms_ssim.MsSsim",
    "ncc": "ncc.Ncc",
    "tiles": "tiles.Tiles",
    "oklab": "oklab.Oklab",
    "flip": "flip.Flip",
    "lpips": "lpips.Lpips",
}
"""Metric name, as in `--metric`, -> where it is; imported when it is asked for, as most runs take one."""


@cache
def find_metric(name: str) -> Metric:
    """The metric of that name, with its default numbers: one of ours, or one that another package installed.

    Raises:
        OptionError: it does not load, or is no `Metric`.
    """
    if name not in METRICS:
        return _installed(name)
    module, kind = METRICS[name].split(".")
    make: Callable[[], Metric] = getattr(import_module(f"{__name__}.{module}"), kind)
    return make()


def _installed(name: str) -> Metric:
    entry = installed_metrics()[name]
    try:
        made = entry.load()()
    except Exception as error:  # whatever another's code raises
        raise OptionError(
            f"--metric {name} does not load from {entry.value} ({type(error).__name__}: {error}); mend or remove the "
            "package that brings it."
        ) from error
    if not isinstance(made, Metric):
        raise OptionError(f"--metric {name} is not a Metric, as {entry.value} makes it; see docs/metrics.md.")
    return made
