"""Commands that work on the folder of an earlier run, one file each."""

from diffspot.commands.accept import accept
from diffspot.commands.report import report

__all__ = ["accept", "report"]
