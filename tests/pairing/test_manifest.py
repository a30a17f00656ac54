"""Lists of pairs: both forms read alike, and what is malformed is refused by line."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from diffspot.errors import PairingError
from diffspot.pairing.manifest import read_rows, safe_name

JSON = '{"reference": "a.png", "candidate": "b.png"}'
TWO = [
    ("list line 2", {"reference": "a.png", "candidate": "b.png"}),
    ("list line 3", {"reference": "", "candidate": "c.png"}),
]


@pytest.mark.parametrize(
    "text",
    [
        "reference,candidate\na.png,b.png\n,c.png\n",
        "\ufeffreference,candidate\r\na.png,b.png\r\n,c.png",
        ' reference , candidate\n"a.png", "b.png" \n , c.png\n\n',
        f'\n{JSON}\n{{"reference": "", "candidate": "c.png"}}',
        f'\ufeff\r\n{JSON}\r\n {{"candidate": "c.png", "reference": null}}\r\n\r\n',
    ],
    ids=["csv", "csv-bom-crlf", "csv-spaces", "json", "json-bom-crlf-null"],
)
def test_the_same_list_in_every_form(text: str) -> None:
    assert list(read_rows(text, "list")) == TWO


def test_quoted_cells_hold_commas_and_blank_lines_are_counted() -> None:
    text = 'name,reference,candidate\n\n"one, two","a,1.png",b.png\n'
    row = {"name": "one, two", "reference": "a,1.png", "candidate": "b.png"}
    assert list(read_rows(text, "list")) == [("list line 3", row)]


@pytest.mark.parametrize("text", ["", " \n\n", "reference,candidate\n", "\ufeff"])
def test_a_list_of_nothing_has_no_rows(text: str) -> None:
    assert list(read_rows(text, "list")) == []


HEADER = "reference,candidate\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("reference,base\n", ["list line 1", "'base'", "name, reference, candidate"]),
        ("name,reference\n", ["list line 1", "lacks", "'candidate'", "name, reference, candidate"]),
        ("reference;candidate\n", ["list line 1", "'reference;candidate'"]),
        ("reference,candidate,reference\n", ["list line 1", "'reference' twice"]),
        (HEADER + "a.png,b.png\na.png\n", ["list line 3", "1 cells", "quote"]),
        (HEADER + "a.png,b,c.png\n", ["list line 2", "3 cells"]),
        (HEADER + "a" * 200_000 + ",b\n", ["list line 2", "not CSV"]),
        (HEADER + "a\0.png,b.png\n", ["list line 2", "'reference'", "no file name"]),
        ('{"reference": "a"}\n', ["list line 1", "lacks the key", "'candidate'"]),
        ('{"reference": "a", "candidate": "b", "id": 1}\n', ["list line 1", "'id'", "known"]),
        ('{"reference": "a", "candidate": 7}\n', ["list line 1", "'candidate'", "no text"]),
        ('{"reference": "a", "candidate": "\\ud800"}', ["list line 1", "'candidate'"]),
        ('{"reference": "a", "candidate": "b"}\n{oops}\n', ["list line 2", "not JSON"]),
        ('{"reference": "a", "candidate": "b"}\n[1]\n', ["list line 2", "no object"]),
        ('{"a":' * 100_000, ["list line 1", "not JSON"]),
    ],
)
def test_a_malformed_list_is_refused_with_its_line(text: str, words: list[str]) -> None:
    with pytest.raises(PairingError) as caught:
        list(read_rows(text, "list"))
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("home/index.png", "home/index.png"),
        ("/data/ref/a.png", "data/ref/a.png"),
        ("../ref/./a.png", "ref/a.png"),
        (r"..\shots\a.png", "shots/a.png"),
        (r"C:\shots\a.png", "shots/a.png"),
        ("../C:D:a.png", "a.png"),
        ("C:..//a/", "a"),
        ("a:b.png", "b.png"),
        ("page:1.png", "page:1.png"),
        ("a..b/...", "a..b/..."),
        ("../..", ""),
    ],
)
def test_safe_name(text: str, expected: str) -> None:
    assert safe_name(text) == expected


@settings(derandomize=True, deadline=None, max_examples=50)
@given(text=st.text(alphabet="aC:./\\\udcff", max_size=12))
@example(text="C:C:/..\\..")
def test_a_safe_name_stays_below_its_directory(text: str) -> None:
    name = safe_name(text)
    assert "\udcff" not in name
    assert not name.startswith("/")
    for part in name.split("/"):
        assert part not in {".", ".."}
        assert part[1:2] != ":" or not part[0].isalpha()
    assert "//" not in name
