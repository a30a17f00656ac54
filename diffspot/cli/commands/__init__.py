"""Commands beside `compare`, one file each."""

from diffspot.cli.commands.accept import accept
from diffspot.cli.commands.doctor import doctor
from diffspot.cli.commands.report import report

__all__ = ["accept", "doctor", "report"]
