"""How much memory a comparison reserves, and who waits for it."""

from __future__ import annotations

import threading
import time
import types

import pytest

from diffspot.backends.limit import ByteLimit
from diffspot.errors import ImageReadError
from diffspot.image_io.interface import Size
from diffspot.options.options import make_options
from diffspot.runner.memory import (
    COMPARED_BYTES,
    LEAST_IN_FLIGHT,
    OWN_BYTES,
    ROOMY,
    SHARE_OF_MEMORY,
    Memory,
    compared_bytes,
    keep_freed,
    whole_bytes,
)


def test_a_pair_takes_what_its_richer_picture_takes_a_pixel() -> None:
    assert compared_bytes(Size(10, 20, 1, 1), Size(5, 4, 3, 2)) == 220 * COMPARED_BYTES[3, 2]
    assert compared_bytes(Size(10, 20, 3, 1), Size(10, 20, 3, 1)) == 400 * COMPARED_BYTES[3, 1]
    assert compared_bytes(Size(10, 20, 0, 1), Size(10, 20, 0, 1)) == 400 * COMPARED_BYTES[1, 1]


def test_a_pair_takes_at_least_what_decoding_it_takes() -> None:
    """A TIFF may have any number of channels."""
    assert compared_bytes(Size(10, 10, 500, 1), Size(10, 10, 500, 1)) == 2 * 100 * 500 * 3


@pytest.mark.parametrize(
    "given",
    [
        *({"metric": name} for name in ("ms-ssim", "tiles", "lpips")),
        {"score": "gradient"},
        {"filter": "lowpass=0.5"},
        {"normalize": "stretch"},
        {"measure": "mse"},
        {"fail_below": "ssim=0.9"},
    ],
)
def test_work_on_the_whole_picture_takes_more(given: dict[str, str]) -> None:
    assert whole_bytes(Size(10, 20, 3, 1), make_options(given)) == 200 * 200
    assert whole_bytes(Size(10, 20, 3, 1), make_options({"metric": "flip"})) == 0


def test_what_never_fits_is_refused() -> None:
    limit = Memory("80kB")
    with limit.reserve(80_000, "a.png"):
        pass
    with (
        pytest.raises(
            ImageReadError,
            match=r"^a\.png may need 2\.5 GB, more than the 80 kB that --max-memory allows; "
            r"cut the pictures into parts "
            r"or raise --max-memory\.$",
        ),
        limit.reserve(2_500_000_000, "a.png"),
    ):
        pass


@pytest.mark.parametrize("left", [1 << 30, 4 << 30, 128 << 30])
def test_auto_is_most_of_what_is_left(left: int) -> None:
    memory = Memory("auto", lambda: left)
    most = memory.most
    assert most == int(SHARE_OF_MEMORY * left) - OWN_BYTES
    with pytest.raises(ImageReadError, match="of memory at hand"), memory.reserve(most + 1, "a.png"):
        pass


def test_next_to_nothing_left_refuses_all() -> None:
    memory = Memory("auto", lambda: OWN_BYTES)
    with pytest.raises(ImageReadError, match="more than the 0 kB of memory"), memory.reserve(1, "a.png"):
        pass


def test_where_nothing_tells_what_is_left_no_pair_is_refused() -> None:
    with Memory("auto", lambda: None).reserve(1000 * LEAST_IN_FLIGHT, "a.png"):
        pass


def test_a_limit_bounds_what_is_held_and_lets_giants_in_alone() -> None:
    limit, lock = ByteLimit(10), threading.Lock()
    held, peaks = [0], []

    def work(amount: int) -> None:
        with limit.reserve(amount):
            with lock:
                held[0] += amount
                peaks.append((held[0], amount))
            time.sleep(0.002)
            with lock:
                held[0] -= amount

    threads = [threading.Thread(target=work, args=(size,)) for size in [3, 4, 5, 25, 6, 2, 30] * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(peaks) == 28
    assert all(total <= 10 or total == amount for total, amount in peaks)


def test_a_giant_is_let_in_before_what_comes_after_it() -> None:
    limit, order = ByteLimit(10), list[str]()

    def work(name: str, amount: int) -> None:
        with limit.reserve(amount):
            order.append(name)

    giant, late = (threading.Thread(target=work, args=args) for args in (("giant", 11), ("late", 1)))
    with limit.reserve(5):
        giant.start()
        while not limit._alone:  # noqa: SLF001  there is no other way to know
            time.sleep(0.001)
        late.start()
        late.join(0.05)
        assert order == []
    giant.join(10)
    late.join(10)
    assert order == ["giant", "late"]


def test_freed_memory_is_kept_by_glibc(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[int, int]] = []
    library = types.SimpleNamespace(mallopt=lambda parameter, value: told.append((parameter, value)))
    monkeypatch.setattr("ctypes.CDLL", lambda name: library if name is None else None)
    keep_freed(ROOMY)
    # mallopt(3): M_TRIM_THRESHOLD is -1, M_MMAP_THRESHOLD -3, M_ARENA_MAX -8.
    values = dict(told)
    assert values.pop(-8) == 1
    assert sorted(values) == [-3, -1]
    assert all(32 << 20 < value < 2**31 for value in values.values())  # more than glibc's own bounds; it takes an int


@pytest.mark.parametrize("fault", [None, OSError, TypeError], ids=["no mallopt", "not loaded", "no C library"])
def test_without_mallopt_nothing_comes_of_it(fault: type[Exception] | None, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    def load(name: object) -> object:
        asked.append(name)
        if fault:
            raise fault
        return types.SimpleNamespace()

    monkeypatch.setattr("ctypes.CDLL", load)
    keep_freed(ROOMY)
    assert asked == [None]


@pytest.mark.parametrize("left", [None, ROOMY - 1])
def test_freed_memory_goes_back_where_there_may_be_little(left: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ctypes.CDLL", None)
    keep_freed(left)
