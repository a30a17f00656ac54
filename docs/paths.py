"""Checks that every file and folder that the pages for developers name is there: `python -m docs.paths`."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ROOT = Path(__file__).parent.parent
PAGES = ("ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "benchmarks/README.md", "fixtures/README.md")
ROOMS = ("diffspot", "tests", "benchmarks", "docs", "fixtures")
NAMED = re.compile(r"`([\w./-]+/|[\w./-]+\.(?:py|md|toml|cu|h))`")
MADE = frozenset({"out/fuzz/", "options.toml", "diffspot.toml"})
"""What runs write, and what readers write."""


def missing(text: str, there: Iterable[str]) -> Iterator[str]:
    """The files and folders that a page names and that do not exist; a page may leave out the folders above."""
    endings = {ending for path in there for ending in _endings(path)}
    for name in NAMED.findall(text):
        if name not in MADE and "NAME" not in name and name.strip("/") not in endings:
            yield name


def _endings(path: str) -> Iterator[str]:
    parts = path.split("/")
    return ("/".join(parts[start:]) for start in range(len(parts)))


def main() -> None:
    """Ends with 1 and the names where one is missing."""
    there = [path.relative_to(ROOT).as_posix() for room in ROOMS for path in (ROOT / room).rglob("*")]
    there += [path.name for path in ROOT.iterdir()]
    wrong = [f"{page}: {name}" for page in PAGES for name in missing((ROOT / page).read_text("utf-8"), there)]
    sys.exit("These are not there:\n" + "\n".join(wrong) if wrong else 0)


if __name__ == "__main__":
    main()
