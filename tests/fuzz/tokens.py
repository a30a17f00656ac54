"""Seeded mutations of text and JSON, with pieces that have a meaning somewhere."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.fuzz.mutation import mutated

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

TOKENS = (
    b"..", b"/", b"\\", b"\0", b"\n", b"\r", b"\x1b[31m", b"\xff\xfe", b"\xe2\x80\xae", b"~", b"-", b"*", b"%", b'"',
    b"'", b"{", b"[", b"]", b"}", b",", b":", b"=", b"#", b"null", b"true", b"NaN", b"1e999", b"-1", b"9999999999999",
    b"../../outside/mine.png", b"/etc/passwd", b"\\udcff", b"\\u0000", b"\xf0\x9f\x98\x80", b"::error::",
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    None, True, 0, -1, 2**31, 2**64, 1e308, -0.5, "", ".", "..", "/", "a\0b", "../outside/mine.png", "/etc/passwd",
    "x\n::error::y\x1b[0m", "\u202e", "n" * 300, [], {}, [[]], [1, 2, 3, 4], {"a": 1}, "ref", "cand", "different",
    "renamed", "removed", "added", "same", "error", "annotated/..", "annotated/x.png", "outside", "hook",
)  # fmt: skip
"""What may stand in the place of any other value of JSON."""


def mutated_text(seed: bytes, others: Sequence[bytes], rng: Random) -> bytes:
    """Text after a few mutations of its bytes, or with tokens put in."""
    if rng.random() < 0.6:
        return mutated(seed, others, rng)
    data = bytearray(seed)
    for _ in range(rng.randint(1, 4)):
        at = rng.randint(0, len(data))
        data[at:at] = rng.choice(TOKENS)
    return bytes(data)


def mutated_json(seed: bytes, others: Sequence[bytes], rng: Random) -> bytes:
    """JSON with one to three of its values replaced or taken out; a quarter is mutated as text."""
    if rng.random() < 0.25:
        return mutated_text(seed, others, rng)
    whole = json.loads(seed)
    for _ in range(rng.randint(1, 3)):
        holders = [holder for holder in _holders(whole) if holder]
        if not holders:
            break
        holder = rng.choice(holders)
        key = rng.choice(list(holder) if isinstance(holder, dict) else range(len(holder)))
        if rng.random() < 0.2:
            del holder[key]
        else:
            holder[key] = rng.choice(VALUES)
    return json.dumps(whole, ensure_ascii=rng.random() < 0.5).encode("utf-8", "surrogatepass")


def _holders(value: Any) -> list[Any]:  # noqa: ANN401  whatever JSON holds
    """Every object and list in it."""
    if not isinstance(value, dict | list):
        return []
    inner = value.values() if isinstance(value, dict) else value
    return [value, *(holder for one in inner for holder in _holders(one))]
