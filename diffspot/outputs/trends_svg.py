"""Trends as an SVG picture: a line for each pair, a dot for each run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import jinja2
from msgspec import Struct

from diffspot.model import UNSHOWABLE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diffspot.outputs.trends import Trend

MOST = 100
"""Pairs that one picture shows."""
LONGEST = 44
"""Characters of a name that it shows, the last ones."""
LEFT, WIDTH, RIGHT = 320, 480, 160
"""Px of the names, of the lines and of the words behind them."""
ROW, TOP, RISE = 44, 64, 26
"""Px of a row, of what stands above all, and of the highest severity of a pair above its base."""


class Dot(Struct, frozen=True):
    """One run of one pair: where it lies, px, and what it stands for."""

    x: float
    y: float
    status: str
    run: str
    severity: float | None


def draw_trends(runs: Sequence[str], trends: Sequence[Trend]) -> bytes:
    """The picture, for light and dark pages.

    Args:
        runs: when each began, oldest first.
        trends: over these runs, in the order of the rows.
    """
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("diffspot.outputs", ""), autoescape=True, undefined=jinja2.StrictUndefined
    )
    rows = [
        (TOP + ROW * index, _short(trend.name), trend, _dots(runs, trend)) for index, trend in enumerate(trends[:MOST])
    ]
    text = environment.get_template("trends.svg.jinja").render(
        rows=rows,
        runs=runs,
        more=max(0, len(trends) - MOST),
        left=LEFT,
        right=LEFT + WIDTH,
        width=LEFT + WIDTH + RIGHT,
        height=TOP + ROW * len(rows) + ROW // 2,
        row=ROW,
    )
    return text.encode()


def _short(name: str) -> str:
    """The end of a name, where names of one folder differ; XML holds no control characters."""
    name = UNSHOWABLE.sub("\N{REPLACEMENT CHARACTER}", name)
    return name if len(name) <= LONGEST else "…" + name[1 - LONGEST :]


def _dots(runs: Sequence[str], trend: Trend) -> list[Dot]:
    """Where each run of a pair lies, from the left; its base is the lowest, no severity."""
    step, most = WIDTH / max(1, len(runs) - 1), trend.severest or 1
    return [
        Dot(round(LEFT + step * index, 1), round(-RISE * (severity or 0) / most, 1), status, run, severity)
        for index, (run, status, severity) in enumerate(zip(runs, trend.statuses, trend.severities, strict=True))
        if status is not None
    ]
