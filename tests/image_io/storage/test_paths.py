"""Places in object storage, as paths."""

from __future__ import annotations

import pickle
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from diffspot.errors import ImageReadError, OutputError, StorageError
from diffspot.image_io import read_bytes
from diffspot.image_io.storage import StoredPath, text_path, to_path
from diffspot.image_io.storage.paths import READ_AHEAD
from diffspot.model import path_text
from diffspot.outputs.atomic import write_atomically, write_new
from diffspot.pairing.files import count_unread, find_pictures

if TYPE_CHECKING:
    from tests.image_io.storage.server import Proxy

SIGNED = "https://user:pa%40ss@host.org:8080/a%20b/c.png?X-Amz-Signature=0123"


@pytest.mark.parametrize(
    "text", ["s3://shots/golden/a b.png", "gs://b/ä#1?.png", "az://c", "https://host.org/a%20b/c.png"]
)
def test_a_url_comes_back_as_it_was(text: str) -> None:
    path = to_path(text)
    assert isinstance(path, StoredPath)
    assert (str(path), path_text(path), str(text_path(path_text(path)))) == (text, text, text)
    assert pickle.loads(pickle.dumps(path)) == path  # noqa: S301


def test_what_is_secret_in_a_url_is_not_shown() -> None:
    path = to_path(SIGNED)
    assert str(path) == f"{path}" == path.as_posix() == "https://host.org:8080/a%20b/c.png"
    assert "0123" not in repr(path)
    with pytest.raises(StorageError, match="takes no user or password; put the credentials in the environment"):
        to_path("s3://key:secret@shots/a.png")


def test_parts_are_those_of_a_path() -> None:
    path = to_path("s3://shots/golden/deep/a.png")
    assert (path.name, path.suffix, str(path.parent)) == ("a.png", ".png", "s3://shots/golden/deep")
    assert str(to_path("s3://shots") / "x" / "y.png") == "s3://shots/x/y.png"
    assert path.relative_to(to_path("s3://shots/golden")).as_posix() == "deep/a.png"


@pytest.mark.parametrize("text", ["a.png", "s3:/shots/a.png", "/srv/x", "s3://", "ftp://host/a", "C:/x", "x://y"])
def test_other_places_are_on_the_disk(text: str) -> None:
    assert not isinstance(to_path(text), StoredPath)
    assert to_path("file:///srv/a%20b.png") == Path("/srv/a b.png")


def test_objects_are_written_read_listed_and_removed(bucket: str) -> None:
    folder = to_path(bucket)
    names = ["a.png", "deep/ü b%20#?.png", "deep/notes.txt", ".hidden/c.png", "d.svg"]
    for name in names:
        write_atomically(folder / name, name.encode())
    assert find_pictures(folder) == {name: folder / name for name in names[:2]}
    assert [read_bytes(path) for path in find_pictures(folder).values()] == [name.encode() for name in names[:2]]
    assert count_unread(folder) == {".svg": 1}
    assert (folder.is_dir(), folder.is_file(), (folder / "a.png").is_file()) == (True, False, True)
    assert [path.name for path in folder.glob("deep/*.png")] == ["ü b%20#?.png"]
    (folder / "a.png").unlink()
    assert not (folder / "a.png").exists()
    with pytest.raises(ImageReadError, match=f"{bucket}/a.png does not exist; check the name"):
        read_bytes(folder / "a.png")


def test_an_object_is_read_in_parts(bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import obstore  # noqa: PLC0415

    asked: list[int] = []
    get = obstore.get

    def noting(store: Any, key: str, *, options: Any) -> Any:  # noqa: ANN401
        start, end = options["range"]
        asked.append(end - start)
        return get(store, key, options=options)

    monkeypatch.setattr(obstore, "get", noting)
    path = to_path(bucket) / "results.jsonl"
    content = b"".join(b"line %d\n" % number for number in range(300_000))
    write_atomically(path, content)
    with path.open() as file:
        assert file.read(10) == content[:10]
        assert asked == [READ_AHEAD]
        assert list(file) == content[10:].splitlines(keepends=True)
    assert sum(asked) == len(content)
    assert max(asked) == READ_AHEAD
    with path.open() as file:
        assert file.read() == content
    write_atomically(path, b"")
    with path.open() as file:
        assert file.read() == b""
    path.unlink()
    with pytest.raises(FileNotFoundError):
        path.open()


def test_an_object_that_becomes_shorter_while_it_is_read_is_an_error(bucket: str) -> None:
    path = to_path(bucket) / "results.jsonl"
    write_atomically(path, bytes(2 * READ_AHEAD))
    with path.open() as file:
        file.read(10)
        write_atomically(path, bytes(READ_AHEAD + 10))
        with pytest.raises(OSError, match="changed while it was read"):
            file.read()
    path.unlink()


def test_an_object_that_is_replaced_while_it_is_read_is_an_error(bucket: str) -> None:
    path = to_path(bucket) / "results.jsonl"
    write_atomically(path, b"a" * 2 * READ_AHEAD)
    with path.open() as file:
        file.read(10)
        write_atomically(path, b"b" * 2 * READ_AHEAD)
        with pytest.raises(OSError, match="changed while it was read"):
            file.read()
    path.unlink()


def test_of_two_who_write_something_new_one_does(bucket: str) -> None:
    path = to_path(bucket) / "results.jsonl"
    assert [write_new(path, [b"first"]), write_new(path, [b"second"])] == [True, False]
    assert path.read_bytes() == b"first"


def test_of_two_who_write_a_new_file_one_does(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    assert [write_new(path, [b"fi", b"rst"]), write_new(path, [b"second"])] == [True, False]
    assert path.read_bytes() == b"first"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("trouble", ["throttle", "cut"])
def test_what_is_throttled_or_cut_is_asked_for_again(bucket: str, proxy: Proxy, trouble: str) -> None:
    path, content = to_path(bucket) / "a.png", bytes(range(256)) * 999
    write_atomically(path, content)
    proxy.trouble = lambda method, _, before: trouble if method == "GET" and before < 2 else None
    assert path.read_bytes() == content
    assert proxy.seen["GET", "/shots/" + "/".join(path.parts[2:])] == 3


@pytest.mark.usefixtures("impatient")
def test_a_storage_that_stays_busy_is_told_of_without_a_secret(bucket: str, proxy: Proxy) -> None:
    proxy.trouble = lambda *_: "throttle"
    with pytest.raises(ImageReadError) as told:
        read_bytes(to_path(bucket) / "a.png")
    assert str(told.value) == f"{bucket}/a.png cannot be read (503 Service Unavailable); check name and disk."
    with pytest.raises(OutputError, match=re.escape(f"Cannot write {bucket}/a.png: 503 Service Unavailable")):
        write_atomically(to_path(bucket) / "a.png", b"")


def test_a_web_address_may_hold_a_signature_or_a_password(s3: str, bucket: str) -> None:
    write_atomically(to_path(bucket) / "a.png", b"picture")
    address = f"{s3.replace('//', '//user:word@')}/{bucket.removeprefix('s3://')}/a.png?X-Signature=0123"
    path = to_path(address)
    assert read_bytes(path) == b"picture"
    assert str(path) == f"{s3}/{bucket.removeprefix('s3://')}/a.png"
    missing = to_path(address.replace("a.png", "b.png"))
    with pytest.raises(ImageReadError) as told:
        read_bytes(missing)
    assert "user" not in str(told.value)
    assert "0123" not in str(told.value)


def test_what_lies_above_a_bucket_has_a_name_and_is_compared() -> None:
    above = [*to_path("s3://shots/deep/a.png").parents]
    assert [str(path) for path in above] == ["s3://shots/deep", "s3://shots", "s3:", "."]
    assert to_path("s3://shots") in above
    assert to_path("s3://others") not in above
