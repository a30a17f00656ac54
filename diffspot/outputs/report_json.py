"""`report.json`: everything a run found, for programs."""

from __future__ import annotations

import errno
import re
import stat
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct
from msgspec.structs import asdict, replace

from diffspot.errors import OptionError
from diffspot.model import RunReport, escaped, printable
from diffspot.options.options import Options, option_fields, result_options
from diffspot.outputs.atomic import write_atomically
from diffspot.outputs.interface import Output

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from diffspot.model import PairResult

REPORT_NAME = "report.json"
ANNOTATED = "annotated"
"""Folder of the annotated pictures, beside the report."""
MAPS, MASK, ALIGNED = "maps", "mask", "aligned"
"""Folders of what the stages made of each pair."""
_PLACES = {
    "annotated": re.compile(rf"{ANNOTATED}/.*\.png", re.IGNORECASE | re.DOTALL),
    "map_file": re.compile(rf"{MAPS}/.*\.(png|npy|tiff)", re.IGNORECASE | re.DOTALL),
    "mask_file": re.compile(rf"{MASK}/.*\.png", re.IGNORECASE | re.DOTALL),
    "aligned_file": re.compile(rf"{ALIGNED}/.*\.png", re.IGNORECASE | re.DOTALL),
}
"""The names of the files that runs write for a pair, by its fields."""


class EarlierPair(Struct, frozen=True):
    """What is wanted of a pair of an earlier report: its name and its files, as in `PairResult`."""

    name: str
    annotated: str | None = None
    map_file: str | None = None
    mask_file: str | None = None
    aligned_file: str | None = None


def encode_report(report: Struct | dict[str, Any]) -> bytes:
    """A report, this or one of another format, as indented JSON that ends in a newline."""
    return b"".join(report_parts(report)) if isinstance(report, RunReport) else _indented(report) + b"\n"


def report_parts(report: RunReport) -> Iterator[bytes]:
    """The report of a run as indented JSON that ends in a newline, in parts: it may be larger than memory."""
    times = asdict(report.times) | {"pairs": iter(report.times.pairs)}
    yield from json_parts(asdict(report) | {"pairs": iter(report.pairs), "times": times})


def json_parts(content: Mapping[str, Any]) -> Iterator[bytes]:
    """Indented JSON that ends in a newline, in parts; an iterator becomes a list, item by item."""
    yield from _parts(content, b"\n")
    yield b"\n"


def _parts(value: object, line: bytes) -> Iterator[bytes]:
    """A JSON value as it stands on a line that begins so."""
    if isinstance(value, dict):
        items, ends = (((_indented(key) + b": ", one) for key, one in value.items()), b"{}")
    elif isinstance(value, Iterator):
        items, ends = (((b"", one) for one in value), b"[]")
    else:
        yield _indented(value).replace(b"\n", line)
        return
    opening = ends[:1]
    for key, one in items:
        yield opening + line + b" " + key
        yield from _parts(one, line + b" ") if key else (_indented(one).replace(b"\n", line + b" "),)
        opening = b","
    yield ends if opening == ends[:1] else line + ends[1:]


def _indented(value: object) -> bytes:
    return _shown(msgspec.json.format(msgspec.json.encode(value), indent=1))


def encode_line(result: Struct) -> bytes:
    """One pair, or picture, as a line of JSON, newline included."""
    return _shown(msgspec.json.encode(result)) + b"\n"


def _shown(data: bytes) -> bytes:
    r"""JSON without raw control characters, which stand in strings alone: \u009b and so on; line breaks stay."""
    if data.isascii() and b"\x7f" not in data:
        return data
    return "\n".join(map(escaped, data.decode().split("\n"))).encode()


def read_report(folder: Path) -> RunReport:
    """The report of an earlier run with this folder as its --out, whoever made it.

    Raises:
        OptionError: there is none, it is of another version, or it holds what no run writes: names and pictures that
            lead out of the folder, options that cannot be.
    """
    path = folder / REPORT_NAME
    try:
        report = msgspec.json.decode(read_regular(path), type=RunReport)
        return _checked(report)
    except OSError as error:
        raise OptionError(
            f"Cannot read {printable(path)}: {error.strerror}; name the --out folder of a run."
        ) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise OptionError(
            f"{printable(path)} is no report of this version ({error}); run diffspot compare again."
        ) from error


def _checked(report: RunReport) -> RunReport:
    """The report with every option that decides a result.

    Raises:
        ValueError: something in it is not as a run writes it.
    """
    for pair in report.pairs:
        check_names(pair)
        if pair.options:
            _check_options(pair.options)
    _check_options(report.options)
    if not all(map(is_below, report.outputs)):
        raise ValueError(f"the outputs {report.outputs!r} lie elsewhere")
    if len(report.times.pairs) not in (0, len(report.pairs)):
        raise ValueError(f"{len(report.times.pairs)} times are of {len(report.pairs)} pairs")
    return replace(report, options=result_options(Options()) | report.options)


def check_names(pair: PairResult) -> None:
    """Refuses a result of which a name or a place is not as a run writes it.

    Raises:
        ValueError: one is not.
    """
    check_places(pair)
    for box in (pair.split.reference, pair.split.candidate) if pair.split else ():
        if min(box) < 0:
            raise ValueError(f"{pair.name!r} has a panel at {box}")
    for path in (pair.reference, pair.candidate):
        if path is not None and (not path or "\0" in path):
            raise ValueError(f"{pair.name!r} has the picture {path!r}")


def check_places(pair: PairResult | EarlierPair) -> None:
    """Refuses a name, or a place of a file that was written for a pair, that is not as a run writes it.

    Raises:
        ValueError: one is not.
    """
    if not is_below(pair.name):
        raise ValueError(f"the name {pair.name!r} leads elsewhere")
    for field, pattern in _PLACES.items():
        place = getattr(pair, field)
        if place is not None and not (is_below(place) and pattern.fullmatch(place)):
            raise ValueError(f"{pair.name!r} is {field} in {place!r}")


def is_below(name: str) -> bool:
    """Whether it names a file below some folder, wherever that is."""
    place = PurePosixPath(name)
    return bool(place.parts) and not place.is_absolute() and ".." not in place.parts and "\0" not in name


def _check_options(values: dict[str, Any]) -> None:
    known = option_fields()
    msgspec.convert({name: value for name, value in values.items() if name in known}, Options)


def read_regular(path: Path, most: int = -1) -> bytes:
    """The content of a file that is neither a pipe nor a device, which may never end, or its first so many bytes.

    Raises:
        OSError: it is a pipe or a device, or cannot be read.
    """
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError(errno.EINVAL, "not a file", str(path))
    with path.open("rb") as file:
        return file.read(most)


class JsonOutput(Output):
    """Writes `report.json` into a folder."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / REPORT_NAME

    def finish(self, report: RunReport) -> None:
        """See `Output.finish`."""
        write_atomically(self._path, report_parts(report))
