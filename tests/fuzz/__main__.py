"""Runs the targets in processes that are watched: `python -m tests.fuzz [SECONDS] [--seed N] [--inputs N]`.

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
START = 60.0
"""Seconds that a process may take until its first input is read."""
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
    """A process that reads the inputs of some numbers, started anew after each that ends or hangs it."""

    def __init__(self, seed: int, numbers: range) -> None:
        self._seed, self._left = seed, numbers
        self.done: Counter[str] = Counter()
        self.findings: list[tuple[int, Finding]] = []
        self._start()

    @property
    def ended(self) -> bool:
        """Whether all of its inputs are read."""
        return not self._left

    def _start(self) -> None:
        self._since, self._worked, self._allowed = time.monotonic(), 0.0, START
        self._pipe, theirs = multiprocessing.Pipe(duplex=False)
        self._process = multiprocessing.Process(target=work, args=(self._seed, self._left, theirs), daemon=True)
        self._process.start()
        theirs.close()

    def look(self) -> None:
        """Takes what the process told, and ends it where an input takes too long."""
        try:
            while self._left and self._pipe.poll():
                told = self._pipe.recv()
                if isinstance(told, int):
                    self._since, self._allowed = time.monotonic(), HANG
                    self._worked = self._processor_seconds()
                else:
                    self._note(told)
        except EOFError:
            self._process.join()
            self._pass_over(Finding("crash", f"the process ended with {self._process.exitcode}"))
        waited = time.monotonic() - self._since
        if self._left and (self._processor_seconds() - self._worked > self._allowed or waited > STUCK + START):
            self.stop()
            self._pass_over(Finding("hang", f"over {HANG:g} s"))

    def _pass_over(self, finding: Finding) -> None:
        """Goes on in a new process behind the input that the last one fell over."""
        self._note(finding)
        if self._left:
            self._start()

    def _processor_seconds(self) -> float:
        """What the process has used: of the clock's seconds, other processes may have had most."""
        try:
            times = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()[11:13]
        except OSError:  # not on Linux, or it has ended
            return self._worked
        return sum(map(int, times)) / os.sysconf("SC_CLK_TCK")

    def _note(self, finding: Finding | None) -> None:
        number, self._left = self._left[0], self._left[1:]
        self.done[TARGETS[number % len(TARGETS)].name] += 1
        if finding:
            self.findings.append((number, finding))

    def stop(self) -> None:
        """Ends the process."""
        self._process.kill()
        self._process.join()


def run(seconds: float, seed: int, most: int = sys.maxsize) -> int:
    """Reads the first inputs, so many or for so long, and prints what came of it; the number of findings."""
    processes = os.cpu_count() or 1
    start = time.monotonic()
    watched = [Watched(seed, range(number, most, processes)) for number in range(min(processes, most))]
    while time.monotonic() < start + seconds and not all(one.ended for one in watched):
        for one in watched:
            one.look()
        time.sleep(0.02)
    for one in watched:
        one.stop()
    findings = sorted(finding for one in watched for finding in one.findings)
    _print_table(sum((one.done for one in watched), Counter[str]()), findings)
    print(
        f"{sum(one.done.total() for one in watched)} inputs in {time.monotonic() - start:.0f} s with seed {seed}, "
        f"{len(findings)} findings"
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
    parser.add_argument("seconds", type=float, nargs="?", default=60, help="stop after so many")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--inputs", type=int, default=sys.maxsize, help="read no more than the first so many")
    parser.add_argument("--again", type=int, metavar="NUMBER", help="read one input once more, in this process")
    given = parser.parse_args()
    if given.again is None:
        return min(1, run(given.seconds, given.seed, given.inputs))
    with tempfile.TemporaryDirectory() as folder:
        finding = read(made(given.seed, given.again), Path(folder))
    print(finding or "nothing is wrong with it")
    return 1 if finding else 0


if __name__ == "__main__":
    sys.exit(main())
