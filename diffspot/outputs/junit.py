"""JUnit XML: one test case a pair, for CI servers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from diffspot.outputs.interface import FileOutput
from diffspot.outputs.words import STOPPED, details, failure, headline, pictures_of

if TYPE_CHECKING:
    from diffspot.model import PairResult, RunReport

SUITE = "diffspot"
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'
ILLEGAL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff]")
"""What XML 1.0 cannot hold or advises against, and the carriage return, which every parser would turn into \\n."""

SECONDS = len("2026-01-01T12:00:00")
"""Of a time, what the schema of JUnit XML lets stand."""


class JunitOutput(FileOutput):
    """Writes the XML that Jenkins defined and GitLab, GitHub's reporters and others read.

    The names of test cases are unique, because GitLab drops all but one of a name; what failed stands in the text,
    because not every reader shows the attribute `message`.
    """

    option = "junit"
    file_name = "junit.xml"

    def encode(self, report: RunReport) -> bytes:
        """See `FileOutput.encode`."""
        suites = ET.Element("testsuites", name=SUITE)
        suite = ET.SubElement(suites, "testsuite", name=SUITE, timestamp=report.times.started[:SECONDS])
        names: set[str] = set()
        for index, result in enumerate(report.pairs):
            case = ET.SubElement(suite, "testcase", name=_unique(_legal(result.name), names), classname=_class(result))
            case.set("time", str(report.times.pairs[index]) if index < len(report.times.pairs) else "0")
            if report.fails(result):
                self._describe(case, result)
        if report.interrupted:
            case = ET.SubElement(suite, "testcase", name=_unique("interrupted", names), classname=SUITE, time="0")
            ET.SubElement(case, "error", type="interrupted").text = STOPPED
        for element in (suites, suite):
            _count(element, report)
        ET.indent(suites, " ")
        text: str = ET.tostring(suites, encoding="unicode")
        return f"{DECLARATION}\n{text}\n".encode()

    def _describe(self, case: ET.Element, result: PairResult) -> None:
        kind = "error" if result.status == "error" else "failure"
        element = ET.SubElement(case, kind, message=_legal(headline(result)), type=failure(result))
        element.text = _legal(details(result))
        places = pictures_of(result, self.folder).values()
        ET.SubElement(case, "system-out").text = "\n".join(f"[[ATTACHMENT|{_legal(place)}]]" for place in places)


def _class(result: PairResult) -> str:
    """The folder of a pair as a class name; what lies in none belongs to the suite."""
    return ".".join(_legal(result.name).split("/")[:-1]) or SUITE


def _legal(text: str) -> str:
    return ILLEGAL.sub(lambda match: match[0].encode("unicode_escape").decode(), text)


def _unique(name: str, taken: set[str]) -> str:
    """The name, with a number where it is taken: two may be equal once they are legal."""
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name} ({number})"
    taken.add(free)
    return free


def _count(element: ET.Element, report: RunReport) -> None:
    for attribute, tag in (("tests", "testcase"), ("failures", "failure"), ("errors", "error")):
        element.set(attribute, str(sum(1 for _ in element.iter(tag))))
    element.set("time", str(report.times.seconds))
