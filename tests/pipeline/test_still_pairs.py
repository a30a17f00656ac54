"""Pages that lie still are spared the search for movement, and nothing else comes of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from benchmarks.scenes.page import make_page
from benchmarks.scenes.render import render_page
from diffspot import compare
from diffspot.image_io import read_image
from diffspot.model import IDENTITY, Registration
from tests.pipeline.layout.pages import page, stacked
from tests.placing import find_bands, register
from tests.sweep import sweep

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from diffspot import PairResult

    Picture = NDArray[np.uint8]

FIXTURES = Path(__file__).parent.parent.parent / "fixtures"
STILL = ("page-rerendered", "page-text-change", "board-like")


def anew(seed: int, jitter: float = 0.2, *, hinted: bool = True) -> tuple[Picture, Picture]:
    made, rng = make_page(np.random.default_rng(seed), width=1280, height=900), np.random.default_rng(seed)
    return render_page(made), render_page(made, rng, jitter=jitter, hinted=hinted)


def edited(pair: tuple[Picture, Picture]) -> tuple[Picture, Picture]:
    reference, candidate = pair[0], pair[1].copy()
    candidate[200:216, 100:140] = (30, 90, 200)
    candidate[340:343, 420:423] = 0
    return reference, candidate


def plain() -> tuple[Picture, Picture]:
    whole = stacked(page(width=640))[:1000]
    return whole, whole


DRAWN: dict[str, Callable[[], tuple[Picture, Picture]]] = {
    "bolder": lambda: anew(0),
    "unhinted": lambda: anew(1, 0.0, hinted=False),
    "bolder and edited": lambda: edited(anew(2)),
    "unhinted and edited": lambda: edited(anew(3, 0.0, hinted=False)),
    "edited": lambda: edited(plain()),
}


def told(result: PairResult) -> dict[str, Any]:
    """All that a result says but for its registration."""
    fields = ("status", "regions", "threshold", "tolerance", "normalization", "notes", "size")
    return {name: getattr(result, name) for name in fields}


def assert_spared(reference: Picture, candidate: Picture) -> PairResult:
    """Compares a pair that lies still: its certainty is that of no search, which finds the same with less of it."""
    found = compare(reference, candidate)
    assert found.registration == Registration(method="none", matrix=IDENTITY, confidence=1, overlap=1)
    assert told(found) == told(compare(reference, candidate, align="none"))
    assert find_bands(reference, candidate) is None
    searched = register(reference, candidate, method="auto")
    assert (searched.method, searched.matrix) == ("none", IDENTITY)
    assert searched.confidence < 1
    return found


@pytest.mark.parametrize("name", sweep(STILL))
def test_the_pages_among_the_fixtures(name: str) -> None:
    folder = FIXTURES / name
    assert not (folder / "options.toml").exists()
    reference, candidate = (read_image(next(folder.glob(f"{side}.*"))).pixels for side in ("reference", "candidate"))
    assert_spared(reference, candidate)


@pytest.mark.slow
@pytest.mark.parametrize("name", list(DRAWN))
def test_drawn_pages(name: str) -> None:
    found = assert_spared(*DRAWN[name]())
    boxes = [region.bbox for region in found.regions]
    assert (found.status == "different") == ("edited" in name)
    assert any(x <= 100 and y <= 200 and x + w >= 140 and y + h >= 216 for x, y, w, h in boxes) == ("edited" in name)


def test_only_auto_asks() -> None:
    pair = anew(1, 0.0, hinted=False)
    assert compare(*pair, align="translation").registration == register(*pair, method="translation")
