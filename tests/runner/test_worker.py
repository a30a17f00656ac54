"""Two files decode side by side where a pair has threads for it, and OpenCV gets its own threads back."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import cv2
import pytest

from diffspot.errors import ImageReadError
from diffspot.image_io import decode_frames, encode_png
from diffspot.model import ImagePair
from diffspot.options.settings import Layer, Settings
from diffspot.outputs.interface import Output
from diffspot.runner import run as runner
from diffspot.runner import worker
from diffspot.runner.run import run
from diffspot.runner.worker import PairWorker
from tests.pictures import PATCH, changed, plain, save

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from diffspot.image_io import Opened
    from diffspot.model import Image, PairResult
    from diffspot.outputs.interface import Pictures

PNG = encode_png(plain()), encode_png(changed())
PATIENCE = 30
"""Seconds until threads that wait for each other in vain give up."""


@pytest.fixture(autouse=True)
def _two_threads() -> Iterator[None]:
    """OpenCV has two threads before each test."""
    before = cv2.getNumThreads()
    cv2.setNumThreads(2)
    yield
    cv2.setNumThreads(before)


def compared(threads: int, folder: Path, data: tuple[bytes, bytes] = PNG) -> PairResult:
    paths = folder / "reference.png", folder / "candidate.png"
    for path, content in zip(paths, data, strict=True):
        path.write_bytes(content)
    with PairWorker(Settings(), (), threads=threads, debug=True) as work:
        ((result, _),) = work(ImagePair("a.png", *paths))
    return result


def test_two_files_decode_side_by_side(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    both = threading.Barrier(2, timeout=PATIENCE)

    def meeting(picture: Opened) -> Iterator[Image]:
        both.wait()
        yield from decode_frames(picture)

    monkeypatch.setattr(worker, "decode_frames", meeting)
    result = compared(2, tmp_path)
    assert (result.status, [region.bbox for region in result.regions]) == ("different", [PATCH])


def test_what_compares_is_imported_while_files_decode(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, make = threading.Event(), PairWorker._comparer  # noqa: SLF001

    def making(self: PairWorker) -> object:
        asked.set()
        return make(self)

    def waiting(picture: Opened) -> Iterator[Image]:
        assert asked.wait(PATIENCE)
        yield from decode_frames(picture)

    monkeypatch.setattr(PairWorker, "_comparer", making)
    monkeypatch.setattr(worker, "decode_frames", waiting)
    assert compared(2, tmp_path).status == "different"


def test_one_thread_decodes_the_reference_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[str, int]] = []

    def noting(picture: Opened) -> Iterator[Image]:
        seen.append((picture.path.name, threading.get_ident()))
        yield from decode_frames(picture)

    monkeypatch.setattr(worker, "decode_frames", noting)
    here = threading.get_ident()
    assert compared(1, tmp_path).status == "different"
    assert seen == [("reference.png", here), ("candidate.png", here)]


@pytest.mark.parametrize("threads", [1, 2])
def test_equal_files_are_decoded_once(threads: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    monkeypatch.setattr(worker, "read_outline", lambda *_: None)
    monkeypatch.setattr(worker, "decode_frames", lambda file: seen.append(file.path.name) or decode_frames(file))
    assert compared(threads, tmp_path, (PNG[0], PNG[0])).status == "same"
    assert seen == ["reference.png"]


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize(
    ("broken", "named"),
    [((True, False), "reference.png"), ((False, True), "candidate.png"), ((True, True), "reference.png")],
)
def test_the_first_file_that_cannot_be_read_is_named(
    broken: tuple[bool, bool], named: str, threads: int, tmp_path: Path
) -> None:
    one, other = (data[: len(data) // 2] if cut else data for data, cut in zip(PNG, broken, strict=True))
    result = compared(threads, tmp_path, (one, other))
    assert result.status == "error"
    assert (result.error or "").startswith(str(tmp_path / named))


def test_the_references_error_is_told_however_early_the_candidates_came(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = threading.Event()

    def failing(picture: Opened) -> Iterator[Image]:
        if picture.path.name == "candidate.png":
            failed.set()
        else:
            assert failed.wait(PATIENCE)
        raise ImageReadError(picture.path.name)
        yield from ()

    monkeypatch.setattr(worker, "decode_frames", failing)
    assert compared(2, tmp_path).error == "reference.png"


@pytest.fixture
def pairs(tmp_path: Path) -> list[ImagePair]:
    """Six pairs that differ."""
    one, other = save(tmp_path / "reference.png", plain()), save(tmp_path / "candidate.png", changed())
    return [ImagePair(f"{number}.png", one, other) for number in range(6)]


@pytest.mark.parametrize(
    ("count", "jobs", "within"), [(6, 1, 1), (6, 3, 1), (1, 3, 3), (2, 7, 3), (4, 6, 1), (1, 100_000, 7)]
)
def test_pairs_share_the_threads_of_the_cores_and_opencv_has_its_own_back(
    pairs: list[ImagePair], count: int, jobs: int, within: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "usable_cores", lambda: 7)
    seen: set[int] = set()
    report = run(pairs[:count], Settings(), jobs=jobs, on_result=lambda _: seen.add(cv2.getNumThreads()))
    assert report.summary.different == count
    assert (seen, cv2.getNumThreads()) == ({within}, 2)


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
    report = run(pairs[:2], Settings([rule]), outputs=[onlooker], jobs=1)
    assert tuple(onlooker.seen) == report.pairs
    assert [pair.options for pair in onlooker.seen] == [None, {"min_area": 9}]
    assert all(pair.reference_digest and pair.candidate_digest and pair.change for pair in onlooker.seen)
