"""Files that are written for each pair, below a folder of --out of their own."""

from __future__ import annotations

import threading
from itertools import chain
from typing import TYPE_CHECKING, ClassVar

from msgspec.structs import replace

from diffspot.image_io.storage import StoredPath
from diffspot.outputs.atomic import write_atomically
from diffspot.outputs.bounds import refuse_outside
from diffspot.outputs.interface import Output
from diffspot.outputs.stale import remove_all_stale

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from diffspot.model import PairResult, RunReport
    from diffspot.options.options import Options
    from diffspot.outputs.earlier_report import EarlierReport
    from diffspot.outputs.interface import Pictures


class PairFileOutput(Output):
    """Writes one file for each pair, and removes those of an earlier run.

    Attributes:
        field: of `PairResult`, that says where the file lies.

    Args:
        folder: of --out.
        options: of pairs that no rule is for.
        earlier: what the earlier run left in the folder.
    """

    field: ClassVar[str]

    def __init__(self, folder: Path, options: Options, earlier: EarlierReport) -> None:
        self._folder = folder
        self._options = options
        self._earlier = earlier
        self._written: set[str] = set()
        self._lock = threading.Lock()
        self._over = False

    def places(self, name: str) -> Iterable[str]:
        """Where files of the pair by this name can lie, relative to the folder."""
        raise NotImplementedError

    def encode(self, result: PairResult, pictures: Pictures) -> tuple[str, bytes] | None:
        """Where the file of a pair goes, and its content; None where none is asked for."""
        raise NotImplementedError

    def draw(self, result: PairResult, pictures: Pictures) -> PairResult:
        """See `Output.draw`."""
        encoded = self.encode(result, pictures)
        if encoded is None:
            return result
        place, data = encoded
        refuse_outside(self._folder / place, self._folder)
        with self._lock:
            if self._over:  # the run was stopped, and this pair is in no report
                return result
            write_atomically(self._folder / place, data, durable=False)
            self._written.add(place)
        return replace(result, **{self.field: place})

    def finish(self, report: RunReport) -> None:
        """See `Output.finish`; reads the earlier report, so it runs before that is replaced."""
        with self._lock:
            self._over = True
        named = {place for result in report.pairs if (place := getattr(result, self.field))}
        # In object storage each would be a request; there the earlier report tells what is left.
        pairs = () if isinstance(self._folder, StoredPath) else report.pairs
        own = (place for result in pairs for place in self.places(result.name))
        earlier = (place for result in self._earlier.pairs if (place := getattr(result, self.field)))
        stale = (place for place in chain(own, self._written, earlier) if place not in named)
        remove_all_stale((self._folder / place for place in stale), self._folder)
