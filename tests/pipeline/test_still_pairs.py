"""Pages that lie still are spared the search for movement, and nothing else comes of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from benchmarks.scenes.page import make_page
from benchmarks.scenes.render import render_page
from diffspot import compare
from diffspot.model import IDENTITY
from diffspot.pipeline.layout import is_unmoved_page
from tests.pipeline.layout.pages import page, stacked

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from diffspot import PairResult

    Picture = NDArray[np.uint8]

FIXTURES = Path(__file__).parent.parent.parent / "fixtures"
STILL = ("page-rerendered", "page-text-change", "tiny-change-on-page", "board-like")


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


def assert_spared(monkeypatch: pytest.MonkeyPatch, *pair: Picture | Path) -> PairResult:
    """Compares a pair that lies still, and again by the search for movement: the same but for its confidence."""
    answers: list[bool] = []

    def asked(*planes: Picture) -> bool:
        answers.append(is_unmoved_page(*planes))
        return answers[-1]

    monkeypatch.setattr("diffspot.pipeline.placement.is_unmoved_page", asked)
    monkeypatch.setattr("diffspot.pipeline.placement.find_bands", lambda *_: pytest.fail("a layout was sought"))
    with monkeypatch.context() as patch:
        patch.setattr("diffspot.pipeline.placement.register", lambda *_, **__: pytest.fail("a registration was sought"))
        found = compare(*pair)
    assert answers == [True]
    assert found.registration is not None
    assert (found.registration.method, found.registration.matrix) == ("none", IDENTITY)
    assert (found.registration.confidence, found.registration.overlap) == (1, 1)
    monkeypatch.undo()
    monkeypatch.setattr("diffspot.pipeline.placement.is_unmoved_page", lambda *_: False)
    searched = compare(*pair)
    assert told(found) == told(searched)
    assert searched.registration is not None
    assert searched.registration.matrix == IDENTITY
    return found


@pytest.mark.parametrize("name", STILL)
def test_the_pages_among_the_fixtures(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = FIXTURES / name
    assert not (folder / "options.toml").exists()
    assert_spared(monkeypatch, *(next(folder.glob(f"{side}.*")) for side in ("reference", "candidate")))


@pytest.mark.parametrize("name", list(DRAWN))
def test_drawn_pages(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = assert_spared(monkeypatch, *DRAWN[name]())
    boxes = [region.bbox for region in found.regions]
    assert (found.status == "different") == ("edited" in name)
    assert any(x <= 100 and y <= 200 and x + w >= 140 and y + h >= 216 for x, y, w, h in boxes) == ("edited" in name)


@pytest.mark.parametrize("align", ["none", "translation"])
def test_only_auto_asks(align: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("diffspot.pipeline.placement.is_unmoved_page", lambda *_: pytest.fail("asked"))
    assert compare(*edited(plain()), align=align).status == "different"
