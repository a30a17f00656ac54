"""Options: one definition, checked on the way in."""

from __future__ import annotations

import msgspec
import pytest

from diffspot.errors import OptionError
from diffspot.options import Options, make_options, option_fields


def test_defaults_are_valid() -> None:
    assert make_options({}) == Options()
    assert make_options(msgspec.to_builtins(Options())) == Options()


def test_text_is_converted() -> None:
    options = make_options({"floor": "0.25", "min_area": "9", "blur": "2", "metric": "ssim"})
    assert (options.floor, options.min_area, options.blur, options.metric) == (0.25, 9, 2.0, "ssim")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"min_area": "0"}, ["--min-area", "'0'", ">= 1"]),
        ({"blur": "wide"}, ["--blur", "'wide'", "auto|PX"]),
        ({"blur": float("nan")}, ["--blur", "nan"]),
        ({"metric": "psnr"}, ["--metric", "'psnr'", "absdiff|ssim"]),
        ({"opening": 4}, ["--opening", "4", "odd"]),
        ({"floor": 1.5}, ["--floor", "1.5", "0 to 1"]),
        ({"floor": "low"}, ["--floor", "'low'", "auto|SCORE"]),
        ({"floor": 0.5, "ceiling": 0.1}, ["--floor", "0.5", "not above the ceiling"]),
        ({"quantile": 1.01}, ["--quantile", "<= 1"]),
        ({"blurr": 1}, ["'blurr'", "did you mean 'blur'"]),
    ],
)
def test_a_bad_value_is_one_sentence(values: dict[str, object], words: list[str]) -> None:
    with pytest.raises(OptionError) as caught:
        make_options(values)
    for word in words:
        assert word in str(caught.value)
    assert str(caught.value).endswith(".")


def test_every_option_says_what_it_is() -> None:
    for option in option_fields().values():
        assert option.description.endswith("."), option.name
        assert option.stage, option.name
        assert option.values, option.name
        assert option.number is None or option.unit or option.name == "quantile", option.name
