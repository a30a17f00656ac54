"""Stage 7: decides for each component what explains it, from places like it in the same pair; the rest are regions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from diffspot.pipeline.verdict.edges import Drift
from diffspot.pipeline.verdict.faint import judge_faint
from diffspot.pipeline.verdict.interface import Judged, Tally
from diffspot.pipeline.verdict.parallax import without_parallax
from diffspot.pipeline.verdict.patches import find_patches
from diffspot.pipeline.verdict.rendered import judge_rendered
from diffspot.pipeline.verdict.varying import without_varying

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diffspot.backends.components import Component
    from diffspot.backends.interface import Backend
    from diffspot.model import Forgiven
    from diffspot.pipeline.pair import RegisteredPair
    from diffspot.pipeline.parameters import Parameters

SEEN_FROM_ELSEWHERE = ("homography",)
"""Registrations under which what stands up moves by itself; flat scans are laid by affine maps and smaller ones."""

__all__ = ["Drift", "Judged", "judge", "without_varying"]


def judge(
    components: Sequence[Component],
    pair: RegisteredPair,
    parameters: Parameters,
    threshold: float,
    backend: Backend,
    *,
    method: str = "none",
    drift: Drift | None = None,
) -> tuple[list[Judged], tuple[Forgiven, ...]] | None:
    """Judges the components of a pair.

    Args:
        components: of its mask.
        pair: a single one, on the backend.
        parameters: by which the components were found.
        threshold: the score above which a pixel differs.
        backend: what the arrays live on.
        method: of the registration by which the candidate was moved to lie over the reference.
        drift: of its lines of text, each of which was laid on its own; None where that was not so.

    Returns:
        The components that nothing explains, and what was explained; None where the edges of a crisp pair wander all
        over, so that it has to be tolerated instead.
    """
    if not parameters.crisp:
        if not parameters.noisy:
            return [Judged(component) for component in components], ()
        patches = find_patches(pair, components, threshold, backend)
        tally = Tally()
        if method in SEEN_FROM_ELSEWHERE:
            components, tally = without_parallax(components, pair, threshold, backend)
        return [Judged(component) for component in (*components, *patches)], tally.forgiven()
    here = pair.to_host(backend)
    limit = 255 * threshold
    verdict = judge_rendered(components, here, limit=limit, join=parameters.join, laid=method != "none", drift=drift)
    if verdict is None:
        return None
    judged, tally = verdict
    faint, rest = judge_faint(here, limit=limit, join=parameters.join)
    return [*judged, *faint], Tally([*tally.places, *rest.places]).forgiven()
