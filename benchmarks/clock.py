"""Times commands and functions against each other."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ROOT = Path(__file__).parent.parent
diffspot = (sys.executable, "-m", "diffspot")
# diffspot's exit codes of a run that compared; anything else is no measurement.
COMPARED = (0, 1)
# A process begins with the most memory of the one that started it, so a small one has to start what is measured.
PEAK = """\
import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def interleaved(runs: int, *jobs: Callable[[], object]) -> list[float]:
    """Run the jobs in turn, `runs` times over; return the median seconds of each.

    In turn, so that a slow spell of the machine falls on all of them.
    """
    seconds: list[list[float]] = [[] for _ in jobs]
    for _ in range(runs):
        for job, times in zip(jobs, seconds, strict=True):
            start = time.perf_counter()
            job()
            times.append(time.perf_counter() - start)
    return [median(times) for times in seconds]


def run_python(*arguments: str) -> None:
    """Run Python with these arguments from the root of the project.

    Raises:
        CalledProcessError: It failed.
    """
    subprocess.run((sys.executable, *arguments), cwd=ROOT, capture_output=True, check=True)


def run_diffspot(*arguments: str | Path) -> None:
    """Run diffspot.

    Raises:
        CalledProcessError: It did not compare.
    """
    command = (*diffspot, *(str(argument) for argument in arguments))
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    if done.returncode not in COMPARED:
        raise subprocess.CalledProcessError(done.returncode, command, done.stdout, done.stderr)


def peak_memory(command: Sequence[str]) -> int:
    """Run a command and return the most memory it held at a time, bytes."""
    done = subprocess.run((sys.executable, "-c", PEAK, *command), cwd=ROOT, capture_output=True, check=True)
    # Linux counts in KiB, macOS in bytes.
    return int(done.stdout) * (1 if sys.platform == "darwin" else 1024)
