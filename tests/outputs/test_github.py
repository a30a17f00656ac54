"""What a step of GitHub Actions gets."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from diffspot.errors import OutputError
from diffspot.model import one_line
from diffspot.outputs.github import GithubOutput
from tests.reports import NAMES, awkward, pair, report

if TYPE_CHECKING:
    from pathlib import Path

ANNOTATION = re.compile(r"::error file=([^:,]*),title=([^:,]*)::([^\r\n]*)")


def plain(text: str) -> str:
    """Undoes the escapes as the runner of GitHub Actions does, the percent sign last."""
    for code, sign in (("%3A", ":"), ("%2C", ","), ("%0D", "\r"), ("%0A", "\n"), ("%25", "%")):
        text = text.replace(code, sign)
    return text


def kept_breaks(text: str) -> str:
    """What is shown of a name: GitHub has escapes for line breaks alone."""
    return "\n".join("\r".join(map(one_line, line.split("\r"))) for line in text.split("\n"))


@pytest.mark.parametrize("name", NAMES)
def test_an_annotation_tells_name_file_and_reason(name: str, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    GithubOutput(None).finish(report(pair(name)))
    (line,) = capfdbinary.readouterr().err.decode().split("\n")[:-1]
    match = ANNOTATION.fullmatch(line)
    assert match
    assert [plain(part) for part in match.groups()] == [
        *(kept_breaks(text) for text in (f"ref/{name}", f"different: {name}")),
        "1 region of 120 px, the largest at 8,5,12,10.",
    ]


def test_what_is_the_same_is_not_annotated_and_ten_are_the_most(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    pairs = [pair(f"{number}.png", "same" if number % 2 else "different") for number in range(50)]
    GithubOutput(None).finish(report(*pairs[:20]))
    assert capfdbinary.readouterr().err.count(b"::error") == 10
    GithubOutput(None).finish(report(*pairs))
    written = capfdbinary.readouterr()
    lines = written.err.decode().splitlines()
    assert len(lines) == 10
    assert lines[-1] == "::error title=diffspot::and 16 more pairs; see the summary"
    assert written.out == b""


@pytest.fixture
def summary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(path))
    return path


def test_the_summary_is_appended(summary: Path, tmp_path: Path) -> None:
    summary.write_text("# before\n")
    GithubOutput(tmp_path / "out").finish(awkward())
    text = summary.read_text()
    assert text.startswith("# before\n## diffspot: 54 pairs: 9 same, 9 different")
    assert f"`{(tmp_path / 'out/annotated/different/plain.png').as_posix()}`" in text


MOST = 2**20 - 1
"""Bytes of a step's summary that GitHub shows."""


@pytest.mark.parametrize("before", [0, 500_000, MOST - 600, MOST - 10])
def test_the_summary_stays_below_what_github_drops(summary: Path, before: int) -> None:
    summary.write_bytes(b"-" * before)
    GithubOutput(None).finish(report(*(pair(f"{number}{'ü' * 100}.png") for number in range(4000))))
    text = summary.read_bytes()
    assert before <= len(text) <= MOST
    assert MOST - len(text) < 1000
    rows, rest = text.count(b"| different |"), re.search(rb"\n(\d+) more pairs are not listed\.\n\Z", text)
    assert rest is None if before > MOST - 100 else rest and rows + int(rest[1]) == 4000


def test_a_summary_that_cannot_be_written_names_the_way_out(summary: Path) -> None:
    summary.mkdir()
    with pytest.raises(OutputError, match="--no-github"):
        GithubOutput(None).finish(report())
