"""What a picture format has to offer, and the words in which it refuses a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Sequence

Pixels = NDArray[np.uint8] | NDArray[np.uint16]


class UnreadableError(Exception):
    """A picture cannot be read; the message continues "FILE is a PNG ..." up to the full stop."""


MAX_PIXELS = 500_000_000
"""A header may promise more than any memory holds in a file of a few bytes."""

TRUNCATED = "that ends too early; copy or save it again"


class Size(NamedTuple):
    """What the first bytes tell of the pixels that decoding will give, before EXIF orientation.

    Attributes:
        width: px.
        height: px.
        channels: at most.
        sample_bytes: 1 or 2.
    """

    width: int
    height: int
    channels: int
    sample_bytes: int

    @property
    def pixels(self) -> int:
        """Width times height."""
        return self.width * self.height


@dataclass(frozen=True, slots=True)
class Header:
    """What a file says about its picture beside its size.

    Attributes:
        orientation: EXIF orientation, 1 (upright) to 8.
        profile: the embedded ICC profile, empty where there is none.
        frames: frames of an animation or pages of a document; 1 for a still picture.
    """

    orientation: int = 1
    profile: bytes = b""
    frames: int = 1


class Format(Protocol):
    """One picture format; the modules beside this one are its implementations."""

    NAME: str
    SUFFIXES: Sequence[str]

    def matches(self, data: bytes) -> bool:
        """Tell from the first bytes whether `data` is of this format."""

    def read_size(self, data: bytes) -> Size:
        """Return the size as stored, reading as little as possible."""

    def read_header(self, data: bytes, /) -> Header:
        """Return what stands outside the pixel data, having checked that the file is whole.

        Raises:
            UnreadableError: the file ends too early or contradicts itself.
        """

    def read_pixels(self, data: bytes) -> tuple[Pixels, list[str]]:
        """Decode a file that `read_header` has accepted.

        Returns:
            The pixels as stored, (H, W) or (H, W, C), and a note for each conversion.

        Raises:
            UnreadableError: the samples are of a kind that is not supported.
            Exception: whatever the decoder raises for damaged pixel data.
        """
