"""The command without a process of its own: many times as fast, for tests that do not look at processes."""

from __future__ import annotations

import io
from contextlib import ExitStack, chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from subprocess import CompletedProcess
from unittest import mock

import pytest

from diffspot.cli.app import main


def _stream(text: str = "") -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(text.encode()), "utf-8", write_through=True)


def diffspot(*arguments: object, stdin: str = "", cwd: Path | None = None) -> CompletedProcess[str]:
    argv, out, err = ["diffspot", *map(str, arguments)], _stream(), _stream()
    with ExitStack() as process:
        for part in (redirect_stdout(out), redirect_stderr(err), chdir(cwd or Path())):
            process.enter_context(part)
        process.enter_context(mock.patch.multiple("sys", argv=argv, stdin=_stream(stdin)))
        end = process.enter_context(pytest.raises(SystemExit))
        main()
    stdout, stderr = (stream.buffer.getvalue().decode() for stream in (out, err))  # type: ignore[attr-defined]
    return CompletedProcess(argv, int(end.value.code or 0), stdout, stderr)
