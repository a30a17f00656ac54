"""Model selection: the simplest transform with a significant gain over the identity.

Doing nothing stands unless something is clearly better.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from diffspot.pipeline.deadline import check_deadline
from diffspot.pipeline.registration.evidence import KERNEL, Residuals, gain
from diffspot.pipeline.registration.features import agree_on
from diffspot.pipeline.registration.ladder import Ladder
from diffspot.pipeline.registration.models import LADDER
from diffspot.pipeline.registration.pictures import scaling
from diffspot.pipeline.registration.search import search

if TYPE_CHECKING:
    from diffspot.pipeline.registration.evidence import Evidence
    from diffspot.pipeline.registration.models import Matrix
    from diffspot.pipeline.registration.pair import Level, Pair

WHOLE_GAIN = 0.02
"""Share of the structure in common that a whole-pixel move must explain beyond doing nothing; it costs no sharpness."""
RESAMPLING_GAIN = 0.06
"""The same share for the first resampling: pays for its blur."""
MODEL_GAIN = 0.02
"""The same share for a larger model once resampling is paid for."""
LEAST_COMMON = 0.25
"""Gains asked for shrink with the share of structure that the pair has in common, but not below this share."""
LEAST_T = 3.0
"""Standard errors over blocks of the picture that a gain must reach; one in a thousand does by chance."""
AGREEING = 1.0 / KERNEL
"""Structure units: with it a residual of 1, the size of structure itself, counts as none explained."""
LEAST_CONFIDENCE = 0.2
"""Of a motion other than nothing; unrelated pictures reach 0.1."""
DOUBTFUL = 0.3
"""Confidence of a photo below which halves of it are asked as well: grain that a JPEG left coarse passes for structure,
as between stars, and nothing of it agrees, while halving takes it."""
ENOUGH_POINTS = 200
"""Sample points from which on their number no longer lowers confidence."""
MOST_STRETCH = 1000.0
"""Times by which a motion may stretch one direction more than another; beyond, it flattens the picture."""
LEAST_REST = 1e-6
"""What chance leaves to explain is taken to be at least this, so that it can be divided by."""


class Choice(NamedTuple):
    """What was chosen.

    Attributes:
        model: a name of the ladder or "none".
        matrix: (3, 3), reference to candidate, px.
        confidence: in [0, 1].
    """

    model: str
    matrix: Matrix
    confidence: float


class _Option(NamedTuple):
    """A motion to weigh.

    Attributes:
        model: a name of the ladder or "none".
        matrix: (3, 3), full-size px.
        level: on which it is weighed.
        residuals: what it leaves there.
    """

    model: str
    matrix: Matrix
    level: Level
    residuals: Residuals

    @classmethod
    def of(cls, model: str, matrix: Matrix, level: Level, local: Matrix) -> _Option:
        """Takes `local`, the motion in px of the level, less what resampling did."""
        return cls(model, matrix, level, Residuals(level.points, level.moving, local))


def choose(pair: Pair, models: tuple[str, ...] = LADDER, *, photo: bool = False) -> Choice:
    """Return the smallest of the models, or none, that explains the pair; it must beat doing nothing.

    Args:
        pair: both pictures, level by level.
        models: names of the ladder that may be chosen, smallest first.
        photo: whether a camera took both: `search` weighs more motions then, and grain may hide what agrees.
    """
    judge = pair.finest
    ladder = Ladder(pair, search(pair, photo=photo))
    nothing = _Option.of("none", np.eye(3), pair.levels[judge], np.eye(3))
    options = _options(pair, ladder, models)
    rough = nothing.residuals.by_chance(AGREEING)
    best = max([nothing, *options], key=lambda o: o.residuals.weigh(AGREEING, rough).share)
    scale = min(o.residuals.scale() for o in (best, nothing))
    chance = nothing.residuals.by_chance(scale)
    chosen, evidence, confidence = nothing, nothing.residuals.weigh(scale, chance), _confidence(nothing)
    for option in options:
        other = option.residuals.weigh(scale, chance)
        if not _pays(option, other, chosen, evidence, chance):
            continue
        sure = _confidence(option)
        if photo and sure < DOUBTFUL:
            sure = max(sure, _confidence(_halved(pair, option)))
        # where much stands up from the plane of a photo, few px agree on a motion, but features do
        if sure >= LEAST_CONFIDENCE or _features_agree(pair, option):
            chosen, evidence, confidence = option, other, sure
    return Choice(chosen.model, chosen.matrix, confidence)


def _options(pair: Pair, ladder: Ladder, models: tuple[str, ...]) -> list[_Option]:
    """Return the fitted motions, smallest model first, whole-pixel translation before the exact one."""
    found = []
    for model in models:
        check_deadline()
        matrix = ladder.fit(model)
        # of a picture one px wide, nothing tells what happens across it
        if matrix is None or np.linalg.cond(matrix[:2, :2]) > MOST_STRETCH:
            continue
        if model == "translation":
            found.append(_whole(pair, np.rint(matrix)))
        level = ladder.level(pair.finest)
        size = scaling(pair.finest)
        found.append(_Option.of(model, matrix, level, np.linalg.inv(size) @ np.linalg.inv(ladder.base) @ matrix @ size))
    return found


def _whole(pair: Pair, matrix: Matrix) -> _Option:
    """Return a whole-pixel translation as an option."""
    size = scaling(pair.finest)
    return _Option.of("translation", matrix, pair.levels[pair.finest], np.linalg.inv(size) @ matrix @ size)


def _whole_pixels(option: _Option) -> bool:
    return option.model in ("none", "translation") and bool(np.all(option.matrix == np.rint(option.matrix)))


def _pays(option: _Option, evidence: Evidence, chosen: _Option, plain: Evidence, chance: float) -> bool:
    """Tell whether an option explains enough more than the chosen one to take its place."""
    need = WHOLE_GAIN if _whole_pixels(option) else RESAMPLING_GAIN if _whole_pixels(chosen) else MODEL_GAIN
    more, t = gain(evidence, plain, option.level.points, option.level.shape)
    common = (max(evidence.share, plain.share) - chance) / max(1 - chance, LEAST_REST)
    return more >= need * max(common, LEAST_COMMON) and t >= LEAST_T


def _features_agree(pair: Pair, option: _Option) -> bool:
    size, level = scaling(pair.working), pair.levels[pair.working]
    return agree_on(level.reference, level.candidate, np.linalg.inv(size) @ option.matrix @ size)


def _halved(pair: Pair, option: _Option) -> _Option:
    """Return an option as the next smaller level shows it, its candidate resampled; itself where that is too small."""
    index = pair.finest + 1
    if index == pair.depth or pair.levels[index].points.x.size < ENOUGH_POINTS:
        return option
    return _Option.of(option.model, option.matrix, pair.brought(option.matrix, index), np.eye(3))


def _confidence(option: _Option) -> float:
    """Return how much more of the structure agrees than does by chance, measured with the candidate pushed aside."""
    chance = option.residuals.by_chance(AGREEING)
    evidence = option.residuals.weigh(AGREEING, chance)
    beyond = (evidence.share_inside - chance) / max(1 - chance, LEAST_REST)
    return float(np.clip(beyond * min(1.0, np.count_nonzero(evidence.inside) / ENOUGH_POINTS), 0, 1))
