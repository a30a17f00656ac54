"""A line of a table of ratios."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One line; `target` says what the ratio ought to be, empty where it is there to compare with."""

    label: str
    ratio: float
    target: str = ""

    def __str__(self) -> str:
        return f"{self.label:58} {self.ratio:8.2f}   {self.target}"
