"""Standard streams whose reader may leave."""

from __future__ import annotations

import io
import os
import sys
from typing import Any, TextIO

from diffspot.errors import OutputError

STANDARD_ERROR = 2


class _Pipe(io.FileIO):
    """A stream that knows what to do where its reader left: results count, messages do not.

    What libraries make of BrokenPipeError is exit code 1, which is "different".
    """

    def write(self, data: Any, /) -> int:  # noqa: ANN401  whatever has bytes
        try:
            return super().write(data)
        except BrokenPipeError:
            # What is still buffered must not fail again when Python closes the stream.
            os.dup2(os.open(os.devnull, os.O_WRONLY), self.fileno())
            if self.fileno() == STANDARD_ERROR:
                return super().write(data)
            raise OutputError("The reader of standard output left before all of it was written.") from None


def watch_readers() -> None:
    """Makes standard output raise OutputError, and standard error go on silently, where the reader left.

    A stream that is a terminal, or not the process's own, is left as it is.
    """
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is not None and stream is getattr(sys, f"__{name}__") and not stream.isatty():
            setattr(sys, name, _watched(stream))


def _watched(stream: TextIO) -> TextIO:
    return io.TextIOWrapper(
        io.BufferedWriter(_Pipe(stream.fileno(), "wb", closefd=False)),
        encoding=stream.encoding,
        errors=stream.errors,
        line_buffering=getattr(stream, "line_buffering", False),
        write_through=getattr(stream, "write_through", False),
    )
