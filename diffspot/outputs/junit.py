"""JUnit XML: one test case a pair, for CI servers."""

from __future__ import annotations

import re
from collections import Counter
from itertools import chain, repeat
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from diffspot.outputs.interface import FileOutput
from diffspot.outputs.words import STOPPED, details, failure, headline, pictures_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from diffspot.model import PairResult, RunReport

SUITE = "diffspot"
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'
ILLEGAL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff]")
"""What XML 1.0 cannot hold or advises against, and the carriage return, which every parser would turn into \\n."""
ESCAPED = re.compile(r"\\(x[0-9a-f]{2}|u[0-9a-f]{4}|r)")
"""What stands for an illegal character."""
INTERRUPTED = "interrupted/"
"""The name of the test case that says so; no picture's ends in a slash."""
SECONDS = len("2026-01-01T12:00:00")
"""Characters of a time that the schema of JUnit XML allows."""


class JunitOutput(FileOutput):
    """Writes the XML that Jenkins defined and GitLab, GitHub's reporters and others read.

    The names of test cases are unique, because GitLab drops all but one of a name; what failed stands in the text,
    because not every reader shows the attribute `message`.
    """

    option = "junit"
    file_name = "junit.xml"

    def parts(self, report: RunReport) -> Iterator[bytes]:
        """See `FileOutput.parts`."""
        counts = _counts(report)
        timestamp = report.times.started[:SECONDS]
        suites = _opened(ET.Element("testsuites", {"name": SUITE} | counts))
        suite = _opened(ET.Element("testsuite", {"name": SUITE, "timestamp": timestamp} | counts))
        yield f"{DECLARATION}\n{suites}\n {suite}\n".encode()
        seconds = chain(report.times.pairs, repeat(0))
        yield from (_written(self._case(report, result, next(seconds))) for result in report.pairs)
        if report.interrupted:
            case = ET.Element("testcase", name=INTERRUPTED, classname=SUITE, time="0")
            ET.SubElement(case, "error", type="interrupted").text = STOPPED
            yield _written(case)
        yield b" </testsuite>\n</testsuites>\n"

    def _case(self, report: RunReport, result: PairResult, seconds: float) -> ET.Element:
        case = ET.Element("testcase", name=_name(result.name), classname=_class(result), time=str(seconds))
        if report.fails(result):
            self._describe(case, result)
        return case

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


def _name(name: str) -> str:
    """The name of a pair, legal, and that of no other pair: what looks like an escape is escaped, too."""
    return _legal(name.replace("\\", r"\\")) if ILLEGAL.search(name) or ESCAPED.search(name) else name


def _counts(report: RunReport) -> dict[str, str]:
    """How many test cases there are, and how many fail: readers want it before they meet them."""
    failing = Counter(result.status == "error" for result in report.pairs if report.fails(result))
    found = {
        "tests": len(report.pairs) + report.interrupted,
        "failures": failing[False],
        "errors": failing[True] + report.interrupted,
        "time": report.times.seconds,
    }
    return {name: str(number) for name, number in found.items()}


def _opened(element: ET.Element) -> str:
    """The opening tag of an element."""
    return ET.tostring(element, encoding="unicode", short_empty_elements=False).removesuffix(f"</{element.tag}>")


def _written(case: ET.Element) -> bytes:
    """A test case as it stands in the suite."""
    ET.indent(case, " ", level=2)
    return f"  {ET.tostring(case, encoding='unicode')}\n".encode()
