"""A list of pairs to pairs, in its order and with its names."""

from __future__ import annotations

from pathlib import Path

import pytest

from diffspot.errors import PairingError
from diffspot.model import ImagePair
from diffspot.pairing.pairs import pair_manifest
from tests.trees import refusal

HEADER = "name,reference,candidate\n"


def test_a_manifest_keeps_its_order_and_its_base() -> None:
    text = f"{HEADER}z,old/z.png,/abs/z.png\n,../old/a.png,new/a.png\nm/n.PNG,,c.png\n,r.jpg,\n"
    base = Path("lists")
    assert pair_manifest(text, base, "pairs.csv") == [
        ImagePair("z", base / "old/z.png", Path("/abs/z.png")),
        ImagePair("old/a.png", base / "../old/a.png", base / "new/a.png"),
        ImagePair("m/n.PNG", None, base / "c.png"),
        ImagePair("r.jpg", base / "r.jpg", None),
    ]


def test_a_manifest_of_json_lines_from_the_current_directory() -> None:
    text = '{"reference": "a.png", "candidate": null}\n{"reference": "", "candidate": "b.png"}\n'
    assert pair_manifest(text, Path(), "-") == [
        ImagePair("a.png", Path("a.png"), None),
        ImagePair("b.png", None, Path("b.png")),
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ["p.csv lists no pairs", "name, reference, candidate"]),
        (HEADER, ["p.csv lists no pairs"]),
        (f"{HEADER}x,a.png,b.png\nx,,\n", ["p.csv line 3 names no picture", "candidate"]),
        (f"{HEADER}../..,a.png,b.png\n", ["p.csv line 2", "'../..'"]),
        (
            f"{HEADER}x,a,b\ny,a,b\nx,c,d\n",
            ["p.csv line 2 and p.csv line 4", "x.png", "name column"],
        ),
        (f"{HEADER},a/1.png,b\n,/a/1.png,d\n", ["p.csv line 2 and p.csv line 3", "a/1.png"]),
        (f"{HEADER}x,a,b\nx.png,c,d\n", ["p.csv line 2 and p.csv line 3", "name column"]),
        ("{nothing}", ["p.csv line 1", "not JSON"]),
    ],
)
def test_a_manifest_that_cannot_be_paired_is_refused(text: str, words: list[str]) -> None:
    with pytest.raises(PairingError) as caught:
        pair_manifest(text, Path(), "p.csv")
    for word in words:
        assert word in refusal(caught)


def test_messages_about_standard_input_say_so() -> None:
    with pytest.raises(PairingError, match="standard input line 2 names no picture"):
        pair_manifest("reference,candidate\n,\n", Path(), "-")
