"""`diffspot history`, after real runs."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from tests.in_process import diffspot
from tests.pictures import plain, save

if TYPE_CHECKING:
    from pathlib import Path


def test_what_grows_and_what_is_flaky_is_told(tmp_path: Path) -> None:
    for name in ("wears", "flaky", "still"):
        save(tmp_path / "ref" / f"{name}.png", plain())
        save(tmp_path / "new" / f"{name}.png", plain())
    for step in range(4):
        worn, spotted = plain().copy(), plain().copy()
        worn[5 : 8 + 2 * step, 5:15] = 0
        spotted[5:15, 5:15] = 0 if step % 2 else spotted[5:15, 5:15]
        save(tmp_path / "new" / "wears.png", worn)
        save(tmp_path / "new" / "flaky.png", spotted)
        done = diffspot("compare", "ref", "new", "--history", "h.jsonl", cwd=tmp_path)
        assert (done.returncode, done.stderr) == (1, "Wrote h.jsonl.\n")
    done = diffspot("history", "h.jsonl", "--svg", "trends.svg", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "Wrote trends.svg.\n")
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    assert [row[:4] for row in rows[:2]] == [
        ["flaky", "flaky.png", "2 of 4", "different"],
        ["grows", "wears.png", "4 of 4", "different"],
    ]
    assert (rows[0][-1], rows[1][-1]) == ("▁█▁█", "▄▅▇█")
    assert rows[2] == ["4 runs, 3 pairs: 1 flaky, 1 growing, 1 always the same"]
    assert ET.parse(tmp_path / "trends.svg").getroot().tag == "{http://www.w3.org/2000/svg}svg"  # noqa: S314  ours


def test_mistakes_are_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "photo.png").write_bytes(b"mine")
    missing = diffspot("history", "none.jsonl", cwd=tmp_path)
    assert (missing.returncode, missing.stderr.count("\n")) == (2, 1)
    assert "none.jsonl: No such file or directory; name the file of --history." in missing.stderr
    save(tmp_path / "a.png", plain())
    diffspot("compare", "a.png", "a.png", "--history", "h", cwd=tmp_path)
    wrong = diffspot("history", "h", "--svg", "photo.png", cwd=tmp_path)
    assert (wrong.returncode, wrong.stderr) == (
        2,
        "diffspot: --svg photo.png would hold SVG; name a file that ends in .svg.\n",
    )
    assert (tmp_path / "photo.png").read_bytes() == b"mine"


def test_a_history_without_a_line_that_can_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "h.jsonl").write_text('{"schema":"diffspot.history/99"}\n')
    for more in ([], ["--svg", "h.svg"]):
        done = diffspot("history", "h.jsonl", *more, cwd=tmp_path)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == "diffspot: No line of h.jsonl can be read; name a history that this version wrote.\n"
    assert not (tmp_path / "h.svg").exists()
