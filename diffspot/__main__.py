"""`python -m diffspot` and the `diffspot` command."""

from __future__ import annotations

import gc
import os
import signal
import sys

TYPE_CHECKING = False  # typing is not imported for it: until Ctrl-C has its handler it prints a traceback
if TYPE_CHECKING:
    from typing import NoReturn

INTERRUPTED = 2
"""The exit code of an interruption, `ExitCode.TROUBLE`, which is not imported yet."""
COLLECT_EVERY = 100_000
"""New objects after which Python searches for cycles. Imports make 60,000, all to stay: searching them is a tenth of a
small comparison. What a pair needs lies in no cycle and goes without a search."""


def main() -> NoReturn:
    """Runs the command line in a process of its own; while modules are imported, Ctrl-C just ends it."""
    signal.signal(signal.SIGINT, lambda *_: os._exit(INTERRUPTED))
    gc.set_threshold(COLLECT_EVERY)
    # Its own threads wait for each other on matrices as small as ours; NumPy reads this when it is imported.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from diffspot.cli.app import main as run  # noqa: PLC0415  imports are what the threshold is for

    signal.signal(signal.SIGINT, lambda *_: sys.exit(INTERRUPTED))  # from here on files are put in order first
    try:
        run()
    finally:
        gc.freeze()  # nothing is searched once more at the end, when all memory goes anyway


if __name__ == "__main__":
    main()
