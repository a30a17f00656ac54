"""Directories of empty files, and how tests speak of the pairs found in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from diffspot.errors import ExitCode

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from diffspot.errors import PairingError
    from diffspot.model import ImagePair

Named = tuple[str, str | None, str | None]


def plant(root: Path, *names: str) -> Path:
    """Makes a directory and empty files in it."""
    root.mkdir(parents=True, exist_ok=True)
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    return root


def named(pairs: list[ImagePair], left: Path, right: Path) -> list[Named]:
    """Names, and paths relative to the directories searched."""

    def below(path: Path | None, root: Path) -> str | None:
        return None if path is None else path.relative_to(root).as_posix()

    return [(p.name, below(p.reference, left), below(p.candidate, right)) for p in pairs]


def refusal(caught: pytest.ExceptionInfo[PairingError]) -> str:
    """The message of an error, once it is one sentence and ends with trouble."""
    assert caught.value.exit_code == ExitCode.TROUBLE
    message = str(caught.value)
    assert "\n" not in message
    assert message.endswith((".", "?"))
    return message
