"""Pictures of every format: a damaged one is compared with itself and with the whole one."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

from diffspot.model import ImagePair
from diffspot.options.settings import Layer, Settings
from diffspot.outputs.interface import Output
from diffspot.runner.worker import PairWorker
from tests.fuzz.interface import Finding
from tests.image_io.test_damage import WHOLE
from tests.image_io.test_frames import KINDS as ANIMATED
from tests.image_io.test_read import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from random import Random


SETTINGS = Settings([Layer("fuzz", {"max_memory": "1GB"})])
PNG = b"\x89PNG\r\n\x1a\n"


class Pictures:
    """The pictures of one format."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.suffix = f".{name}"

    def seeds(self) -> Sequence[bytes]:
        """Files of every kind that the tests of reading make."""
        made = {**{kind: data for kind, (data, _, _) in KINDS.items()}, **WHOLE, **ANIMATED}
        return [data for kind, data in made.items() if kind.split()[0] == self.name]

    def mend(self, data: bytes, rng: Random) -> bytes:
        """Half of the PNGs get right checksums again."""
        return b"".join(_rechecked(data)) if data.startswith(PNG) and rng.random() < 0.5 else data

    def check(self, data: bytes, seed: bytes, folder: Path) -> Finding | None:
        """See `Target.check`."""
        whole, damaged = folder / f"whole{self.suffix}", folder / f"damaged{self.suffix}"
        whole.write_bytes(seed)
        damaged.write_bytes(data)
        pairs = ImagePair("itself", damaged, damaged), ImagePair("beside the whole", whole, damaged)
        with PairWorker(SETTINGS, Output(), threads=1, debug=False) as compare:
            results = [result for pair in pairs for result, _ in compare(pair)]
        for result in results:
            if "fault in diffspot" in (result.error or "") or "more memory than there is" in (result.error or ""):
                return Finding("crash", result.error or "")
        if is_proved_damaged(data) and not any(result.status == "error" for result in results):
            return Finding("false same", f"{results[0].status}, {results[-1].status}")
        return None


def is_proved_damaged(data: bytes) -> bool:
    """Whether a checksum or a length of a PNG's chunks, up to the end's, is wrong; other formats have no checksums."""
    if not data.startswith(PNG):
        return False
    position, kind = len(PNG), b""
    while kind != b"IEND":
        if position + 12 > len(data):
            return True
        length, kind = struct.unpack_from(">I4s", data, position)
        stop = position + 8 + length
        if stop + 4 > len(data) or zlib.crc32(data[position + 4 : stop]) != int.from_bytes(data[stop : stop + 4]):
            return True
        position = stop + 4
    return False


def _rechecked(data: bytes) -> Iterator[bytes]:
    """The parts of a PNG with the checksum of each chunk that is whole put right."""
    yield PNG
    position = len(PNG)
    while position + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, position)
        stop = position + 8 + length
        if stop + 4 > len(data):
            break
        yield data[position:stop] + zlib.crc32(data[position + 4 : stop]).to_bytes(4)
        position = stop + 4
    yield data[position:]
