"""`python -m diffspot` and the `diffspot` command."""

from __future__ import annotations

import signal

if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:  # as a script has it for what it leaves in the background
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # first of all: until then Ctrl-C prints a traceback

import gc
import os

TYPE_CHECKING = False  # typing is not imported for it
if TYPE_CHECKING:
    from typing import NoReturn

COLLECT_EVERY = 100_000
"""New objects after which Python searches for cycles. Imports make 60,000, all to stay: searching them is a tenth of a
small comparison. What a pair needs lies in no cycle and goes without a search."""


def main() -> NoReturn:
    """Runs the command line in a process of its own; Ctrl-C just ends it, but while there are files to put in order."""
    gc.set_threshold(COLLECT_EVERY)
    # Its own threads wait for each other on matrices as small as ours; NumPy reads this when it is imported.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from diffspot.cli.app import main as run  # noqa: PLC0415  imports are what the threshold is for
    from diffspot.cli.signals import pass_on  # noqa: PLC0415

    try:
        run()
    finally:
        gc.freeze()  # nothing is searched once more at the end, when all memory goes anyway
        pass_on()


if __name__ == "__main__":
    main()
