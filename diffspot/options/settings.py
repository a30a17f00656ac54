"""Settings: the options of each pair, put together from layers of which the later ones win."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

import msgspec

from diffspot.options.options import make_options

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from diffspot.options.options import Options

DEFAULT = "default"
FLAG = "flag"


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """Values of some options.

    Attributes:
        source: where they were written, for people: "diffspot.toml, rule 2".
        values: by option name.
        match: globs of the pairs' names that they are for; `*` crosses folders. None is every pair.
    """

    source: str
    values: Mapping[str, Any]
    match: tuple[str, ...] | None = None

    def matches(self, name: str | None) -> bool:
        """Whether it is for the pair called `name`; None stands for pairs in general."""
        if self.match is None:
            return True
        return name is not None and any(fnmatchcase(name, glob) for glob in self.match)


class Settings:
    """What to compare each pair by; without layers, the defaults.

    Args:
        layers: the options of a configuration file, its rules in order, then the command line's.
    """

    def __init__(self, layers: Sequence[Layer] = ()) -> None:
        self._layers = tuple(layers)
        self._made: dict[tuple[Layer, ...], Options] = {}
        self.base = self._merged(self._layers_of(None))

    @property
    def layers(self) -> tuple[Layer, ...]:
        """What it is made of."""
        return self._layers

    def for_pair(self, name: str) -> Options:
        """The options of the pair called `name`."""
        return self._merged(self._layers_of(name))

    def overrides(self, name: str) -> dict[str, Any] | None:
        """What rules give the pair other values than `base`, as in a report; None where nothing."""
        base, own = msgspec.to_builtins(self.base), msgspec.to_builtins(self.for_pair(name))
        return {option: value for option, value in own.items() if value != base[option]} or None

    def sources(self, name: str | None) -> dict[str, str]:
        """Where each option comes from that is not left at its default, for the pair called `name` or in general."""
        return {option: layer.source for layer in self._layers_of(name) for option in layer.values}

    @property
    def variants(self) -> list[Options]:
        """The options of pairs in general, and those of pairs that only one rule is for, of each."""
        rules = [layer for layer in self._layers if layer.match]
        layers = (tuple(one for one in self._layers if one is rule or not one.match) for rule in rules)
        return [self.base, *map(self._merged, layers)]

    @property
    def files(self) -> set[str]:
        """The files that are read beside the pictures, for pairs in general or by a rule."""
        rules = (self._merged((layer,)) for layer in self._layers if layer.match)
        return {file for options in (self.base, *rules) for file in options.files}

    def idle(self, names: Iterable[str]) -> list[Layer]:
        """The rules that are for none of the pairs of these names."""
        found = list(names)
        return [layer for layer in self._layers if layer.match and not any(map(layer.matches, found))]

    def named_by(self, config: Path) -> dict[str, Path]:
        """The folder of a configuration file, by each option of pairs in general that comes from it."""
        return {option: config.parent for option, source in self.sources(None).items() if source == str(config)}

    def _merged(self, layers: tuple[Layer, ...]) -> Options:
        if layers not in self._made:
            values = {option: value for layer in layers for option, value in layer.values.items()}
            self._made[layers] = make_options(values)
        return self._made[layers]

    def _layers_of(self, name: str | None) -> tuple[Layer, ...]:
        return tuple(layer for layer in self._layers if layer.matches(name))
