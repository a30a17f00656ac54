"""The same field of stars twice: the telescope points slightly elsewhere, a few stars differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmarks.pairs.pair import Pair, Planted
from benchmarks.scenes.camera import add_noise
from benchmarks.scenes.stars import draw_stars, make_star, turn_stars
from benchmarks.scenes.truth import tight_box

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from benchmarks.scenes.stars import Star
    from benchmarks.scenes.truth import Box

    Picture = NDArray[np.uint8]

WIDTH, HEIGHT = 560, 420
STARS = (120, 240)
# Stars are drawn this far from the centre, so that a turned sky has no empty corner, px.
REACH = 380.0
SHIFT, TURN = 6.0, 1.0
# New and vanished stars are brighter than this and lie apart, levels and px; see `tight_box`.
SEEN, APART, VISIBLE = 70.0, 30.0, 8.0
BORDER, NOISE = 24, (1.5, 3.0)
MAX_TRIES = 500


def _level(sky: NDArray[np.float64]) -> Picture:
    return np.rint(sky).astype(np.uint8)


def _changes(rng: np.random.Generator, stars: list[Star], count: int) -> list[Star]:
    """Return stars to add or take away, inside the picture and away from all others."""
    chosen: list[Star] = []
    for _ in range(MAX_TRIES):
        if len(chosen) == count:
            return chosen
        new = make_star(rng, HEIGHT, faint=SEEN)
        inside = abs(new.x) < WIDTH / 2 - BORDER and abs(new.y) < HEIGHT / 2 - BORDER
        others = (*stars, *chosen)
        far = all(np.hypot(new.x - each.x, new.y - each.y) > APART / 2 for each in others)
        if inside and far:
            chosen.append(new)
    raise ValueError(f"no room for {count} stars more")


def _skies(rng: np.random.Generator, *, changed: bool) -> tuple[list[Star], list[Star], list[Star]]:
    """Return the stars seen first, those seen later, and those seen once only."""
    stars = [make_star(rng, REACH) for _ in range(int(rng.integers(*STARS)))]
    once = _changes(rng, stars, int(rng.integers(2, 5)) if changed else 0)
    first, later = list(stars), list(stars)
    for star in once:
        (first if rng.random() < 0.5 else later).append(star)
    return first, later, once


def _boxes(first: list[Star], once: list[Star]) -> tuple[Box, ...]:
    kept = [star for star in first if star not in once]
    sky = _level(draw_stars(kept, WIDTH, HEIGHT))
    lit = (_level(draw_stars([*kept, star], WIDTH, HEIGHT)) for star in once)
    return tuple(tight_box(sky, each, above=VISIBLE) for each in lit)


def plant_stars(rng: np.random.Generator, *, changed: bool) -> Planted:
    """Draw a sky before and after two to four stars came or went."""
    first, later, once = _skies(rng, changed=changed)
    before, after = (_level(draw_stars(stars, WIDTH, HEIGHT)) for stars in (first, later))
    return Planted(before, after, _boxes(first, once))


def draw_stars_pair(rng: np.random.Generator, *, changed: bool) -> Pair:
    """Photograph the sky twice; the second time it is turned and moved."""
    first, later, once = _skies(rng, changed=changed)
    noise, degrees = float(rng.uniform(*NOISE)), float(rng.uniform(-TURN, TURN))
    dx, dy = (float(value) for value in rng.uniform(-SHIFT, SHIFT, 2))
    moved = turn_stars(later, degrees, dx, dy)
    before, after = (_level(draw_stars(stars, WIDTH, HEIGHT)) for stars in (first, moved))
    boxes = _boxes(first, once)
    return Pair(add_noise(before, rng, noise), add_noise(after, rng, noise), boxes)
