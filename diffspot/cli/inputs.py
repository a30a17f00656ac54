"""The pairs that the arguments of `diffspot compare` name."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from diffspot.errors import OptionError, PairingError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from diffspot.model import ImagePair

STANDARD_INPUT = Path("-")


def find_pairs(
    reference: Path | None, candidate: Path | None, manifest: Path | None
) -> tuple[Sequence[ImagePair], Sequence[Path]]:
    """The pairs, and the directories that they were found in."""
    from diffspot.pairing.pairs import pair_inputs, pair_manifest  # noqa: PLC0415

    if manifest is not None:
        if reference is not None:
            raise OptionError("--pairs takes the place of REFERENCE and CANDIDATE; give one.")
        base = Path() if manifest == STANDARD_INPUT else manifest.parent
        return pair_manifest(_manifest_text(manifest), base, str(manifest)), ()
    if reference is None:
        raise OptionError("Nothing to compare: give REFERENCE and CANDIDATE, or --pairs.")
    given = [path for path in (reference, candidate) if path is not None]
    return pair_inputs(reference, candidate), [path for path in given if path.is_dir()]


def unread_pictures(directories: Iterable[Path]) -> str | None:
    """The sentence about pictures that are left out of a comparison of directories; None where there are none."""
    from diffspot.outputs.words import count  # noqa: PLC0415
    from diffspot.pairing.files import count_unread  # noqa: PLC0415

    counts = sum(map(count_unread, directories), Counter[str]())
    if not counts:
        return None
    formats = ", ".join(f"{suffix} ({number})" for suffix, number in sorted(counts.items()))
    return (
        f"{count(counts.total(), 'picture')} left out, of formats that diffspot does not read: {formats}; "
        "convert to PNG what is to be compared."
    )


def _manifest_text(path: Path) -> str:
    try:
        data = sys.stdin.buffer.read() if path == STANDARD_INPUT else path.read_bytes()
        return data.decode("utf-8-sig")
    except OSError as error:
        raise PairingError(f"Cannot read the list of pairs {path}: {error.strerror}; check --pairs.") from error
    except UnicodeDecodeError as error:
        raise PairingError(f"The list of pairs {path} is not UTF-8; save it as UTF-8.") from error
