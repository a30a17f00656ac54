"""Metrics: stage 3 of the pipeline, one file each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from diffspot.pipeline.metrics.absdiff import AbsDiff
from diffspot.pipeline.metrics.ssim import Ssim

if TYPE_CHECKING:
    from diffspot.pipeline.metrics.interface import Metric

METRICS: dict[str, Metric] = {metric.name: metric for metric in (AbsDiff(), Ssim())}
"""Metric name, as in `--metric`, -> metric."""
