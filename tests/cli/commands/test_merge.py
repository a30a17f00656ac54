"""`diffspot compare --shard` and `diffspot merge`: the same as one run."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING

import imagecodecs
import numpy as np
import pytest

from diffspot.outputs.formats import FILE_OUTPUTS
from diffspot.runner.scale.shards import shard_number
from tests import process
from tests.in_process import diffspot
from tests.pictures import changed, page, plain, save, webp
from tests.sweep import sweep

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from subprocess import CompletedProcess

OUTPUTS = ["--html", *(part for kind in FILE_OUTPUTS for part in (kind.flag(), f"out/{kind.file_name}"))]
SUMMARY = "16 pairs: 4 same, 5 different, 1 added, 1 removed, 4 renamed, 1 error"
TIMES = re.compile(
    rb'(?s)"times": ?\{.*?\}|time(stamp)?="[^"]*"|<time.*?</time>|"runs?": ?(\[.*?\]|"[^"]*")|"seconds":[0-9.]+'
)
SECONDS = re.compile(rb"(?m),[0-9.]+\r?$")
"""The last column of pairs.csv."""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Pairs of every status in a working directory: renamed by bytes and by pixels, of several frames, damaged."""
    noise = np.random.default_rng(7).integers(0, 255, (9, 48, 64, 3), np.uint8)
    for number in range(6):
        save(tmp_path / "ref" / f"d{number % 2}" / f"{number}.png", plain())
        save(tmp_path / "cand" / f"d{number % 2}" / f"{number}.png", changed() if number % 3 else plain())
    save(tmp_path / "ref" / "page.png", page())
    save(tmp_path / "cand" / "page.png", np.roll(page(), 2, 0))
    for number in range(5):
        save(tmp_path / "ref" / f"old{number}.png", noise[number])
    for number in (0, 1):
        save(tmp_path / "cand" / f"new{9 - number}.png", noise[number])
    for number in (2, 3):
        (tmp_path / "cand" / f"new{9 - number}.webp").write_bytes(webp(noise[number]))
    save(tmp_path / "cand" / "new1.png", noise[8])
    for side, last in (("ref", plain()), ("cand", changed())):
        (tmp_path / side / "pages.tif").write_bytes(
            imagecodecs.tiff_encode(np.stack([plain(), last]), photometric="rgb")
        )
    for side, text in (("ref", b"no picture"), ("cand", b"nor this")):
        (tmp_path / side / "bad.png").write_bytes(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def compare(*options: object) -> CompletedProcess[str]:
    return diffspot("compare", "ref", "cand", "--jobs", 2, *options)


def content(folder: Path) -> dict[str, bytes]:
    """All files of a run without their times."""
    files = (file for file in folder.rglob("*") if file.is_file() and "shard-" not in str(file))
    found = {str(file.relative_to(folder)): TIMES.sub(b"", file.read_bytes()) for file in files}
    return found | {name: SECONDS.sub(b"", table) for name, table in found.items() if name == "pairs.csv"}


@pytest.mark.parametrize("count", sweep([3, 1, 8]))
def test_shards_merge_to_what_one_run_gives(project: Path, count: int) -> None:
    assert compare("-o", "out", *OUTPUTS).returncode == 2
    (project / "out").rename(project / "one")
    for number in range(1, count + 1):
        assert compare("-o", f"parts/{number}", "--shard", f"{number}/{count}").returncode in {0, 1, 2}
    done = diffspot("merge", *sorted((project / "parts").iterdir()), "-o", "out", *OUTPUTS)
    one, merged = content(project / "one"), content(project / "out")
    assert done.returncode == 2
    assert sorted(one) == sorted(merged)
    assert [name for name in one if one[name] != merged[name]] == []
    assert done.stdout.splitlines()[-2].partition(" in ")[0] == SUMMARY


def test_a_page_in_parts_is_that_of_one_run(project: Path, pairs_a_part: Callable[[int], None]) -> None:
    pairs_a_part(5)
    compare("-o", "one", "--html")
    for number in (1, 2):
        compare("-o", "all", "--shard", f"{number}/2")
    diffspot("merge", "all", "-o", "all", "--html")
    assert content(project / "one") == content(project / "all")
    assert {page.name for page in (project / "all").glob("*.html")} == {
        f"index{part}.html" for part in ("", "-2", "-3")
    }


def test_shards_may_share_a_folder_with_the_report(project: Path) -> None:
    compare("-o", "one")
    for number in (2, 1):
        compare("-o", "all", "--shard", f"{number}/2")
    assert diffspot("merge", "all", "-o", "all").returncode == 2
    assert content(project / "one") == content(project / "all")


OPTIONS = [*("--also", "more", "--unmatched", "ignore", "--exclude", "old4*", "--top", "1", "--measure", "ssim")]
FILES = ["--map", "npy", "--save", "mask,aligned"]


def with_other_answers(project: Path) -> None:
    """Makes a directory of right answers that takes one of the differing pairs for the same."""
    save(project / "more" / "d1" / "1.png", changed())
    save(project / "more" / "d0" / "4.png", page())


def test_shards_take_all_options_and_their_files_along(project: Path) -> None:
    with_other_answers(project)
    compare("-o", "one", *OPTIONS, *FILES)
    for number in (1, 2, 3):
        compare("-o", "all", "--shard", f"{number}/3", *OPTIONS, *FILES)
    diffspot("merge", "all", "-o", "all")
    one = content(project / "one")
    assert one == content(project / "all")
    assert {name.partition("/")[0] for name in one} == {"report.json", "annotated", "maps", "mask", "aligned"}
    found = {pair["name"]: pair for pair in json.loads((project / "all" / "report.json").read_bytes())["pairs"]}
    assert found["d1/1.png"]["notes"] == ["the same as one of 2 references"]
    assert not {"added", "removed"} & {pair["status"] for pair in found.values()}
    assert found["d0/4.png"]["measures"]["ssim"] < 1


def test_a_plan_takes_all_options_along(project: Path) -> None:
    with_other_answers(project)
    compare("-o", "one", *OPTIONS)
    assert diffspot("plan", "ref", "cand", "-o", "all", "--pairs-per-shard", "9", *OPTIONS).returncode == 0
    for number in (1, 2):
        diffspot("compare", "--plan", "all", "--shard", f"{number}/2")
    diffspot("merge", "all", "-o", "all")
    assert (project / "one" / "report.json").exists()
    one, planned = ((project / out / "report.json").read_bytes() for out in ("one", "all"))
    assert TIMES.sub(b"", one) == TIMES.sub(b"", planned)


def test_sheets_are_cut_in_shards(project: Path) -> None:
    for number, last in enumerate((plain(), changed(), plain())):
        save(project / "sheets" / f"{number}.png", np.hstack([plain(), last]))
    diffspot("compare", "sheets", "--split", "left-right", "-o", "one", "--html")
    for number in (1, 2):
        diffspot("compare", "sheets", "--split", "left-right", "-o", "all", "--shard", f"{number}/2")
    diffspot("merge", "all", "-o", "all", "--html")
    assert content(project / "one") == content(project / "all")
    assert len(list((project / "all" / "pictures").rglob("*.png"))) == 2  # both panels of the sheet that differs


def test_where_no_picture_has_a_partner_nothing_is_merged(project: Path) -> None:
    save(project / "x" / "old.png", changed())
    save(project / "y" / "new.png", plain())
    for number in (1, 2):
        diffspot("compare", "x", "y", "-o", "all", "--shard", f"{number}/2", "--unmatched", "ignore")
    done = diffspot("merge", "all")
    assert (done.returncode, done.stdout) == (2, "")
    assert "No picture has a partner, and --unmatched ignore leaves out those without" in done.stderr


@pytest.mark.slow
def test_the_exit_code_is_that_of_the_whole(project: Path) -> None:
    (project / "ref" / "bad.png").unlink()
    (project / "cand" / "bad.png").unlink()
    codes = [process.diffspot("compare", "ref", "cand", "-o", "all", "--shard", f"{k}/2").returncode for k in (1, 2)]
    assert codes == [1, 1]
    assert process.diffspot("merge", "all", "--quiet").returncode == 1
    shutil.copytree("ref", "ref2")
    for number in (1, 2):
        process.diffspot("compare", "ref", "ref2", "-o", "same", "--shard", f"{number}/2")
    done = process.diffspot("merge", "same", "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["summary"]["same"] == 14


def test_renames_across_shards_do_not_fail_a_run_that_allows_them(project: Path) -> None:
    save(project / "x" / "old.png", changed())
    save(project / "y" / "new.png", changed())
    numbers = {shard_number(name, 7) for name in ("old.png", "new.png")}
    assert len(numbers) == 2
    codes = [
        diffspot("compare", "x", "y", "-o", "all", "--shard", f"{k}/7", "--fail-on", "added,removed").returncode
        for k in range(1, 8)
    ]
    assert sorted(codes) == [0, 0, 0, 0, 0, 1, 1]
    done = diffspot("merge", "all")
    assert done.stderr == ""
    assert (done.returncode, done.stdout.split()[:4]) == (0, ["renamed", "old.png", "now", "y/new.png"])


def test_missing_shards_are_trouble_unless_allowed(project: Path) -> None:
    for side in ("ref", "cand"):
        (project / side / "bad.png").unlink()
    for number in (1, 3):
        compare("-o", "all", "--shard", f"{number}/3")
    done = process.diffspot("merge", "all", "-o", "made", "--junit", "made/junit.xml")
    assert done.returncode == 2
    assert re.fullmatch(
        r"diffspot: 1 shard with \d+ pairs missing: 2/3; compare them, or merge the others with --allow-missing.\n",
        done.stderr,
    )
    assert not (project / "made").exists()
    done = process.diffspot("merge", "all", "-o", "made", "--allow-missing", "--quiet")
    assert done.returncode == 1
    assert re.fullmatch(r"diffspot: 1 shard with \d+ pairs missing: 2/3\n", done.stderr)
    assert json.loads((project / "made" / "report.json").read_text())["interrupted"]


def test_a_run_that_is_repeated_replaces_its_shard(project: Path) -> None:
    compare("-o", "all", "--shard", "1/1")
    save(project / "cand" / "d0" / "0.png", changed())
    compare("-o", "all", "--shard", "1/1")
    done = diffspot("merge", "all", "--jsonl")
    status = {one["name"]: one["status"] for one in map(json.loads, done.stdout.splitlines())}
    assert status["d0/0.png"] == "different"


def test_a_picture_that_is_not_there_is_told_of(project: Path) -> None:
    compare("-o", "all", "--shard", "1/1")
    (project / "all" / "shard-00001-of-00001" / "annotated" / "d1" / "1.png").unlink()
    done = diffspot("merge", "all", "-o", "made")
    assert done.returncode == 2
    assert "Cannot take all/shard-00001-of-00001/annotated/d1/1.png along to made/annotated/d1/1.png" in done.stderr


def test_a_link_in_place_of_a_picture_is_not_followed(project: Path) -> None:
    compare("-o", "all", "--shard", "1/1")
    picture = project / "all" / "shard-00001-of-00001" / "annotated" / "d1" / "1.png"
    picture.unlink()
    picture.symlink_to(project / "ref" / "bad.png")
    assert "it is a link" in diffspot("merge", "all", "-o", "made").stderr
    assert not (project / "made" / "annotated" / "d1" / "1.png").exists()


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--shard", "3/2", "-o", "all"], "--shard cannot be '3/2': expected K/N, both from 1 on and K at most N"),
        (["--shard", "1/2"], "--shard writes results that are merged later; give --out, too."),
        (["--shard", "1/2", "-o", "all", "--html"], "--html is of the whole run; leave it out with --shard"),
        (["--shard", "1/2", "-o", "all", "--csv", "a.csv"], "--csv is of the whole run"),
        (["--shard", "1/2", "-o", "all", "--stages", "s"], "--stages is of a run on one machine; leave it out with"),
        (["--shard", "1/2", "-o", "ref/all"], "--out ref/all/shard-00001-of-00002 lies in the input ref"),
    ],
)
def test_what_makes_no_sense_of_a_shard_is_refused(options: list[str], told: str) -> None:
    done = compare(*options)
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr


@pytest.mark.usefixtures("project")
def test_merge_replaces_no_picture() -> None:
    compare("-o", "all", "--shard", "1/1")
    done = diffspot("merge", "all", "-o", "ref/report")
    assert "--out ref/report lies in the input ref" in done.stderr


def test_merge_copies_no_picture_that_lies_elsewhere(project: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (project / "ref" / "pages.tif").rename(elsewhere / "pages.tif")
    (project / "pairs.csv").write_text(f"reference,candidate\n{elsewhere}/pages.tif,cand/pages.tif\n")
    diffspot("compare", "--pairs", "pairs.csv", "-o", "all", "--shard", "1/1")
    done = diffspot("merge", "all", "-o", "made", "--html", "--junit", "made/junit.xml")
    assert done.returncode == 2
    assert f"{elsewhere}/pages.tif does not lie where the report does; if the report is to be trusted" in done.stderr
    assert not (project / "made" / "pictures" / "reference").exists()
    for written in ("report.json", "junit.xml", "index.html"):
        assert (project / "made" / written).exists()
    assert diffspot("merge", "all", "-o", "made", "--html", "--allow", elsewhere).returncode == 1
    assert list((project / "made" / "pictures" / "reference").rglob("*.png"))
