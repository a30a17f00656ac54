"""Requests to object storage by obstore, whose errors become those of a disk.

Credentials come from the environment alone, as obstore reads them there (AWS_ACCESS_KEY_ID and so on). Its messages are
not passed on: addresses with signatures stand in them.
"""

from __future__ import annotations

import base64
import errno
import io
import re
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote, urlsplit, urlunsplit

from diffspot.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

RETRIES = 10
"""Retries of a request that was throttled, cut or not answered; the pause before it grows from 0.1 to 15 s."""
STORES = 64
"""Stores kept open; each bucket and web server has one, and so has each address with a secret."""
DENIED = frozenset({"PermissionDeniedError", "UnauthenticatedError"})
"""Names of obstore's errors for a lack of rights."""
CHANGED = "it changed while it was read"
_STATUS = re.compile(r"status code: ([0-9]{3} [A-Za-z ]+)")


class Location(NamedTuple):
    """A bucket or a server, the object's key, and its whole address where that has a secret in it."""

    root: str
    key: str
    secret: str | None = None

    def __str__(self) -> str:
        return f"{self.root}/{self.key}"


def read_object(location: Location) -> bytes:
    """The content of an object.

    Raises:
        OSError: it is not there, may not be read, or the storage does not answer.
    """
    with _told(location):
        store, key = _open(location)
        return bytes(_obstore().get(store, key).bytes())


class ObjectReader(io.RawIOBase):
    """The content of an object as it is asked for, in ranges: it may be larger than memory.

    Raises:
        OSError: as `read_object` does, here and wherever it is read.
    """

    def __init__(self, location: Location) -> None:
        self._location = location
        head = _head(location)
        self._at, self._size = 0, int(head["size"])
        tag = head["e_tag"] or "W/"
        self._same = {} if tag.startswith("W/") else {"if_match": tag}  # weak ones match nothing (RFC 9110, 13.1.1)

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any, /) -> int:  # noqa: ANN401  whatever takes bytes
        """Reads the next bytes into a buffer; returns how many."""
        part = self._read(len(buffer))
        buffer[: len(part)] = part
        return len(part)

    def readall(self) -> bytes:
        """The rest, by one request."""
        return self._read(self._size)

    def _read(self, most: int) -> bytes:
        end = min(self._at + most, self._size)
        if self._at == end:  # storage refuses empty ranges
            return b""
        with _told(self._location):
            store, key = _open(self._location)
            part = bytes(_obstore().get(store, key, options={"range": (self._at, end), **self._same}).bytes())
        if len(part) != end - self._at:
            raise OSError(errno.EIO, CHANGED, str(self._location))
        self._at = end
        return part


def size_of(location: Location) -> int:
    """Bytes of an object; raises OSError as `read_object` does."""
    return int(_head(location)["size"])


def _head(location: Location) -> Mapping[str, Any]:
    """What storage says of an object."""
    with _told(location):
        store, key = _open(location)
        head: Mapping[str, Any] = _obstore().head(store, key)
        return head


def list_objects(location: Location) -> Iterator[tuple[str, int, str | None]]:
    """Key, size and ETag of each object below a folder, by key; raises OSError as `read_object` does."""
    last, left = None, RETRIES
    with _told(location):
        store, key = _open(location)
        while True:
            try:
                for some in _obstore().list(store, key or None, offset=last):
                    for one in some:
                        yield one["path"], one["size"], one["e_tag"]
                        last, left = one["path"], RETRIES
            except _obstore().exceptions.GenericError as error:
                # What was refused obstore has asked for again, but not what was cut while it came.
                if not left or "Error performing" in str(error):
                    raise
                left -= 1
            else:
                return


def write_object(location: Location, parts: Iterable[bytes], *, new: bool) -> bool:
    """Writes an object; with `new` only where there is none. Whether it was written; raises OSError."""
    with _told(location):
        store, key = _open(location)
        try:
            # Only an object that is written at once is written by one alone.
            _obstore().put(store, key, b"".join(parts), mode="create" if new else "overwrite", use_multipart=False)
        except _obstore().exceptions.AlreadyExistsError:
            return False
        return True


def remove_object(location: Location) -> None:
    """Removes an object; raises OSError as `read_object` does."""
    with _told(location):
        store, key = _open(location)
        _obstore().delete(store, key)


def _obstore() -> Any:  # noqa: ANN401  a module
    try:
        import obstore.exceptions  # noqa: PLC0415  slow to import, and not there without the extra
    except ImportError:
        raise StorageError("URLs need obstore, which is not installed; pip install 'diffspot[cloud]'.") from None
    return obstore


def _open(location: Location) -> tuple[Any, str]:
    """The store of a location, and the key in it."""
    if location.secret:
        return open_store(location.secret), ""
    return open_store(location.root), location.key


@lru_cache(STORES)
def open_store(url: str) -> Any:  # noqa: ANN401  obstore's classes have no common type
    """The bucket or web server of a URL."""
    _obstore()
    from obstore.store import HTTPStore, from_url  # noqa: PLC0415

    retry: Any = {"max_retries": RETRIES}
    if not url.startswith("http"):
        return from_url(url, retry_config=retry)
    address, header = _basic(url)
    options: Any = {"allow_http": url.startswith("http:"), "default_headers": header}
    return HTTPStore.from_url(address, client_options=options, retry_config=retry)


def _basic(url: str) -> tuple[str, dict[str, str]]:
    """An address without its user and password, and the header that tells them."""
    parts = urlsplit(url)
    user, at, host = parts.netloc.rpartition("@")
    token = base64.b64encode(unquote(user).encode()).decode()
    return urlunsplit(parts._replace(netloc=host)), {"Authorization": f"Basic {token}"} if at else {}


@contextmanager
def _told(location: Location) -> Iterator[None]:
    """Turns what obstore raises into what a disk would."""
    try:
        yield
    except StorageError:
        raise
    except FileNotFoundError:
        raise FileNotFoundError(errno.ENOENT, "not there", str(location)) from None
    except Exception as error:  # noqa: BLE001  obstore's own
        if type(error).__name__ in DENIED:
            raise PermissionError(errno.EACCES, "not allowed", str(location)) from None
        if type(error).__name__ == "PreconditionError":
            raise OSError(errno.EIO, CHANGED, str(location)) from None
        status = _STATUS.search(str(error))
        reason = status[1].strip() if status else "the storage does not answer"
        raise OSError(errno.EIO, reason, str(location)) from None
