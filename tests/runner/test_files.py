"""Files that several pairs name: decoded once, with the results that pairs of their own have, in bounded memory."""

from __future__ import annotations

import os
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from weakref import WeakSet

import imagecodecs
import msgspec
import numpy as np
import pytest

from diffspot.image_io import open_picture, read_image
from diffspot.image_io.read import decode_frames
from diffspot.model import ImagePair
from diffspot.options.settings import Layer, Settings
from diffspot.pipeline import derived
from diffspot.runner.files import Files
from diffspot.runner.memory import Memory
from diffspot.runner.run import run
from tests.opening import on_open
from tests.pictures import page, pdf_of, save, webp


@pytest.fixture
def captures(tmp_path: Path, rng: np.random.Generator) -> list[Path]:
    """A photo-like golden, and captures of it: noisy, brighter, moved, changed, cut, translucent."""
    smooth = np.kron(rng.integers(40, 200, (15, 20, 3)), np.ones((16, 16, 1)))
    ramp = np.linspace(0, 30, 320)[None, :, None]

    def shot(picture: np.ndarray) -> np.ndarray:
        return np.clip(picture + rng.normal(0, 2, picture.shape), 0, 255).astype(np.uint8)

    changed = smooth + ramp
    changed[100:130, 90:130] += 50
    shots = [
        shot(smooth + ramp),
        shot(smooth + ramp),
        shot(1.1 * (smooth + ramp)),
        np.roll(shot(smooth + ramp), (3, 5), axis=(0, 1)),
        shot(changed),
        shot((smooth + ramp)[:200, :300]),
        np.dstack([shot(smooth + ramp), np.full((240, 320), 200, np.uint8)]),
    ]
    return [save(tmp_path / f"{number}.png", picture) for number, picture in enumerate(shots)]


def _results(pairs: list[ImagePair], **options: Any) -> list[dict[str, Any]]:  # noqa: ANN401
    report = run(pairs, Settings([Layer("test", options)]), jobs=2)
    hidden = ("name", "reference", "candidate")
    return [{k: v for k, v in msgspec.to_builtins(pair).items() if k not in hidden} for pair in report.pairs]


def test_a_golden_is_decoded_once_and_nothing_else_changes(
    captures: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for capture in captures:
        capture.write_bytes(webp(read_image(capture).pixels))
    golden, *others = captures
    content = golden.read_bytes()
    for number, other in enumerate(others):
        shutil.copy(golden, tmp_path / f"golden{number}.png")
        assert other.exists()
    alone = [ImagePair(f"{n}", tmp_path / f"golden{n}.png", path) for n, path in enumerate(others)]
    decoded, real = [], imagecodecs.webp_decode
    monkeypatch.setattr(imagecodecs, "webp_decode", lambda data: decoded.append(data) or real(data))
    for one, several in (
        (alone, [ImagePair(f"{n}", golden, path) for n, path in enumerate(others)]),
        (
            [ImagePair(p.name, p.candidate, p.reference) for p in alone],
            [ImagePair(f"{n}", path, golden) for n, path in enumerate(others)],
        ),
    ):
        expected = _results(one)
        decoded.clear()
        assert _results(several) == expected
        assert decoded.count(content) == 1
        assert len(decoded) == 1 + len(others)
    assert {result["status"] for result in expected} == {"same", "different"}
    assert derived._STORES == {}  # noqa: SLF001  all was let go with the last pair


def test_pages_and_other_options_have_the_same_results_too(tmp_path: Path) -> None:
    golden = page()
    edited = golden.copy()
    edited[100:110, 40:70] = 200
    longer = np.vstack([golden[:200], np.full((30, 300, 3), 250, np.uint8), golden[200:]])
    paths = [save(tmp_path / f"{name}.png", picture) for name, picture in (("g", golden), ("e", edited), ("l", longer))]
    copies = [save(tmp_path / f"copy{n}.png", golden) for n in range(2)]
    for options in ({}, {"metric": "ssim"}, {"threshold": "95%"}, {"align": "none"}):
        alone = [ImagePair(f"{n}", copy, path) for n, (copy, path) in enumerate(zip(copies, paths[1:], strict=True))]
        several = [ImagePair(f"{n}", paths[0], path) for n, path in enumerate(paths[1:])]
        assert _results(several, **options) == _results(alone, **options)


def test_without_room_each_pair_decodes_for_itself(captures: list[Path]) -> None:
    golden, *others = captures[:3]
    memory = Memory("auto")
    reader = Files([ImagePair(f"{n}", golden, path) for n, path in enumerate(others)], memory)
    reader._room._most = 1000  # noqa: SLF001  less than the picture takes
    first, second = (next(reader.read(golden).frames(reader.read(golden).open(10**6)))() for _ in range(2))
    assert first.pixels is not second.pixels
    assert np.array_equal(first.pixels, second.pixels)
    reader.close()


def test_the_one_asked_for_longest_ago_makes_room(captures: list[Path]) -> None:
    pairs = [ImagePair(f"{n}{m}", captures[n], captures[m]) for n in range(2) for m in range(2, 5)]
    reader = Files(pairs, Memory("auto"))
    reader._room._most = 2_500_000  # noqa: SLF001  one golden of 240 x 320 px takes 2.1 MB with what comes of it

    def pixels(path: Path) -> np.ndarray:
        file = reader.read(path)
        return next(file.frames(file.open(10**6)))().pixels

    first = pixels(captures[0])
    assert pixels(captures[0]) is first
    pixels(captures[1])
    assert pixels(captures[0]) is not first
    reader.close()
    assert derived._STORES == {}  # noqa: SLF001


def test_what_is_set_aside_is_not_had_twice() -> None:
    memory, pair = Memory("8GB"), ImagePair("a", *[Path("a.png")] * 2)
    Files([pair], memory)
    assert memory._limit.most == 6_000_000_000  # noqa: SLF001
    memory = Memory("8GB")
    Files([], memory)
    assert memory._limit.most == 8_000_000_000  # noqa: SLF001


def test_a_shared_file_that_changes_is_read_again(captures: list[Path]) -> None:
    golden, *others = captures
    reader = Files([ImagePair(f"{n}", golden, path) for n, path in enumerate(others)], Memory("auto"))
    before = reader.read(golden)
    assert reader.read(golden) is before
    shutil.copy(others[0], golden)
    os.utime(golden, ns=(1, 1))
    assert reader.read(golden).digest == reader.read(others[0]).digest != before.digest


def test_a_golden_that_rules_draw_at_two_resolutions_is_drawn_at_both(tmp_path: Path) -> None:
    golden = tmp_path / "golden.pdf"
    golden.write_bytes(pdf_of("abc"))
    drawn = {}
    for dpi in (144, 72):
        pixels = next(decode_frames(open_picture(golden.read_bytes(), golden, dpi=dpi)))().pixels
        drawn[dpi] = save(tmp_path / f"{dpi}.png", pixels)
    pairs = [ImagePair("a", golden, drawn[144]), ImagePair("b", golden, drawn[72]), ImagePair("c", golden, drawn[144])]
    report = run(pairs, Settings([Layer("rule", {"dpi": 72}, ("b",))]), jobs=1)
    assert [(pair.status, pair.size) for pair in report.pairs] == [
        ("same", (400, 200)),
        ("same", (200, 100)),
        ("same", (400, 200)),
    ]


def test_shared_files_are_held_within_the_room_and_read_again_when_needed(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    paths = [tmp_path / f"{number}.png" for number in range(20)]
    for path in paths:
        path.write_bytes(rng.bytes(50_000))
    reader = Files([ImagePair(f"{n}", path, path) for n, path in enumerate(paths)], Memory("800kB"))  # 200 kB of room
    read = WeakSet(map(reader.read, paths))
    assert sum(len(file.data) for file in read) == 200_000
    assert [reader.read(path).data for path in paths] == [path.read_bytes() for path in paths]
    reader.close()
    assert len(read) == 0


def test_what_was_asked_for_again_stays(captures: list[Path]) -> None:
    one, other, third = captures[:3]
    reader = Files([ImagePair(path.name, path, path) for path in captures], Memory("auto"))
    sizes = [path.stat().st_size for path in (one, other, third)]
    reader._room._most = sum(sizes) - 1  # noqa: SLF001
    first, second = reader.read(one), reader.read(other)
    assert reader.read(one) is first
    reader.read(third)
    assert reader.read(one) is first
    assert reader.read(other) is not second


def test_a_file_that_made_room_keeps_no_picture(captures: list[Path]) -> None:
    reader = Files([ImagePair(path.name, path, path) for path in captures], Memory("auto"))
    file = reader.read(captures[0])
    reader._room._most = captures[1].stat().st_size  # noqa: SLF001
    reader.read(captures[1])
    assert next(file.frames(file.open(10**6)))().pixels.shape == (240, 320, 3)
    assert derived._STORES == {}  # noqa: SLF001  neither it nor what is worked out of it


def test_two_shared_files_are_read_at_a_time(captures: list[Path]) -> None:
    both = threading.Barrier(2, timeout=60)  # breaks where one read waits for the other
    reader = Files([ImagePair(path.name, path, path) for path in captures], Memory("auto"))
    with on_open(lambda path: path in captures and both.wait()), ThreadPoolExecutor(2) as pool:
        found = list(pool.map(reader.read, captures[:2]))
    assert [file.data for file in found] == [path.read_bytes() for path in captures[:2]]
