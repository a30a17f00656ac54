"""Resolves the options for one pair: every `auto` becomes a number estimated from the pair."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from diffspot.backends.interface import blur_radius
from diffspot.options.options import measured
from diffspot.options.types import MOST_BLUR, as_share, split_filter
from diffspot.pipeline.metrics import find_metric
from diffspot.pipeline.metrics.interface import LEVEL_MULTIPLE
from diffspot.pipeline.noise import Noise, averages_out, is_noisy, is_unlike, measure_noise
from diffspot.pipeline.segmentation import Morphology, growth
from diffspot.pipeline.tolerance import estimate_tolerance, tolerance_reach

if TYPE_CHECKING:
    from diffspot.backends.device import Numbers
    from diffspot.backends.interface import Backend
    from diffspot.options.options import Options
    from diffspot.pipeline.metrics.interface import Metric
    from diffspot.pipeline.pair import RegisteredPair

GRAINY_BLUR = 1.0
"""Px: cuts white noise to a quarter and costs a 3 x 3 px spot a third of its height."""
GRAINY_TOLERANCE = 0.5
"""Px: what resampling leaves of registration; a whole pixel would swallow thin strokes."""
HEAVY_BLUR = 3.0
"""Px: of pairs whose noise is as heavy as the contrast of what they show, at most."""
ALIKE_BLUR = 0.5
"""Px: of pairs brought into one sharpness, whose kernel has averaged over noise once already."""
SPECK_OPENING = 3
"""Px: what noise and edge noise leave above the threshold is thinner than that."""
JOIN_SHARE, LEAST_JOIN = 0.018, 10.0
"""Share of the picture's width, and px at the least: parts of one changed object lie closer together than that."""
NOISELESS = 0.9
"""Share of the valid area that is equal to the bit in rendered pairs without noise; JPEG leaves 0.8 at most."""
STRONG, FEW = 30, 0.05
"""Grey levels that faint changes stay below but for such a share of them; edges that wander differ by more."""
ANEW = 0.82
"""Share of the valid area that is equal to the bit on pages of dense text drawn anew; JPEG leaves 0.8 at most."""
MOSTLY_EQUAL = 0.5
"""Share of the valid area that is equal to the bit in crisp pairs that do not look rendered."""


class Leeway(NamedTuple):
    """What may differ between two pictures as a whole, and what is made of both before they are scored.

    Attributes:
        compression: whether JPEG may have kept one of them better.
        sharpness: whether one of them may be softer; scans in black and white have no soft edges.
        drawn: whether both look rendered: then edges alone say that they were drawn anew, each in another way.
        light: whether the light may be another one, soft shadows included; rendered pages have none.
        brightness: whether a colour photo may be compared with a grey one by its brightness.
        stretch: whether either picture's colours are stretched over all levels.
        passing: which frequencies of both are kept, see `filtering.filtered`; None keeps all.
        measured: whether the pair is measured, too, in the compression that its pictures have.
    """

    compression: bool
    sharpness: bool
    drawn: bool
    light: bool
    brightness: bool
    stretch: bool
    passing: tuple[str, float] | None
    measured: bool

    def nothing(self) -> Leeway:
        """Where nothing may differ: the pictures are compared as they are."""
        return self._replace(compression=False, sharpness=False, light=False, brightness=False)


@dataclass(frozen=True, slots=True)
class Parameters:
    """What the batched stages need to know; pairs of equal parameters can share a batch.

    Attributes:
        sigma: of the blur, px.
        tolerance: px.
        metric: what scores.
        morphology: what makes the mask.
        join: px.
        quantile: of the scores over the valid area, in [0, 1], that is the threshold; None where `Limits` has it.
        fixed: whether the user gave the threshold: then scores count as they are, and neither noise nor weak neighbours
            have a say.
        crisp: whether equal places of the pair are equal to the bit, so that what differs is judged place by place
            instead of being tolerated.
        keep: whether the mask is kept for who asks to see it.
        noisy: whether candidates are judged by what noise does elsewhere in the pair, where nothing is set by hand.
        least_tolerance: px, with which candidates of noisy pairs are proposed: what resampling leaves of registration.
    """

    sigma: float
    tolerance: float
    metric: Metric
    morphology: Morphology
    join: float
    quantile: float | None
    fixed: bool = False
    crisp: bool = False
    noisy: bool = False
    keep: bool = False
    least_tolerance: float = GRAINY_TOLERANCE

    @property
    def tolerates(self) -> bool:
        """Whether tolerance may take what differs by more than the threshold, which is one of levels."""
        return self.noisy or (self.tolerance > 0 and not self.fixed and self.metric == find_metric("absdiff"))

    @property
    def spread(self) -> float:
        """Px around a pixel that differs once it is blurred where scores can be other than 0."""
        return self.metric.reach if self.fixed else 0

    @property
    def reach(self) -> float:
        """Px around a differing pixel that its region can reach, or that its scores depend on."""
        if self.quantile is not None:  # it is taken over all scores, so no part can be worked on by itself
            return math.inf
        spread = blur_radius(self.sigma) + self.spread
        depends = spread + max(tolerance_reach(self.tolerance), self.metric.reach)
        return spread + max(depends, growth(self.morphology) + self.join / 2)


class Limits(NamedTuple):
    """Numbers that each pair's own noise sets: floats, or (N, 1, 1) for a batch.

    Attributes:
        threshold: the score above which a pixel differs; without meaning where a quantile of the scores is taken.
        least_difference: lower bound, in grey levels, on the plain difference of any pixel whose score can exceed the
            threshold.
        noise_cutoff: grey levels of residual below which the score is 0.
        edge_noise: see `Noise`.
        even_threshold: the score above which a pixel differs where there are no edges.
    """

    threshold: Numbers
    least_difference: Numbers
    noise_cutoff: Numbers
    edge_noise: Numbers
    even_threshold: Numbers

    @property
    def least_plain(self) -> float:
        """Grey levels below which no plain difference of any pair can change a mask."""
        return float(np.min(np.minimum(self.least_difference, 255 * np.asarray(self.threshold))))


def find_leeway(options: Options, *, rendered: bool, varies: bool, bilevel: bool) -> Leeway:
    """What may differ between two pictures as a whole.

    Compressions and sharpness may not where the options ask for the scores of the pictures as they are, nor where the
    reference is a mean of captures, which `varies`: that is as smooth as what was compressed hard.
    """
    automatic = options.normalize == "auto" and options.threshold == "auto" and options.filter == "none"
    light = options.normalize == "auto" and not rendered
    return Leeway(
        compression=automatic and not varies,
        sharpness=automatic and not varies and not bilevel,
        drawn=rendered,
        light=light,
        brightness=light and not chosen_metric(options).is_of_colours,
        stretch=options.normalize == "stretch",
        passing=split_filter(options.filter),
        measured=bool(measured(options)),
    )


def estimate_parameters(
    pair: RegisteredPair,
    options: Options,
    backend: Backend,
    *,
    step: float,
    resampled: bool,
    rendered: bool,
    sharpened: bool = False,
    keep: bool = False,
) -> tuple[Parameters, Limits]:
    """The parameters and the limits of a pair.

    Args:
        pair: a single one.
        options: how to compare.
        backend: what the arrays live on.
        step: of the pictures' depth, a score.
        resampled: see `Placement`; at crisp edges that leaves as much as noise does.
        rendered: whether both pictures look rendered.
        sharpened: whether both were brought into one sharpness, which resampled one of them, and took what that leaves.
        keep: see `Parameters`.
    """
    differing = int(backend.xp.count_nonzero(pair.difference))  # outside the valid area nothing differs
    equal = 1 - differing / max(int(backend.xp.count_nonzero(pair.valid)), 1)
    # Noise is everywhere: a page with nothing but faint changes, or few, has none, however like noise they look.
    noiseless = rendered and equal > NOISELESS and backend.xp.count_nonzero(pair.difference > STRONG) < FEW * differing
    unlike = is_unlike(pair, backend) and (rendered or not averages_out(pair, backend))
    uneven = resampled or sharpened
    grainy = not unlike and (uneven or (not noiseless and is_noisy(pair, backend, step=step, rendered=rendered)))
    fixed = options.threshold != "auto"
    # A filter spreads every difference, so that nothing is equal to the bit.
    filtered = options.filter != "none"
    crisp = not grainy and not fixed and options.tolerance == "auto" and (rendered or equal > MOSTLY_EQUAL)
    crisp = crisp and not filtered
    blur = ALIKE_BLUR if sharpened else GRAINY_BLUR
    sigma = blur * grainy if options.blur == "auto" else _sigma(options.blur, pair.reference.shape[1])
    tolerance = options.tolerance
    if tolerance == "auto":
        tolerance = 0.0 if crisp or unlike else _tolerance(pair, backend, grainy=grainy)
    metric = chosen_metric(options)
    parameters = Parameters(
        sigma=sigma,
        tolerance=tolerance,
        metric=metric,
        morphology=_morphology(options, tolerance, grainy=grainy),
        join=max(JOIN_SHARE * pair.reference.shape[1], LEAST_JOIN) if options.join == "auto" else options.join,
        quantile=as_share(options.threshold) if isinstance(options.threshold, str) and fixed else None,
        fixed=fixed,
        crisp=crisp,
        noisy=grainy and metric == find_metric("absdiff") and not filtered and _all_automatic(options),
        keep=keep,
        least_tolerance=0.0 if sharpened else GRAINY_TOLERANCE,
    )
    # Letters drawn anew are no noise: they would hide what is fainter than they are.
    told = not unlike and not (crisp and equal > ANEW)
    noise = _noise(pair, backend, sigma=sigma, grainy=grainy, step=step, told=told)
    excess = LEVEL_MULTIPLE * noise.level / metric.highest_floor
    if excess > 1 and parameters.noisy and options.blur == "auto":  # white noise falls with the blur
        parameters = replace(parameters, sigma=min(sigma * excess, HEAVY_BLUR))
        noise = _noise(pair, backend, sigma=parameters.sigma, grainy=grainy, step=step, told=told)
    return parameters, limits_of(noise, parameters, options.threshold)


def _tolerance(pair: RegisteredPair, backend: Backend, *, grainy: bool) -> float:
    """Px by which edges wander; noise and resampling always leave some doubt about one."""
    return max(float(estimate_tolerance(pair, backend)), GRAINY_TOLERANCE * grainy)


def _noise(pair: RegisteredPair, backend: Backend, *, sigma: float, grainy: bool, step: float, told: bool) -> Noise:
    """The noise of a pair; none unless what differs tells it."""
    if not told:
        return Noise(grainy=False, level=0, edge_noise=0, step=step)
    return measure_noise(pair, backend, sigma=sigma, grainy=grainy, step=step)


def chosen_metric(options: Options) -> Metric:
    """The metric that the options ask for, with its numbers.

    Raises:
        OptionError: it does not load, or the metric has no gradient.
    """
    if options.score == "gradient":
        from diffspot.pipeline.metrics.gradient import gradient_of  # noqa: PLC0415  few ask for it

        return gradient_of(options.metric, options.channels)
    return _with_numbers(find_metric(options.metric), options)


def _with_numbers(metric: Metric, options: Options) -> Metric:
    """The metric with those of its fields set that are named as an option."""
    numbers = {field.name: getattr(options, field.name) for field in fields(metric) if hasattr(options, field.name)}
    return replace(metric, **numbers)


def check_metric(options: Options) -> None:
    """Makes sure that what scores and measures pairs is there.

    Raises:
        OptionError: something is missing; said before the first pair rather than with every one.
    """
    chosen_metric(options).prepare()
    if "lpips" in measured(options):
        _with_numbers(find_metric("lpips"), options).prepare()


def _sigma(given: float | str, width: int) -> float:
    """Sigma of the blur in px, of pictures of that width."""
    return min(as_share(given) * width, MOST_BLUR) if isinstance(given, str) else given


def tolerating(
    parameters: Parameters, pair: RegisteredPair, options: Options, backend: Backend, *, step: float
) -> tuple[Parameters, Limits]:
    """The parameters and the limits of a crisp pair whose edges wander, so that it takes a tolerance."""
    unlike = is_unlike(pair, backend)
    tolerance = 0.0 if unlike else _tolerance(pair, backend, grainy=False)
    morphology = _morphology(options, tolerance, grainy=False)
    tolerant = replace(parameters, tolerance=tolerance, morphology=morphology, crisp=False)
    noise = _noise(pair, backend, sigma=parameters.sigma, grainy=False, step=step, told=not unlike)
    return tolerant, limits_of(noise, tolerant, options.threshold)


def _morphology(options: Options, tolerance: float, *, grainy: bool) -> Morphology:
    opening = options.opening
    if opening == "auto":
        opening = SPECK_OPENING if grainy or tolerance > 1 else 1
    return Morphology(math.ceil(tolerance), opening, options.closing, options.dilation)


def is_automatic(options: Options) -> bool:
    """Whether nothing is set by hand that decides how pictures are laid and scored, and what counts as a change."""
    plain = options.filter == "none" and options.align == options.normalize == "auto"
    return plain and chosen_metric(options) == find_metric("absdiff") and _all_automatic(options)


def _all_automatic(options: Options) -> bool:
    """Whether nothing that decides what counts as a change is set by hand."""
    return all(value == "auto" for value in (options.tolerance, options.threshold, options.opening))


def limits_of(noise: Noise, parameters: Parameters, given: float | str) -> Limits:
    """The limits of a pair: those that its noise sets, or a score that the user gave as its threshold."""
    metric = parameters.metric
    of_noise = 0.0 if parameters.fixed else metric.floor(noise)
    threshold = of_noise if isinstance(given, str) else given
    return Limits(
        threshold=threshold,
        least_difference=0.0 if parameters.fixed else metric.least_difference(noise, threshold),
        noise_cutoff=0.0 if parameters.fixed else metric.noise_cutoff(noise),
        edge_noise=noise.edge_noise,
        even_threshold=threshold if parameters.fixed else metric.floor(replace(noise, edge_noise=0)),
    )
