"""Seeded mutations of bytes."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random

    Mutation = Callable[[bytearray, Random, Sequence[bytes]], None]

NUMBERS = (0, 1, 2, 7, 8, 127, 128, 255, 256, 32767, 32768, 65535, 65536, 2**24, 2**31 - 1, 2**31, 2**32 - 2, 2**32 - 1)
MOST_MUTATIONS = 4
LONGEST = 64
"""Bytes of a stretch that is moved, repeated, inserted or left out."""


def mutated(seed: bytes, others: Sequence[bytes], rng: Random) -> bytes:
    """A seed after one to a few mutations; `others` are spliced in."""
    data = bytearray(seed)
    for _ in range(rng.randint(1, MOST_MUTATIONS)):
        rng.choice(MUTATIONS)(data, rng, others)
    return bytes(data) or b"\0"


def _flip(data: bytearray, rng: Random, _: Sequence[bytes]) -> None:
    if data:
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)


def _overwrite(data: bytearray, rng: Random, _: Sequence[bytes]) -> None:
    start = rng.randrange(len(data) + 1)
    data[start : start + rng.randint(1, 8)] = rng.randbytes(rng.randint(1, 8))


def _set_number(data: bytearray, rng: Random, _: Sequence[bytes]) -> None:
    size = rng.choice("BHI")
    number = rng.choice(NUMBERS) & (256 ** struct.calcsize(size) - 1)
    packed = struct.pack(rng.choice("<>") + size, number)
    # most numbers that matter stand near the start
    start = rng.randrange(min(len(data), rng.choice((64, 512, len(data)))) + 1) if data else 0
    data[start : start + len(packed)] = packed


def _cut(data: bytearray, rng: Random, _: Sequence[bytes]) -> None:
    del data[rng.randrange(len(data) + 1) :]


def _leave_out(data: bytearray, rng: Random, _: Sequence[bytes]) -> None:
    start = rng.randrange(len(data) + 1)
    del data[start : start + rng.randint(1, LONGEST)]


def _repeat(data: bytearray, rng: Random, _: Sequence[bytes]) -> None:
    start = rng.randrange(len(data) + 1)
    stretch = data[start : start + rng.randint(1, LONGEST)]
    where = rng.randrange(len(data) + 1)
    data[where:where] = stretch * rng.choice((1, 2, 50))


def _splice(data: bytearray, rng: Random, others: Sequence[bytes]) -> None:
    other = rng.choice(others)
    data[rng.randrange(len(data) + 1) :] = other[rng.randrange(len(other)) :]


COMMON = (_flip, _set_number)
MUTATIONS: tuple[Mutation, ...] = (*COMMON, *COMMON, _overwrite, _cut, _leave_out, _repeat, _splice)
