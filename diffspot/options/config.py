"""Configuration files: `diffspot.toml`, or `[tool.diffspot]` in pyproject.toml."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from diffspot.errors import ImageReadError, OptionError
from diffspot.options.comparison import PAIRS
from diffspot.options.fields import NOTHING, unknown_option
from diffspot.options.options import OUTPUTS, make_options, option_fields
from diffspot.options.settings import FLAG, Layer, Settings
from diffspot.options.unused import refuse_unused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

CONFIG_NAME = "diffspot.toml"
PROJECT_NAME = "pyproject.toml"
RULES = "rules"
MATCH = "match"
MASK = "mask"
OF_THE_RUN = frozenset({"max_memory", "include", "exclude", "unmatched", "map", "save", "stages"})
"""Options that no rule may set, beside those of whole stages."""


def find_config(start: Path = Path()) -> Path | None:
    """The nearest configuration file, from the working directory or `start` upwards; None if there is none.

    In one directory `diffspot.toml` wins; a pyproject.toml without `[tool.diffspot]` is passed over.

    Raises:
        OptionError: a file on the way cannot be read.
    """
    for directory in _upwards(start):
        if _is_file(directory / CONFIG_NAME):
            return directory / CONFIG_NAME
        project = directory / PROJECT_NAME
        if _is_file(project) and _table(project) is not None:
            return project
    return None


def load_settings(flags: Mapping[str, Any], config: Path | None) -> Settings:
    """Settings from a configuration file, if there is one, and the values that win over it, by option name.

    Raises:
        OptionError: the file cannot be read, has an unknown key or a value of the wrong type, or a flag has; a flag
            would change nothing; a mask is no picture.
    """
    make_options(flags)
    layers = [*(read_config(config) if config else []), Layer(FLAG, flags)]
    for layer in layers:
        _check_mask(layer)
    settings = Settings(layers)
    refuse_unused(flags, settings.variants)
    return settings


def read_config(path: Path) -> list[Layer]:
    """What a configuration file says: its options, then each of its rules.

    Raises:
        OptionError: as for `load_settings`.
    """
    table = _table(path)
    if table is None:
        raise OptionError(f"{path} has no table [tool.diffspot]; add it, or name another file with --config.")
    rules = table.pop(RULES, [])
    if not isinstance(rules, list) or not all(isinstance(rule, dict) for rule in rules):
        raise OptionError(f"{RULES} in {path} cannot be {rules!r}; write each rule under [[{RULES}]].")
    layers = [_layer(table, str(path), path, beside=RULES)]
    for number, rule in enumerate(rules, start=1):
        source = f"{path}, rule {number}"
        match = rule.pop(MATCH, None)
        layer = _layer(rule, source, path, beside=MATCH)
        _refuse_outputs(layer)
        layers.append(replace(layer, match=_match(match, source)))
    return layers


def _upwards(start: Path) -> Iterator[Path]:
    """A directory and those above it, relative to it, so that reports do not tell where it lies."""
    return (start / Path(*[".."] * steps) for steps in range(len(start.absolute().parts)))


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except PermissionError:  # of a directory above that may not be searched
        return False


def _table(path: Path) -> dict[str, Any] | None:
    """The options in a file by key, rules among them; None in a pyproject.toml without any."""
    import tomllib  # noqa: PLC0415  most runs have no file

    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise OptionError(f"Cannot read {path}: {error.strerror}; check --config.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise OptionError(f"{path} is not TOML ({error}); mend it.") from error
    except RecursionError as error:
        raise OptionError(f"{path} is nested too deep to be read; mend it.") from error
    if path.name != PROJECT_NAME:
        if isinstance(content.get("tool"), dict) and "diffspot" in content["tool"]:
            raise OptionError(
                f"[tool.diffspot] in {path} is for pyproject.toml; here write its options without a table."
            )
        return content
    tools = content.get("tool", {})
    table = tools.get("diffspot") if isinstance(tools, dict) else None
    if table is not None and not isinstance(table, dict):
        raise OptionError(f"tool.diffspot in {path} cannot be {table!r}; write it as the table [tool.diffspot].")
    return table


def _layer(table: Mapping[str, Any], source: str, path: Path, *, beside: str) -> Layer:
    """The options in a table, checked; `beside` is the key that may stand beside them."""
    keys = {option.key: option.name for option in option_fields().values()}
    for key in table:
        if key not in keys:
            raise OptionError(unknown_option(key, [*keys, beside], source))
    make_options(table, file=source)
    values = {keys[key]: value for key, value in table.items()}
    for name, value in values.items():
        if option_fields()[name].path and value != NOTHING:
            values[name] = str(path.parent / value)
    return Layer(source, values)


def _check_mask(layer: Layer) -> None:
    """A mask that cannot be read fails before the first pair, not with every one."""
    mask = layer.values.get(MASK, NOTHING)
    if mask == NOTHING:
        return
    from diffspot.image_io import peek_size, read_bytes  # noqa: PLC0415  most runs have no mask

    path = Path(mask)
    try:
        peek_size(read_bytes(path), path)
    except ImageReadError as error:
        label = option_fields()[MASK].flag if layer.source == FLAG else f"{MASK} in {layer.source}"
        raise OptionError(f"{label} cannot be used: {error}") from None


def _refuse_outputs(rule: Layer) -> None:
    """What is written of a whole run, and what makes its pairs, cannot depend on a pair."""
    for name in rule.values:
        option = option_fields()[name]
        if option.stage in {OUTPUTS, PAIRS} or name in OF_THE_RUN:
            raise OptionError(f"{option.key} in {rule.source} is for the whole run; write it above the rules.")


def _match(given: object, source: str) -> tuple[str, ...]:
    globs = [given] if isinstance(given, str) else given
    if not isinstance(globs, list) or not globs or not all(isinstance(glob, str) for glob in globs):
        what = "is missing" if given is None else f"cannot be {given!r}"
        raise OptionError(f'{MATCH} in {source} {what}; write a glob such as "home/*.png", or a list of them.')
    return tuple(globs)
