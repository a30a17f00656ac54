"""Every folder under fixtures/ is an end-to-end case; a new case needs no Python.

`UPDATE=1 make test` rewrites each `expected.json` for a person to read before it is committed.
"""

from __future__ import annotations

import json
import os
import tomllib
from pathlib import Path
from typing import Any

import msgspec
import pytest

from diffspot import compare

FIXTURES = Path(__file__).parent.parent / "fixtures"
CASES = sorted(folder.parent for folder in FIXTURES.glob("*/truth.json"))
SCORE_TOLERANCE = 0.002
"""Scores in a report are rounded to 6 digits; decoders of other versions may move a JPEG sample by
one grey level, and that is 0.004 in absdiff and at most half of it in a mean."""

FOLLOWS = "severity"
"""Not in the goldens: area times mean, of which a level more or less is px."""

BY_THE_BIT = ("change", "reference_digest", "candidate_digest")
"""Not in the goldens: a change's fingerprint, which decoders of other versions may move, and the files' digests."""


def own_options(case: Path) -> dict[str, Any]:
    settings = case / "options.toml"
    return tomllib.loads(settings.read_text()) if settings.exists() else {}


def found(case: Path) -> dict[str, Any]:
    reference, candidate = (next(case.glob(f"{side}.*")) for side in ("reference", "candidate"))
    result: dict[str, Any] = msgspec.to_builtins(compare(reference, candidate, **own_options(case)))
    for left_out in ("reference", "candidate", "frame", "frames", FOLLOWS):
        del result[left_out]
    for region in result["regions"]:
        del region[FOLLOWS]
    result |= dict.fromkeys(BY_THE_BIT)
    return json.loads(json.dumps(result))  # type: ignore[no-any-return]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_report_is_the_expected_one_and_true(case: Path) -> None:
    result, golden = found(case), case / "expected.json"
    if os.environ.get("UPDATE"):
        golden.write_text(json.dumps(result, indent=1) + "\n")
    expected = json.loads(golden.read_text())
    (rest, floats), (expected_rest, expected_floats) = taken_apart(result), taken_apart(expected)
    assert rest == expected_rest
    assert floats == pytest.approx(expected_floats, abs=SCORE_TOLERANCE)
    assert_tells_the_truth(result, json.loads((case / "truth.json").read_text()))


def taken_apart(value: Any) -> tuple[Any, list[float]]:  # noqa: ANN401  whatever JSON holds
    """A report without its floats, and those in order."""
    if isinstance(value, float):
        return "float", [value]
    if not isinstance(value, dict | list):
        return value, []
    parts = [taken_apart(part) for part in (value.values() if isinstance(value, dict) else value)]
    rest, floats = [part for part, _ in parts], [number for _, numbers in parts for number in numbers]
    return (dict(zip(value, rest, strict=True)) if isinstance(value, dict) else rest), floats


def assert_tells_the_truth(result: dict[str, Any], truth: dict[str, Any]) -> None:
    """What was planted is found: each true box is mostly covered, and nothing lies elsewhere."""
    assert result["status"] == truth["status"]
    boxes = [region["bbox"] for region in result["regions"]]
    for box in truth["boxes"]:
        assert covered(box, boxes) >= 0.5, box
    for box in boxes:
        assert covered(box, [grown(one) for one in truth["boxes"]]) >= 0.5, box


def covered(box: list[int], others: list[list[int]]) -> float:
    """The share of a box's pixels that lie in any of the others."""
    x, y, w, h = box
    pixels = {(i, j) for i in range(x, x + w) for j in range(y, y + h)}
    left = {(i, j) for i, j in pixels if not any(a <= i < a + c and b <= j < b + d for a, b, c, d in others)}
    return 1 - len(left) / len(pixels)


def grown(box: list[int], margin: int = 6) -> list[int]:
    x, y, w, h = box
    return [x - margin, y - margin, w + 2 * margin, h + 2 * margin]
