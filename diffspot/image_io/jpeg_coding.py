"""What a JPEG says of how it was compressed: its quantization tables and the resolution of its colours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from diffspot.model import Compression

if TYPE_CHECKING:
    from collections.abc import Iterable

APP14, DQT = 0xEE, 0xDB
DCT = frozenset({0xC0, 0xC1, 0xC2, 0xC9, 0xCA})
"""Frames of frequencies: baseline, extended and progressive, the last two in arithmetic coding as well."""
ADOBE, CONVERSION, NONE = b"Adobe", slice(11, 12), b"\0"
"""The segment that says how colours were converted, where in it, and how it says that they were not."""
BYTE, SIDE = 8, 8
FIRST = 6
"""Byte of a frame with which its channels begin, three bytes each; their count stands before it."""
GREY, COLOURED = 1, 3
RGB = b"RGB"
"""Names of channels that libjpeg takes for red, green and blue where no segment says otherwise."""
ORDER = tuple(
    sorted(range(SIDE**2), key=lambda at: (sum(divmod(at, SIDE)), divmod(at, SIDE)[sum(divmod(at, SIDE)) % 2 == 0]))
)
"""Where the frequencies of a table stand in their block: from corner to corner, back and forth (T.81, figure A.6)."""

Tables = dict[int, tuple[int, ...]]


def read_compression(segments: Iterable[tuple[int, bytes]]) -> Compression | None:
    """How a picture was compressed; None where it is not in luminance and two colours of one table, or in grey.

    Args:
        segments: marker and content of those before the first scan.
    """
    tables: Tables = {}
    frame = b""
    for marker, content in segments:
        if marker == DQT:
            tables |= _tables(content)
        elif marker in DCT:
            frame = content
        elif marker == APP14 and content.startswith(ADOBE) and content[CONVERSION] == NONE:
            return None
    if len(frame) < FIRST or frame[0] != BYTE or len(frame) != FIRST + 3 * frame[FIRST - 1]:
        return None
    channels = [frame[start : start + 3] for start in range(FIRST, len(frame), 3)]
    steps = [tables.get(table, ()) for _, _, table in channels]
    sampling = _sampling([divmod(factors, 16) for _, factors, _ in channels])
    if sampling is None or not all(steps) or bytes(one[0] for one in channels) == RGB or steps[1:-1] != steps[2:]:
        return None
    return Compression(steps[0], steps[-1], sampling)


def _tables(content: bytes) -> Tables:
    """The tables of one segment by their number, in rows; none that is cut short, or has 0 or steps of two bytes."""
    tables: Tables = {}
    while content:
        wide, number = divmod(content[0], 16)
        size = 1 + SIDE**2 * (2 if wide else 1)
        steps = content[1:size]
        if len(steps) == SIDE**2 and all(steps):  # encoders warn of larger ones on standard error
            tables[number] = tuple(steps[ORDER.index(at)] for at in range(SIDE**2))
        content = content[size:]
    return tables


def _sampling(factors: list[tuple[int, int]]) -> tuple[int, int] | None:
    """Px, down and across, that have one colour, of the factors, across and down, of each channel; None for others."""
    if len(factors) == GREY:
        return 1, 1
    if len(factors) != COLOURED or factors[1] != (1, 1) or factors[2] != (1, 1):
        return None
    across, down = factors[0]
    return (down, across) if across in (1, 2) and down in (1, 2) else None
