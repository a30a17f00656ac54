"""`diffspot mcp`, asked by a client of the protocol, in a process of its own."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters

from diffspot.cli.commands.mcp import server
from tests.in_process import diffspot
from tests.pictures import changed, plain, save

ROOT = Path(__file__).parent.parent.parent.parent


def call(name: str, arguments: dict[str, Any], where: Any = None) -> Any:  # noqa: ANN401  what a tool gives
    """What a tool answers: its structured content, or the text of its error."""

    async def ask() -> Any:  # noqa: ANN401
        async with Client(where or server()) as client:
            result = await client.call_tool(name, arguments)
            return result.content[0].text if result.is_error else result.structured_content

    return asyncio.run(ask())


@pytest.fixture
def folders(tmp_path: Path) -> Path:
    for folder, pixels in {"golden": plain(), "today": changed()}.items():
        save(tmp_path / folder / "home.png", pixels)
        save(tmp_path / folder / "cart.png", plain())
    return tmp_path


def test_a_process_compares_two_files(folders: Path) -> None:
    process = StdioServerParameters(
        command=sys.executable, args=["-m", "diffspot", "mcp"], env=os.environ | {"PYTHONPATH": str(ROOT)}
    )
    files = {"reference": str(folders / "golden" / "home.png"), "candidate": str(folders / "today" / "home.png")}
    told = call("compare", files, process)
    assert told["status"] == "different"
    (region,) = told["regions"]
    assert set(region) == {"kind", "bbox", "candidate_bbox", "area", "peak"}
    assert "1 region" in told["sentence"]


def test_options_count(folders: Path) -> None:
    files = {"reference": str(folders / "golden" / "home.png"), "candidate": str(folders / "today" / "home.png")}
    assert call("compare", files | {"options": {"max_regions": 1}})["status"] == "same"


def test_directories_are_compared_and_the_report_explained(folders: Path) -> None:
    out = str(folders / "out")
    both = {"reference": str(folders / "golden"), "candidate": str(folders / "today"), "out": out}
    told = call("compare_directories", both)
    assert told["summary"]["pairs"] == 2
    assert [pair["name"] for pair in told["pairs"]] == ["home.png"]
    assert (folders / "out" / "index.html").is_file()
    assert call("explain", {"out": out}) == told
    assert call("explain", {"out": out, "pair": "cart.png"})["status"] == "same"


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("compare", {"reference": "none.png", "candidate": "none.png"}, "none.png"),
        ("compare", {"reference": "a.png", "candidate": "b.png", "options": {"colour": 1}}, "colour"),
        ("explain", {"out": "nowhere"}, "nowhere"),
        ("compare_directories", {"reference": "a", "candidate": "b", "options": {"junit": "x.xml"}}, "junit"),
        ("compare_directories", {"reference": "a", "candidate": "b", "options": {"stages": "x"}}, "stages"),
        ("compare_directories", {"reference": "a", "candidate": "b", "options": {"resume": True}}, "resume"),
    ],
)
def test_a_mistake_is_a_sentence(name: str, arguments: dict[str, Any], said: str) -> None:
    told = call(name, arguments)
    assert said in told
    assert "Traceback" not in told


def test_without_the_package_there_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mcp.server.mcpserver", None)
    done = diffspot("mcp")
    assert done.returncode == 2
    assert done.stderr == "diffspot: diffspot mcp needs the package mcp; pip install 'diffspot[mcp]'.\n"
