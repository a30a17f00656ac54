"""A written list of pairs, CSV or JSON lines, into checked rows; `pairs.py` says what they mean."""

from __future__ import annotations

import io
import os
import re
from typing import TYPE_CHECKING

from diffspot.errors import PairingError
from diffspot.model import path_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

COLUMNS = ("name", "reference", "candidate")
"""Columns of the list; the name may be left out."""

_SLASHES = re.compile(r"[/\\]")
_DRIVES = re.compile(r"^([A-Za-z]:)+")

Row = tuple[str, dict[str, str]]


def read_rows(text: str, source: str) -> Iterator[Row]:
    """Yields where each row stands ("pairs.csv line 3") and its cells by column.

    Args:
        text: The list; JSON lines when it starts with `{`, else CSV with a header.
        source: What messages call the list.

    Raises:
        PairingError: a row or the header is malformed, or a cell can be no file name.
    """
    text = text.removeprefix("\ufeff")
    read = _json_rows if text.lstrip().startswith("{") else _csv_rows
    for place, row in read(text, source):
        for column, cell in row.items():
            _check_cell(column, cell, place)
        yield place, row


def safe_name(text: str) -> str:
    """A relative path with forward slashes that stays below the directory it is written to."""
    parts = (_DRIVES.sub("", part) for part in _SLASHES.split(path_text(text)))
    return "/".join(part for part in parts if part not in {"", ".", ".."})


def _csv_rows(text: str, source: str) -> Iterator[Row]:
    import csv  # noqa: PLC0415  most runs have no list

    reader = csv.reader(io.StringIO(text, newline=""), skipinitialspace=True)
    header: list[str] = []
    try:
        for line in reader:
            place = f"{source} line {reader.line_num}"
            cells = [cell.strip() for cell in line]
            if cells in ([], [""]):
                continue
            if header:
                _check_width(cells, header, place)
                yield place, dict(zip(header, cells, strict=True))
            else:
                header = cells
                _check_columns(header, place)
    except csv.Error as error:
        raise PairingError(f"{source} line {reader.line_num} is not CSV ({error}); correct that line.") from error


def _json_rows(text: str, source: str) -> Iterator[Row]:
    import json  # noqa: PLC0415  most runs have no list

    for number, line in enumerate(text.split("\n"), start=1):
        place = f"{source} line {number}"
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise PairingError(f"{place} is not JSON ({error}); write one object a line.") from error
        if not isinstance(row, dict):
            raise PairingError(f"{place} is JSON but no object; write one object a line.")
        _check_columns(row, place, "key")
        yield place, {column: "" if cell is None else cell for column, cell in row.items()}


def _check_columns(columns: Iterable[str], place: str, word: str = "column") -> None:
    given = list(columns)
    known = ", ".join(COLUMNS)
    for column in given:
        if column not in COLUMNS:
            raise PairingError(f"{place} has an unknown {word} {column!r}; known are {known}.")
        if given.count(column) > 1:
            raise PairingError(f"{place} has the {word} {column!r} twice; name it once.")
    for column in COLUMNS[1:]:
        if column not in given:
            raise PairingError(f"{place} lacks the {word} {column!r}; known are {known}.")


def _check_width(cells: list[str], header: list[str], place: str) -> None:
    if len(cells) != len(header):
        raise PairingError(
            f"{place} has {len(cells)} cells where the header has {len(header)}; "
            "write one cell a column, and quote cells that hold a comma."
        )


def _check_cell(column: str, cell: object, place: str) -> None:
    if not isinstance(cell, str):
        raise PairingError(f"{place} has a {column!r} that is no text; write it in quotes.")
    try:
        encoded = os.fsencode(cell)
    except UnicodeEncodeError:
        encoded = b"\0"
    if b"\0" in encoded:
        raise PairingError(f"{place} has a {column!r} that can be no file name; correct it.")
