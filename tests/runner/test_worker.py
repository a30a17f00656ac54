"""Two files decode side by side where a pair has threads for it, and OpenCV gets its own threads back."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import cv2
import imagecodecs
import pytest

from diffspot.backends import CPU
from diffspot.backends.machine import usable_cores
from diffspot.model import ImagePair
from diffspot.options.settings import Layer, Settings
from diffspot.outputs.interface import Output, Outputs
from diffspot.runner.run import run, share_cores
from diffspot.runner.worker import PairWorker
from tests.pictures import PATCH, changed, plain, save, webp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from diffspot.model import PairResult
    from diffspot.outputs.interface import Pictures

    Decoding = Callable[[Callable[[bytes], object]], None]

FILES = webp(plain()), webp(changed())
PATIENCE = 30
"""Seconds until threads that wait for each other in vain give up."""


@pytest.fixture(autouse=True)
def _two_threads() -> Iterator[None]:
    """OpenCV has two threads before each test."""
    before = cv2.getNumThreads()
    cv2.setNumThreads(2)
    yield
    cv2.setNumThreads(before)


def compared(threads: int, folder: Path, data: tuple[bytes, bytes] = FILES) -> PairResult:
    paths = folder / "reference.webp", folder / "candidate.webp"
    for path, content in zip(paths, data, strict=True):
        path.write_bytes(content)
    with PairWorker(Settings(), Output(), threads=threads, debug=True) as work:
        ((result, _),) = work(ImagePair("a.png", *paths))
    return result


@pytest.fixture
def decoding(monkeypatch: pytest.MonkeyPatch) -> Decoding:
    """Has a function told of each file before it is decoded."""
    decode = imagecodecs.webp_decode

    def tell(told: Callable[[bytes], object]) -> None:
        monkeypatch.setattr(imagecodecs, "webp_decode", lambda data: (told(data), decode(data))[1])

    return tell


def test_two_files_decode_side_by_side(tmp_path: Path, decoding: Decoding) -> None:
    both = threading.Barrier(2, timeout=PATIENCE)
    decoding(lambda _: both.wait())
    result = compared(2, tmp_path)
    assert (result.status, [region.bbox for region in result.regions]) == ("different", [PATCH])


def test_what_compares_is_made_while_files_decode(tmp_path: Path, decoding: Decoding) -> None:
    def wait(_: bytes) -> None:
        """Until the backend, which is made first, has told OpenCV how many threads it may use."""
        tries = 0
        while cv2.getNumThreads() != 2:
            tries += 1
            assert tries < 1000 * PATIENCE
            time.sleep(0.001)

    cv2.setNumThreads(3)
    decoding(wait)
    assert compared(2, tmp_path).status == "different"


def test_one_thread_decodes_the_reference_first(tmp_path: Path, decoding: Decoding) -> None:
    seen: list[tuple[bytes, int]] = []
    decoding(lambda data: seen.append((data, threading.get_ident())))
    assert compared(1, tmp_path).status == "different"
    assert seen == [(data, threading.get_ident()) for data in FILES]


@pytest.mark.parametrize("threads", [1, 2])
def test_equal_files_are_decoded_once(threads: int, tmp_path: Path, decoding: Decoding) -> None:
    seen: list[bytes] = []
    decoding(seen.append)
    assert compared(threads, tmp_path, (FILES[0], FILES[0])).status == "same"
    assert seen == [FILES[0]]


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize(
    ("broken", "named"),
    [((True, False), "reference.webp"), ((False, True), "candidate.webp"), ((True, True), "reference.webp")],
)
def test_the_first_file_that_cannot_be_read_is_named(
    broken: tuple[bool, bool], named: str, threads: int, tmp_path: Path
) -> None:
    one, other = (data[: len(data) // 2] if cut else data for data, cut in zip(FILES, broken, strict=True))
    result = compared(threads, tmp_path, (one, other))
    assert result.status == "error"
    assert (result.error or "").startswith(str(tmp_path / named))


def test_the_references_error_is_told_however_early_the_candidates_came(tmp_path: Path, decoding: Decoding) -> None:
    failed = threading.Event()

    def fail(data: bytes) -> None:
        if data == FILES[1]:
            failed.set()
        else:
            assert failed.wait(PATIENCE)
        raise RuntimeError("no decoder")

    decoding(fail)
    assert (compared(2, tmp_path).error or "").startswith(str(tmp_path / "reference.webp"))


@pytest.fixture
def pairs(tmp_path: Path) -> list[ImagePair]:
    """Six pairs that differ."""
    one, other = save(tmp_path / "reference.png", plain()), save(tmp_path / "candidate.png", changed())
    return [ImagePair(f"{number}.png", one, other) for number in range(6)]


@pytest.mark.parametrize(
    ("count", "jobs", "within"), [(6, 1, 1), (6, 3, 1), (1, 3, 3), (2, 7, 3), (4, 6, 1), (1, 100_000, 7)]
)
def test_pairs_share_the_threads_of_the_cores_and_opencv_has_its_own_back(
    pairs: list[ImagePair], count: int, jobs: int, within: int
) -> None:
    assert share_cores(jobs, count, CPU, 7) == (min(jobs, count), within)
    _, threads = share_cores(jobs, count, CPU, usable_cores())
    seen: set[int] = set()
    report = run(pairs[:count], Settings(), jobs=jobs, on_result=lambda _: seen.add(cv2.getNumThreads()))
    assert report.summary.different == count
    assert (seen, cv2.getNumThreads()) == ({threads}, 2)


@pytest.mark.parametrize(("count", "jobs"), [(6, 1), (6, 3), (1, 3)])
def test_opencv_has_its_threads_back_after_a_fault(pairs: list[ImagePair], count: int, jobs: int) -> None:
    with pytest.raises(ZeroDivisionError):
        run(pairs[:count], Settings(), jobs=jobs, on_result=lambda _: 1 / 0)
    assert cv2.getNumThreads() == 2


class Onlooker(Output):
    """Keeps the results that it is given to draw."""

    def __init__(self) -> None:
        self.seen: list[PairResult] = []

    def draw(self, result: PairResult, pictures: Pictures) -> PairResult:
        del pictures
        self.seen.append(result)
        return result


def test_outputs_draw_a_result_of_which_nothing_is_left_to_add(pairs: list[ImagePair]) -> None:
    onlooker = Onlooker()
    rule = Layer("rule 1", {"min_area": 9}, ("1.png",))
    report = run(pairs[:2], Settings([rule]), outputs=Outputs([onlooker]), jobs=1)
    assert tuple(onlooker.seen) == report.pairs
    assert [pair.options for pair in onlooker.seen] == [None, {"min_area": 9}]
    assert all(pair.reference_digest and pair.candidate_digest and pair.change for pair in onlooker.seen)
