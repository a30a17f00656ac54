"""Outputs: what a run writes, one file a format."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from diffspot.errors import OutputError
from diffspot.outputs.annotated import FOLDER, AnnotatedOutput
from diffspot.outputs.html import COPIES, HtmlOutput
from diffspot.outputs.report_json import JsonOutput

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from diffspot.options import Options
    from diffspot.outputs.interface import Output


def open_outputs(folder: Path, options: Options, inputs: Iterable[Path], *, html: bool = False) -> tuple[Output, ...]:
    """Prepares the result folder and everything that writes into it, in the order of writing.

    Args:
        folder: made if it is not there.
        options: `annotate` says which side is drawn.
        inputs: the directories that are compared; results must not land among them.
        html: whether to write index.html.

    Raises:
        OutputError: where the folder lies in an input or cannot be written.
    """
    for directory in inputs:
        _keep_apart(folder, directory)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"Cannot make the folder {folder}: {error.strerror}; name another with --out.") from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise OutputError(f"Cannot write into {folder}; name another folder with --out.")
    pages = (HtmlOutput(folder),) if html else ()
    return AnnotatedOutput(folder, options.annotate), *pages, JsonOutput(folder)


def _keep_apart(folder: Path, directory: Path) -> None:
    out, source = folder.resolve(), directory.resolve()
    if out.is_relative_to(source) or any(source.is_relative_to(out / written) for written in (FOLDER, COPIES)):
        raise OutputError(
            f"--out {folder} lies in the input {directory}, and the next run would take the "
            "results for pictures; name a folder outside it."
        )
