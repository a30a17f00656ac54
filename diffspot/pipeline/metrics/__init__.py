"""Metrics: stage 3 of the pipeline, one file each."""

from __future__ import annotations

from diffspot.errors import OptionError
from diffspot.options.types import installed_metrics
from diffspot.pipeline.metrics.absdiff import AbsDiff
from diffspot.pipeline.metrics.flip import Flip
from diffspot.pipeline.metrics.interface import Metric
from diffspot.pipeline.metrics.lpips import Lpips
from diffspot.pipeline.metrics.ms_ssim import MsSsim
from diffspot.pipeline.metrics.ncc import Ncc
from diffspot.pipeline.metrics.oklab import Oklab
from diffspot.pipeline.metrics.ssim import Ssim
from diffspot.pipeline.metrics.tiles import Tiles

METRICS: dict[str, Metric] = {
    metric.name: metric for metric in (AbsDiff(), Ssim(), MsSsim(), Ncc(), Tiles(), Oklab(), Flip(), Lpips())
}
"""Metric name, as in `--metric`, -> metric with its default numbers."""


def find_metric(name: str) -> Metric:
    """The metric of that name, with its default numbers: one of ours, or one that another package installed.

    Raises:
        OptionError: it does not load, or is no `Metric`.
    """
    if name in METRICS:
        return METRICS[name]
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
