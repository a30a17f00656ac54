"""Exit codes and every error a user can meet, on one page."""

from __future__ import annotations

import errno
from enum import IntEnum

OPENCV_NO_MEMORY = -4
"""The code of OpenCV's own error."""
_NO_MEMORY = ("failed to map segment", "cannot allocate memory", "can't start new thread")
"""What loaders of libraries and threads say without memory."""


class ExitCode(IntEnum):
    """What `diffspot` tells the shell; 2 wins over 1, and a crash is never 0 or 1."""

    SAME = 0
    DIFFERENT = 1
    TROUBLE = 2


class DiffspotError(Exception):
    """Base of all errors diffspot raises on purpose.

    The message is one sentence that names the file or flag at fault and the way out; the command
    line prints it as it is and exits with `exit_code`.
    """

    exit_code = ExitCode.TROUBLE


class OptionError(DiffspotError):
    """An option has a value that it cannot take."""


class PairingError(DiffspotError):
    """The inputs do not say which picture belongs to which."""


class ImageReadError(DiffspotError):
    """A picture file is missing, damaged or of a kind that cannot be read."""


class TimeLimitError(DiffspotError):
    """A pair took longer than it may."""


class OutputError(DiffspotError):
    """A result cannot be written where it was asked for."""


class AcceptError(DiffspotError):
    """Candidates cannot become references: a file is missing, changed or in the way."""


class MergeError(DiffspotError):
    """The results of shards do not make one report: they are damaged, of several runs, or not all there."""


class ClusterError(DiffspotError):
    """Shards cannot be compared on a cluster."""


class StorageError(DiffspotError):
    """Object storage cannot be used: a library is missing, or a URL is not as it has to be."""


class BackendError(DiffspotError):
    """The array engine that was asked for does not work here."""


def lacks_memory(error: Exception) -> bool:
    """Whether an error that nobody foresaw means that there is too little memory, whoever met it."""
    told = str(error).lower()
    return (
        isinstance(error, MemoryError)
        or getattr(error, "code", None) == OPENCV_NO_MEMORY
        or (isinstance(error, OSError) and error.errno == errno.ENOMEM)
        or (isinstance(error, ImportError | RuntimeError) and any(words in told for words in _NO_MEMORY))
    )
