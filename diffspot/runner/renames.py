"""Renames: a removed and an added picture with the same content are one picture that moved."""

from __future__ import annotations

from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from diffspot.backends.machine import usable_cores
from diffspot.errors import ImageReadError
from diffspot.image_io import decode_frames, open_picture, peek_size, read_bytes
from diffspot.image_io.digest import digest
from diffspot.runner.memory import Memory

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence
    from pathlib import Path

    from diffspot.model import ImagePair
    from diffspot.options.options import Options

    Question = Callable[[Path], Hashable]


def find_renames(pairs: Sequence[ImagePair], options: Options, jobs: int | None) -> list[ImagePair]:
    """Joins each removed picture with the first added one that has the same content, byte for byte or pixel for pixel.

    Each question is put only to the files that the cheaper one before it could not tell apart, so that nothing is
    decoded but pictures of equal size on both sides.

    Args:
        pairs: in the order of the report.
        options: the limits; a picture beyond them is like no other.
        jobs: files looked at at a time; None is one for each core.

    Returns:
        The pairs, with the removed one of such two in place of both, renamed.
    """
    removed = [pair for pair in pairs if pair.candidate is None]
    added = [pair for pair in pairs if pair.reference is None]
    if not removed or not added:
        return list(pairs)
    found: dict[ImagePair, ImagePair] = {}
    memory = Memory(options.max_memory)
    of_files = _file_size, partial(_file_hash, memory=memory)
    of_pictures = partial(_picture_size, memory=memory), partial(_picture_hash, memory=memory, most=options.max_pixels)
    with ThreadPoolExecutor(jobs or usable_cores()) as pool:
        for questions in (of_files, of_pictures):
            moved = set(found.values())
            left = [pair for pair in removed if pair not in found]
            right = [pair for pair in added if pair not in moved]
            found |= _matches(left, right, questions, pool)
    return _joined(pairs, found)


def pixel_digest(path: Path, options: Options) -> str | None:
    """What is equal for pictures that count as renamed, whatever files hold them; None for what cannot be read."""
    memory = Memory(options.max_memory)
    found = _answer(partial(_picture_hash, memory=memory, most=options.max_pixels), path)
    return None if found is None else digest(msgspec.json.encode(found))


def _joined(pairs: Sequence[ImagePair], found: dict[ImagePair, ImagePair]) -> list[ImagePair]:
    moved = set(found.values())
    return [
        replace(pair, candidate=found[pair].candidate, renamed=True) if pair in found else pair
        for pair in pairs
        if pair not in moved
    ]


def _matches(
    left: Sequence[ImagePair], right: Sequence[ImagePair], questions: Sequence[Question], pool: ThreadPoolExecutor
) -> dict[ImagePair, ImagePair]:
    """Left to right where the answers to all questions agree, in order; only files that agree so far are asked on."""
    if not left or not right:
        return {}
    if not questions:
        return dict(zip(left, right, strict=False))
    groups, others = (_grouped(side, questions[0], pool) for side in (left, right))
    found: dict[ImagePair, ImagePair] = {}
    for answer, group in groups.items():
        found |= _matches(group, others.get(answer, []), questions[1:], pool)
    return found


def _grouped(
    pairs: Sequence[ImagePair], question: Question, pool: ThreadPoolExecutor
) -> dict[Hashable, list[ImagePair]]:
    """Pairs of one file by what is answered about it; without files that cannot be read, which match nothing."""
    groups: dict[Hashable, list[ImagePair]] = defaultdict(list)
    answers = pool.map(lambda pair: _answer(question, pair.reference or pair.candidate), pairs)
    for pair, answer in zip(pairs, answers, strict=True):
        if answer is not None:
            groups[answer].append(pair)
    return groups


def _answer(question: Question, path: Path) -> Hashable:
    try:
        return question(path)
    except (OSError, ImageReadError):
        return None


def _file_size(path: Path) -> int:
    return path.stat().st_size


def _file_hash(path: Path, memory: Memory) -> str:
    return digest(read_bytes(path, memory.most))


def _picture_size(path: Path, memory: Memory) -> tuple[int, ...]:
    """The sides, the shorter first: orientation may yet turn the picture."""
    return tuple(sorted(peek_size(read_bytes(path, memory.most), path)[:2]))


def _picture_hash(path: Path, memory: Memory, most: int) -> tuple[Hashable, ...]:
    """What tells the pixels of all frames."""
    picture = open_picture(read_bytes(path, memory.most), path, most)
    frames = decode_frames(picture)
    told = []
    for header in picture.headers:
        with memory.reserve(header.size.decoding_bytes, path.name):
            pixels = next(frames)().pixels
            told.append((pixels.shape, pixels.dtype.str, digest(pixels.reshape(-1).data)))
    return tuple(told)
