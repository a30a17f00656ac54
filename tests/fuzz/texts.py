"""Reports, journals, configuration files and lists of pairs: whatever they say, a command does nothing wrong.

It ends within seconds with exit code 0, 1 or 2, tells no fault, writes no control character on a stream, and leaves
everything as it was that is not its to change.
"""

from __future__ import annotations

import hashlib
import random
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from diffspot.runner.journal import JOURNAL
from tests.fuzz.folder import WORK, accepting, laid_out
from tests.fuzz.interface import Finding
from tests.fuzz.tokens import mutated_json, mutated_text
from tests.in_process import diffspot

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random

RAW = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
OUTPUTS = ("--html", "--junit", "made/j.xml", "--markdown", "made/m.md", "--csv", "made/r.csv", "--coco", "made/c.json")
CONFIG = b"""\
min-area = 9
metric = "ssim"
threshold = "95%"
ignore = [[0, 0, "100%", 4], [1, 2, 3, 4]]
fail-on = ["different", "error", "forgiven"]
max-memory = "1GB"
junit = "made/t.xml"

[[rules]]
match = ["home/*.png", "a*"]
tolerance = 0.5
frames = "all"
"""
ROWS = b'name,reference,candidate\nx,ref/a.png,cand/a.png\n"y, z",ref/b.png,cand/b.png\nnew,,cand/new.png\n'
LINES = b"""\
{"name": "x", "reference": "ref/a.png", "candidate": "cand/a.png"}
{"reference": "ref/b.png", "candidate": ""}
"""
REFERENCES = frozenset({".png", ".tif", ".part"})
"""Suffixes of the files that accept changes."""
MADE = (f"{WORK}/out/", f"{WORK}/made/")
ACCEPT, COMPARE = ("accept", "out"), ("compare", "ref", "cand", "-o", "out")
SINGLE = ("compare", "ref/a.png", "cand/a.png", "--config", "conf.toml")
READING = (
    *(ACCEPT, (*ACCEPT, "--removed"), (*ACCEPT, "a*", "--dry-run"), COMPARE),
    *(("report", "out", *OUTPUTS), ("report", "out", "--github"), ("ignore", "out", "--pair", "a.png")),
)
LISTED = tuple(("compare", "--pairs", "pairs.csv", *flags) for flags in (("--jsonl",), ("-o", "out", "-q")))


class Texts:
    """A text file, and commands that read it.

    Args:
        name: of the target.
        path: of the file, from the working directory.
        seeds: gives contents that are right.
        commands: of which one is run for each input.
        mutate: see `Target.mutate`.
    """

    def __init__(
        self,
        name: str,
        path: str,
        seeds: Callable[[], Sequence[bytes]],
        commands: Sequence[Sequence[str]],
        mutate: Callable[[bytes, Sequence[bytes], Random], bytes],
    ) -> None:
        self.name, self.suffix = name, Path(path).suffix
        self.seeds, self.mutate = seeds, mutate
        self._path, self._commands = f"{WORK}/{path}", commands

    def check(self, data: bytes, seed: bytes, folder: Path) -> Finding | None:
        """See `Target.check`."""
        del seed
        command = random.Random(data).choice(self._commands)  # noqa: S311  no secret
        _write(folder, laid_out() | {self._path: data})
        before = _others(folder, self._path)
        done = diffspot(*command, cwd=folder / WORK)
        wrong = []
        if done.returncode not in {0, 1, 2}:
            wrong.append(f"exit code {done.returncode}")
        if "fault in diffspot" in done.stdout + done.stderr or "Traceback" in done.stderr:
            wrong.append("a fault")
        if RAW.search(done.stdout + done.stderr):
            wrong.append("a raw control character")
        if (after := _others(folder, self._path)) != before:
            wrong.append(f"changed {[place for place in {*before, *after} if before.get(place) != after.get(place)]}")
        return Finding("crash", f"{' '.join(command)}: {', '.join(wrong)}") if wrong else None


def _write(folder: Path, files: dict[str, bytes]) -> None:
    for entry in folder.iterdir():
        shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    for place, data in files.items():
        path = folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def _others(folder: Path, text: str) -> dict[str, str]:
    """Digests of what no command may change: everything but results, the text and references that are pictures."""
    kept: dict[str, str] = {}
    for path in sorted(folder.rglob("*")):
        place = path.relative_to(folder).as_posix()
        accepted = place.startswith(f"{WORK}/ref/") and path.suffix in REFERENCES
        if path.is_file() and place != text and not place.startswith(MADE) and not accepted:
            kept[place] = hashlib.sha256(path.read_bytes()).hexdigest()
    return kept


def _left(name: str) -> Callable[[], Sequence[bytes]]:
    return lambda: [laid_out()[f"{WORK}/out/{name}"]]


TEXTS = (
    Texts("report", "out/report.json", _left("report.json"), READING, mutated_json),
    Texts(
        "accepting",
        "out/.diffspot-accept.json",
        lambda: [accepting()],
        ((*ACCEPT, "--removed"), (*ACCEPT, "--dry-run"), COMPARE),
        mutated_json,
    ),
    Texts("results", f"out/{JOURNAL}", _left(JOURNAL), ((*COMPARE, "--resume"), COMPARE), mutated_text),
    Texts("toml", "conf.toml", lambda: [CONFIG], (SINGLE, ("config", "a.png", "--config", "conf.toml")), mutated_text),
    Texts("csv", "pairs.csv", lambda: [ROWS, LINES], LISTED, mutated_text),
)
