"""Ways to spoil text and JSON, all by one random generator, so that a seed tells what was tried."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import random

TOKENS = (
    b"..", b"/", b"\\", b"\0", b"\n", b"\r", b"\x1b[31m", b"\xff\xfe", b"\xe2\x80\xae", b"~", b"-", b"*", b"%", b'"',
    b"'", b"{", b"[", b"]", b"}", b",", b":", b"=", b"#", b"null", b"true", b"NaN", b"1e999", b"-1", b"9999999999999",
    b"../../outside/mine.png", b"/etc/passwd", b"\\udcff", b"\\u0000", b"\xf0\x9f\x98\x80", b"::error::",
)  # fmt: skip
"""What has a meaning somewhere."""
VALUES: tuple[Any, ...] = (
    None, True, 0, -1, 2**31, 2**64, 1e308, -0.5, "", ".", "..", "/", "a\0b", "../outside/mine.png", "/etc/passwd",
    "x\n::error::y\x1b[0m", "\u202e", "n" * 300, [], {}, [[]], [1, 2, 3, 4], {"a": 1}, "ref", "cand", "different",
    "renamed", "removed", "added", "same", "error", "annotated/..", "annotated/x.png", "outside", "hook",
)  # fmt: skip
"""What may stand in the place of any other value."""


def spoil_bytes(data: bytes, chance: random.Random) -> bytes:
    """The data with one to four bytes or pieces changed, taken out, doubled or put in."""
    spoilt = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        at = chance.randint(0, len(spoilt))
        end = min(len(spoilt), at + chance.choice((1, 2, 8, 64)))
        match chance.randrange(5):
            case 0:
                spoilt[at:end] = b""
            case 1:
                spoilt[at:at] = spoilt[at:end] * chance.choice((1, 2, 50))
            case 2:
                spoilt[at:end] = bytes(chance.randrange(256) for _ in range(end - at))
            case 3:
                spoilt[at:at] = chance.choice(TOKENS)
            case _:
                del spoilt[at:]
    return bytes(spoilt)


def spoil_json(text: bytes, chance: random.Random) -> bytes:
    """JSON with one to three of its values replaced, taken out or moved; other text is spoilt byte by byte."""
    try:
        whole = json.loads(text)
    except ValueError:
        return spoil_bytes(text, chance)
    for _ in range(chance.randint(1, 3)):
        holders = [holder for holder in _holders(whole) if holder]
        if not holders:
            break
        holder = chance.choice(holders)
        key = chance.choice(list(holder) if isinstance(holder, dict) else range(len(holder)))
        if chance.random() < 0.2:
            del holder[key]
        else:
            holder[key] = chance.choice(VALUES)
    return json.dumps(whole, ensure_ascii=chance.random() < 0.5).encode("utf-8", "surrogatepass")


def _holders(value: Any) -> list[Any]:  # noqa: ANN401  whatever JSON holds
    """Every object and list in it."""
    if not isinstance(value, dict | list):
        return []
    inner = value.values() if isinstance(value, dict) else value
    return [value, *(holder for one in inner for holder in _holders(one))]
