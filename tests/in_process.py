"""The command without a process of its own: many times as fast, for tests that do not look at processes."""

from __future__ import annotations

import io
from contextlib import redirect_stderr, redirect_stdout
from subprocess import CompletedProcess
from unittest import mock

import pytest

from diffspot.cli.app import main


def diffspot(*arguments: object) -> CompletedProcess[str]:
    argv = ["diffspot", *map(str, arguments)]
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    with redirect_stdout(out), redirect_stderr(err), mock.patch("sys.argv", argv), pytest.raises(SystemExit) as end:
        main()
    stdout, stderr = (stream.buffer.getvalue().decode() for stream in (out, err))  # type: ignore[attr-defined]
    return CompletedProcess(argv, int(end.value.code or 0), stdout, stderr)
