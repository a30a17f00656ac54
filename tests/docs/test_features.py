"""docs/features.md names nothing that is not there."""

from __future__ import annotations

import re
from pathlib import Path

DOCS = Path(__file__).parent.parent.parent / "docs"


def test_every_flag_and_command_exists() -> None:
    page, commands = ((DOCS / name).read_text(encoding="utf-8") for name in ("features.md", "commands.md"))
    flags = set(re.findall(r"--[a-z][a-z-]*", page))
    assert len(flags) > 20
    assert {flag for flag in flags if not re.search(rf"{flag}[ `,]", commands)} == set()
    named = set(re.findall(r"`diffspot (\w+)", page))
    assert named == {"similar", "common", "locate", "shapes"}
    assert all(f"\n## {name}\n" in commands for name in named)
