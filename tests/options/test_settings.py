"""Settings: later layers win, rules count for the pairs they match."""

from __future__ import annotations

import pytest

from diffspot.options.options import Options
from diffspot.options.settings import Layer, Settings

FILE = Layer("file", {"min_area": 9, "blur": 2.0})
PNG = Layer("rule 1", {"min_area": 20, "padding": 3}, ("*.png",))
HOME = Layer("rule 2", {"min_area": 30, "ignore": [[0, 0, 5, 5]]}, ("home/*", "start.jpg"))
FLAGS = Layer("flag", {"padding": "7"})


def test_without_layers_all_is_default() -> None:
    assert Settings().base == Settings().for_pair("any") == Options()
    assert Settings().overrides("any") is None
    assert Settings().sources("any") == {}


@pytest.mark.parametrize(
    ("name", "min_area", "padding", "overrides"),
    [
        ("a.jpg", 9, 7, None),
        ("a.png", 20, 7, {"min_area": 20}),
        ("deep/er/a.png", 20, 7, {"min_area": 20}),
        ("home/b.jpg", 30, 7, {"min_area": 30, "ignore": ((0, 0, 5, 5),)}),
        ("home/a.png", 30, 7, {"min_area": 30, "ignore": ((0, 0, 5, 5),)}),
        ("start.jpg", 30, 7, {"min_area": 30, "ignore": ((0, 0, 5, 5),)}),
        ("Start.jpg", 9, 7, None),
    ],
)
def test_later_layers_win(name: str, min_area: int, padding: int, overrides: object) -> None:
    settings = Settings([FILE, PNG, HOME, FLAGS])
    options = settings.for_pair(name)
    assert (options.min_area, options.padding, options.blur) == (min_area, padding, 2.0)
    assert settings.overrides(name) == overrides


def test_the_base_knows_no_rules() -> None:
    settings = Settings([FILE, PNG, HOME, FLAGS])
    assert (settings.base.min_area, settings.base.padding, settings.base.ignore) == (9, 7, ())


def test_sources_name_the_layer_that_won() -> None:
    settings = Settings([FILE, PNG, HOME, FLAGS])
    assert settings.sources(None) == {"min_area": "file", "blur": "file", "padding": "flag"}
    assert settings.sources("home/a.png") == {
        "min_area": "rule 2",
        "blur": "file",
        "padding": "flag",
        "ignore": "rule 2",
    }


def test_a_rule_that_says_what_holds_anyway_overrides_nothing() -> None:
    assert Settings([Layer("rule 1", {"min_area": 2}, ("*",))]).overrides("a.png") is None
