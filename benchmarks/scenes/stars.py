"""Star fields: points of light of every brightness on a dark, slightly uneven sky."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Field = NDArray[np.float64]

# Sigma of the disc into which air and lens spread a star, px.
SPREAD = 1.3
# Light beyond this many px of a star is below a tenth of a level.
REACH = 7
SKY, GLOW = 14.0, 8.0
FAINT, BRIGHT = 25.0, 900.0
# Brighter stars are rarer: the exponent of their number.
RARITY = 1.3


@dataclass(frozen=True, slots=True)
class Star:
    """A star: px from the picture's centre to the right and down, and levels at its peak."""

    x: float
    y: float
    peak: float


def make_star(rng: np.random.Generator, reach: float, *, faint: float = FAINT) -> Star:
    """Put a star anywhere within `reach` px of the centre, both ways."""
    x, y = rng.uniform(-reach, reach, 2)
    # A power law between faintest and brightest, by inversion.
    low, high = faint**-RARITY, BRIGHT**-RARITY
    peak = (low - rng.random() * (low - high)) ** (-1 / RARITY)
    return Star(float(x), float(y), float(peak))


def turn_stars(stars: Sequence[Star], degrees: float, dx: float, dy: float) -> list[Star]:
    """Turn the sky about the picture's centre, then move it by (dx, dy) px."""
    across, down = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return [
        Star(
            float(across * star.x - down * star.y + dx),
            float(down * star.x + across * star.y + dy),
            star.peak,
        )
        for star in stars
    ]


def draw_stars(stars: Sequence[Star], width: int, height: int) -> Field:
    """Return an (H, W) float64 picture in levels from 0 to 255, glowing towards its middle."""
    rows, columns = np.mgrid[:height, :width].astype(np.float64)
    far = np.hypot((columns - width / 2) / width, (rows - height / 2) / height)
    sky: Field = SKY + GLOW * np.exp(-4 * far**2)
    for star in stars:
        x, y = star.x + (width - 1) / 2, star.y + (height - 1) / 2
        top, left = max(0, round(y) - REACH), max(0, round(x) - REACH)
        part = np.s_[top : max(0, round(y) + REACH + 1), left : max(0, round(x) + REACH + 1)]
        square = (columns[part] - x) ** 2 + (rows[part] - y) ** 2
        sky[part] += star.peak * np.exp(-square / (2 * SPREAD**2))
    return np.clip(sky, 0, 255)
