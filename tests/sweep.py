"""Sweeps over cases: what one shows runs every time, the others with `make test-slow`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable


def sweep(cases: Iterable[Any], keep: int = 1) -> list[Any]:
    """The cases of one parameter, all but the first `keep` marked as slow."""
    listed = list(cases)
    return [*listed[:keep], *(pytest.param(case, marks=pytest.mark.slow) for case in listed[keep:])]


def sweep_rows(cases: Iterable[tuple[Any, ...]], keep: int = 1) -> list[Any]:
    """The cases of several parameters, each a tuple; see `sweep`."""
    listed = list(cases)
    return [*listed[:keep], *(pytest.param(*case, marks=pytest.mark.slow) for case in listed[keep:])]
