"""Where CuPy, its device or its memory is missing, and how a run says what it ran on."""

from __future__ import annotations

import gc
import importlib
import inspect
import json
import sys
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from diffspot import compare_directories
from diffspot.backends import BACKENDS, get_backend, read_backend
from diffspot.errors import BackendError, OptionError
from diffspot.outputs.report_json import encode_report
from diffspot.runner import warm_up
from tests.backends import strict
from tests.backends.opened import GPU_FAULT, STAND_IN, opened
from tests.in_process import diffspot
from tests.sweep import sweep_rows

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from diffspot.backends.interface import Backend


@pytest.mark.gpu
def test_a_gpu_is_at_hand() -> None:
    """So that `pytest -m gpu` says why it skips where there is none."""
    if GPU_FAULT:
        pytest.skip(GPU_FAULT)
    assert get_backend("cupy").device


def test_without_cupy_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cupy", None)
    with pytest.raises(
        BackendError, match=r"pip install 'diffspot\[gpu\]' \(CUDA 12\) or 'diffspot\[gpu13\]' \(CUDA 13\)"
    ):
        get_backend("cupy")


def test_without_a_device_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    strict.install(monkeypatch)
    runtime = sys.modules["cupy"].cuda.runtime

    def none(_: int) -> None:
        raise runtime.CUDARuntimeError("cudaErrorNoDevice: no CUDA-capable device is detected")

    monkeypatch.setattr(runtime, "getDeviceProperties", none)
    monkeypatch.setattr(runtime, "driverGetVersion", lambda: 0)
    with pytest.raises(BackendError) as raised:
        get_backend("cupy")
    assert str(raised.value) == (
        "--backend cupy finds no GPU (cudaErrorNoDevice: no CUDA-capable device is detected; driver: none, CuPy: CUDA "
        "12.9); install or update the NVIDIA driver, or use --backend numpy."
    )


def test_without_a_compiler_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    strict.install(monkeypatch)

    def broken(_: int) -> None:
        raise RuntimeError("libnvrtc.so is missing.\nA long story.")

    monkeypatch.setattr(sys.modules["cupy"], "arange", broken)
    with pytest.raises(BackendError, match=r"does not work on Stand-in GPU \(RuntimeError: libnvrtc.so is missing\);"):
        get_backend("cupy")


def test_a_pair_too_large_for_the_device_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    backend = opened(STAND_IN, monkeypatch)
    tries = []

    def work() -> None:
        tries.append(len(tries))
        raise backend.xp.cuda.memory.OutOfMemoryError

    with pytest.raises(BackendError, match="needs more memory than Stand-in GPU has free; use --backend numpy"):
        backend.with_memory(work, 1)
    assert tries == [0, 1]


def test_what_does_not_fit_beside_others_is_tried_again_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    backend, begun, ended = opened(STAND_IN, monkeypatch), threading.Event(), []
    tries: list[bool] = []

    def other() -> None:
        begun.set()
        assert retried.wait(10)
        ended.append(True)

    retried = threading.Event()

    def work() -> str:
        tries.append(bool(ended))
        if len(tries) == 1:
            retried.set()
            raise backend.xp.cuda.memory.OutOfMemoryError
        return "found"

    beside = threading.Thread(target=backend.with_memory, args=(other, 1))
    beside.start()
    assert begun.wait(10)
    assert get_backend("cupy").with_memory(work, 1) == "found"
    beside.join()
    assert tries == [False, True]


@pytest.mark.parametrize(("failing", "raised"), sweep_rows([(2, BackendError), (1, None)]))
def test_memory_that_ran_out_is_not_held(
    failing: int, raised: type[Exception] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = opened(STAND_IN, monkeypatch)
    full = backend.xp.cuda.memory.OutOfMemoryError
    tries = failing if raised else failing + 1
    assert still_held(backend, [full] * failing, raised) == [False, False] * tries


def test_what_another_fault_has_taken_is_not_held(monkeypatch: pytest.MonkeyPatch) -> None:
    assert still_held(opened(STAND_IN, monkeypatch), [RuntimeError], RuntimeError) == [False, False]


def still_held(backend: Backend, faults: list[type[Exception]], raised: type[Exception] | None) -> list[bool]:
    """Which arrays of a pair and of its stack, try by try, are still held though the collector did not run."""
    held: list[weakref.ref[Any]] = []

    def stage(asked: Sequence[Any]) -> list[Any]:
        taken = backend.xp.zeros(9, np.uint8)
        held.append(weakref.ref(taken))
        if len(held) <= 2 * len(faults):
            raise faults[len(held) // 2 - 1]
        return [len(asked)]

    def pair() -> int:
        own = backend.xp.zeros(9, np.uint8)
        held.append(weakref.ref(own))
        return backend.batched(stage, own, "alike")  # type: ignore[no-any-return]

    met = None
    gc.collect()
    gc.disable()
    try:
        backend.with_memory(pair, 1)
    except Exception as fault:  # noqa: BLE001  pytest.raises would hold it
        met = type(fault)
    finally:
        still = [one() is not None for one in held]
        gc.enable()
    assert met is raised
    return still


def test_each_thread_works_on_a_stream_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    backend = opened(STAND_IN, monkeypatch)
    current = backend.xp.cuda.get_current_stream
    with ThreadPoolExecutor(2) as pool:
        barrier = threading.Barrier(2)

        def own(_: int) -> Any:  # noqa: ANN401
            barrier.wait(10)
            return backend.with_memory(current, 1)

        first, second = pool.map(own, range(2))
        again = set(pool.map(own, range(2)))
    assert first is not second
    assert again == {first, second}
    assert current() not in again


def test_the_stand_in_offers_what_cupy_has() -> None:
    """Where CuPy is installed, with a GPU or without."""
    cupy = pytest.importorskip("cupy")
    ndimage = importlib.import_module("cupyx.scipy.ndimage")
    assert [name for name in strict.FUNCTIONS if not hasattr(cupy, name)] == []
    assert [name for name in strict.METHODS if not hasattr(cupy.ndarray, name)] == []
    for name, keywords in strict.KEYWORDS.items():
        assert keywords <= set(inspect.signature(getattr(ndimage, name)).parameters)


@pytest.mark.parametrize("given", [None, "auto", "numpy"])
def test_auto_is_numpy(given: str | None) -> None:
    assert read_backend(given) == "numpy"


def test_other_names_are_refused() -> None:
    assert [read_backend(name) for name in BACKENDS] == [*BACKENDS]
    with pytest.raises(OptionError, match=r"^--backend cannot be 'gpu': expected auto\|numpy\|cupy\.$"):
        read_backend("gpu")


@pytest.mark.skipif(not GPU_FAULT, reason="there is a GPU")
def test_the_command_fails_before_it_compares(folders: tuple[Path, Path]) -> None:
    done = diffspot("compare", *folders, "--backend", "cupy", "--json")
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"diffspot: {GPU_FAULT}\n")


def test_the_report_says_what_ran(folders: tuple[Path, Path], backend: Backend) -> None:
    name = backend.name if backend.name in BACKENDS else "auto"
    report = compare_directories(*folders, backend=name)
    written = json.loads(encode_report(report))["backend"]
    assert written == {"name": "numpy" if name == "auto" else name, "device": backend.device}
    assert report.summary == compare_directories(*folders).summary
    assert report.pairs == compare_directories(*folders, backend=name, jobs=1).pairs


def test_compilation_is_told_once_it_takes_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    told, said, cupy = threading.Event(), [], opened(STAND_IN, monkeypatch).xp
    compile_kernels = cupy.RawModule

    def compile_slowly(**how: Any) -> Any:  # noqa: ANN401
        assert told.wait(10)
        return compile_kernels(**how)

    def say(message: str) -> None:
        said.append(message)
        told.set()

    monkeypatch.setattr(cupy, "RawModule", compile_slowly)
    warm_up.warm_up("cupy", say, moment=0)
    assert said == [warm_up.COMPILING]
    warm_up.warm_up("numpy", said.append, moment=60)
    assert len(said) == 1


def test_what_works_is_known_by_what_it_finds(fast: Backend) -> None:
    assert warm_up.check_backend(fast.name).device == fast.device


def test_a_backend_that_finds_nothing_does_not_work(monkeypatch: pytest.MonkeyPatch) -> None:
    cupy = opened(STAND_IN, monkeypatch).xp
    monkeypatch.setattr(cupy, "asarray", lambda array, dtype=None: cupy.zeros(np.shape(array), dtype or array.dtype))
    with pytest.raises(BackendError, match=r"finds \[\] in a test pair instead of \[\(20, 14, 24, 16\)\]; use another"):
        warm_up.check_backend("cupy")


def test_a_fault_of_the_installation_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    opened(STAND_IN, monkeypatch)
    monkeypatch.delattr(sys.modules["cupy"], "count_nonzero")
    with pytest.raises(BackendError, match=r"--backend cupy fails at a test pair \(AttributeError: .*count_nonzero"):
        warm_up.check_backend("cupy")
