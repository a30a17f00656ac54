"""The picture files of a run: what several pairs name is read and decoded once, as far as memory allows."""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from functools import cached_property, partial
from typing import TYPE_CHECKING

from diffspot.image_io import decode_frames, open_picture, read_bytes
from diffspot.image_io.digest import picture_digest
from diffspot.image_io.pdf import DPI
from diffspot.image_io.suffixes import split_page
from diffspot.pipeline.derived import keep, release
from diffspot.runner.memory import compared_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from diffspot.image_io import Opened
    from diffspot.image_io.interface import Format
    from diffspot.image_io.read import Decode
    from diffspot.model import Image, ImagePair
    from diffspot.runner.memory import Memory

    Stamp = tuple[int, int]


class File:
    """A picture file that was read.

    Args:
        path: where it lies.
        most: bytes that it may have.

    Raises:
        ImageReadError: it cannot be read.
    """

    def __init__(self, path: Path, most: int) -> None:
        self.path = path
        self.data = read_bytes(path, most)
        self._page = split_page(path)[1]

    @cached_property
    def digest(self) -> str:
        """SHA-256 of its content, hexadecimal; of one page of it, of the content and the page."""
        return picture_digest(self.data, self.path)

    def equals(self, other: File) -> bool:
        """Whether the other has the same content, and is the same page of it."""
        return self._page == other._page and self.data == other.data

    def open(self, most_pixels: int, dpi: float = DPI) -> Opened:
        """Its headers, checked; see `open_picture`."""
        return open_picture(self.data, self.path, most_pixels, dpi=dpi)

    def frames(self, opened: Opened) -> Iterator[Decode]:
        """What decodes each of its pictures."""
        return decode_frames(opened)


class SharedFile(File):
    """A file that several pairs name; of a single frame, the picture is kept with what is worked out of it alone.

    Args:
        path: where it lies.
        most: bytes that it may have.
        room: what holds it between pairs, if it can.
        stamp: when it was written, and its size.
    """

    def __init__(self, path: Path, most: int, room: Room, stamp: Stamp) -> None:
        super().__init__(path, most)
        self.stamp = stamp
        self._room = room
        self._lock = threading.Lock()
        self._image: Image | None = None
        self._kind: Format | None = None

    def frames(self, opened: Opened) -> Iterator[Decode]:
        """See `File.frames`."""
        if len(opened.headers) > 1:
            return decode_frames(opened)
        return iter((partial(self._decoded, opened),))

    def _decoded(self, opened: Opened) -> Image:
        with self._lock:  # the pairs that wait here would decode it as well
            kept = self._image
            if kept is not None and self._kind == opened.kind:
                return kept
            image = next(decode_frames(opened))()
            # rules may have a page drawn at several resolutions, which the kind tells; the first is kept
            if kept is None:
                self._keep(image, opened)
        return image

    def _keep(self, image: Image, opened: Opened) -> None:
        """Keeps the picture if there is room for it."""
        size = opened.headers[0].size
        # before the room is asked, so that whoever makes room from then on finds it
        self._image, self._kind = image, opened.kind
        keep(image.pixels)
        if not self._room.grow(self, len(self.data) + compared_bytes(size, size) // 2):
            self.drop()

    def drop(self) -> None:
        """Lets go of the picture; pairs in work have it still."""
        image, self._image = self._image, None
        if image:
            release(image.pixels)


class Room:
    """Shared files, with their pictures, within a bound of bytes; the least recently used one makes room.

    What makes room is forgotten: whoever asks for it next reads it again.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._held: OrderedDict[Path, tuple[SharedFile, int]] = OrderedDict()
        self._bytes = 0

    def get(self, path: Path) -> SharedFile | None:
        """The file that lies there, if it is held."""
        with self._lock:
            if path not in self._held:
                return None
            self._held.move_to_end(path)
            return self._held[path][0]

    def put(self, file: SharedFile) -> None:
        """Holds a file that was read, in the place of an earlier one, if there is room for it."""
        with self._lock:
            self._forget(file.path)
            self._hold(file, len(file.data))

    def grow(self, file: SharedFile, amount: int) -> bool:
        """Whether there is room for a file with its picture, `amount` bytes; one that is no longer held has none."""
        with self._lock:
            if self._held.get(file.path, (None, 0))[0] is not file:
                return False
            return self._hold(file, amount)

    def leave(self, path: Path) -> None:
        """Lets go of a file that is needed no more."""
        with self._lock:
            self._forget(path)

    def clear(self) -> None:
        """Lets go of all files."""
        with self._lock:
            for path in list(self._held):
                self._forget(path)

    def _hold(self, file: SharedFile, amount: int) -> bool:
        if amount > self._most:
            return False
        self._bytes -= self._held.pop(file.path, (file, 0))[1]
        while self._held and self._bytes + amount > self._most:
            self._forget(next(iter(self._held)))
        self._held[file.path] = file, amount
        self._bytes += amount
        return True

    def _forget(self, path: Path) -> None:
        file, amount = self._held.pop(path, (None, 0))
        self._bytes -= amount
        if file is not None:
            file.drop()


class Files:
    """Reads the files of a run.

    Args:
        pairs: of the run; what is named more than once is shared.
        memory: what there is; a part of it is set aside for shared files, where there are any.
    """

    def __init__(self, pairs: Iterable[ImagePair], memory: Memory) -> None:
        named = Counter(path for pair in pairs for path in _read_for(pair))
        self._uses = Counter({path: uses for path, uses in named.items() if uses > 1})
        self._most = memory.most
        self._room = Room(memory.set_aside() if self._uses else 0)
        self._reading = {path: threading.Lock() for path in self._uses}
        self._lock = threading.Lock()

    def is_shared(self, path: Path) -> bool:
        """Whether several pairs name a file."""
        return path in self._uses

    def read(self, path: Path) -> File:
        """A file; a shared one that has changed since it was read is read again.

        Raises:
            ImageReadError: it cannot be read.
        """
        if not self.is_shared(path):
            return File(path, self._most)
        with self._reading[path]:  # the pairs that wait here would read it as well
            file, now = self._room.get(path), _stamp(path)
            if file is None or file.stamp != now:
                file = SharedFile(path, self._most, self._room, now)
                self._room.put(file)
            return file

    def done(self, pair: ImagePair) -> None:
        """Notes that a pair is done; what no other needs is let go."""
        for path in _read_for(pair):
            if path in self._uses:
                self._leave(path)

    def close(self) -> None:
        """Lets go of everything, whatever pairs were left out."""
        self._room.clear()

    def _leave(self, path: Path) -> None:
        with self._lock:
            self._uses[path] -= 1
            needed = self._uses[path]
        if not needed:
            self._room.leave(path)


def _read_for(pair: ImagePair) -> list[Path]:
    """The files that a pair needs, its candidate once for each reference."""
    candidate = [] if pair.candidate is None else [pair.candidate]
    return [*pair.references, *candidate * (1 + len(pair.also))]


def _stamp(path: Path) -> Stamp:
    try:
        status = path.stat()
    except OSError:
        return 0, 0  # reading it says what is wrong
    return status.st_mtime_ns, status.st_size
