"""Names that are not UTF-8: reports hold them, pages show them, accept finds the files again."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

import pytest

from diffspot.image_io.storage import text_path
from diffspot.model import path_text
from tests.in_process import diffspot
from tests.pictures import changed, plain, save

if TYPE_CHECKING:
    from subprocess import CompletedProcess

LATIN = os.fsdecode(b"caf\xe9")
LOOKALIKE = r"caf\udce9"
"""What the other is written as, a name of its own."""
NAMES = (
    f"{LATIN}.png",
    f"{LOOKALIKE}.png",
    f"{LATIN}/{LATIN} 2.png",
    r"\u005cudce9.png",
    "tif.tif",
    f"tif {LATIN}.tif",
)


@pytest.fixture
def done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CompletedProcess[str]:
    monkeypatch.chdir(tmp_path)
    for number, name in enumerate(NAMES):
        for side, pixels in (("ref" + LATIN, plain()), ("cand" + LATIN, changed(40 + number, 50))):
            path = save((Path(side) / name).with_suffix(".png"), pixels)
            path.rename(path.with_suffix(Path(name).suffix))
    files = [f"--{kind}={kind}{LATIN}" for kind in ("junit", "csv", "markdown", "coco", "reg")]
    return diffspot("compare", "ref" + LATIN, "cand" + LATIN, "-o", "out" + LATIN, "--html", *files)


@pytest.mark.parametrize("text", [*NAMES, r"\u005c", r"\\udce9", r"\udc7f", "日本", os.fsdecode(bytes(range(1, 256)))])
def test_a_path_comes_back(text: str) -> None:
    written = path_text(text)
    assert written.encode().decode() == written
    assert str(text_path(written)) == str(Path(text))


def test_all_names_differ(done: CompletedProcess[str]) -> None:
    assert done.returncode == 1
    names = [pair["name"] for pair in json.loads(Path(f"out{LATIN}/report.json").read_bytes())["pairs"]]
    assert len(set(names)) == len(NAMES)


@pytest.mark.usefixtures("done")
def test_every_link_of_the_page_and_the_table_leads_to_a_file() -> None:
    page = Path(f"out{LATIN}/index.html").read_text()
    shown = json.loads(re.search(r'id="data">(.*?)</script>', page, re.DOTALL)[1])["pictures"]  # type: ignore[index]
    links = [os.fsencode(f"out{LATIN}/") + unquote_to_bytes(link) for pair in shown for link in pair.values()]
    assert len(links) == 3 * len(NAMES)
    links += [unquote_to_bytes(link) for link in re.findall(r"\]\(([^)]*)\)", Path(f"markdown{LATIN}").read_text())]
    assert len(links) == 6 * len(NAMES)
    assert [link for link in links if not os.path.exists(link)] == []  # noqa: PTH110  bytes


@pytest.mark.usefixtures("done")
def test_accept_finds_every_file() -> None:
    accepted = diffspot("accept", f"out{LATIN}", f"{LATIN}.png")
    assert accepted.stdout.splitlines() == [rf"replaced ref{LOOKALIKE}/{LOOKALIKE}.png"]
    assert diffspot("accept", f"out{LATIN}").returncode == 0
    for name in NAMES:
        assert Path(f"ref{LATIN}", name).read_bytes() == Path(f"cand{LATIN}", name).read_bytes()
