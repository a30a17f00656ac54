"""Commands beside `compare`, one file each."""

from diffspot.commands.accept import accept
from diffspot.commands.doctor import doctor
from diffspot.commands.report import report

__all__ = ["accept", "doctor", "report"]
