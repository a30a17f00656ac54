"""The commands, one file each; what several of them share, or one needs much of, has a file of its own."""

from diffspot.cli.commands.accept import accept
from diffspot.cli.commands.compare import compare
from diffspot.cli.commands.doctor import doctor
from diffspot.cli.commands.merge import merge
from diffspot.cli.commands.plan import plan
from diffspot.cli.commands.report import report
from diffspot.cli.commands.schema import schema

__all__ = ["accept", "compare", "doctor", "merge", "plan", "report", "schema"]
