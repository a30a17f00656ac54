"""Files that are missing, closed to the reader, empty or no pictures."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from diffspot.errors import ImageReadError
from diffspot.image_io import encode_png, read_bytes, read_image
from tests.made_pictures import noise


@pytest.mark.parametrize("content", [b"just a line of text\n", b"\x89PN", b"GIF88a" + bytes(20), b"BMW is no bitmap"])
def test_not_a_picture(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "text.png"
    path.write_bytes(content)
    with pytest.raises(ImageReadError) as caught:
        read_image(path)
    formats = "PNG, JPEG, WebP, TIFF, GIF, BMP, AVIF, HEIC, JPEG XL or PDF"
    expected = f"is not a {formats} picture; convert it or leave it out."
    assert str(caught.value) == f"{path} {expected}"


def test_files_that_cannot_be_opened(tmp_path: Path) -> None:
    empty = tmp_path / "empty.png"
    empty.touch()
    for path, words in [
        (tmp_path / "none.png", "does not exist; check the name."),
        (tmp_path, "is a directory; name a picture file."),
        (empty, "is empty (zero bytes); copy or save it again."),
        (empty / "x.png", "cannot be read (Not a directory); check name and disk."),
        (Path("a\0b"), "cannot be read (a NUL in its name); check the name."),
    ]:
        with pytest.raises(ImageReadError) as caught:
            read_bytes(path)
        assert str(caught.value) == f"{path} {words}"


def test_file_without_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: Path) -> bytes:
        raise PermissionError

    locked = tmp_path / "locked.png"
    locked.write_bytes(b"locked")
    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(ImageReadError, match=r"may not be read; check its permissions\.$"):
        read_bytes(locked)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_what_never_ends_is_not_begun(tmp_path: Path) -> None:
    pipe, device = tmp_path / "pipe.png", tmp_path / "device.png"
    os.mkfifo(pipe)
    device.symlink_to("/dev/zero")
    for path in (pipe, device):
        with pytest.raises(ImageReadError) as caught:
            read_bytes(path)
        assert str(caught.value) == f"{path} is a pipe or a device; save what it gives to a file and name that."


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="open files have no names here")
def test_what_a_shell_puts_in_place_of_a_command_is_read() -> None:
    content = encode_png(noise(3))
    read_end, write_end = os.pipe()
    os.write(write_end, content)
    os.close(write_end)
    assert read_bytes(Path(f"/dev/fd/{read_end}")) == content
    os.close(read_end)


def test_read_bytes_returns_the_content(tmp_path: Path) -> None:
    path = tmp_path / "äöü.png"
    content = encode_png(noise(3))
    path.write_bytes(content)
    assert read_bytes(path) == content


def test_a_file_that_claims_to_be_empty_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the kernel's log does, which gives what comes to whoever waits."""
    (tmp_path / "log.png").touch()
    monkeypatch.setattr(Path, "read_bytes", lambda _: pytest.fail("It is read."))
    with pytest.raises(ImageReadError, match=r"log\.png is empty"):
        read_bytes(tmp_path / "log.png")
