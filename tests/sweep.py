"""Sweeps over cases: what one shows runs every time, the others with `make test-slow`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable


def sweep(cases: Iterable[Any]) -> list[Any]:
    """The cases of one parameter, all but the first marked as slow."""
    first, *others = cases
    return [first, *(pytest.param(case, marks=pytest.mark.slow) for case in others)]
