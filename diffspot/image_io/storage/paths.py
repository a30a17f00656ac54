"""A place in object storage or on the web, by the methods of a path that diffspot uses.

What a pure path cannot do, because it never touches a disk, is defined here or fails loudly: nothing mistakes
`s3://bucket/a.png` for a file in the folder `s3:`.
"""

from __future__ import annotations

import errno
import io
import os
import re
import stat
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, unquote, urlsplit

from diffspot.errors import StorageError
from diffspot.image_io.storage.client import (
    Location,
    ObjectReader,
    list_objects,
    read_object,
    remove_object,
    size_of,
    write_object,
)
from diffspot.model import path_as_given

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator
    from concurrent.futures import Future
    from pathlib import PosixPath
    from typing import BinaryIO, Self

    _Base = PosixPath  # as good as one to who calls its methods
else:
    _Base = PurePosixPath

BUCKETS = ("s3:", "gs:", "az:")
WEB = ("http:", "https:")
FILE = "file:"
READ_AHEAD = 1 << 20
"""Bytes of an object that are asked for at a time where it is read in parts."""
_URL = re.compile(rf"({'|'.join((*BUCKETS, *WEB))})//[^/]")


class Known(NamedTuple):
    """What a listing says about an object."""

    size: int
    etag: str | None


class StoredPath(_Base):
    """An object, or a folder of objects, by its URL; without what in the URL is a secret.

    Attributes:
        known: what a listing said about it, which saves a request.
        secret: the whole address, where the URL has a user, a password or a query in it.
        fetching: its content, where that is on its way.
    """

    known: Known | None = None
    secret: str | None = None
    fetching: Future[bytes] | None = None

    def __str__(self) -> str:
        scheme, *rest = self.parts or ("",)
        if scheme not in (*BUCKETS, *WEB) or not rest:  # the way from one to another, or what lies above a bucket
            return super().__str__()
        return _url(scheme, rest)

    def __fspath__(self) -> str:
        return str(self)

    def as_posix(self) -> str:
        """The URL."""
        return str(self)

    @property
    def bucket(self) -> Self:
        """The bucket or web server that it lies in."""
        return type(self)(*self.parts[:2])

    @property
    def link(self) -> str:
        """The URL with what has a meaning there escaped."""
        return (
            _url(self.parts[0], [self.parts[1], *map(quote, self.parts[2:])]) if self.parts[0] in BUCKETS else str(self)
        )

    @property
    def location(self) -> Location:
        """Where it is asked for."""
        return Location(f"{self.parts[0]}//{self.parts[1]}", "/".join(self.parts[2:]), self.secret)

    def stat(self, **_: object) -> os.stat_result:
        """Kind and size; what holds objects is a folder.

        Raises:
            OSError: there is neither.
        """
        try:
            size = self._size()
        except FileNotFoundError:
            if self.parts[0] in BUCKETS and next(list_objects(self.location), None):
                return os.stat_result((stat.S_IFDIR | 0o755, *[0] * 9))
            raise
        return os.stat_result((stat.S_IFREG | 0o644, *[0] * 5, size, 0, 0, 0))

    def _size(self) -> int:
        if self.known:
            return self.known.size
        return len(self.fetching.result()) if self.fetching else size_of(self.location)

    def lstat(self) -> os.stat_result:
        """As `stat`: there are no links."""
        return self.stat()

    def exists(self, **_: object) -> bool:
        """Whether it is there."""
        try:
            self.stat()
        except OSError:
            return False
        return True

    def is_file(self, **_: object) -> bool:
        """Whether it is an object."""
        return self.exists() and stat.S_ISREG(self.stat().st_mode)

    def is_dir(self, **_: object) -> bool:
        """Whether it holds objects and is none."""
        return self.exists() and stat.S_ISDIR(self.stat().st_mode)

    def is_symlink(self) -> bool:
        """There are no links."""
        return False

    def read_bytes(self) -> bytes:
        """Its content; what was fetched is handed out once."""
        fetching, self.fetching = self.fetching, None
        return fetching.result() if fetching else self.fetch()

    def fetch(self) -> bytes:
        """Its content, asked for now."""
        return read_object(self.location)

    def write_parts(self, parts: Iterable[bytes], *, new: bool) -> bool:
        """Writes an object whole; with `new` only where none is yet. Whether it was written."""
        return write_object(self.location, parts, new=new)

    def open(self, mode: str = "rb") -> BinaryIO:  # type: ignore[override]
        """Its content, to be read as it is asked for; a web server may know no ranges, so what it has is read whole.

        Raises:
            OSError: it is to be written or appended to, which objects are whole or not at all.
        """
        if mode != "rb":
            raise OSError(errno.EROFS, "an object is only written whole", str(self))
        if self.fetching or self.parts[0] in WEB:
            return io.BytesIO(self.read_bytes())
        return io.BufferedReader(ObjectReader(self.location), READ_AHEAD)

    def unlink(self, missing_ok: bool = False) -> None:  # noqa: FBT001, FBT002  as of any path
        """Removes it; that it is not there is no error to object storage."""
        del missing_ok
        remove_object(self.location)

    def mkdir(self, **_: object) -> None:  # type: ignore[override]
        """Folders are there as soon as they hold something."""

    def rmdir(self) -> None:
        """Nor are they there when they hold nothing."""

    def absolute(self) -> Self:
        """It is."""
        return self

    def resolve(self, **_: object) -> Self:  # type: ignore[override]
        """There are no links."""
        return self

    def below(self) -> Iterator[tuple[str, Self]]:
        """Every object below it, in no order: its name from here on, and its path.

        Raises:
            OSError: they cannot be listed.
        """
        skipped = len(self.parts) - 2
        for key, size, etag in list_objects(self.location):
            parts = key.split("/")
            path = type(self)(*self.parts[:2], *parts)
            path.known = Known(size, etag)
            yield "/".join(parts[skipped:]), path

    def glob(self, pattern: str) -> Generator[Self, None, None]:
        """Objects below it of which the whole name matches."""
        depth = pattern.count("/")
        return (path for name, path in self.below() if name.count("/") == depth and PurePosixPath(name).match(pattern))

    def rglob(self, pattern: str) -> Generator[Self, None, None]:
        """Objects anywhere below it of which the name ends in what matches."""
        return (path for name, path in self.below() if PurePosixPath(name).match(pattern))


def _url(scheme: str, rest: list[str]) -> str:
    """A URL of its parts; on the web, what stands in it is escaped."""
    host, *names = rest
    return "/".join([f"{scheme}//{host}", *(map(quote, names) if scheme in WEB else names)])


def is_url(text: str) -> bool:
    """Whether it is the URL of something in object storage or on the web."""
    return bool(_URL.match(text))


def is_on_web(path: Path) -> bool:
    """Whether it is an `http(s)://` address, which may need a secret that no report holds."""
    return isinstance(path, StoredPath) and path.parts[0] in WEB


def to_path(text: str) -> Path:
    """The path that a text means: a URL, or a place on the disk, which `file://` may name, too.

    Raises:
        StorageError: a URL of a bucket has a user or password in it.
    """
    if text.startswith(f"{FILE}//"):
        return Path(unquote(urlsplit(text).path))
    if not is_url(text):
        return Path(text)
    scheme, _, rest = text.partition("//")
    if scheme in BUCKETS:
        if "@" in rest.partition("/")[0]:
            raise StorageError(f"A {scheme}// URL takes no user or password; put the credentials in the environment.")
        return StoredPath(scheme, *rest.split("/"))
    parts = urlsplit(text)
    path = StoredPath(scheme, parts.netloc.rpartition("@")[2], *unquote(parts.path).split("/"))
    path.secret = text if parts.query or "@" in parts.netloc else None
    return path


def text_path(text: str) -> Path:
    """The path that a report holds, as `model.path_text` wrote it."""
    return to_path(path_as_given(text))
