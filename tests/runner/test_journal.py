"""What a run that was stopped leaves for the next one, and what that takes of it."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from contextlib import chdir
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import PIL.Image
import pytest

from diffspot import compare_files
from diffspot.model import BackendUsed, ImagePair
from diffspot.options.settings import Layer, Settings
from diffspot.outputs.interface import Outputs
from diffspot.outputs.report_json import encode_report, read_report
from diffspot.runner.journal import JOURNAL, Journal
from tests.in_process import diffspot
from tests.pictures import changed, pdf_of, plain, save
from tests.sweep import sweep

if TYPE_CHECKING:
    from collections.abc import Callable
    from subprocess import CompletedProcess

    from diffspot.model import PairResult

KEPT = Path("out", JOURNAL)


class Compared:
    """Counts the pairs whose pixels were compared."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from diffspot.runner import pair  # noqa: PLC0415

        self.names: list[str] = []
        compare = pair.compare_pair

        def counted(known: Any, *arguments: Any, **keywords: Any) -> Any:  # noqa: ANN401
            self.names.append(known.name)
            return compare(known, *arguments, **keywords)

        monkeypatch.setattr(pair, "compare_pair", counted)

    def again(self, *flags: object, stop_at: str | None = None) -> CompletedProcess[str]:
        self.names.clear()
        return diffspot("compare", "ref", "cand", "-o", "out", *flags)


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which a run left a journal of everything: its page could not be written."""
    folder = tmp_path_factory.mktemp("stopped")
    with chdir(folder):
        for name in ("a.png", "b.png", "deep/c.png"):
            save(Path("ref", name), plain())
            save(Path("cand", name), changed())
        save(Path("ref/same.png"), plain())
        save(Path("cand/same.png"), plain())
        save(Path("cand/new.png"), plain(30, 30))
        Path("out/index.html/in the way").mkdir(parents=True)
        assert diffspot("compare", "ref", "cand", "-o", "out", "--html").returncode == 2
        assert len(KEPT.read_text().split("\n")) == 7
        Path("out/index.html/in the way").rmdir()
        Path("out/index.html").rmdir()
    return folder


@pytest.fixture
def compared(stopped: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Compared:
    """A copy of that folder to work in: what a journal holds of places is relative to it."""
    shutil.copytree(stopped, tmp_path / "work")
    monkeypatch.chdir(tmp_path / "work")
    return Compared(monkeypatch)


def untimed() -> dict[str, object]:
    report = msgspec.json.decode(encode_report(read_report(Path("out"))))
    del report["times"]
    return report  # type: ignore[no-any-return]


def test_what_holds_is_taken_and_the_journal_goes_in_the_end(compared: Compared) -> None:
    done = compared.again("--html", "--resume")
    assert (done.returncode, compared.names) == (1, [])
    assert "diffspot: 5 results taken from the run that was stopped\n" in done.stderr
    assert not KEPT.exists()
    resumed, page = untimed(), Path("out/index.html").exists()
    assert compared.again("--html").returncode == 1
    assert sorted(compared.names) == ["a.png", "b.png", "deep/c.png"]
    assert (untimed(), page) == (resumed, True)


def rewrite(path: str, pixels: Any) -> Callable[[], object]:  # noqa: ANN401
    return lambda: save(Path(path), pixels)


@pytest.mark.parametrize(
    ("change", "flags", "names"),
    [
        (rewrite("cand/b.png", changed(50, 40)), [], ["b.png"]),
        (rewrite("ref/b.png", plain(50, 40)), [], ["b.png"]),
        (lambda: Path("out/annotated/b.png").unlink(), [], ["b.png"]),
        (lambda: Path("out/annotated/b.png").write_bytes(b""), [], ["b.png"]),
        (lambda: None, ["--min-area", "5"], ["a.png", "b.png", "deep/c.png"]),
        (lambda: None, ["--annotate", "reference"], ["a.png", "b.png", "deep/c.png"]),
        (lambda: None, ["--junit", "x.xml", "--jobs", "1"], []),
        (lambda: Path("diffspot.toml").write_text('[[rules]]\nmatch = "b*"\nmetric = "ssim"\n'), [], ["b.png"]),
        (lambda: save(Path("ref/d.png"), plain()) and save(Path("cand/d.png"), changed()), [], ["d.png"]),
    ],
)
def test_what_changed_is_compared(
    compared: Compared, change: Callable[[], object], flags: list[str], names: list[str]
) -> None:
    change()
    assert compared.again("--resume", *flags).returncode == 1
    assert sorted(compared.names) == names
    resumed = untimed()
    assert compared.again(*flags).returncode == 1
    assert untimed() == resumed


@pytest.mark.parametrize("gone", sweep(["steps/same.png", "steps/b.png"]))
def test_pictures_of_stages_that_are_gone_are_drawn_again(compared: Compared, gone: str) -> None:
    Path("out/index.html/in the way").mkdir(parents=True)
    flags = "--stages", "steps", "--html"
    assert compared.again(*flags).returncode == 2
    drawn = {path: path.read_bytes() for path in Path("steps").rglob("*.png") if path.is_file()}
    assert (compared.again(*flags, "--resume").returncode, compared.names) == (2, [])
    Path(gone, "8-boxes.stage.png").unlink()
    assert compared.again(*flags, "--resume").returncode == 2
    assert compared.names == [Path(gone).name]
    assert {path: path.read_bytes() for path in drawn} == drawn


@pytest.mark.parametrize(
    ("flags", "place"),
    [
        (("--stages", "steps"), "steps/b.png/8-boxes.stage.png"),
        (("--map", "npy"), "out/maps/b.png.npy"),
        (("--save", "mask"), "out/mask/b.png"),
    ],
)
def test_what_could_not_be_written_is_written_later(compared: Compared, flags: tuple[str, str], place: str) -> None:
    Path(place, "in the way").mkdir(parents=True)
    assert compared.again(*flags).returncode == 2
    Path(place, "in the way").rmdir()
    Path(place).rmdir()
    assert compared.again(*flags, "--resume").returncode == 1
    assert compared.names == ["b.png"]
    assert Path(place).is_file()


def test_another_version_compares_all_again(tmp_path: Path) -> None:
    files = save(tmp_path / "ref.png", plain()), save(tmp_path / "cand.png", changed())
    result, again = compare_files(*files), list[str]()

    def compare(pair: ImagePair) -> list[tuple[PairResult, float]]:
        again.append(pair.name)
        return [(result, 1.5)]

    settings = Settings([Layer("test", {"annotate": "none"})])
    for version, compared in (("0.0.1", 1), ("0.0.1", 0), ("0.0.2", 1), ("0.0.1", 1)):
        again.clear()
        with Journal(tmp_path, Outputs(), settings, (version, BackendUsed()), resume=True) as journal:
            assert journal.work(compare)(ImagePair(result.name, *files)) == [(result, 1.5)]
        assert (len(again), journal.taken) == (compared, 1 - compared)


def test_a_mask_counts_by_its_content(compared: Compared) -> None:
    mask = save(Path("mask.png"), plain() * 0 + 255)
    Path("out/index.html/in the way").mkdir(parents=True)
    assert compared.again("--html", "--mask", mask).returncode == 2
    assert compared.again("--html", "--mask", mask, "--resume").returncode == 2
    assert compared.names == []
    pixels = plain() * 0 + 255
    pixels[0, 0] = 0
    save(mask, pixels)
    assert compared.again("--html", "--mask", mask, "--resume").returncode == 2
    assert sorted(compared.names) == ["a.png", "b.png", "deep/c.png"]


def test_a_network_counts_by_its_content(compared: Compared) -> None:
    network = Path("small.onnx")
    network.write_bytes(b"one")
    Path("diffspot.toml").write_text('[[rules]]\nmatch = "none.png"\nmetric = "lpips"\n')  # which takes the network
    Path("out/index.html/in the way").mkdir(parents=True)
    assert compared.again("--html", "--lpips-model", network).returncode == 2
    assert compared.again("--html", "--lpips-model", network, "--resume").returncode == 2
    assert compared.names == []
    network.write_bytes(b"other")
    assert compared.again("--html", "--lpips-model", network, "--resume").returncode == 2
    assert sorted(compared.names) == ["a.png", "b.png", "deep/c.png"]


def test_errors_are_tried_again(compared: Compared) -> None:
    Path("cand/b.png").write_bytes(b"no picture")
    Path("out/index.html/in the way").mkdir(parents=True)
    assert compared.again("--html", "--resume").returncode == 2
    save(Path("cand/b.png"), changed(50, 40))
    assert compared.again("--html", "--resume").returncode == 2
    assert compared.names == ["b.png"]


@pytest.mark.parametrize("keep", sweep([0, 40, 1], keep=2))
def test_lines_that_were_cut_short_count_for_nothing(compared: Compared, keep: int) -> None:
    lines = KEPT.read_bytes().split(b"\n")
    index = next(number for number, line in enumerate(lines) if b'"name":"b.png"' in line)
    KEPT.write_bytes(b"\n".join([*lines[:index], *lines[index + 1 : -1], lines[index][:-keep] if keep else b"\0" * 99]))
    assert compared.again("--resume").returncode == 1
    assert compared.names == ["b.png"]


@pytest.mark.parametrize("text", sweep(["[" * 100_000, "\xff", "{", '{"key": 1}', ""], keep=2))
def test_a_broken_journal_is_no_trouble(compared: Compared, text: str) -> None:
    KEPT.write_bytes(text.encode("latin-1"))
    assert compared.again("--resume").returncode == 1
    assert sorted(compared.names) == ["a.png", "b.png", "deep/c.png"]


@pytest.mark.parametrize("place", sweep(["../cand/a.png", "/etc/passwd", "annotated/../../cand/a.png"]))
def test_a_forged_journal_reaches_nowhere(compared: Compared, place: str) -> None:
    before = Path("cand/a.png").read_bytes()
    lines = [line.partition(" ")[2] for line in KEPT.read_text().splitlines()]
    forged = [line.replace('"annotated":"annotated/a.png"', f'"annotated":{json.dumps(place)}') for line in lines]
    KEPT.write_text("".join(f"{hashlib.sha256(line.encode()).hexdigest()} {line}\n" for line in forged))
    assert compared.again().returncode == 1
    assert Path("cand/a.png").read_bytes() == before


def test_a_run_that_begins_anew_removes_what_no_report_tells_of(compared: Compared) -> None:
    Path("out/report.json").unlink()
    assert Path("out/annotated/deep/c.png").exists()
    assert diffspot("compare", "ref/same.png", "cand/same.png", "-o", "out").returncode == 0
    assert {path.name for path in Path("out").rglob("*")} == {"report.json"}
    assert compared.names == []


@pytest.mark.usefixtures("compared")
def test_without_a_folder_there_is_nothing_to_go_on_with() -> None:
    done = diffspot("compare", "ref", "cand", "--resume")
    assert (done.returncode, "--out" in done.stderr) == (2, True)


@pytest.mark.parametrize("obstacle", ["folder", "pipe", "link"])
def test_a_journal_that_cannot_be_kept_is_told(compared: Compared, obstacle: str) -> None:
    KEPT.unlink()
    Path("other").write_bytes(b"other")
    if obstacle == "folder":
        KEPT.mkdir()
    elif obstacle == "link":
        KEPT.symlink_to(Path("other").resolve())
    else:
        os.mkfifo(KEPT)
    done = compared.again("--resume")
    assert done.returncode == 2
    assert "Cannot keep results for --resume" in done.stderr
    assert "3 different" in done.stdout
    assert Path("other").read_bytes() == b"other"


def test_a_line_that_is_not_as_it_was_written_counts_for_nothing(compared: Compared) -> None:
    """One that is JSON all the same would be a result without regions."""
    KEPT.write_text(KEPT.read_text().replace('"regions"', '"regggions"', 1))
    assert compared.again("--resume").returncode == 1
    assert len(compared.names) == 1


def test_pages_are_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("out/index.html/in the way").mkdir(parents=True)  # so that the journal stays
    Path("a.pdf").write_bytes(pdf_of("abc", "abcd"))
    Path("b.pdf").write_bytes(pdf_of("abc", "abcde"))
    Path("pairs.csv").write_text("name,reference,candidate\n" + "".join(f"{n},a.pdf#{n},b.pdf#{n}\n" for n in (1, 2)))
    compared = Compared(monkeypatch)
    command = ("compare", "--pairs", "pairs.csv", "-o", "out", "--html")
    assert (diffspot(*command).returncode, sorted(compared.names)) == (2, ["1", "2"])
    compared.names.clear()
    assert (diffspot(*command, "--resume").returncode, compared.names) == (2, [])
    Path("b.pdf").write_bytes(pdf_of("abc", "abcdef"))
    assert (diffspot(*command, "--resume").returncode, sorted(compared.names)) == (2, ["1", "2"])


def test_the_frames_of_a_pair_are_taken_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file with a frame more than the other: the same, different, added."""
    monkeypatch.chdir(tmp_path)
    frames = [PIL.Image.fromarray(pixels) for pixels in (plain(), changed(), plain())]
    for side, shown in (("ref", [frames[0], frames[0]]), ("cand", frames)):
        Path(side).mkdir()
        shown[0].save(Path(side, "a.tif"), save_all=True, append_images=shown[1:])
    Path("out/index.html/in the way").mkdir(parents=True)
    compared = Compared(monkeypatch)
    assert compared.again("--html").returncode == 2
    assert compared.names == ["a.tif", "a.tif#2"]
    kept = untimed()
    assert [(pair["name"], pair["status"]) for pair in kept["pairs"]] == [  # type: ignore[attr-defined]
        ("a.tif", "same"),
        ("a.tif#2", "different"),
        ("a.tif#3", "added"),
    ]
    assert compared.again("--resume").returncode == 1
    assert compared.names == []
    assert untimed()["pairs"] == kept["pairs"]
    assert not KEPT.exists()


def test_a_file_that_became_larger_than_memory_is_not_read_to_see_whether_it_changed(compared: Compared) -> None:
    with Path("cand/b.png").open("r+b") as file:
        file.truncate(10**12)  # a sparse file takes no room
    done = compared.again("--resume", "--max-memory", "300MB", "--json")
    assert (done.returncode, compared.names) == (2, [])
    errors = {pair["name"]: pair["error"] for pair in json.loads(done.stdout)["pairs"] if pair["error"]}
    assert list(errors) == ["b.png"]
    assert "has 1000000000000 bytes, more than memory can take" in errors["b.png"]
