"""Pairs beyond a limit are refused before they are decoded, and the others are compared."""

from __future__ import annotations

import json
import struct
import subprocess
import sys
import zlib
from typing import TYPE_CHECKING, Any

import pytest

from diffspot import compare, compare_directories
from diffspot.errors import ImageReadError
from diffspot.image_io import encode_png
from tests.made_pictures import noise, picture, png_of, save
from tests.pictures import changed, plain
from tests.process import COMMAND

if TYPE_CHECKING:
    from pathlib import Path

resource = pytest.importorskip("resource", reason="needs a limit on the address space")

LIMIT = 1_500_000_000
"""Bytes, as of a small container."""
PAIRS = 12
SIDE = 14_000


def tiff_bomb() -> bytes:
    data = bytearray(save(picture("RGBA"), "TIFF", compression="tiff_lzw"))
    (directory,) = struct.unpack_from("<I", data, 4)
    for entry in range(directory + 2, directory + 2 + 12 * 2, 12):
        struct.pack_into("<HII", data, entry + 2, 4, 1, SIDE)
    return bytes(data)


def jpeg_bomb() -> bytes:
    data = bytearray(save(picture(), "JPEG"))
    struct.pack_into(">HH", data, data.index(b"\xff\xc0") + 5, SIDE, SIDE)
    return bytes(data)


def gif_bomb() -> bytes:
    data = bytearray(save(picture("P"), "GIF"))
    struct.pack_into("<HH", data, 6, SIDE, SIDE)
    return bytes(data)


def bmp_bomb() -> bytes:
    data = bytearray(save(picture(), "BMP"))
    struct.pack_into("<ii", data, 18, SIDE, SIDE)
    return bytes(data)


def webp_bomb() -> bytes:
    """A lossless picture of 16383x16383 px in 34 bytes."""
    stream = struct.pack("<BI", 0x2F, 16_382 | 16_382 << 14) + b"\x88\x88\x08" + bytes(6)
    chunk = b"VP8L" + struct.pack("<I", len(stream)) + stream
    return b"RIFF" + struct.pack("<I", 4 + len(chunk)) + b"WEBP" + chunk


def png_bomb() -> bytes:
    header = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 6, 0, 0, 0)
    return png_of([(b"IHDR", header), (b"IDAT", zlib.compress(bytes(50_000))), (b"IEND", b"")])


BOMBS = {
    "png": png_bomb(),
    "tif": tiff_bomb(),
    "webp": webp_bomb(),
    "jpg": jpeg_bomb(),
    "gif": gif_bomb(),
    "bmp": bmp_bomb(),
}


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """Twelve pairs, of which every second differs, and a bomb of each kind."""
    sides = tmp_path / "r", tmp_path / "c"
    for side, second in zip(sides, (plain(), changed()), strict=True):
        side.mkdir()
        for number in range(PAIRS):
            (side / f"{number:02}.png").write_bytes(encode_png(second if number % 2 else plain()))
        for suffix, data in BOMBS.items():
            (side / f"bomb.{suffix}").write_bytes(data if side == sides[0] else data + b" ")
    return sides


def limited(*arguments: object) -> subprocess.CompletedProcess[str]:
    """A run with so little address space, which is a limit on memory that any user may set."""
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (LIMIT, LIMIT)),
    )


def test_bombs_in_little_memory_cost_their_own_pairs_alone(folders: tuple[Path, Path]) -> None:
    done = limited("compare", *folders, "--json")
    assert done.returncode == 2
    pairs: dict[str, Any] = {pair["name"]: pair for pair in json.loads(done.stdout)["pairs"]}
    for suffix in BOMBS:
        error = pairs.pop(f"bomb.{suffix}")["error"]
        assert "more than the" in error, error
        assert "of memory at hand; cut the pictures into parts or raise --max-memory." in error
    assert [pair["status"] for _, pair in sorted(pairs.items())] == ["same", "different"] * (PAIRS // 2)


@pytest.mark.skipif(sys.platform == "darwin", reason="no limit on the address space there")
@pytest.mark.parametrize("options", [{"max_memory": "10MB"}, {"max_pixels": 100_000}], ids=["memory", "pixels"])
def test_what_the_options_do_not_allow_is_an_error(folders: tuple[Path, Path], options: dict[str, Any]) -> None:
    report = compare_directories(*folders, **options)
    assert (report.summary.same, report.summary.different, report.summary.error) == (6, 6, len(BOMBS))
    flag = "--" + next(iter(options)).replace("_", "-")
    assert all(flag in (pair.error or "") for pair in report.pairs if pair.status == "error")


def test_the_largest_pixels_allowed() -> None:
    pixels = noise(3)
    assert compare(pixels, pixels, max_pixels=1).status == "same"  # of arrays nothing is decoded
    with pytest.raises(ImageReadError, match="may need 39 kB, more than the 1 kB that --max-memory allows"):
        compare(pixels, pixels, max_memory="1kB")


def test_equal_bombs_are_refused_too(folders: tuple[Path, Path]) -> None:
    for suffix, data in BOMBS.items():
        (folders[1] / f"bomb.{suffix}").write_bytes(data)
    report = compare_directories(*folders, max_memory="300MB")
    assert report.summary.error == len(BOMBS)
    assert all("may need" in (pair.error or "") for pair in report.pairs if pair.status == "error")


def test_removed_and_added_bombs_are_not_decoded_to_see_whether_they_were_renamed(folders: tuple[Path, Path]) -> None:
    for suffix in BOMBS:
        (folders[1] / f"bomb.{suffix}").rename(folders[1] / f"other.{suffix}")
    done = limited("compare", *folders, "--json")
    assert done.returncode == 1
    summary = json.loads(done.stdout)["summary"]
    assert (summary["added"], summary["removed"], summary["different"]) == (len(BOMBS), len(BOMBS), PAIRS // 2)


def test_a_file_larger_than_memory_is_not_read(folders: tuple[Path, Path]) -> None:
    with (folders[1] / "00.png").open("r+b") as file:
        file.truncate(10**12)  # a sparse file takes no room
    report = compare_directories(*folders, max_memory="300MB")
    assert "has 1000000000000 bytes, more than memory can take" in (report.pairs[0].error or "")


def test_a_file_larger_than_memory_is_not_read_to_see_whether_it_was_renamed(folders: tuple[Path, Path]) -> None:
    for folder, name in zip(folders, ("removed.png", "added.png"), strict=True):
        with (folder / name).open("wb") as file:
            file.truncate(10**12)
    report = compare_directories(*folders, max_memory="300MB")
    errors = {pair.name: pair.error or "" for pair in report.pairs if pair.name in {"removed.png", "added.png"}}
    assert len(errors) == 2
    assert all("has 1000000000000 bytes, more than memory can take" in error for error in errors.values())
    assert (report.summary.renamed, report.summary.different) == (0, PAIRS // 2)


def test_of_two_files_neither_is_read_that_is_larger_than_memory(folders: tuple[Path, Path]) -> None:
    path = folders[0] / "00.png"
    with path.open("r+b") as file:
        file.truncate(10**12)
    with pytest.raises(ImageReadError, match=r"00\.png has 1000000000000 bytes, more than memory can take"):
        compare(path, folders[1] / "00.png", max_memory="300MB")


def test_time_that_is_up_is_an_error(folders: tuple[Path, Path]) -> None:
    for folder in folders:
        for path in folder.glob("bomb.*"):
            path.unlink()
    for folder in folders:
        (folder / "00.png").write_bytes(encode_png(noise(3 if folder == folders[0] else 4).repeat(8, 0).repeat(8, 1)))
    report = compare_directories(*folders, timeout=0.001)
    assert report.pairs[0].status == "error"
    assert report.pairs[0].error == "00.png took longer than the 0.001 s of --timeout; raise it or leave the pair out."
    assert {pair.status for pair in report.pairs[2::2]} == {"same"}
