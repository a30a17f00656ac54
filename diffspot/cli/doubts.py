"""Warnings on standard error about options that are probably mistakes; the run goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from diffspot.model import ONE_SIDED
from diffspot.options.types import in_px
from diffspot.outputs.words import count
from diffspot.pairing.files import is_same
from diffspot.pairing.pairs import could_pair_in_order

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from diffspot.model import ImagePair, PairResult, RunReport
    from diffspot.options.settings import Settings
    from diffspot.options.types import Area

SHOWN = 3
"""Rules and boxes that are named one by one; of more, only how many there are."""


def doubts_before(given: Sequence[Path | None], pairs: Sequence[ImagePair], settings: Settings) -> Iterator[str]:
    """Warnings before a run: one input twice, an empty folder, names that pair nothing, and rules that are for no pair.

    Args:
        given: reference and candidate, as the user named them.
        pairs: to be compared.
        settings: of the run.
    """
    first, second = given
    if first and second and is_same(first, second):
        yield f"{first} is compared with itself, so nothing can differ; name the candidate, too"
    partners = [pair.candidate for pair in pairs], [pair.reference for pair in pairs]
    for side, other, what, theirs in zip((second, first), given, ("removed", "added"), partners, strict=True):
        if side and other and pairs and not any(theirs):
            yield f"{side} holds no pictures, so all of {other} are {what}; is that the right folder?"
    if second and settings.base.unmatched == "fail" and could_pair_in_order(pairs):
        yield "No two pictures have the same name; if they belong together in their order, add --pair-by order."
    idle = settings.idle(pair.name for pair in pairs)
    for layer in idle[:SHOWN]:
        yield f"{layer.source} is for no pair: nothing is called {' or '.join(map(repr, layer.match or ()))}"
    if len(idle) > SHOWN:
        more = _more(len(idle) - SHOWN, "rule is", "rules are")
        yield f"{more} for no pair; diffspot config NAME shows what is in force for one"


def doubts_after(report: RunReport) -> Iterator[str]:
    """Warnings after a run: boxes outside every picture, and single ones let pass."""
    outside = [f"{flag} {','.join(map(str, box))}" for flag, box in _boxes_outside(report)]
    for box in outside[:SHOWN]:
        yield f"{box} lies outside every picture it is for, so it changes nothing"
    if len(outside) > SHOWN:
        yield f"{_more(len(outside) - SHOWN, 'box lies', 'boxes lie')} outside every picture"
    alone = sum(pair.status in ONE_SIDED for pair in report.pairs)
    if alone and report.options["unmatched"] == "warn":
        yield f"{count(alone, 'picture')} without a partner let pass, as --unmatched warn says"


def _more(number: int, one: str, several: str) -> str:
    return f"1 more {one}" if number == 1 else f"{number} more {several}"


def _boxes_outside(report: RunReport) -> Iterator[tuple[str, Area]]:
    """The boxes that meet none of the references they are for, each with its flag."""
    for option in ("ignore", "only"):
        met: dict[Area, bool] = {}
        for pair in report.pairs:
            for box in report.option(pair, option) if pair.size else ():
                key = tuple(box)
                met[key] = met.get(key, False) or _meets(key, pair)
        yield from ((f"--{option}", box) for box, hit in met.items() if not hit)


def _meets(box: Area, pair: PairResult) -> bool:
    """Whether a box has a part of the reference in it."""
    width, height = pair.size or (0, 0)
    x, y, w, h = (in_px(length, whole) for length, whole in zip(box, (width, height) * 2, strict=True))
    return x < width and y < height and w > 0 and h > 0
