"""Stage 7: decides for each component what explains it, from places like it in the same pair; the rest are regions."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from diffspot.pipeline.batch import Found
from diffspot.pipeline.content import SHOWN
from diffspot.pipeline.explained import one_each
from diffspot.pipeline.noise import is_at_edges
from diffspot.pipeline.parameters import GRAINY_TOLERANCE
from diffspot.pipeline.verdict.alike import join_alike
from diffspot.pipeline.verdict.bleeding import without_bleeding
from diffspot.pipeline.verdict.dust import without_dust
from diffspot.pipeline.verdict.edges import find_drift
from diffspot.pipeline.verdict.faint import judge_faint
from diffspot.pipeline.verdict.groups import overlap
from diffspot.pipeline.verdict.interface import Judged, Tally
from diffspot.pipeline.verdict.letters import find_letters
from diffspot.pipeline.verdict.lone import find_lone
from diffspot.pipeline.verdict.margins import without_slivers
from diffspot.pipeline.verdict.marks import find_drawing, judge_marks
from diffspot.pipeline.verdict.overlays import without_overlays
from diffspot.pipeline.verdict.parallax import without_parallax
from diffspot.pipeline.verdict.patches import find_patches
from diffspot.pipeline.verdict.quiet import find_quiet
from diffspot.pipeline.verdict.rendered import judge_rendered
from diffspot.pipeline.verdict.softened import without_softened
from diffspot.pipeline.verdict.spots import find_spots
from diffspot.pipeline.verdict.streaks import find_streaks
from diffspot.pipeline.verdict.strokes import judge_strokes
from diffspot.pipeline.verdict.swaying import without_swaying
from diffspot.pipeline.verdict.untold import find_untold
from diffspot.pipeline.verdict.varying import without_varying

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from diffspot.backends.components import Component
    from diffspot.backends.interface import Backend
    from diffspot.model import Forgiven
    from diffspot.pipeline.batch import Request
    from diffspot.pipeline.pair import RegisteredPair
    from diffspot.pipeline.placement import Placement
    from diffspot.pipeline.verdict.marks import Mark

SEEN_FROM_ELSEWHERE = ("homography",)
"""Registrations under which what stands up moves by itself; flat scans are laid by affine maps and smaller ones."""
MOVED_AS_ONE = ("none", "translation")
"""Registrations under which a crisp page lies as one does that did not move: its words are drawn anew, or are not."""

__all__ = ["Judged", "Verdict", "find_drawing", "judge", "judge_drawing", "judge_scans"]


class Verdict(NamedTuple):
    """The components of a pair, judged.

    Attributes:
        request: by which they were found.
        found: all of them.
        judged: those that nothing explains.
        tally: what was explained, place by place.
        untold: what tolerance took beside it.
        put: whether what it shows lies where it was put, as scans do on the glass and boards before a camera: that is
            no layout, which would have moved.
    """

    request: Request
    found: Found
    judged: list[Judged]
    tally: Tally
    untold: tuple[Forgiven, ...] = ()
    put: bool = False

    @property
    def explained(self) -> tuple[Forgiven, ...]:
        """What was explained, counted by cause."""
        return one_each((*self.tally.forgiven(), *self.untold))

    @property
    def least(self) -> float | None:
        """The score above which a pixel differs; None where the user gave it."""
        return None if self.request.parameters.fixed else self.found.threshold


def judge_scans(request: Request, backend: Backend, *, spread: NDArray[np.uint8] | None) -> Verdict | None:
    """Judges a pair of scans by its strokes, which needs no components.

    Args:
        request: the pair with its parameters; its candidate was in black and white before it was laid.
        backend: what the arrays live on.
        spread: see `judge`.

    Returns:
        The verdict; None where strokes do not judge the pair.
    """
    parameters, threshold = request.parameters, float(request.limits.threshold)
    if not (parameters.crisp or parameters.noisy):
        return None
    here, dust = without_dust(request.pair.to_host(backend), 255 * threshold, bilevel=True, few=False)
    scanned = judge_strokes(here, limit=255 * threshold, join=parameters.join)
    if scanned is None:
        return None
    scanned = scanned[0], Tally([*scanned[1].places, *dust.places])
    return _verdict(request, Found(threshold, []), scanned, backend, spread, faint=False, put=True)


def judge_drawing(request: Request, marks: Sequence[Mark], backend: Backend) -> Verdict:
    """Judges a drawing by its marks and by areas fainter than marks, which needs no components.

    Args:
        request: the pair with its parameters; its candidate lies where it lay.
        marks: see `find_drawing`.
        backend: what the arrays live on.
    """
    here, join = request.pair.to_host(backend), request.parameters.join
    judged, tally = judge_marks(here, marks, join=join)
    areas, rest = judge_faint(here, limit=SHOWN, join=join)
    judged += [area for area in areas if not any(overlap(area.box, one.box) for one in judged)]
    told = Tally([*tally.places, *rest.places])
    return _verdict(request, Found(SHOWN / 255, []), (judged, told), backend, None, faint=False)


def judge(
    request: Request,
    found: Found,
    placement: Placement,
    backend: Backend,
    *,
    candidate: NDArray[Any],
    spread: NDArray[np.uint8] | None,
    rendered: bool,
) -> Verdict | None:
    """Judges the components of a pair.

    Args:
        request: by which they were found.
        found: its components, the threshold, and what noise explained.
        placement: how the candidate was laid over the reference.
        backend: what the arrays live on.
        candidate: (h, w, C) uint8 or uint16, before it was laid.
        spread: (H, W) grey levels by which the reference varies among good captures; None where nobody knows.
        rendered: whether both pictures look rendered.

    Returns:
        The verdict; None where the edges of a crisp pair wander all over, so that it has to be tolerated instead.
    """
    judged = [Judged(component) for component in found.components], Tally()
    if request.parameters.crisp:
        crisp = _judge_crisp(request, found, placement, backend, candidate)
        if crisp is None:
            return None
        judged = crisp
    elif request.parameters.noisy:
        judged = _judge_noisy(request, found, placement, backend, candidate)
        if rendered and (placement.resampled or is_at_edges(request.pair, backend)):
            judged = _with_letters(*judged, request, found.threshold, backend)
    still = not placement.resampled
    verdict = _verdict(request, found, judged, backend, spread, faint=request.parameters.noisy and still)
    if not request.parameters.tolerates:
        return verdict
    boxes = [one.box for one in verdict.judged]
    limit, sigma = 255 * found.threshold, request.parameters.sigma
    untold = find_untold(request.pair, boxes, verdict.tally, limit, backend, sigma=sigma, still=still)
    return verdict._replace(untold=untold)


def _verdict(
    request: Request,
    found: Found,
    judged: tuple[list[Judged], Tally],
    backend: Backend,
    spread: NDArray[np.uint8] | None,
    *,
    faint: bool,
    put: bool = False,
) -> Verdict:
    """What was judged, less what varies among good captures; `faint` is whether that may be below the threshold."""
    kept, varying = without_varying(judged[0], request.pair, spread, backend, faint=faint)
    whole = Tally([*judged[1].places, *found.explained, *varying.places])
    return Verdict(request, found, kept, whole, put=put)


def _judge_crisp(
    request: Request, found: Found, placement: Placement, backend: Backend, candidate: NDArray[Any]
) -> tuple[list[Judged], Tally] | None:
    here = request.pair.to_host(backend)
    limit, join = 255 * found.threshold, request.parameters.join
    if here.difference.dtype == np.uint8:
        limit = math.floor(limit)  # which whole levels exceed as well, and meet in a sixth of the time
    laid, drift = placement.registration.method not in MOVED_AS_ONE, find_drift(candidate, placement)
    by_words = not laid or (placement.bands is not None and drift is None)
    judged, tally = [Judged(component) for component in found.components], Tally()
    if any(_is_beyond(component, here, limit) for component in found.components):
        verdict = judge_rendered(
            found.components, here, limit=limit, join=join, laid=laid, by_words=by_words, drift=drift
        )
        if verdict is None:
            return None
        judged, tally = verdict
    faint, rest = judge_faint(here, limit=limit, join=join)
    return [*judged, *faint], Tally([*tally.places, *rest.places])


def _is_beyond(component: Component, pair: RegisteredPair, limit: float) -> bool:
    """Whether a pixel of a component differs by more than so many levels: SSIM and others see fewer on even ground."""
    x, y, w, h = component[0]
    place = slice(y, y + h), slice(x, x + w)
    strong = pair.difference[place] > limit
    return bool((strong if pair.ignored is None else strong & ~pair.ignored[place]).any())


def _with_letters(
    judged: list[Judged], tally: Tally, request: Request, threshold: float, backend: Backend
) -> tuple[list[Judged], Tally]:
    """What was judged of a page that looks noisy as it was drawn anew, and its letters that became others besides."""
    letters = find_letters(request.pair.to_host(backend), 255 * threshold, join=request.parameters.join)
    letters = [one for one in letters if not any(overlap(one[0], other.box) for other in judged)]
    return [*judged, *map(Judged, letters)], tally


def _judge_noisy(
    request: Request, found: Found, placement: Placement, backend: Backend, candidate: NDArray[Any]
) -> tuple[list[Judged], Tally]:
    pair, threshold = request.pair, found.threshold
    looked = find_quiet(pair, found, request.parameters, request.limits, backend)
    components, bled = without_bleeding(looked, pair, threshold, backend)
    seen = Tally()
    still = not placement.resampled
    patches = find_patches(pair, [*components, *found.shadows], threshold, backend, still=still)
    if placement.registration.method in SEEN_FROM_ELSEWHERE:
        components, moved = without_parallax(components, pair, threshold, backend)
        seen = Tally([*seen.places, *moved.places])
    components, swaying = without_swaying(components, pair, threshold, backend)
    seen = Tally([*seen.places, *swaying.places])
    components, overlaid = without_overlays(
        components, pair, placement, candidate, threshold=threshold, backend=backend
    )
    seen = Tally([*seen.places, *overlaid.places])
    # Where edges lie further aside than that, as of boards, they do so in lone places, too.
    near_by = request.parameters.tolerance <= GRAINY_TOLERANCE
    if near_by and not request.parameters.fixed:
        judged = [*(box for box, *_ in (*components, *found.shadows)), *(box for _, box, _ in seen.places)]
        # What was taken off a change, as its shadow, belongs to it; what noise was taken to explain is looked at anew.
        judged += [box for box, peak in found.peaks if peak > threshold and any(overlap(box, one) for one in judged)]
        sigma = request.parameters.sigma if placement.resampled else None
        flat = placement.registration.method not in SEEN_FROM_ELSEWHERE
        join = request.parameters.join
        components += find_lone(pair, judged, threshold, backend, join=join, sigma=sigma, flat=flat)
    if placement.resampled:
        components, softened = without_softened(components, pair, backend)
        seen = Tally([*seen.places, *softened.places])
    components = join_alike(components, pair, threshold, backend, join=request.parameters.join)
    if placement.registration.method != "none":
        components, beyond = without_slivers(components, pair, threshold, backend)
        seen = Tally([*seen.places, *beyond.places])
    explained = [*(box for box, *_ in (*found.shadows, *patches)), *(box for _, box, _ in seen.places)]
    components = find_streaks(pair, components, [*explained, *request.rims], backend, still=still)
    known = [*(box for box, *_ in components), *explained]
    spots = find_spots(pair, known, threshold, backend, still=still)
    return [Judged(component) for component in (*components, *patches, *spots)], Tally([*bled.places, *seen.places])
