"""Runs whose pictures and results are in object storage."""

from __future__ import annotations

import json
import re
import sys
from typing import TYPE_CHECKING

import pytest

from diffspot import compare_directories, compare_files
from diffspot.image_io.storage import to_path
from diffspot.options.settings import Settings
from diffspot.outputs.atomic import write_atomically
from diffspot.outputs.report_json import read_report
from diffspot.pairing.pairs import pair_directories
from diffspot.runner.ahead import fetched_ahead
from tests import process
from tests.in_process import diffspot
from tests.pictures import changed, plain, save, webp

if TYPE_CHECKING:
    from pathlib import Path

    from tests.image_io.storage.server import Proxy

TIMES = re.compile(rb'(?s)"times": \{.*?\}')


@pytest.fixture
def project(tmp_path: Path, bucket: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same pairs in a folder of the disk and in the bucket, some renamed."""
    for number in range(6):
        save(tmp_path / "ref" / f"d{number % 2}" / f"{number}.png", plain())
        save(tmp_path / "cand" / f"d{number % 2}" / f"{number}.png", changed() if number % 3 else plain())
    save(tmp_path / "ref" / "old.png", changed(40, 60))
    (tmp_path / "cand" / "new.webp").write_bytes(webp(changed(40, 60)))
    for file in (file for side in ("ref", "cand") for file in (tmp_path / side).rglob("*") if file.is_file()):
        write_atomically(to_path(bucket) / file.relative_to(tmp_path).as_posix(), file.read_bytes())
    monkeypatch.chdir(tmp_path)
    return tmp_path


def report_of(data: bytes, bucket: str) -> bytes:
    """A report without its times and the place of the pictures."""
    return TIMES.sub(b"", data.replace(f"{bucket}/".encode(), b""))


def test_pictures_and_results_in_a_bucket_give_what_those_on_a_disk_give(project: Path, bucket: str) -> None:
    there = diffspot("compare", f"{bucket}/ref", f"{bucket}/cand", "-o", f"{bucket}/out", "--junit", f"{bucket}/j.xml")
    here = diffspot("compare", "ref", "cand", "-o", "out", "--junit", "j.xml")
    assert (there.returncode, there.stderr) == (1, f"Wrote {bucket}/j.xml.\n")
    assert there.stdout.splitlines()[-1] == f"Report: {bucket}/out/report.json"
    out = to_path(bucket) / "out"
    report = (out / "report.json").read_bytes()
    assert report_of(report, bucket) == report_of((project / "out" / "report.json").read_bytes(), bucket)
    assert json.loads(report)["summary"]["renamed"] == 1
    pictures = {name: path.read_bytes() for name, path in out.below() if name.startswith("annotated/")}
    written = [file for file in (project / "out" / "annotated").rglob("*") if file.is_file()]
    assert pictures == {file.relative_to(project / "out").as_posix(): file.read_bytes() for file in written}
    assert here.returncode == 1


@pytest.mark.slow
def test_shards_in_a_bucket_merge_there_and_here(project: Path, bucket: str) -> None:
    diffspot("compare", f"{bucket}/ref", f"{bucket}/cand", "-o", "one")
    for number in (1, 2, 3):
        diffspot("compare", f"{bucket}/ref", f"{bucket}/cand", "-o", f"{bucket}/run", "--shard", f"{number}/3")
    for out in (f"{bucket}/run", "here"):
        assert diffspot("merge", f"{bucket}/run", "-o", out).returncode == 1
        report = (to_path(out) / "report.json").read_bytes()
        assert TIMES.sub(b"", report) == TIMES.sub(b"", (project / "one" / "report.json").read_bytes())
        picture = to_path(out) / "annotated" / "d1" / "1.png"
        assert picture.read_bytes() == (project / "one" / "annotated" / "d1" / "1.png").read_bytes()


@pytest.mark.slow
def test_what_a_later_run_does_not_find_different_goes(project: Path, bucket: str) -> None:
    arguments = ("compare", f"{bucket}/ref", f"{bucket}/cand", "-o", f"{bucket}/out")
    diffspot(*arguments, "--html")
    write_atomically(to_path(bucket) / "cand" / "d1" / "1.png", (project / "ref" / "d1" / "1.png").read_bytes())
    diffspot(*arguments)
    names = {name for name, _ in (to_path(bucket) / "out").below()}
    assert names == {"report.json", *(f"annotated/{name}.png" for name in ("d0/2", "d0/4", "d1/5"))}


@pytest.mark.slow
@pytest.mark.parametrize("trouble", ["throttle", "cut"])
@pytest.mark.usefixtures("project")
def test_a_run_gets_over_a_storage_that_throttles_or_cuts(bucket: str, proxy: Proxy, trouble: str) -> None:
    proxy.trouble = lambda method, _, before: trouble if method == "GET" and before == 0 else None
    done = diffspot("compare", f"{bucket}/ref", f"{bucket}/cand", "--json")
    assert done.stderr == ""
    assert json.loads(done.stdout)["summary"] == {
        **dict.fromkeys(("added", "removed", "error"), 0),
        "pairs": 7,
        "same": 2,
        "different": 4,
        "renamed": 1,
    }


@pytest.mark.slow
@pytest.mark.usefixtures("project", "impatient")
def test_a_picture_that_does_not_come_is_an_error_of_its_pair(bucket: str, proxy: Proxy) -> None:
    proxy.trouble = lambda method, path, _: "throttle" if method == "GET" and path.endswith("cand/d1/1.png") else None
    done = diffspot("compare", f"{bucket}/ref", f"{bucket}/cand", "--jsonl")
    found = {one["name"]: one for one in map(json.loads, done.stdout.splitlines())}
    assert done.returncode == 2
    assert found["d1/1.png"]["error"].startswith(f"{bucket}/cand/d1/1.png cannot be read (503 Service Unavailable)")
    assert [name for name, one in found.items() if one["status"] == "error"] == ["d1/1.png"]


def test_a_list_may_name_urls_and_no_secret_is_told(project: Path, s3: str, bucket: str) -> None:
    place = bucket.removeprefix("s3://")
    signed = f"{s3.replace('//', '//user:pass@')}/{place}/cand/d1/1.png?X-Amz-Signature=0123abc"
    (project / "pairs.csv").write_text(f"name,reference,candidate\na.png,ref/d1/1.png,{signed}\n")
    done = process.diffspot("compare", "--pairs", "pairs.csv", "-o", "out", "--html", "--junit", "j.xml")
    assert done.returncode == 1
    written = "".join(file.read_text() for file in (*(project / "out").glob("*.*"), project / "j.xml"))
    assert f"{s3}/{place}/cand/d1/1.png" in written
    told = written + done.stdout + done.stderr
    assert [secret for secret in ("user:", "pass@", "0123abc", "very-secret") if secret in told] == []


def test_a_golden_of_many_captures_is_fetched_once(project: Path, bucket: str, proxy: Proxy) -> None:
    write_atomically(to_path(bucket) / "golden.png", (project / "ref" / "d0" / "0.png").read_bytes())
    for number in range(5):
        write_atomically(to_path(bucket) / "shots" / f"{number}.png", (project / "cand" / "d1" / "1.png").read_bytes())
    before = proxy.seen.copy()
    done = diffspot("compare", f"{bucket}/golden.png", f"{bucket}/shots", "--json")
    assert json.loads(done.stdout)["summary"]["different"] == 5
    fetched = {
        path.rpartition("/")[2]: many for (method, path), many in (proxy.seen - before).items() if method == "GET"
    }
    assert [fetched["golden.png"], *(fetched[f"{number}.png"] for number in range(5))] == [1] * 6


def test_other_answers_may_lie_in_storage(project: Path, bucket: str) -> None:
    write_atomically(to_path(bucket) / "more" / "d1" / "1.png", (project / "cand" / "d1" / "1.png").read_bytes())
    done = diffspot("compare", "ref", "cand", "--also", f"{bucket}/more", "--jsonl")
    status = {one["name"]: one["status"] for one in map(json.loads, done.stdout.splitlines())}
    assert (status["d1/1.png"], status["d0/2.png"]) == ("same", "different")


def test_no_more_is_fetched_ahead_than_memory_is_meant_to_hold(bucket: str) -> None:
    for side in ("ref", "cand"):
        for number in range(20):
            write_atomically(to_path(bucket) / side / f"{number}.png", bytes(1000))
    pairs = pair_directories(to_path(bucket) / "ref", to_path(bucket) / "cand")
    with fetched_ahead(Settings(), lambda _: False, memory=36_000) as fetched:
        most = 0

        def compare(pair: object) -> object:
            nonlocal most
            most = max(most, sum(path.fetching is not None for one in pairs for path in (one.reference, one.candidate)))  # type: ignore[union-attr]
            return pair

        done = [fetched.work(compare)(pair) for pair in fetched.pairs(pairs)]
    assert done == pairs
    assert most == 8  # of the 40 pictures of 1,000 bytes, four pairs at a time: a quarter of the memory


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["ref", "cand", "-o", "{}/out", "--resume"], "--resume goes on in a folder of this machine"),
        (["{}/nothing", "{}/cand"], "{}/nothing cannot be opened (not there); check the path and its rights."),
        (["{}/ref", "{}/cand", "-o", "{}/ref/out"], "--out {}/ref/out lies in the input {}/ref"),
        (["https://127.0.0.1:1/x", "{}/cand"], "https://127.0.0.1:1/x cannot be opened (the storage does not answer)"),
    ],
)
@pytest.mark.usefixtures("project", "impatient")
def test_what_cannot_be_is_one_sentence(bucket: str, arguments: list[str], told: str) -> None:
    done = diffspot("compare", *(one.replace("{}", bucket) for one in arguments))
    assert (done.returncode, done.stdout) == (2, "")
    assert told.replace("{}", bucket) in done.stderr


def test_a_url_without_obstore_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "obstore", None)
    done = diffspot("compare", "s3://shots/ref", "s3://shots/cand")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "diffspot: URLs need obstore, which is not installed; pip install 'diffspot[cloud]'.\n"


@pytest.mark.usefixtures("project")
def test_objects_of_equal_size_and_etag_are_the_same_unread_only_when_asked(bucket: str, proxy: Proxy) -> None:
    for side in ("ref", "cand"):
        write_atomically(to_path(bucket) / side / "broken.png", b"no picture")
    arguments = ("compare", f"{bucket}/ref", f"{bucket}/cand", "--jsonl")
    assert "broken.png is not a PNG" in diffspot(*arguments).stderr
    proxy.seen.clear()
    done = diffspot(*arguments, "--by-etag")
    found = {one["name"]: one for one in map(json.loads, done.stdout.splitlines())}
    unread = [name for name, one in found.items() if one["notes"] == ["not read: size and ETag are equal"]]
    assert unread == ["broken.png", "d0/0.png", "d1/3.png"]
    assert {found[name]["status"] for name in unread} == {"same"}
    fetched = [path for method, path in proxy.seen if method == "GET" and path.endswith(".png")]
    assert sorted({path.rpartition("cand/")[2] for path in fetched if "/cand/" in path}) == [
        *("d0/2.png", "d0/4.png", "d1/1.png", "d1/5.png")
    ]


@pytest.mark.usefixtures("project")
def test_the_api_takes_urls(bucket: str) -> None:
    report = compare_directories(f"{bucket}/ref", f"{bucket}/cand", out=f"{bucket}/out")
    assert (report.summary.pairs, report.summary.renamed) == (7, 1)
    assert read_report(to_path(bucket) / "out").pairs == report.pairs
    assert compare_files(f"{bucket}/ref/d1/1.png", "cand/d1/1.png").status == "different"
