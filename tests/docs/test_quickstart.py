"""docs/quickstart.ipynb runs from top to bottom and shows what its text says; docs/python.md names what there is."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

import diffspot
from diffspot.model.at_hand import PicturesAtHand

DOCS = Path(__file__).parent.parent.parent / "docs"
NOTEBOOK = json.loads((DOCS / "quickstart.ipynb").read_text(encoding="utf-8"))
PAGE = (DOCS / "python.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def ran() -> dict[str, Any]:
    """What the cells leave behind, executed in order as a kernel does."""
    names: dict[str, Any] = {}
    for cell in NOTEBOOK["cells"]:
        if cell["cell_type"] == "code":
            exec(compile("".join(cell["source"]), cell["id"], "exec"), names)  # noqa: S102  our own
    return names


def test_the_notebook_is_one() -> None:
    assert (NOTEBOOK["nbformat"], NOTEBOOK["nbformat_minor"]) == (4, 5)
    assert len({cell["id"] for cell in NOTEBOOK["cells"]}) == len(NOTEBOOK["cells"])
    assert all(not cell["outputs"] for cell in NOTEBOOK["cells"] if cell["cell_type"] == "code")


def test_two_changes_are_two_regions(ran: dict[str, Any]) -> None:
    assert [region.bbox for region in ran["result"].regions] == [(50, 40, 30, 20), (270, 170, 40, 10)]


def test_noise_and_movement_are_no_difference(ran: dict[str, Any]) -> None:
    photo = ran["photo"]
    assert len(photo.regions) == 2
    for found, true in zip(photo.regions, ran["result"].regions, strict=True):
        # the soft rim of a picture that was blurred against noise: 2 px on each side
        assert all(abs(a - b) <= 4 for a, b in zip(found.bbox, true.bbox, strict=True))
    assert photo.registration.matrix[0][2] == pytest.approx(3, abs=0.1)
    assert int(photo.mask.sum()) == sum(region.area for region in photo.regions)
    assert ran["overlay"].shape == (240, 720, 3)


def test_stacks_sheets_and_reports(ran: dict[str, Any]) -> None:
    assert ran["statuses"] == ["same", "different", "different"]
    assert (ran["puzzle"].split.cut, len(ran["puzzle"].regions)) == (360, 2)
    assert [pair.status for pair in ran["report"].pairs] == ["same", "different"]
    assert (ran["folder"] / "out" / "maps" / "1.png.npy").is_file()


def test_the_page_names_what_is_public() -> None:
    functions = {name for name in diffspot.__all__ if name.startswith(("compare", "load"))}
    assert functions == set(re.findall(r"^\| `(compare\w*|load\w*)\(", PAGE, re.MULTILINE))
    shown = {name for name in vars(PicturesAtHand) if not name.startswith("_")}
    assert shown == set(re.findall(r"`result\.(\w+)", PAGE[PAGE.index("## What a result shows") :]))
