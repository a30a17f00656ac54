"""TOML that diffspot writes reads back as what was meant."""

from __future__ import annotations

import tomllib

import msgspec
import pytest

from diffspot.options.options import Options, make_options, option_fields
from diffspot.options.settings import Layer, Settings
from diffspot.options.toml import commented_file, ignore_rule, settings_text, toml_value


@pytest.mark.parametrize(
    "value",
    ["plain", 'a "b" \\ c', "tab\tline\n", "\x7f\x01", "naïve 漢字 😀", 5, 0.1, ["a", "b"], [[0, "10%", 3, 4]], []],
)
def test_values_read_back(value: object) -> None:
    assert tomllib.loads(f"key = {toml_value(value)}")["key"] == value


def test_the_commented_file_changes_nothing() -> None:
    assert tomllib.loads(commented_file()) == {}


def test_without_its_comment_signs_each_option_is_its_default() -> None:
    lines = commented_file().splitlines()
    keys = {option.key for option in option_fields().values()}
    options = [line[2:] for line in lines if line[2:].partition(" = ")[0] in keys and "[[0" not in line]
    assert len(options) == len(keys)
    assert make_options(tomllib.loads("\n".join(options)), file="x") == Options()
    for option in option_fields().values():
        assert f"# {option.description}" in lines


def test_the_example_rule_is_one() -> None:
    example = "\n".join(line[2:] for line in commented_file().splitlines()[-3:])
    (rule,) = tomllib.loads(example)["rules"]
    assert rule.pop("match") == "home/*.png"
    assert make_options(rule, file="x").ignore[0] == (0, 0, "100%", 40)


def test_settings_are_toml_with_their_sources() -> None:
    settings = Settings(
        [
            Layer("file", {"min_area": 9}),
            Layer("rule 1", {"ignore": [[0, 0, 9, "5%"]]}, ("a*",)),
            Layer("flag", {"blur": 2}),
        ]
    )
    for name, options in (("a.png", settings.for_pair("a.png")), (None, settings.base)):
        shown = tomllib.loads(settings_text(settings, name))
        assert make_options(shown, file="x") == options
        assert set(shown) == {option.key for option in option_fields().values()}
    sources = dict(line.split("  # ") for line in settings_text(settings, "a.png").splitlines())
    found = {key.partition(" = ")[0]: source for key, source in sources.items()}
    assert (found["min-area"], found["ignore"], found["blur"], found["padding"]) == (
        "file",
        "rule 1",
        "flag",
        "default",
    )


@pytest.mark.parametrize("name", ["home.png", "a [1]*?.png", 'q"uote\\.png', "漢字.png"])
def test_a_rule_matches_the_pair_that_it_is_for_alone(name: str) -> None:
    (rule,) = tomllib.loads(ignore_rule(name, [(1, 2, 3, 4), ("5%", 0, 1, 1)], "rules"))["rules"]
    layer = Layer("rule", {}, (rule["match"],))
    assert layer.matches(name)
    assert not layer.matches(name + "x")
    assert not layer.matches("a 1xx.png")
    assert msgspec.convert(rule["ignore"], list[tuple[int | str, int, int, int]]) == [(1, 2, 3, 4), ("5%", 0, 1, 1)]
