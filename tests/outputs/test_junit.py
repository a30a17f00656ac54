"""JUnit XML, read back by other programs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from junitparser import Error, Failure, JUnitXml
from lxml import etree
from msgspec.structs import replace

from diffspot.outputs.junit import JunitOutput
from tests.reports import NAMES, STATUSES, awkward, pair, region, report, written

if TYPE_CHECKING:
    from junitparser import TestCase

    from diffspot.model import RunReport

SCHEMA = etree.XMLSchema(etree.parse(Path(__file__).parent / "junit.xsd"))


def cases(made: RunReport) -> list[TestCase]:
    """What junitparser finds in the file, once it obeys the schema."""
    data = written(JunitOutput(Path("junit.xml"), Path("out")), made)
    SCHEMA.assertValid(etree.fromstring(data))
    (suite,) = JUnitXml.fromstring(data)
    return list(suite)


def test_every_status_is_told() -> None:
    found = {case.classname: case for case in cases(report(*(pair(f"{s}/x.png", s) for s in STATUSES)))}
    assert [type(one) for one in found["same"].result] == []
    assert [type(one) for one in found["error"].result] == [Error]
    for status in ("different", "added", "removed", "renamed"):
        (failure,) = found[status].result
        assert isinstance(failure, Failure)
        assert failure.type == status
        assert failure.text.startswith(f"status: {status}\n")
    assert found["error"].result[0].message == "cand/error/x.png is damaged; copy it again."
    assert found["same"].time == 0.25


def test_the_counts_are_right() -> None:
    suites = JUnitXml.fromstring(written(JunitOutput(Path("x"), None), awkward()))
    assert (suites.tests, suites.failures, suites.errors) == (6 * len(NAMES), 4 * len(NAMES), len(NAMES))
    assert suites.time == 1.5


def test_names_come_back_but_for_control_characters() -> None:
    expected = [one.name.replace("\r", r"\r").replace("\x07\x1b", r"\x07\x1b") for one in awkward().pairs]
    assert [case.name for case in cases(awkward())] == expected


def test_names_stay_unique_once_they_are_legal() -> None:
    made = report(pair("a\x01.png"), pair("a\\x01.png"), pair("a\\x01.png (2)"))
    assert len({case.name for case in cases(made)}) == 3


def test_what_does_not_count_does_not_fail() -> None:
    made = report(pair("new.png", "added"), pair("bad.png", "error"), pair("x.png"))
    made = replace(made, options={**made.options, "fail_on": ["different"]})
    assert [case.name for case in cases(made) if case.result] == ["x.png"]


def test_the_folder_is_the_class() -> None:
    found = cases(report(pair("top.png"), pair("a/b/c.png")))
    assert [case.classname for case in found] == ["diffspot", "a.b"]


def test_the_text_names_the_largest_regions_first() -> None:
    regions = [region(w=size, h=size) for size in (2, 9, 3, 8, 4, 7, 5)]
    (case,) = cases(report(pair("x.png", "different", *regions)))
    text = case.result[0].text
    assert text.splitlines()[1:4] == [
        "7 regions of 248 px, the largest at 8,5,9,9.",
        "threshold: 0.12",
        "[8, 5, 9, 9] content, 81 px, score up to 0.75",
    ]
    assert text.splitlines()[-1] == "and 2 smaller regions"
    assert case.result[0].message == text.splitlines()[1]


def test_pictures_are_attached_the_annotated_one_first() -> None:
    first, second, third = cases(report(pair("a<b.png"), pair("new.png", "added"), pair("same.png", "same")))
    places = ("out/annotated/a<b.png", "ref/a<b.png", "cand/a<b.png")
    assert first.system_out.splitlines() == [f"[[ATTACHMENT|{place}]]" for place in places]
    assert second.system_out == "[[ATTACHMENT|cand/new.png]]"
    assert third.system_out is None


@pytest.mark.parametrize("interrupted", [False, True])
def test_an_interrupted_run_is_an_error(interrupted: bool) -> None:  # noqa: FBT001
    found = cases(report(pair("x.png", "same"), interrupted=interrupted))
    errors = [case.name for case in found if case.is_error]
    assert errors == ["interrupted/"] * interrupted
