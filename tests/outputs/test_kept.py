"""What a run reads is never written over."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from diffspot import compare_directories, compare_files
from diffspot.errors import OutputError
from diffspot.outputs.formats import FILE_OUTPUTS
from tests.in_process import diffspot
from tests.pictures import changed, plain, save

if TYPE_CHECKING:
    from pathlib import Path

OPTIONS = pytest.mark.parametrize("option", [kind.flag()[2:] for kind in FILE_OUTPUTS])


@OPTIONS
@pytest.mark.parametrize("place", ["{}/same.png", "{}/new.JPG", "{}/deep/../same.png", "{}/left.gif"])
def test_no_report_takes_the_name_of_a_picture(folders: tuple[Path, Path], option: str, place: str) -> None:
    for folder in folders:
        before = {path: path.read_bytes() for path in folder.rglob("*.*")}
        with pytest.raises(OutputError, match=rf"--{option} .* has the name of a picture"):
            compare_directories(*folders, **{option.replace("-", "_"): place.format(folder)})
        assert {path: path.read_bytes() for path in folder.rglob("*.*")} == before


@OPTIONS
def test_a_link_to_a_picture_is_seen_through(folders: tuple[Path, Path], tmp_path: Path, option: str) -> None:
    (tmp_path / "link.xml").symlink_to(folders[1] / "same.png")
    before = (folders[1] / "same.png").read_bytes()
    done = diffspot("compare", *folders, f"--{option}", tmp_path / "link.xml")
    assert (done.returncode, (folders[1] / "same.png").read_bytes()) == (2, before)
    assert f"--{option} {folders[1] / 'same.png'} has the name of a picture" in done.stderr


@pytest.mark.parametrize("side", [0, 1])
@pytest.mark.parametrize("way", ["itself", "link", "hard link"])
def test_a_picture_of_another_name_is_kept_too(tmp_path: Path, side: int, way: str) -> None:
    pair = save(tmp_path / "a.png", plain()).rename(tmp_path / "a"), save(tmp_path / "b.png", changed())
    place = tmp_path / "place.xml" if way != "itself" else (tmp_path / "a", tmp_path / "b.png")[side]
    if way == "link":
        place.symlink_to(pair[side])
    elif way == "hard link":
        os.link(pair[side], place)
    before = [path.read_bytes() for path in pair]
    with pytest.raises(OutputError, match=r"--junit .*(would replace|has the name of a picture)"):
        compare_files(*pair, junit=place)
    assert [path.read_bytes() for path in pair] == before


def test_the_list_of_pairs_and_the_configuration_are_kept(folders: tuple[Path, Path], tmp_path: Path) -> None:
    listing, config = tmp_path / "pairs.csv", tmp_path / "diffspot.toml"
    listing.write_text(f"reference,candidate\n{folders[0]}/same.png,{folders[1]}/same.png\n")
    config.write_text("min-area = 5\n")
    for place in (listing, config):
        before = place.read_bytes()
        done = diffspot("compare", "--pairs", listing, "--config", config, "--csv", place)
        assert (done.returncode, place.read_bytes()) == (2, before)
        assert done.stderr == (
            f"diffspot: --csv {place} would replace {place}, which is read; name another file, such as regions.csv.\n"
        )
    with pytest.raises(OutputError, match=r"--csv .* would replace .*diffspot.toml"):
        compare_directories(*folders, config=config, csv=config)


@pytest.mark.parametrize("flag", ["--also", "--mask", "--lpips-model"])
def test_what_an_option_names_is_kept(folders: tuple[Path, Path], tmp_path: Path, flag: str) -> None:
    """Among the results, and where a report would take its place."""
    among = save(tmp_path / "out" / "annotated" / "changed.png", plain())
    bare = save(tmp_path / "bare.png", plain()).rename(tmp_path / "bare")
    before = among.read_bytes()
    config = tmp_path / "diffspot.toml"
    config.write_text('[[rules]]\nmatch = "none.png"\nmetric = "lpips"\n', encoding="utf-8")  # which takes the network
    use = ["--config", config]
    done = diffspot("compare", *folders, *use, flag, among, "-o", tmp_path / "out")
    assert (done.returncode, among.read_bytes()) == (2, before)
    assert f"{among} lies among the results of --out" in done.stderr
    done = diffspot("compare", *folders, *use, flag, bare, "--csv", bare)
    assert (done.returncode, bare.read_bytes()) == (2, before)
    assert f"--csv {bare} would replace {bare}, which is read" in done.stderr


def test_what_a_rule_names_is_kept(folders: tuple[Path, Path], tmp_path: Path) -> None:
    config, out = tmp_path / "ruled.toml", tmp_path / "out"
    among = save(out / "annotated" / "changed.png", plain())
    bare = save(tmp_path / "bare.png", plain()).rename(tmp_path / "bare")
    before = among.read_bytes()
    config.write_text(f'[[rules]]\nmatch = "changed.png"\nmask = "{among}"\n')
    for flags in (("-o", out), ("-o", tmp_path, "--shard", "1/1")):
        (tmp_path / "shard-00001-of-00001").unlink(missing_ok=True)
        (tmp_path / "shard-00001-of-00001").symlink_to(out)
        done = diffspot("compare", *folders, "--config", config, *flags)
        assert (done.returncode, among.read_bytes()) == (2, before)
        assert f"{among} lies among the results of --out" in done.stderr
    config.write_text(f'[[rules]]\nmatch = "changed.png"\nmask = "{bare}"\n')
    done = diffspot("compare", *folders, "--config", config, "--csv", bare)
    assert (done.returncode, bare.read_bytes()) == (2, before)
    assert f"--csv {bare} would replace {bare}, which is read" in done.stderr
    with pytest.raises(OutputError, match=r"--csv .*bare would replace .*bare, which is read"):
        compare_directories(*folders, config=config, csv=bare)


def test_the_spread_of_a_golden_is_kept(folders: tuple[Path, Path]) -> None:
    spread = folders[0] / "same.png.spread"
    spread.write_bytes(b"spread")
    done = diffspot("compare", *folders, "--csv", spread)
    assert (done.returncode, spread.read_bytes()) == (2, b"spread")
    assert f"--csv {spread} would replace {spread}, which is read" in done.stderr


def test_a_configuration_file_cannot_name_a_picture_to_write(folders: tuple[Path, Path], tmp_path: Path) -> None:
    (tmp_path / "diffspot.toml").write_text('coco = "reference/same.png"\n')
    with pytest.raises(OutputError, match=r"--coco .*same\.png has the name of a picture"):
        compare_directories(*folders, config=tmp_path / "diffspot.toml")


@OPTIONS
def test_outputs_made_again_keep_the_pictures(folders: tuple[Path, Path], tmp_path: Path, option: str) -> None:
    bare = save(tmp_path / "a.png", changed()).rename(tmp_path / "bare")
    compare_files(bare, folders[0] / "same.png", out=tmp_path / "out")
    before = bare.read_bytes()
    for place in (bare, folders[0] / "same.png", tmp_path / "out" / "annotated" / "bare.png"):
        kept = place.read_bytes()
        done = diffspot("report", tmp_path / "out", f"--{option}", place)
        assert (done.returncode, place.read_bytes()) == (2, kept)
        assert f"--{option} {place}" in done.stderr
    assert bare.read_bytes() == before
