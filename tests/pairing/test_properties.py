"""What holds for the pairs of any two trees."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from diffspot.errors import PairingError
from diffspot.pairing.pairs import (
    pair_directories,
)
from tests.trees import named, plant

FILES = st.sets(
    st.builds(
        "{}{}.{}".format,
        st.sampled_from(["", "x/", "x/y/"]),
        st.sampled_from(["a", "b", "c.d", "é"]),
        st.sampled_from(["png", "PNG", "jpg", "webp"]),
    ),
    max_size=8,
)


def stem(name: str) -> str:
    return name.rpartition(".")[0]


def on_disk(root: Path) -> set[str]:
    return {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}


def doubtful(left: set[str], right: set[str]) -> bool:
    """Whether some stem has files on both sides and, after the equal names, too many on one."""
    stems = [Counter(map(stem, names)) for names in (left - right, right - left)]
    return any(stems[0][s] * stems[1][s] > 1 for s in stems[0])


@settings(derandomize=True, deadline=None, max_examples=50)
@given(references=FILES, candidates=FILES)
def test_every_file_is_in_one_pair_with_its_own_stem(references: set[str], candidates: set[str]) -> None:
    with tempfile.TemporaryDirectory() as root:
        left, right = plant(Path(root, "l"), *references), plant(Path(root, "r"), *candidates)
        names = on_disk(left), on_disk(right)
        try:
            pairs = named(pair_directories(left, right), left, right)
        except PairingError:
            assert doubtful(*names) or not (names[0] or names[1])
            return
        swapped = named(pair_directories(right, left), right, left)
    assert sorted(r for _, r, _ in pairs if r) == sorted(names[0])
    assert sorted(c for _, _, c in pairs if c) == sorted(names[1])
    assert [name for name, _, _ in pairs] == sorted({str(r or c) for _, r, c in pairs})
    assert all(stem(r) == stem(c) for _, r, c in pairs if r and c)
    assert {(r, c) for _, r, c in pairs} == {(c, r) for _, r, c in swapped}
    removed = {stem(r) for _, r, c in pairs if r and not c}
    added = {stem(c) for _, r, c in pairs if c and not r}
    assert not removed & added
