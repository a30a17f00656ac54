"""Other tools that find differences, where they are installed.

blazediff comes from PyPI; odiff-bin, pixelmatch and reg-cli come from npm, found in `node_modules`
of the project (`npm install --no-save odiff-bin pixelmatch reg-cli`) or on the PATH.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.clock import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from benchmarks.speed_pictures import Folder

    PairJob = Callable[[Path, Path, Path | None], object]

MODULES = ROOT / "node_modules"


@dataclass(frozen=True, slots=True)
class Peer:
    """An installed tool; `run` compares a folder and writes pictures where it is told to."""

    name: str
    run: Callable[[Folder, Path | None, int], object]


def _program(name: str) -> str | None:
    path = os.pathsep.join((str(MODULES / ".bin"), os.environ.get("PATH", "")))
    return shutil.which(name, path=path)


def _each_pair(job: PairJob, folder: Folder, out: Path | None, jobs: int) -> None:
    with ThreadPoolExecutor(jobs) as pool:
        files = folder.files()
        waiting = [
            pool.submit(job, reference, candidate, out / reference.name if out else None)
            for reference, candidate in zip(files[::2], files[1::2], strict=True)
        ]
        for each in waiting:
            each.result()


def _quietly(*command: str | Path) -> None:
    # These tools tell by their exit code whether pictures differ, each in its own way.
    subprocess.run([str(part) for part in command], capture_output=True, check=False)


def _blazediff() -> Peer | None:
    if importlib.util.find_spec("blazediff") is None:
        return None
    compare = importlib.import_module("blazediff").compare

    def pair(reference: Path, candidate: Path, out: Path | None) -> None:
        compare(str(reference), str(candidate), str(out) if out else None)

    return Peer("blazediff", lambda *folder: _each_pair(pair, *folder))


def _odiff() -> Peer | None:
    # The program itself: the script that npm puts beside it starts Node first.
    native = next((str(path) for path in MODULES.glob("@odiff/*/odiff")), None)
    program = native or _program("odiff")
    if program is None:
        return None

    def pair(reference: Path, candidate: Path, out: Path | None) -> None:
        _quietly(program, reference, candidate, *([out] if out else []))

    return Peer("odiff", lambda *folder: _each_pair(pair, *folder))


def _pixelmatch() -> Peer | None:
    program = _program("pixelmatch")
    if program is None:
        return None

    def pair(reference: Path, candidate: Path, out: Path | None) -> None:
        _quietly(program, reference, candidate, *([out] if out else []))

    return Peer("pixelmatch", lambda *folder: _each_pair(pair, *folder))


def _reg_cli() -> Peer | None:
    program = _program("reg-cli")
    if program is None:
        return None

    def run(folder: Folder, out: Path | None, jobs: int) -> None:
        # It always writes its pictures.
        target = out or folder.reference.parent / "reg"
        report = ("-J", target / "reg.json", "-C", str(jobs))
        _quietly(program, folder.candidate, folder.reference, target, *report)

    return Peer("reg-cli", run)


FINDERS = {
    "blazediff": (_blazediff, "pip install blazediff"),
    "odiff": (_odiff, "npm install --no-save odiff-bin"),
    "pixelmatch": (_pixelmatch, "npm install --no-save pixelmatch"),
    "reg-cli": (_reg_cli, "npm install --no-save reg-cli"),
}


def find_peers() -> tuple[list[Peer], list[str]]:
    """Return the tools that are installed, and a line for each that is not."""
    found, missing = [], []
    for name, (find, install) in FINDERS.items():
        peer = find()
        if peer is None:
            missing.append(f"{name} is not installed, so not measured: {install}")
        else:
            found.append(peer)
    return found, missing
