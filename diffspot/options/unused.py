"""Refuses flags that would change nothing, because what they are for is not asked for: none is ignored silently."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, get_args

from diffspot.errors import OptionError
from diffspot.options.options import measured, option_fields
from diffspot.options.types import MetricName

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from diffspot.options.options import Options


class Use(NamedTuple):
    """What an option is for.

    Attributes:
        by: whether these options make use of it.
        flags: what asks for it, for people.
    """

    by: Callable[[Options], bool]
    flags: str


def _of_metric(name: str) -> Use:
    """Of one metric; one that is installed may have any."""
    return Use(lambda options: options.metric == name or options.metric not in get_args(MetricName), f"--metric {name}")


USES = {
    "window": _of_metric("ncc"),
    "tile": _of_metric("tiles"),
    "tile_match": _of_metric("tiles"),
    "ppd": _of_metric("flip"),
    "lpips_model": Use(
        lambda options: _of_metric("lpips").by(options) or "lpips" in measured(options),
        "--metric lpips or --measure lpips",
    ),
    "pictures": Use(lambda options: options.html, "--html"),
    "scale": Use(lambda options: options.unit == "mm", "--unit mm"),
}
"""What uses each option that only refines another one."""


def refuse_unused(given: Collection[str], options: Iterable[Options]) -> None:
    """Refuses options that the user gave and that no pair makes use of.

    Args:
        given: their names.
        options: those of pairs in general, and those of pairs that a rule is for.

    Raises:
        OptionError: names the flag, and what it takes beside it.
    """
    if unused := find_unused(given, [*options]):
        flag = option_fields()[unused[0]].flag
        raise OptionError(f"{flag} would change nothing without {USES[unused[0]].flags}; give both, or neither.")


def find_unused(given: Collection[str], options: Sequence[Options]) -> list[str]:
    """Which of the options by these names none of `options` makes use of."""
    return [name for name in given if name in USES and not any(map(USES[name].by, options))]
