"""Letters that became others on a page that was laid by part of a px, or supersampled, so that it looks noisy.

Resampling leaves something at all edges of such a page, and tolerance to movement takes a letter that became another
one for its edges, too. Each letter is held to the same letters elsewhere instead (`twins.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from diffspot.pipeline.areas import covering, joined_areas
from diffspot.pipeline.verdict.slanted import slanted
from diffspot.pipeline.verdict.twins import find_twins
from diffspot.pipeline.verdict.words import TALLEST, Edges, find_words, lay_words

if TYPE_CHECKING:
    from diffspot.backends.components import Component
    from diffspot.pipeline.pair import RegisteredPair


def find_letters(pair: RegisteredPair, limit: float, *, join: float) -> list[Component]:
    """Finds the letters of a page that became others, and words that were slanted.

    Args:
        pair: on the host, levels.
        limit: levels that make a px differ.
        join: px; letters that lie closer are one.
    """
    differing = (pair.difference > limit) & pair.valid
    if pair.reference.dtype != np.uint8 or not differing.any():
        return []
    found = find_words(Edges(pair.reference, pair.candidate), differing)
    laid = [word.laid for word in lay_words(pair.reference, pair.candidate, found).words if word.box[3] <= TALLEST]
    unlike = find_twins(pair.reference, pair.candidate, laid).unlike
    changed = covering([*unlike, *slanted(pair.reference, pair.candidate, laid)], differing.shape)
    return [part for part, _ in joined_areas(changed & differing, pair.difference, join)]
