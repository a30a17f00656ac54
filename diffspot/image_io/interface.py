"""What a picture format has to offer, and the words in which it refuses a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from diffspot.model import Compression

    Pixels = NDArray[np.uint8] | NDArray[np.uint16]
    Decoded = tuple[Pixels, list[str]]
    """Pixels as stored, (H, W) or (H, W, C), and a note for each conversion."""


class UnreadableError(Exception):
    """A picture cannot be read; the message continues "FILE is a PNG ..." up to the full stop."""


TRUNCATED = "that ends too early; copy or save it again"
NO_SIZE = "without a size; save it again"
NO_PIXELS = "without picture data; save it again"


class Size(NamedTuple):
    """What the file says of the pixels that decoding will give, before EXIF orientation.

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

    @property
    def decoded_bytes(self) -> int:
        """What the pixels take."""
        return self.pixels * self.channels * self.sample_bytes

    @property
    def decoding_bytes(self) -> int:
        """What decoding takes at its peak: the pixels inflated, unfiltered and upright."""
        return self.decoded_bytes * 3


@dataclass(frozen=True, slots=True)
class Header:
    """What a file says about one of its frames, or pages.

    Attributes:
        size: of the pixels as stored.
        orientation: EXIF orientation, 1 (upright) to 8.
        profile: the embedded ICC profile, empty where there is none.
        compression: how JPEG compressed the pixels as stored; None where it is another format or says nothing of it.
    """

    size: Size
    orientation: int = 1
    profile: bytes = b""
    compression: Compression | None = None


class Format(Protocol):
    """One picture format; the modules beside this one are its implementations."""

    NAME: str
    SUFFIXES: Sequence[str]

    def matches(self, data: bytes) -> bool:
        """Tell from the first bytes whether `data` is of this format."""

    def read_size(self, data: bytes) -> Size:
        """Return the size of the first frame as stored, reading as little as possible."""

    def read_headers(self, data: bytes, /) -> Sequence[Header]:
        """Return what stands outside the pixel data, frame by frame, having checked that the file is whole.

        Raises:
            UnreadableError: the file ends too early or contradicts itself.
        """

    def read_frames(self, data: bytes) -> Iterator[Callable[[], Decoded]]:
        """Yield what decodes each frame of a file that `read_headers` has accepted; it may be left uncalled.

        Raises:
            UnreadableError: the samples are of a kind that is not supported; from a call.
            Exception: whatever the decoder raises for damaged pixel data, from a call or a step.
        """
