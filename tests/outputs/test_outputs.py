"""Which outputs are opened, and where they write."""

from __future__ import annotations

import json
import threading
import tracemalloc
from typing import TYPE_CHECKING

import msgspec
import pytest
from msgspec.structs import replace

from diffspot import compare, compare_directories, compare_files
from diffspot.errors import OptionError, OutputError
from diffspot.model import ImagePair, RunReport
from diffspot.options.options import OUTPUTS, Options, make_options, option_fields
from diffspot.options.settings import Settings
from diffspot.outputs import earlier_report, open_outputs
from diffspot.outputs.coco import CocoOutput
from diffspot.outputs.formats import FILE_OUTPUTS
from diffspot.outputs.history import HistoryOutput
from diffspot.outputs.reg import RegOutput
from diffspot.outputs.report_json import encode_report, read_report
from diffspot.runner.run import run
from tests.in_process import diffspot
from tests.pictures import changed, plain, save
from tests.reports import pair, report, written

if TYPE_CHECKING:
    from pathlib import Path

    from diffspot.outputs.interface import FileOutput

KINDS = pytest.mark.parametrize("kind", FILE_OUTPUTS, ids=lambda kind: kind.option)


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    save(tmp_path / "ref" / "x.png", plain())
    save(tmp_path / "cand" / "x.png", changed())
    return tmp_path / "ref", tmp_path / "cand"


def test_every_option_of_the_stage_has_its_output() -> None:
    stage = {field.name for field in option_fields().values() if field.stage == OUTPUTS}
    assert stage == {kind.option for kind in FILE_OUTPUTS} | {"github", "html", "pictures", "sort", "unit", "scale"}


@KINDS
def test_a_file_is_written_without_out(kind: type, folders: tuple[Path, Path], tmp_path: Path) -> None:
    file = tmp_path / "new" / "folder" / "file"
    report = compare_directories(*folders, **{kind.option: file})
    assert file.read_bytes() == written(kind(file, None), report)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cand", "new", "ref"]


@KINDS
def test_a_folder_gets_the_usual_name(kind: type, folders: tuple[Path, Path], tmp_path: Path) -> None:
    compare_directories(*folders, **{kind.option: tmp_path})
    assert (tmp_path / kind.file_name).is_file()


@KINDS
def test_a_link_is_followed(kind: type, folders: tuple[Path, Path], tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "target")
    compare_directories(*folders, **{kind.option: tmp_path / "link"})
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").stat().st_size > 0


@pytest.mark.parametrize("place", ["/dev/null", "/dev/stdout", "/proc/self/fd/1"])
def test_what_is_no_file_is_not_replaced(place: str) -> None:
    with pytest.raises(OutputError, match=f"--csv {place} is not a file"):
        open_outputs(None, make_options({"csv": place}), (), ())


@pytest.mark.parametrize("kind", [CocoOutput, RegOutput])
def test_json_of_others_holds_no_raw_control_characters_either(kind: type[FileOutput], tmp_path: Path) -> None:
    content = written(kind(tmp_path / "x.json", None), report(pair("a\x9b\u2028b.png", "same")))
    assert b"a\\u009b\\u2028b.png" in content
    assert "a\x9b\u2028b.png" in json.dumps(json.loads(content), ensure_ascii=False)


@pytest.mark.parametrize("indent", [1, 2, None])
def test_an_earlier_report_is_gone_through_pair_by_pair(
    folders: tuple[Path, Path], tmp_path: Path, indent: int | None
) -> None:
    """However it is laid out."""
    (one,) = compare_directories(*folders, out=tmp_path / "out", csv=tmp_path / "out" / "own.csv").pairs
    odd = "}\n  },\n  {\n ],\n"
    pairs = tuple(replace(one, name=f"{index}{odd}.png", notes=(odd,) * (index % 7)) for index in range(100))
    report = read_report(tmp_path / "out")
    data = encode_report(replace(report, pairs=pairs, times=replace(report.times, pairs=(0.5,) * 100)))
    (tmp_path / "out" / "report.json").write_bytes(
        data if indent == 1 else json.dumps(json.loads(data), indent=indent).encode()
    )
    earlier = earlier_report.EarlierReport(tmp_path / "out")
    assert [*earlier.pairs] == [*earlier.pairs]
    assert [(pair.name, pair.annotated) for pair in earlier.pairs] == [(pair.name, pair.annotated) for pair in pairs]
    assert earlier.outputs == ("own.csv",)


def test_pairs_of_an_earlier_report_are_told_apart_wherever_a_chunk_ends(
    folders: tuple[Path, Path], tmp_path: Path
) -> None:
    """Before, within and after what stands between two pairs, and after the last one."""
    (one,) = compare_directories(*folders, out=tmp_path / "out").pairs
    report = read_report(tmp_path / "out")
    for mark, names in ((earlier_report.BETWEEN, "ab"), (earlier_report.CLOSING, "a")):

        def with_note(length: int, names: str = names) -> bytes:
            first, *more = (replace(one, name=name) for name in names)
            return encode_report(replace(report, pairs=(replace(first, notes=("x" * length,)), *more)))

        least = earlier_report.CHUNK - with_note(0).index(mark) - len(mark)
        for length in range(least - 1, least + len(mark) + 2):
            (tmp_path / "out" / "report.json").write_bytes(with_note(length))
            earlier = earlier_report.EarlierReport(tmp_path / "out")
            assert [pair.name for pair in earlier.pairs] == [*names]


def test_a_large_earlier_report_is_not_held(folders: tuple[Path, Path], tmp_path: Path) -> None:
    (one,) = compare_directories(*folders, out=tmp_path / "out").pairs
    pairs = tuple(replace(one, name=f"{index}.png", notes=("x" * 5000,)) for index in range(8_000))
    data = encode_report(replace(read_report(tmp_path / "out"), pairs=pairs))
    (tmp_path / "out" / "report.json").write_bytes(data)
    tracemalloc.start()
    assert sum(1 for _ in earlier_report.EarlierReport(tmp_path / "out").pairs) == len(pairs)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < len(data) / 2


def test_two_outputs_cannot_share_a_file(tmp_path: Path) -> None:
    options = make_options({"csv": tmp_path / "x", "junit": tmp_path / "y" / ".." / "x"})
    with pytest.raises(OutputError, match="--junit and --csv both name"):
        open_outputs(None, options, (), ())


def test_no_output_takes_the_place_of_the_report(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="--out and --junit both name"):
        open_outputs(tmp_path, make_options({"junit": tmp_path / "report.json"}), (), ())


@pytest.mark.parametrize("place", ["annotated/x.png", "annotated/deep/x.png", "pictures/reference/x.tif.copy.png"])
@pytest.mark.parametrize("side", ["reference", "candidate"])
def test_an_input_among_the_results_is_refused_and_kept(tmp_path: Path, place: str, side: str) -> None:
    inside, other = save(tmp_path / "out" / place, plain()), save(tmp_path / "y.png", changed())
    link = tmp_path / "link.png"
    link.symlink_to(inside)
    before = inside.read_bytes()
    for picture in (inside, link):
        pair = (picture, other) if side == "reference" else (other, picture)
        with pytest.raises(OutputError, match=rf"{picture.name} lies among the results of --out .*out"):
            compare_files(*pair, out=tmp_path / "out")
        listing = f"name,reference,candidate\nx.png,{pair[0]},{pair[1]}\n"
        (tmp_path / "pairs.csv").write_text(listing)
        for arguments in (pair, ("--pairs", tmp_path / "pairs.csv")):
            done = diffspot("compare", *arguments, "-o", tmp_path / "out")
            assert done.returncode == 2
            assert picture.name in done.stderr
    assert inside.read_bytes() == before
    assert not (tmp_path / "out" / "report.json").exists()


def test_what_a_killed_run_left_half_written_goes(folders: tuple[Path, Path], tmp_path: Path) -> None:
    out = tmp_path / "out"
    for place in (".", "annotated", "annotated/gone", "pictures/candidate"):
        (out / place).mkdir(parents=True, exist_ok=True)
        (out / place / ".diffspot-0123456789abcdef.part").write_bytes(b"half")
    (out / "mine").mkdir()
    (out / "mine" / ".diffspot-1.part").write_bytes(b"a stranger's")
    compare_directories(*folders, out=out)
    left = sorted(path.relative_to(out).as_posix() for path in out.rglob("*"))
    assert left == ["annotated", "annotated/x.png", "mine", "mine/.diffspot-1.part", "report.json"]


def test_a_file_in_the_way_of_a_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "blocked").write_bytes(b"")
    with pytest.raises(OutputError, match=r"blocked.*--junit"):
        open_outputs(None, make_options({"junit": tmp_path / "blocked" / "deep" / "x.xml"}), (), ())


@pytest.mark.usefixtures("folders")
def test_folders_that_were_not_there_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are made, as a fresh checkout has none; a typo is seen."""
    monkeypatch.chdir(tmp_path)
    command = ("compare", "ref", "cand", "--junit", "buidl/reports/junit.xml", "--csv", "buidl/reports/a.csv")
    assert "; made the folder buidl/reports.\n" in diffspot(*command).stderr
    assert "made" not in diffspot(*command).stderr


def test_a_comparison_in_memory_writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="junit cannot be written here"):
        compare(plain(), plain(), junit=tmp_path / "x.xml")


def test_a_configuration_file_names_files_from_where_it_lies(folders: tuple[Path, Path], tmp_path: Path) -> None:
    config = tmp_path / "sub" / "diffspot.toml"
    config.parent.mkdir()
    config.write_text('csv = "made/regions.csv"\ngithub = false\n')
    compare_directories(*folders, config=config)
    assert (config.parent / "made" / "regions.csv").is_file()


def test_a_rule_cannot_name_an_output(folders: tuple[Path, Path], tmp_path: Path) -> None:
    config = tmp_path / "diffspot.toml"
    config.write_text('[[rules]]\nmatch = "*"\ncsv = "x.csv"\n')
    with pytest.raises(OptionError, match=r"csv in .*, rule 1 is for the whole run; write it above the rules"):
        compare_directories(*folders, config=config)


def test_a_stopped_run_writes_whole_files(folders: tuple[Path, Path], tmp_path: Path) -> None:
    pairs = [ImagePair(f"{n}.png", folders[0] / "x.png", folders[1] / "x.png") for n in range(20)]
    options = make_options({kind.option: tmp_path / kind.file_name for kind in FILE_OUTPUTS})
    stop = threading.Event()
    outputs = open_outputs(None, options, (), ())
    report = run(pairs, Settings(), outputs=outputs, jobs=1, stop=stop, on_result=lambda _: stop.set())
    assert report.interrupted
    for kind in set(FILE_OUTPUTS) - {HistoryOutput}:
        assert (tmp_path / kind.file_name).read_bytes() == written(kind(tmp_path / kind.file_name, None), report)
    assert not list(tmp_path.glob(".diffspot-*"))


def test_where_results_are_written_is_not_in_the_report(folders: tuple[Path, Path], tmp_path: Path) -> None:
    report = compare_directories(*folders, annotate="none", csv=tmp_path / "x.csv")
    writing = {name for name, field in option_fields().items() if field.stage in {"Results", OUTPUTS}}
    assert set(report.options) == set(msgspec.to_builtins(Options())) - writing


def test_the_report_tells_digests_and_directories(folders: tuple[Path, Path], tmp_path: Path) -> None:
    save(folders[1] / "new.png", plain())
    report = compare_directories(*folders, out=tmp_path / "out")
    assert (report.inputs.reference, report.inputs.candidate) == tuple(map(str, folders))
    added, different = report.pairs
    assert added.reference_digest is None
    assert added.candidate_digest == different.reference_digest
    assert len(set(filter(None, (different.reference_digest, different.candidate_digest)))) == 2
    assert len(report.times.pairs) == 2
    read = msgspec.json.decode((tmp_path / "out" / "report.json").read_bytes(), type=RunReport)
    assert read.pairs == report.pairs


def test_one_directory_or_a_list_is_no_input_of_two(tmp_path: Path) -> None:
    save(tmp_path / "x_a.png", plain())
    save(tmp_path / "x_b.png", plain())
    report = compare_directories(tmp_path)
    assert (report.inputs.reference, report.inputs.candidate) == (None, None)
