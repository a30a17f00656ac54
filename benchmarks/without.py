"""Runs diffspot with one of its mechanisms switched off: `python -m benchmarks.without NAME compare ...`.

A mechanism is a function that explains or finds something. Switched off it says so of nothing: it gives what it was
given, or finds nothing. `python -m benchmarks.accuracy --ablate` measures what each is worth.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    Nothing = Callable[..., object]


def _nothing(*_: object, **__: object) -> list[Any]:
    return []


def _none(*_: object, **__: object) -> None:
    return None


def _all(components: list[Any], *_: object, **__: object) -> tuple[list[Any], Any]:
    from diffspot.pipeline.verdict.interface import Tally  # noqa: PLC0415  the package is imported when it is patched

    return list(components), Tally()


def _found(_: object, components: list[Any], *__: object, **___: object) -> list[Any]:
    return list(components)


def _objects(components: list[Any], *_: object, **__: object) -> tuple[list[Any], list[Any]]:
    return list(components), []


def _evened(pair: object, *_: object) -> tuple[object, list[Any]]:
    return pair, []


def _dusty(pair: object, *_: object, **__: object) -> tuple[object, Any]:
    return pair, _all([])[1]


def _judged(judged: object, tally: object, *_: object, **__: object) -> tuple[object, object]:
    return judged, tally


def _quiet(_: object, found: Any, *__: object) -> list[Any]:  # noqa: ANN401  what the pipeline found, of any version
    return list(found.components)


MECHANISMS: dict[str, tuple[str, str, Nothing]] = {
    "one compression": ("harmonization", "compressed_alike", _none),
    "one palette": ("harmonization", "in_one_palette", _none),
    "one sharpness": ("harmonization", "find_kernel", _none),
    "soft shadows": ("harmonization", "even_light", _evened),
    "shade with a border": ("harmonization", "even_shade", _evened),
    "ragged shade": ("harmonization", "even_dapples", _evened),
    "parts of pages": ("placement", "lay_parts", _none),
    "words drawn anew": ("verdict.page", "drawn_anew", _none),
    "parts of a px": ("verdict.rendered", "without_subpixel", _judged),
    "colours that ran": ("verdict", "without_bleeding", _all),
    "cast shadows": ("verdict.candidates", "without_shadows", _objects),
    "objects apart": ("verdict.candidates", "split_groups", lambda groups, *_: list(groups)),
    "overlays": ("verdict", "without_overlays", _all),
    "parallax": ("verdict", "without_parallax", _all),
    "swaying": ("verdict", "without_swaying", _all),
    "slivers": ("verdict", "without_slivers", _all),
    "softer strokes": ("verdict", "without_softened", _all),
    "dust": ("compare", "without_dust", _dusty),
    "dust in black and white": ("verdict", "without_dust", _dusty),
    "alike neighbours": ("verdict", "join_alike", lambda components, *_, **__: list(components)),
    "lone places": ("verdict", "find_lone", _nothing),
    "quiet places": ("verdict", "find_quiet", _quiet),
    "patches": ("verdict", "find_patches", _nothing),
    "spots": ("verdict", "find_spots", _nothing),
    "streaks": ("verdict", "find_streaks", _found),
    "faint areas": ("verdict", "judge_faint", lambda *_, **__: _all([])),
    "letters": ("verdict", "find_letters", _nothing),
    "scans by strokes": ("verdict", "judge_strokes", _none),
}
"""Name, the room of `diffspot.pipeline` that asks, the function it asks, and what that gives when it is off."""


def switch_off(name: str) -> None:
    """Switches a mechanism of `MECHANISMS` off, for the rest of the process."""
    room, function, nothing = MECHANISMS[name]
    module = import_module(f"diffspot.pipeline.{room}")
    if not callable(getattr(module, function)):
        raise TypeError(function)
    setattr(module, function, nothing)


if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in MECHANISMS:
        sys.exit(f"Name a mechanism first: {', '.join(MECHANISMS)}.")
    switch_off(sys.argv.pop(1))
    from diffspot.__main__ import main

    main()
