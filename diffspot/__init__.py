"""diffspot finds where two pictures differ."""

from __future__ import annotations

TYPE_CHECKING = False  # as `typing` says, which need not be imported for it
if TYPE_CHECKING:
    from diffspot.api.pairs import compare, compare_directories, compare_files, load_report
    from diffspot.api.questions import common, locate, shapes, similar
    from diffspot.errors import DiffspotError
    from diffspot.model import PairResult, Region, Registration, RunReport, __version__

_HOMES = {
    "compare": "api.pairs",
    "compare_directories": "api.pairs",
    "compare_files": "api.pairs",
    "common": "api.questions",
    "locate": "api.questions",
    "shapes": "api.questions",
    "similar": "api.questions",
    "load_report": "api.pairs",
    "DiffspotError": "errors",
    "PairResult": "model",
    "Region": "model",
    "Registration": "model",
    "RunReport": "model",
    "__version__": "model",
}

__all__ = [
    "DiffspotError",
    "PairResult",
    "Region",
    "Registration",
    "RunReport",
    "__version__",
    "common",
    "compare",
    "compare_directories",
    "compare_files",
    "load_report",
    "locate",
    "shapes",
    "similar",
]


def __getattr__(name: str) -> object:
    """Imports what is public when it is first asked for, so that `diffspot --version` is fast."""
    from importlib import import_module  # noqa: PLC0415

    if name not in _HOMES:
        raise AttributeError(f"module 'diffspot' has no attribute {name!r}")
    return getattr(import_module(f"diffspot.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    """The public names, though most are not imported yet."""
    return list(__all__)
