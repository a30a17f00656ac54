"""The commands, one file each; what several of them share, or one needs much of, has a file of its own."""

from diffspot.cli.commands.accept import accept
from diffspot.cli.commands.calibrate import calibrate
from diffspot.cli.commands.common import common
from diffspot.cli.commands.compare import compare
from diffspot.cli.commands.doctor import doctor
from diffspot.cli.commands.git_diff import git_diff
from diffspot.cli.commands.history import history
from diffspot.cli.commands.locate import locate
from diffspot.cli.commands.man import man
from diffspot.cli.commands.merge import merge
from diffspot.cli.commands.plan import plan
from diffspot.cli.commands.report import report
from diffspot.cli.commands.schema import schema
from diffspot.cli.commands.shapes import shapes
from diffspot.cli.commands.similar import similar

__all__ = [
    "accept",
    "calibrate",
    "common",
    "compare",
    "doctor",
    "git_diff",
    "history",
    "locate",
    "man",
    "merge",
    "plan",
    "report",
    "schema",
    "shapes",
    "similar",
]
