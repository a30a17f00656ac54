"""Compares the shards of a plan on the workers of a Dask cluster, one task a shard.

Results go to where the plan is, never through the scheduler: it forgets those of a worker that is lost. A shard is done
where its results are, so the same command, whatever happened, does only what is missing.
"""

from __future__ import annotations

import multiprocessing
import queue
import re
from collections import defaultdict, deque
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from diffspot.backends.machine import memory_left, usable_cores
from diffspot.errors import ClusterError, DiffspotError
from diffspot.image_io.storage import to_path
from diffspot.model import BackendUsed, initial_result
from diffspot.outputs.atomic import write_new
from diffspot.runner.memory import keep_freed
from diffspot.runner.run import run
from diffspot.runner.scale.compare import open_shard
from diffspot.runner.scale.plan import read_pairs, read_plan
from diffspot.runner.scale.shards import RESULTS, SHARD_FOLDERS, Entry, Header, Shard, encode_lines, read_results

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import Any

    from distributed import Client

    from diffspot.runner.scale.plan import Plan
    from diffspot.runner.scale.shards import Placed

LOOK_EVERY = 0.1
"""Seconds in which a stop is noticed."""
DEATHS = 3
"""Workers that one task may cost before it is halved; Dask allows as many failures less one."""
CONFIGURATION = {
    "distributed.scheduler.allowed-failures": DEATHS - 1,
    "distributed.worker.profile.enabled": False,
    "distributed.admin.tick.interval": "1s",
    "distributed.admin.system-monitor.interval": "10s",
    "distributed.scheduler.work-stealing-interval": "1s",
}
"""Dask's settings for workers on this machine; it looks at what each thread does a hundred times a second, and at
itself fifty times, for nobody here: 3 % of a core."""
PRELOADED = ("distributed", "imagecodecs", "diffspot.runner.scale.cluster", "diffspot.pipeline.compare")
"""Imported once for all workers on this machine: they are forked from a process that has these and no threads."""
FORM = "local:N, N workers on this machine, or the address of a scheduler, such as tcp://host:8786"
PARTS = "part-*.jsonl"
KILLED = "KilledWorker"
"""The error of a task that failed as often as is allowed."""
DIED = "ended the process that compared it, each time; compare it alone with --jobs 1 to see why."
_LOCAL = re.compile(r"local:([1-9][0-9]{0,3})", re.ASCII)
_ADDRESS = re.compile(r"(tcp|tls|ws|wss|ucx)://\S+:[0-9]+")


class Task(NamedTuple):
    """Pairs of a shard, from one to before another; all of them where nothing says which."""

    shard: Shard
    start: int = 0
    stop: int | None = None

    @property
    def file(self) -> str:
        """What its results are called, in the folder of the shard."""
        return RESULTS if self.stop is None else f"part-{self.start}-{self.stop}.jsonl"

    def halves(self, pairs: int) -> list[Task]:
        """Two tasks in its place."""
        stop = pairs if self.stop is None else self.stop
        middle = (self.start + stop) // 2
        return [Task(self.shard, self.start, middle), Task(self.shard, middle, stop)]


def compare_task(place: str, task: Task, jobs: int | None, backend: str) -> int:
    """Compares some pairs of a plan, in whatever process; how many they are."""
    keep_freed(memory_left())
    folder = to_path(place)
    plan = read_plan(folder)
    placed = read_pairs(plan, folder, task.shard)[task.start : task.stop]
    file = folder / task.shard.folder / task.file
    with open_shard(file, task.shard, placed, plan.run, plan.settings, plan.inputs) as outputs:
        run(
            [pair for _, pair in placed],
            plan.settings,
            inputs=plan.inputs,
            outputs=outputs,
            jobs=jobs,
            backend=backend,
            resume=True,
        )
    if outputs.failures:
        raise ClusterError(" ".join(outputs.told_failures))
    return len(placed)


@contextmanager
def connected(address: str) -> Iterator[tuple[Client, int | None]]:
    """A client of the cluster at an address, and how many pairs a worker of it compares at a time, for the block.

    Raises:
        ClusterError: it is none, it cannot be reached, or Dask is not installed.
    """
    local = _LOCAL.fullmatch(address)
    if not local and not _ADDRESS.fullmatch(address):
        raise ClusterError(f"--cluster cannot be {address!r}: expected {FORM}.")
    try:
        import dask  # noqa: PLC0415  slow to import, and not there without the extra
        from distributed import Client, LocalCluster  # noqa: PLC0415
    except ImportError:
        raise ClusterError("--cluster needs Dask, which is not installed; pip install 'diffspot[dask]'.") from None
    with ExitStack() as stack:
        jobs, where = None, address
        if local:
            workers = int(local[1])
            jobs = max(1, usable_cores() // workers)
            stack.enter_context(dask.config.set(CONFIGURATION | _start_method()))
            # One task at a time a worker, which uses its share of the cores; pairs bound their memory themselves.
            # Without an address its HTTP server takes port 8787 of every interface, and warns where another has it.
            where = stack.enter_context(
                LocalCluster(
                    workers,
                    threads_per_worker=1,
                    memory_limit=0,
                    dashboard_address=None,
                    scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},
                    silence_logs=50,
                )
            )
        try:
            client = stack.enter_context(Client(where))
        except OSError as error:
            raise ClusterError(f"Nothing answers at {address} ({error}); check --cluster.") from None
        yield client, jobs


def _start_method() -> dict[str, str]:
    """How Dask starts processes where systems can fork; elsewhere as it does by itself."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return {}
    import dask  # noqa: PLC0415  slow to import, and not there without the extra
    from distributed.utils import get_mp_context  # noqa: PLC0415

    chosen = {"distributed.worker.multiprocessing-method": "forkserver"}
    with dask.config.set(chosen):
        get_mp_context()  # names what Dask preloads, once
    multiprocessing.get_context("forkserver").set_forkserver_preload([*PRELOADED])
    return chosen


class Cluster:
    """Has the shards of a plan compared.

    Args:
        client: of Dask.
        plan: what to compare.
        folder: where it is, and where results go.
        jobs: pairs that a worker compares at a time; None is one for each of its cores.
        backend: what does the array work.
        on_pairs: called with a number of pairs as they are done.

    Attributes:
        done: how many pairs are compared.
        failures: a sentence for each shard that could not be compared.
    """

    def __init__(
        self,
        client: Client,
        plan: Plan,
        folder: Path,
        *,
        jobs: int | None,
        backend: str,
        on_pairs: Callable[[int], None],
    ) -> None:
        self._client = client
        self._plan = plan
        self._folder = folder
        self._jobs = jobs
        self._backend = backend
        self._on_pairs = on_pairs
        self._ended: queue.SimpleQueue[tuple[Task, Any]] = queue.SimpleQueue()
        self._flying: dict[Task, Any] = {}
        self._rest: defaultdict[Shard, deque[Task]] = defaultdict(deque)
        self._alone: deque[Task] = deque()
        self.done = 0
        self.failures: list[str] = []

    def run(self, stop: threading.Event) -> None:
        """Does what is missing; ends early once `stop` is set."""
        done = {path.parent.name for path in self._folder.glob(f"{SHARD_FOLDERS}/{RESULTS}")}
        shards = (Shard(number, self._plan.run.shards) for number in range(1, self._plan.run.shards + 1))
        for shard in shards:
            if shard.folder in done:
                self._count(len(read_pairs(self._plan, self._folder, shard)))
            else:
                self._submit(Task(shard))
        self._wait(stop)
        # Dask blames a worker's death on every task that it was given, so who is to blame is tried with nothing beside.
        while self._alone and not stop.is_set():
            self._submit(self._alone.popleft())
            self._wait(stop, last=True)
        self._client.cancel(list(self._flying.values()))

    def _count(self, pairs: int) -> None:
        self.done += pairs
        self._on_pairs(pairs)

    def _submit(self, task: Task) -> None:
        arguments = str(self._folder), task, self._jobs, self._backend
        future = self._client.submit(compare_task, *arguments, pure=False)
        self._flying[task] = future
        future.add_done_callback(lambda future: self._ended.put((task, future)))

    def _wait(self, stop: threading.Event, *, last: bool = False) -> None:
        """Until nothing is under way, or for `stop`."""
        while self._flying and not stop.is_set():
            try:
                task, future = self._ended.get(timeout=LOOK_EVERY)
            except queue.Empty:
                continue
            del self._flying[task]
            self._take(task, future, last=last)

    def _take(self, task: Task, future: Any, *, last: bool) -> None:  # noqa: ANN401  Dask has no types
        """Goes on after a task."""
        error = future.exception()
        if error is None:
            self._count(future.result())
        elif type(error).__name__ == KILLED:
            self._blame(task, last=last)
        else:
            told = str(error) if isinstance(error, DiffspotError) else f"{type(error).__name__}: {error}"
            self.failures.append(f"Shard {task.shard} could not be compared: {told}")
            return
        if error or task.stop is not None:
            self._go_on(task.shard)

    def _blame(self, task: Task, *, last: bool) -> None:
        """Halves a task that ended its workers; a pair alone is tried last, and then given up."""
        pairs = read_pairs(self._plan, self._folder, task.shard)[task.start : task.stop]
        if len(pairs) > 1:
            self._rest[task.shard].extendleft(reversed(task.halves(len(pairs))))
        elif last:
            self._give_up(task, pairs[0])
        else:
            self._alone.append(Task(task.shard, task.start, task.start + 1))

    def _go_on(self, shard: Shard) -> None:
        """The next part of a shard that was halved; one at a time, as they share its folder."""
        if self._rest[shard]:
            self._submit(self._rest[shard].popleft())
        elif all(task.shard != shard for task in self._alone):
            self._join(shard)

    def _give_up(self, task: Task, placed: Placed) -> None:
        """The result of a pair that no worker survives."""
        result = replace(initial_result(placed.pair), status="error", error=f"{placed.pair.name} {DIED}")
        entry = Entry(index=placed.place, results=(result,), seconds=(0.0,))
        now = datetime.now(UTC).isoformat(timespec="seconds")
        header = Header(
            run=self._plan.run, backend=BackendUsed(), shard=task.shard.number, pairs=1, started=now, seconds=0.0
        )
        write_new(self._folder / task.shard.folder / task.file, encode_lines(header, [entry]))
        self._count(1)

    def _join(self, shard: Shard) -> None:
        """Makes the results of a shard of those of its parts."""
        files = list((self._folder / shard.folder).glob(PARTS))
        headers: list[Header] = []
        entries: dict[int, Entry] = {}
        for file in files:
            header, lines = read_results(file)
            headers.append(header)
            entries |= {entry.index: entry for entry, _ in lines}
        used = next((header for header in headers if header.pairs > 1), headers[0])
        whole = replace(used, pairs=len(entries), seconds=sum(header.seconds for header in headers))
        write_new(
            self._folder / shard.folder / RESULTS, encode_lines(whole, (entries[place] for place in sorted(entries)))
        )
        for file in files:
            file.unlink()
