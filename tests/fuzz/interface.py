"""What a target offers."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from random import Random


class Finding(NamedTuple):
    """What is wrong with how an input was taken.

    Attributes:
        kind: `crash`, `hang` or `false same`.
        what: one line.
    """

    kind: str
    what: str


class Target(Protocol):
    """Something that is read, such as the pictures of one format."""

    name: str
    suffix: str
    """Of the files in which inputs with findings are kept."""

    def seeds(self) -> Sequence[bytes]:
        """Whole inputs, the same in every process."""

    def mend(self, data: bytes, rng: Random) -> bytes:
        """Make a mutated input pass the first checks of what reads it, sometimes, so that mutations get further in."""

    def check(self, data: bytes, seed: bytes, folder: Path) -> Finding | None:
        """Have diffspot read a mutated input.

        Args:
            data: the input.
            seed: what it was made from.
            folder: for files; it is the process's own and empty at first.

        Raises:
            Exception: any is a crash.
        """
