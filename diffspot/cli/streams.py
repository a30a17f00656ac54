"""Standard streams that may fail: their reader leaves, or the disk that they go to is full."""

from __future__ import annotations

import io
import os
import sys
from typing import Any, TextIO

from diffspot.errors import OutputError

STANDARD_ERROR = 2


class _Pipe(io.FileIO):
    """A stream that knows what to do where it takes no more: results count, messages do not.

    What libraries make of BrokenPipeError is exit code 1, which is "different"; Python itself ends with 120 where what
    is left fails to be written in the end.
    """

    def write(self, data: Any, /) -> int:  # noqa: ANN401  whatever has bytes
        try:
            return super().write(data)
        except OSError as error:
            # What is still buffered must not fail again when Python closes the stream.
            os.dup2(os.open(os.devnull, os.O_WRONLY), self.fileno())
            if self.fileno() == STANDARD_ERROR:
                return super().write(data)
            raise OutputError(_complaint(error)) from None


def _complaint(error: OSError) -> str:
    if isinstance(error, BrokenPipeError):
        return "The reader of standard output left before all of it was written."
    return f"Cannot write to standard output: {error.strerror}; send it elsewhere."


def watch_streams() -> None:
    """Makes standard output raise OutputError, and standard error go on silently, where they take no more.

    A stream that is a terminal, or not the process's own, is left as it is.
    """
    if sys.stdout is None:
        sys.stdout = _watched(_closed())
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is not None and stream is getattr(sys, f"__{name}__") and not stream.isatty():
            setattr(sys, name, _watched(stream))


def _closed() -> TextIO:
    """A standard output that takes nothing, for a process that was given none: writing to it is told like any other."""
    return open(os.open(os.devnull, os.O_RDONLY), "w", encoding="utf-8")  # noqa: PTH123  it stays open


def _watched(stream: TextIO) -> TextIO:
    return io.TextIOWrapper(
        io.BufferedWriter(_Pipe(stream.fileno(), "wb", closefd=False)),
        encoding=stream.encoding,
        errors=stream.errors,
        line_buffering=getattr(stream, "line_buffering", False),
        write_through=getattr(stream, "write_through", False),
    )
