"""However a pair is compared, the result is the same."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from msgspec.structs import replace
from threadpoolctl import threadpool_info, threadpool_limits

from diffspot import compare, compare_directories, compare_files
from diffspot.model import PairResult
from diffspot.pipeline.compare import compare_images
from diffspot.pytest_plugin.checks import Checker, Checks, Outcome
from diffspot.runner import pair
from tests.in_process import diffspot
from tests.pictures import changed, plain, save

if TYPE_CHECKING:
    from pathlib import Path

NAME = "page.png"


def said(result: PairResult) -> PairResult:
    """The result without what each way calls the pair and where it draws."""
    return replace(result, name="", reference="", candidate="", annotated=None)


def flags(options: dict[str, Any]) -> list[str]:
    return [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]


def checked(root: Path, options: dict[str, Any]) -> PairResult:
    """What the pytest plugin finds: the reference is the baseline of a test file in `root`."""
    kept: list[bytes] = []
    baseline = root / "baselines" / "test_page" / NAME
    baseline.parent.mkdir(parents=True)
    baseline.write_bytes((root / "reference" / NAME).read_bytes())
    checks = Checks(root, root, root / "out", update=False)
    checker = Checker(checks, root / "test_page.py", "test_page.py::test_page", kept.append)
    try:
        checker.check(root / "candidate" / NAME, NAME, **options)
    except pytest.fail.Exception:
        assert kept
    # The options of a call are a rule for its pair alone, which the results of the other ways have no need to tell.
    return replace(msgspec.json.decode(kept[0], type=Outcome).result, options=None)


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({}, "different"),
        ({"metric": "ssim", "padding": 3, "tolerance": 1}, "different"),
        ({"ignore": "0,0,10,48"}, "different"),
        ({"ignore": "0,0,100%,95%"}, "same"),
        ({"max_regions": 3}, "same"),
    ],
    ids=str,
)
def test_by_every_way(options: dict[str, Any], status: str, tmp_path: Path) -> None:
    one, other = (save(tmp_path / side / NAME, picture) for side, picture in SIDES.items())
    found = {
        "compare": compare(one, other, **options),
        "compare_files": compare_files(one, other, **options),
        "compare_directories": compare_directories(one.parent, other.parent, **options).pairs[0],
        "pytest": checked(tmp_path, options),
    }
    for way, paths in {"files": (one, other), "directories": (one.parent, other.parent)}.items():
        done = diffspot("compare", *paths, "--json", *flags(options))
        found[f"command, {way}"] = msgspec.convert(msgspec.json.decode(done.stdout)["pairs"][0], PairResult)
    expected = said(found["compare"])
    assert expected.status == status
    assert expected.reference_digest
    assert (expected.change is not None) == (status == "different")
    assert {way: said(result) for way, result in found.items()} == dict.fromkeys(found, expected)


def test_arrays_give_what_their_files_give_but_for_the_digests(tmp_path: Path) -> None:
    one, other = (save(tmp_path / side / NAME, picture) for side, picture in SIDES.items())
    of_files = replace(compare(one, other), reference_digest=None, candidate_digest=None)
    assert said(compare(*SIDES.values())) == said(of_files)


def test_equal_files_give_what_comparing_their_pixels_gives(tmp_path: Path) -> None:
    one, other = (save(tmp_path / side / NAME, plain()) for side in SIDES)
    found = compare_files(one, other)
    assert found.status == "same"
    assert said(found) == said(compare(one, other))


SIDES = {"reference": plain(), "candidate": changed()}


def blas_threads() -> set[int]:
    return {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"}


def test_a_comparison_takes_one_thread_for_matrices_and_gives_the_others_back(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def watched(*arguments: Any, **keywords: Any) -> Any:  # noqa: ANN401 - whatever it takes and gives
        seen.append(blas_threads())
        return compare_images(*arguments, **keywords)

    monkeypatch.setattr(pair, "compare_images", watched)
    monkeypatch.delenv("OPENBLAS_NUM_THREADS")
    with threadpool_limits(2, "blas"):
        assert compare(plain(), changed()).status == "different"
        assert blas_threads() == {2}
        monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")  # then they were limited before, and nobody looks
        compare(plain(), changed())
    assert seen == [{1}, {2}]


def test_comparisons_side_by_side_give_back_the_threads_that_were_there(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = Event(), Event()

    def watched(*arguments: Any, **keywords: Any) -> Any:  # noqa: ANN401 - whatever it takes and gives
        if not first.is_set():  # the first one ends while the second one is under way
            first.set()
            second.wait(10)
        else:
            second.set()
            early.result(10)
        return compare_images(*arguments, **keywords)

    monkeypatch.setattr(pair, "compare_images", watched)
    monkeypatch.delenv("OPENBLAS_NUM_THREADS")
    with ThreadPoolExecutor(1) as setting:  # a number that a living thread set, no other one changes
        limits = setting.submit(threadpool_limits, 2, "blas").result()
    with limits:
        with ThreadPoolExecutor(2) as threads:
            early = threads.submit(compare, plain(), changed())
            first.wait(10)
            late = threads.submit(compare, plain(), changed())
        assert early.result().status == late.result().status == "different"
        assert blas_threads() == {2}
