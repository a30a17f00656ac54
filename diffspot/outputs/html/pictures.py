"""Where the page finds each picture: in a copy beside it, or in the user's own file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from diffspot.errors import OptionError, OutputError
from diffspot.image_io.pdf import DPI
from diffspot.image_io.storage import text_path
from diffspot.outputs.html.copies import SIDES, CopyPlan, find_copies, is_unshown
from diffspot.outputs.links import link
from diffspot.outputs.stale import remove_all_stale

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from diffspot.model import PairResult
    from diffspot.options.types import PagePictures
    from diffspot.outputs.bounds import Bounds
    from diffspot.outputs.html.copies import Copy, Written


class Shown(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Links to the pictures of one pair, percent-encoded and relative to the page; None where there is none."""

    reference: str | None = None
    candidate: str | None = None
    annotated: str | None = None
    scores: str | None = None
    mask: str | None = None


class ShownPictures:
    """Writes the copies that a page needs below its folder, part by part, and then removes all others.

    Args:
        folder: of the page.
        pictures: whether all that browsers show is copied or linked; what they do not show is copied as PNG.
        copying: whether copies are made at all.
        again: whether the page is made again of the same report, so that copies that lie there are right.
        dpi_of: px to the inch at which the pages of a pair were drawn.
        bounds: how far a report that others made reaches; None trusts it.

    Attributes:
        failures: why copies are missing or too many.
    """

    def __init__(
        self,
        folder: Path,
        *,
        pictures: PagePictures,
        copying: bool = True,
        again: bool = False,
        dpi_of: Callable[[PairResult], float] = lambda _: DPI,
        bounds: Bounds | None = None,
    ) -> None:
        self._folder = folder
        self._every = pictures == "copy"
        self._copying = copying
        self._again = again
        self._dpi_of = dpi_of
        self._bounds = bounds
        self._stale = {link(copy, folder): copy for copy in find_copies(folder)}
        self.failures: list[OutputError] = []

    def show(self, pairs: Sequence[PairResult]) -> list[Shown]:
        """The links of the pairs of one part, in order; within it no picture is copied twice."""
        plan = CopyPlan(pairs, self._folder, every=self._every, dpi_of=self._dpi_of)
        there = {copy for copy in plan.copies if self._again and copy.lies_there}
        missing = set(plan.copies) - there if self._copying else set()
        written = plan.write(copy for copy in missing if self._may_read(copy))
        written.places |= {copy.place: link(copy.place, self._folder) for copy in there}
        for address in written.places.values():
            self._stale.pop(address, None)
        self.failures += written.failures
        return [_shown(index, pair, self._folder, plan, written) for index, pair in enumerate(pairs)]

    def _may_read(self, copy: Copy) -> bool:
        """Whether a picture lies where the report may name pictures; notes a failure where one is missed."""
        try:
            if self._bounds:
                self._bounds.place(copy.source)
        except OptionError as error:
            self.failures += [OutputError(f"The page has no copy of a picture: {error}")] if copy.wanted else []
            return False
        return True

    def end(self) -> None:
        """Removes the copies that no part shows."""
        try:
            remove_all_stale(self._stale.values(), self._folder)
        except OutputError as error:
            self.failures.append(error)


def _shown(index: int, pair: PairResult, folder: Path, plan: CopyPlan, written: Written) -> Shown:
    sides = {side: _address(pair, side, plan.of(index, side), folder, written) for side in SIDES}
    seen = {"scores": pair.map_file, "mask": pair.mask_file} if pair.status == "different" else {}
    maps = {what: _map(place, folder) for what, place in seen.items()}
    annotated = link(folder / pair.annotated, folder) if pair.annotated else None
    return Shown(**sides, **maps, annotated=annotated)


def _address(pair: PairResult, side: str, copy: Copy | None, folder: Path, written: Written) -> str | None:
    """The link to what is shown of a pair on one side: a copy or, where there is none, the picture itself."""
    given = getattr(pair, side)
    if given is None or (copy and copy.place in written.changed):
        return None
    if copy and copy.place in written.places:
        return written.places[copy.place]
    return None if is_unshown(pair, side) else link(text_path(given), folder)


def _map(place: str | None, folder: Path) -> str | None:
    """The link to a score map or a mask; arrays and TIFF are none that a browser shows."""
    return link(folder / text_path(place), folder) if place and place.lower().endswith(".png") else None
