"""The metrics that need nothing from the user, by name, and gradients."""

from __future__ import annotations

from typing import TYPE_CHECKING

from diffspot.pipeline.metrics import METRICS, find_metric
from diffspot.pipeline.metrics.gradient import GRADIENTS, Gradient

if TYPE_CHECKING:
    from diffspot.pipeline.metrics.interface import Metric

GIVEN = {name: find_metric(name) for name in METRICS if name != "lpips"}
"""lpips needs a network; see test_lpips.py."""
ASKED: dict[str, Metric] = GIVEN | {f"gradient of {name}": Gradient(name) for name in GRADIENTS}
