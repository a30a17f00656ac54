"""Runs the targets for so many seconds, in processes that are watched: `python -m tests.fuzz [SECONDS] [--seed N]`.

Each input follows from the seed, the target and its number, so that `--again TARGET NUMBER` makes it once more. Inputs
with findings are kept in out/fuzz/. It ends with 1 if there are any.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import resource
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests.fuzz.interface import Finding
from tests.fuzz.mutation import mutated
from tests.fuzz.targets import TARGETS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from multiprocessing.connection import Connection

    from tests.fuzz.interface import Target

KEPT = Path("out/fuzz")
HANG, STUCK = 5.0, 60.0
"""Seconds of the processor, and of the clock, that an input may take."""
ADDRESS_SPACE = 6 << 30
"""Bytes: an input of a few hundred that takes more is a crash."""


class Input(NamedTuple):
    """A mutated input."""

    target: Target
    number: int
    data: bytes
    seed: bytes


def made(seed: int, number: int) -> Input:
    """The input of that number; targets take turns."""
    target = TARGETS[number % len(TARGETS)]
    rng = random.Random(f"{seed} {target.name} {number}")  # noqa: S311  no secret
    seeds = target.seeds()
    whole = rng.choice(seeds)
    return Input(target, number, target.mend(mutated(whole, seeds, rng), rng), whole)


def read(one: Input, folder: Path) -> Finding | None:
    """What is wrong with how diffspot reads an input."""
    try:
        return one.target.check(one.data, one.seed, folder)
    except Exception as error:  # noqa: BLE001  that is what is looked for
        return Finding("crash", f"{type(error).__name__}: {error}")


def work(seed: int, numbers: Iterable[int], pipe: Connection) -> None:
    """Reads inputs, telling of each before and after."""
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # decoders say much
    for target in TARGETS:
        target.seeds()  # some take long to make, and an input has less time than the start
    with tempfile.TemporaryDirectory() as folder:
        for number in numbers:
            one = made(seed, number)
            pipe.send(number)
            pipe.send(read(one, Path(folder)))


class Watched:
    """A process that reads every `step`-th input from `first` on, started anew after each that ends or hangs it."""

    def __init__(self, seed: int, first: int, step: int) -> None:
        self._seed, self._step = seed, step
        self.done: Counter[str] = Counter()
        self.findings: list[tuple[int, Finding]] = []
        self._start(first)

    def _start(self, number: int) -> None:
        self._number = number
        self._pipe, theirs = multiprocessing.Pipe(duplex=False)
        numbers = range(number, sys.maxsize, self._step)
        self._process = multiprocessing.Process(target=work, args=(self._seed, numbers, theirs), daemon=True)
        self._process.start()
        theirs.close()
        self._since, self._worked = time.monotonic(), 0.0

    def look(self) -> None:
        """Takes what the process told, and ends it where an input takes too long."""
        try:
            while self._pipe.poll():
                told = self._pipe.recv()
                if isinstance(told, int):
                    self._number, self._since, self._worked = told, time.monotonic(), self._processor_seconds()
                else:
                    self._note(told)
                    self._number += self._step
        except EOFError:
            self._process.join()
            self._note(Finding("crash", f"the process ended with {self._process.exitcode}"))
            self._start(self._number + self._step)
        if self._processor_seconds() - self._worked > HANG or time.monotonic() - self._since > STUCK:
            self.stop()
            self._note(Finding("hang", f"over {HANG:g} s"))
            self._start(self._number + self._step)

    def _processor_seconds(self) -> float:
        """What the process has used: of the clock's seconds, other processes may have had most."""
        try:
            times = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()[11:13]
        except OSError:  # not on Linux, or it has ended
            return time.monotonic()
        return sum(map(int, times)) / os.sysconf("SC_CLK_TCK")

    def _note(self, finding: Finding | None) -> None:
        self.done[TARGETS[self._number % len(TARGETS)].name] += 1
        if finding:
            self.findings.append((self._number, finding))

    def stop(self) -> None:
        """Ends the process."""
        self._process.kill()
        self._process.join()


def run(seconds: float, seed: int) -> int:
    """Fuzzes for that long and prints what came of it; the number of findings."""
    processes = os.cpu_count() or 1
    end = time.monotonic() + seconds
    watched = [Watched(seed, number, processes) for number in range(processes)]
    while time.monotonic() < end:
        for one in watched:
            one.look()
        time.sleep(0.02)
    for one in watched:
        one.stop()
    findings = sorted(finding for one in watched for finding in one.findings)
    _print_table(sum((one.done for one in watched), Counter[str]()), findings)
    print(
        f"{sum(one.done.total() for one in watched)} inputs in {seconds:g} s with seed {seed}, {len(findings)} findings"
    )
    for number, finding in findings:
        print(f"{_kept(made(seed, number), seed)}: {finding.kind}: {finding.what}")
    return len(findings)


def _print_table(done: Counter[str], findings: Iterable[tuple[int, Finding]]) -> None:
    counts = Counter((TARGETS[number % len(TARGETS)].name, finding.kind) for number, finding in findings)
    print(f"{'target':10}{'inputs':>9}{'crashes':>9}{'hangs':>9}{'false same':>12}")
    for target in TARGETS:
        crashes, hangs, same = (counts[target.name, kind] for kind in ("crash", "hang", "false same"))
        print(f"{target.name:10}{done[target.name]:9}{crashes:9}{hangs:9}{same:12}")


def _kept(one: Input, seed: int) -> Path:
    """Where an input with a finding was written."""
    KEPT.mkdir(parents=True, exist_ok=True)
    place = KEPT / f"{one.target.name}-{seed}-{one.number}{one.target.suffix}"
    place.write_bytes(one.data)
    return place


def main() -> int:
    """Reads the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("seconds", type=float, nargs="?", default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--again", type=int, metavar="NUMBER", help="read one input once more, in this process")
    given = parser.parse_args()
    if given.again is None:
        return min(1, run(given.seconds, given.seed))
    with tempfile.TemporaryDirectory() as folder:
        finding = read(made(given.seed, given.again), Path(folder))
    print(finding or "nothing is wrong with it")
    return 1 if finding else 0


if __name__ == "__main__":
    sys.exit(main())
