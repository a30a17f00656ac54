"""Azure's and Google's storage give what a disk gives."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING

import pytest

from diffspot.errors import ImageReadError
from diffspot.image_io import read_bytes
from diffspot.image_io.storage import client, to_path
from diffspot.outputs.atomic import write_atomically, write_new
from diffspot.pairing.files import find_pictures
from tests import process
from tests.image_io.storage.azurite import ACCOUNT, KEY, PROGRAM, azure_server
from tests.image_io.storage.server import BUCKET, proxy_to
from tests.pictures import changed, plain, save

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TIMES = re.compile(rb'(?s)"times": \{.*?\}')


@pytest.fixture(scope="session")
def azure() -> Iterator[str]:
    """The address of a server."""
    pytest.importorskip("obstore", reason="needs the extra cloud")
    if not shutil.which(PROGRAM):
        pytest.skip(f"needs {PROGRAM} on the path: npm install azurite")
    with azure_server(BUCKET) as address:
        yield address


@pytest.fixture
def on_azure(azure: str) -> dict[str, str]:
    return {
        "AZURE_STORAGE_ACCOUNT_NAME": ACCOUNT,
        "AZURE_STORAGE_ACCOUNT_KEY": KEY,
        "AZURE_STORAGE_ENDPOINT": azure,
        "AZURE_ALLOW_HTTP": "true",
    }


@pytest.fixture
def on_google(s3: str) -> Iterator[dict[str, str]]:
    """No emulator serves Google's XML API, which obstore speaks; S3's is that API but for headers."""
    with proxy_to(s3) as proxy:
        unsigned = {"gcs_base_url": proxy.address, "disable_oauth": True}
        keys = dict.fromkeys(("client_email", "private_key", "private_key_id"), "")
        yield {"GOOGLE_SERVICE_ACCOUNT_KEY": json.dumps(unsigned | keys)}


@pytest.fixture(params=["az", "gs"])
def place(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A URL below which there is nothing yet."""
    environment = request.getfixturevalue({"az": "on_azure", "gs": "on_google"}[request.param])
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    client.open_store.cache_clear()
    yield f"{request.param}://{BUCKET}/{re.sub('[^a-z]', '-', request.node.name)}"
    client.open_store.cache_clear()


@pytest.mark.slow
def test_objects_are_written_read_listed_and_removed(place: str) -> None:
    folder = to_path(place)
    names = ["a.png", "deep/ü b%20#?.png"]
    for name in (*names, "notes.txt"):
        write_atomically(folder / name, name.encode())
    assert find_pictures(folder) == {name: folder / name for name in names}
    assert [read_bytes(path) for path in find_pictures(folder).values()] == [name.encode() for name in names]
    (folder / "a.png").unlink()
    assert not (folder / "a.png").exists()
    with pytest.raises(ImageReadError, match=f"{place}/a.png does not exist; check the name"):
        read_bytes(folder / "a.png")


@pytest.mark.slow
def test_of_two_who_write_something_new_one_does(place: str) -> None:
    path = to_path(place) / "results.jsonl"
    assert [write_new(path, [b"first"]), write_new(path, [b"second"])] == [True, False]
    assert path.read_bytes() == b"first"


@pytest.mark.slow
def test_a_planned_run_gives_what_one_on_a_disk_gives(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for number in range(6):
        save(tmp_path / "ref" / f"{number}.png", plain())
        save(tmp_path / "cand" / f"{number}.png", changed() if number % 3 else plain())
    for file in (*(tmp_path / "ref").iterdir(), *(tmp_path / "cand").iterdir()):
        write_atomically(to_path(place) / file.relative_to(tmp_path).as_posix(), file.read_bytes())
    process.diffspot("compare", "ref", "cand", "-o", "out")
    run = f"{place}/run"
    assert (
        process.diffspot("plan", f"{place}/ref", f"{place}/cand", "-o", run, "--pairs-per-shard", "3").returncode == 0
    )
    for number in (1, 2):
        assert process.diffspot("compare", "--plan", run, "--shard", f"{number}/2", "-q").returncode in {0, 1}
    assert process.diffspot("merge", run, "-o", run, "--csv", f"{place}/r.csv").returncode == 1
    made = (to_path(run) / "report.json").read_bytes().replace(f"{place}/".encode(), b"")
    assert TIMES.sub(b"", made) == TIMES.sub(b"", (tmp_path / "out" / "report.json").read_bytes())
    pictures = {name: path.read_bytes() for name, path in to_path(run).below() if name.startswith("annotated/")}
    assert pictures == {
        f"annotated/{file.name}": file.read_bytes() for file in (tmp_path / "out" / "annotated").iterdir()
    }
