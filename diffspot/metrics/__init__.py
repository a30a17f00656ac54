"""Metrics: stage 3 of the pipeline, one file each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from diffspot.metrics.absdiff import AbsDiff
from diffspot.metrics.ssim import Ssim

if TYPE_CHECKING:
    from diffspot.metrics.interface import Metric

METRICS: dict[str, Metric] = {metric.name: metric for metric in (AbsDiff(), Ssim())}
"""Metric name, as in `--metric`, -> metric."""
