"""Every kind of pair the benchmark draws; a new kind is one line here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol
from zlib import crc32

import numpy as np

from benchmarks.pairs import (
    boards,
    cartoons,
    cells,
    desks,
    documents,
    edited_pages,
    labels,
    pages,
    photos,
    plans,
    sharpness,
    stars,
    streets,
)

if TYPE_CHECKING:
    from benchmarks.pairs.pair import Pair

# One pair in so many is unchanged, the last of each group.
UNCHANGED_EVERY = 4


class Draw(Protocol):
    """Draws one pair, changed or not; one seed gives one pair."""

    def __call__(self, rng: np.random.Generator, *, changed: bool) -> Pair:
        """Draw a pair."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of pair; where `changes` is false none of its pairs is changed."""

    name: str
    draw: Draw
    changes: bool = True

    def pair(self, index: int, seed: int) -> Pair:
        """Draw pair `index` of this kind; another kind or seed gives other pairs."""
        rng = np.random.default_rng([seed, crc32(self.name.encode()), index])
        changed = self.changes and (index + 1) % UNCHANGED_EVERY != 0
        return self.draw(rng, changed=changed)


KINDS = (
    Kind("page, few changes", pages.draw_few),
    Kind("page, many changes", pages.draw_many),
    Kind("page rendered anew", pages.draw_rerendered),
    Kind("page rendered anew, unchanged", pages.draw_rerendered, changes=False),
    Kind("page, resampled", pages.draw_resampled),
    Kind("page, resampled, unchanged", pages.draw_resampled, changes=False),
    Kind("page, saved with a palette", pages.draw_palette),
    Kind("page, saved with a palette, unchanged", pages.draw_palette, changes=False),
    Kind("page, barcodes blended anew", labels.draw_labels_pair),
    Kind("page, barcodes blended anew, unchanged", labels.draw_labels_pair, changes=False),
    Kind("page, signs and names drawn anew", plans.draw_plan_pair),
    Kind("page, signs and names drawn anew, unchanged", plans.draw_plan_pair, changes=False),
    Kind("page, lines drift", pages.draw_drifting),
    Kind("page, lines drift, unchanged", pages.draw_drifting, changes=False),
    Kind("page, banner inserted", pages.draw_banner),
    Kind("page, section removed", pages.draw_section_removed),
    Kind("page, paragraph grown", pages.draw_paragraph_grown),
    Kind("page, prices", edited_pages.draw_prices),
    Kind("page, prices, compressed", edited_pages.draw_compressed_prices),
    Kind("page, prices, compressed, unchanged", edited_pages.draw_compressed_prices, changes=False),
    Kind("page, prices, compressed, rows moved", edited_pages.draw_moved_prices),
    Kind("page, prices, compressed, rows moved, unchanged", edited_pages.draw_moved_prices, changes=False),
    Kind("page, prices in colours, WebP", edited_pages.draw_coloured_prices),
    Kind("page, prices in colours, WebP, unchanged", edited_pages.draw_coloured_prices, changes=False),
    Kind("page, prices drawn softer", edited_pages.draw_soft_prices),
    Kind("page, prices drawn softer, unchanged", edited_pages.draw_soft_prices, changes=False),
    Kind("page, redrawn heading", edited_pages.draw_redrawn_heading),
    Kind("page, one line alone", edited_pages.draw_lone_change),
    Kind("page, moved component", edited_pages.draw_moved),
    Kind("page, tint", edited_pages.draw_tint),
    Kind("page, style", edited_pages.draw_style),
    Kind("photo, shift", photos.draw_shift),
    Kind("photo, similarity", photos.draw_similarity),
    Kind("photo, homography", photos.draw_homography),
    Kind("photo, similarity, unchanged", photos.draw_similarity, changes=False),
    Kind("photo, noise", photos.draw_noise),
    Kind("photo, noise, unchanged", photos.draw_noise, changes=False),
    Kind("photo, coloured marks, saved again", photos.draw_saved_again),
    Kind("photo, coloured marks, saved again, unchanged", photos.draw_saved_again, changes=False),
    Kind("photo, things that stand up", desks.draw_desk_pair),
    Kind("photo, things that stand up, unchanged", desks.draw_desk_pair, changes=False),
    Kind("photo, shade with a border", photos.draw_shade),
    Kind("photo, shade with a border, unchanged", photos.draw_shade, changes=False),
    Kind("photo, patch beside its JPEG", photos.draw_patch),
    Kind("photo, patch beside its JPEG, unchanged", photos.draw_patch, changes=False),
    Kind("photo, jolted behind an overlay", photos.draw_overlay),
    Kind("photo, jolted behind an overlay, unchanged", photos.draw_overlay, changes=False),
    Kind("photo, a band in another colour", photos.draw_band),
    Kind("photo, a band in another colour, unchanged", photos.draw_band, changes=False),
    Kind("photo beside a grey one", photos.draw_grey),
    Kind("photo beside a grey one, unchanged", photos.draw_grey, changes=False),
    Kind("photo, captions, resized", sharpness.draw_captions),
    Kind("photo, captions, resized, unchanged", sharpness.draw_captions, changes=False),
    Kind("diagram, part of a px aside", sharpness.draw_diagram),
    Kind("diagram, part of a px aside, unchanged", sharpness.draw_diagram, changes=False),
    Kind("street, cars and shadows", streets.draw_street),
    Kind("board, glints on solder", streets.draw_joints),
    Kind("board, glints on solder, unchanged", streets.draw_joints, changes=False),
    Kind("board, wandering edges", boards.draw_board_pair),
    Kind("puzzle", cartoons.draw_cartoon_pair),
    Kind("puzzle, faint spots", cartoons.draw_faint_pair),
    Kind("puzzle, twins", cartoons.draw_twins_pair),
    Kind("scanned document", documents.draw_document_pair),
    Kind("scanned document, dust", documents.draw_dusty_pair),
    Kind("scanned document, dust, unchanged", documents.draw_dusty_pair, changes=False),
    Kind("faxed document", documents.draw_fax_pair),
    Kind("faxed document, unchanged", documents.draw_fax_pair, changes=False),
    Kind("scanned sums", documents.draw_sums_pair),
    Kind("star field", stars.draw_stars_pair),
    Kind("microscope", cells.draw_cells_pair),
    Kind("microscope, 12 bits of 16", cells.draw_deep_pair),
)
