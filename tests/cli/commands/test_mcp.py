"""`diffspot mcp`, asked by a client of the protocol, in a process of its own."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from diffspot.cli.commands.mcp import server
from tests.in_process import diffspot
from tests.pictures import changed, plain, save

if TYPE_CHECKING:
    from mcp import Client

ROOT = Path(__file__).parent.parent.parent.parent


def client_of(where: Any = None) -> Client:  # noqa: ANN401  whatever has a server: by default one in this process
    from mcp import Client  # noqa: PLC0415  as slow to import as a tenth of all tests

    return Client(where or server())


def answer(client: Client, name: str, arguments: dict[str, Any]) -> Any:  # noqa: ANN401  what a tool gives
    """What a tool answers: its structured content, or the text of its error."""

    async def ask() -> Any:  # noqa: ANN401
        result = await client.call_tool(name, arguments)
        return result.content[0].text if result.is_error else result.structured_content

    return ask()


def call(name: str, arguments: dict[str, Any], where: Any = None) -> Any:  # noqa: ANN401
    async def ask() -> Any:  # noqa: ANN401
        async with client_of(where) as client:
            return await answer(client, name, arguments)

    return asyncio.run(ask())


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two directories in the working directory."""
    monkeypatch.chdir(tmp_path)
    for folder, pixels in {"golden": plain(), "today": changed()}.items():
        save(tmp_path / folder / "home.png", pixels)
        save(tmp_path / folder / "cart.png", plain())
    return tmp_path


def test_a_directory_that_is_not_there_is_refused(folders: Path) -> None:
    done = diffspot("mcp", "--allow", str(folders / "nowhere"))
    assert (done.returncode, done.stdout) == (2, "")
    assert "nowhere is not a directory; name one that is there." in done.stderr


def test_a_process_compares_two_files(folders: Path) -> None:
    from mcp import StdioServerParameters  # noqa: PLC0415

    process = StdioServerParameters(
        command=sys.executable,
        args=["-m", "diffspot", "mcp", "--allow", str(folders)],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        cwd="/",
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


@pytest.fixture
def outside(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory of pictures elsewhere, to which links in the working directory lead."""
    place = tmp_path_factory.mktemp("outside")
    save(place / "golden" / "home.png", plain())
    Path("link").symlink_to(place)
    Path("links").mkdir()
    Path("links", "home.png").symlink_to(place / "golden" / "home.png")
    Path("forged").mkdir()
    Path("forged", "report.json").symlink_to("/etc/passwd")
    return place


def test_nothing_elsewhere_is_read_or_written(outside: Path) -> None:
    elsewhere = [
        str(outside / "golden"),
        f"../{outside.name}/golden",
        "link/golden",
        "links",
        "/",
        "s3://bucket/golden",
    ]
    home = ["golden/home.png", "today/home.png"]
    calls: list[tuple[str, dict[str, Any]]] = [
        ("compare_directories", {"reference": "golden", "candidate": "today", "out": str(outside / "out")}),
        ("compare_directories", {"reference": "golden", "candidate": "today", "out": "link/out"}),
        ("explain", {"out": "forged"}),
        ("explain", {"out": "link"}),
    ]
    for place in elsewhere:
        calls += [
            ("compare_directories", {"reference": place, "candidate": "today"}),
            ("compare_directories", {"reference": "golden", "candidate": place}),
            ("compare", {"reference": f"{place}/home.png", "candidate": home[1]}),
        ]
        for option in ("mask", "lpips_model"):
            given = {"options": {option: f"{place}/home.png"}}
            calls.append(("compare", {"reference": home[0], "candidate": home[1]} | given))

    async def ask() -> list[Any]:
        async with client_of() as client:
            return [await answer(client, *one) for one in calls]

    for told, asked in zip(asyncio.run(ask()), calls, strict=True):
        assert "lies outside what diffspot mcp may use" in told, asked
    assert [path.name for path in outside.iterdir()] == ["golden"]


def test_what_is_allowed_is_used(outside: Path) -> None:
    files = {"reference": str(outside / "golden" / "home.png"), "candidate": "today/home.png"}
    assert call("compare", files, server([outside]))["status"] == "different"


def test_the_root_of_the_file_system_is_not_what_a_server_started_there_may_use(
    folders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir("/")
    files = {"reference": str(folders / "golden" / "home.png"), "candidate": str(folders / "today" / "home.png")}
    assert "--allow DIRECTORY" in call("compare", files)


def test_hostile_requests_are_sentences_and_the_server_goes_on() -> None:
    os.mkfifo("pipe.png")
    hostile = ["a\0.png", "x\n::error::pwn\x1b]0;t\x07.png", "a" * 5000, "pipe.png", "-", ""]
    compared = {"reference": "golden/home.png", "candidate": "today/home.png"}

    requests = [
        *(compared | {"reference": name} for name in hostile),
        {},
        {"reference": 5},
        compared | {"options": [1]},
    ]

    async def ask() -> list[Any]:
        async with client_of() as client:
            told = [await answer(client, "compare", arguments) for arguments in requests]
            told.append(await answer(client, "rm", {"path": "/"}))
            assert (await answer(client, "compare", compared))["status"] == "different"
            return told

    for told in asyncio.run(ask()):
        assert isinstance(told, str)
        assert not {"\0", "\x1b", "\x07"} & set(told)
        assert "\n::error" not in told
        assert "fault" not in told


def test_calls_at_the_same_time_are_all_answered() -> None:
    compared = {"reference": "golden/home.png", "candidate": "today/home.png"}

    async def ask() -> list[Any]:
        async with client_of() as client:
            return await asyncio.gather(*(answer(client, "compare", compared) for _ in range(40)))

    assert [told["status"] for told in asyncio.run(ask())] == ["different"] * 40


def test_without_the_package_there_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mcp.server.mcpserver", None)
    done = diffspot("mcp")
    assert done.returncode == 2
    assert done.stderr == "diffspot: diffspot mcp needs the package mcp; pip install 'diffspot[mcp]'.\n"
