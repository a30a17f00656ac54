"""Standard streams that may fail: their reader leaves, or their disk is full."""

from __future__ import annotations

import io
import os
import sys
from typing import Any, TextIO

import typer

from diffspot.errors import OutputError
from diffspot.model import one_line

STANDARD_ERROR = 2


class _Pipe(io.FileIO):
    """A stream with a rule for when it can take no more.

    A reader that leaves has seen enough, and messages that find no room are not worth the results: both are passed
    over. Results that find no room are trouble. What libraries make of BrokenPipeError is exit code 1, which is
    "different"; Python itself ends with 120 where what is left fails to be written in the end.
    """

    def write(self, data: Any, /) -> int:  # noqa: ANN401  whatever has bytes
        try:
            return super().write(data)
        except OSError as error:
            # What is still buffered must not fail again when Python closes the stream.
            os.dup2(os.open(os.devnull, os.O_WRONLY), self.fileno())
            if self.fileno() == STANDARD_ERROR or isinstance(error, BrokenPipeError):
                return super().write(data)
            raise OutputError(f"Cannot write to standard output: {error.strerror}; send it elsewhere.") from None


def say(message: str) -> None:
    """Writes a message about the run on standard error."""
    tell(f"diffspot: {message}")


def about(name: str, sentence: str) -> str:
    """A sentence about a picture, after its name where it does not say that itself."""
    return sentence if name in sentence else f"{name}: {sentence}"


def tell(text: str) -> None:
    """Writes one line on standard error, whatever names are in it."""
    typer.echo(one_line(text), err=True)


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
    """A standard output that takes nothing, for a process that was given none: writing to it fails, with a sentence."""
    return open(os.open(os.devnull, os.O_RDONLY), "w", encoding="utf-8")  # noqa: PTH123  it stays open


def _watched(stream: TextIO) -> TextIO:
    return io.TextIOWrapper(
        io.BufferedWriter(_Pipe(stream.fileno(), "wb", closefd=False)),
        encoding=stream.encoding,
        errors=stream.errors,
        line_buffering=getattr(stream, "line_buffering", False),
        write_through=getattr(stream, "write_through", False),
    )
