"""Options: one definition, checked on the way in."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from diffspot.errors import OptionError
from diffspot.options.config import read_config
from diffspot.options.options import Options, make_options, option_fields
from diffspot.options.types import in_bytes


def test_defaults_are_valid() -> None:
    assert make_options({}) == Options()
    assert make_options(msgspec.to_builtins(Options())) == Options()


def test_text_is_converted() -> None:
    options = make_options({"threshold": "0.25", "min_area": "9", "blur": "2", "metric": "ssim"})
    assert (options.threshold, options.min_area, options.blur, options.metric) == (0.25, 9, 2.0, "ssim")


@pytest.mark.parametrize("given", ["auto", "0", "1", "0.1", "95%", "99.9%", "0%", "100%"])
def test_a_threshold_is_a_word_a_score_or_a_percentage(given: str) -> None:
    expected = given if given == "auto" or given.endswith("%") else float(given)
    assert make_options({"threshold": given}).threshold == expected
    assert make_options({"threshold": expected}, file="x.toml").threshold == expected


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"min_area": "0"}, ["--min-area cannot be '0': expected a whole number from 1 on."]),
        ({"min_area": "few"}, ["--min-area cannot be 'few': expected a whole number from 1 on."]),
        ({"padding": 2000}, ["--padding", "2000", "a whole number from 0 to 1000"]),
        ({"blur": "wide"}, ["--blur", "'wide'", "auto|PX"]),
        ({"blur": float("nan")}, ["--blur", "nan"]),
        ({"metric": "psnr"}, ["--metric", "'psnr'", "absdiff|ssim"]),
        ({"opening": 4}, ["--opening cannot be 4: expected auto or an odd number such as 3."]),
        ({"threshold": 1.5}, ["--threshold cannot be 1.5: expected auto, a score from 0 to 1, or a percentage"]),
        ({"threshold": "95"}, ["--threshold", "'95'", "a percentage such as '95%'"]),
        ({"threshold": "101%"}, ["--threshold", "'101%'", "a percentage such as '95%'"]),
        ({"threshold": "nan"}, ["--threshold", "'nan'", "a score from 0 to 1"]),
        ({"threshold": ["95%"]}, ["--threshold", "expected 'auto', a score from 0 to 1, or a percentage"]),
        ({"tolerance": "wide"}, ["--tolerance", "'wide'", "expected auto|PX"]),
        ({"max_diff_area": 2.5}, ["--max-diff-area", "2.5", "expected 'none', px as a whole number"]),
        ({"github": 5}, ["--github", "5", "expected auto, true or false"]),
        ({"threshold": "low"}, ["--threshold", "'low'", "expected auto, a score from 0 to 1"]),
        ({"blurr": 1}, ["'blurr'", "did you mean 'blur'"]),
        ({"zzz": 1}, ["'zzz'", "diffspot compare --help"]),
        ({"ignore": ["1,2,3"]}, ["--ignore", "'1,2,3'", "boxes X,Y,W,H: left, top"]),
        ({"ignore": ["1,2,3,wide"]}, ["--ignore", "1,2,3,wide", "12.5%"]),
        ({"only": [(0, 0, -3, 5)]}, ["--only", "-3", "px"]),
        ({"ignore": 5}, ["--ignore", "5", "boxes"]),
        ({"ignore": ["none", "1,1,5,5"]}, ["--ignore", "'1,1,5,5'", "expected boxes X,Y,W,H"]),
        ({"fail_on": "none,added"}, ["--fail-on", "'none,added'", "expected none alone or any of added,removed"]),
        ({"fail_on": "added,gone"}, ["--fail-on", "gone", "added,removed,renamed,different,forgiven,error"]),
        ({"max_regions": "-1"}, ["--max-regions", "-1"]),
        ({"max_regions": -1}, ["--max-regions", "-1", "a number from 0"]),
        ({"max_diff_area": "2.5"}, ["--max-diff-area", "2.5", "percentage"]),
        ({"max_diff_area": "100.1%"}, ["--max-diff-area", "100.1%", "up to 100%"]),
        ({"max_box": "50"}, ["--max-box", "50", "expected none or a percentage up to 100% such as '50%'"]),
        ({"max_box": "0%"}, ["--max-box", "0%", "a percentage"]),
        ({"top": 0}, ["--top", "0", "a number from 1"]),
        ({"max_memory": "2 GO"}, ["--max-memory", "'2 GO'", "such as '800MB' or '1.5GiB'"]),
        ({"max_memory": 0}, ["--max-memory", "0", "auto, bytes or a size"]),
        ({"max_memory": "-1GB"}, ["--max-memory", "'-1GB'"]),
        ({"max_pixels": 0}, ["--max-pixels", "0", "from 1"]),
        ({"max_pixels": 10**9}, ["--max-pixels", "1000000000"]),
        ({"timeout": 0}, ["--timeout", "0", "a number from 0.001"]),
        ({"timeout": "soon"}, ["--timeout", "'soon'", "none|SECONDS"]),
        ({"frames": "some"}, ["--frames", "'some'", "all|first"]),
    ],
)
def test_a_bad_value_is_one_sentence(values: dict[str, object], words: list[str]) -> None:
    with pytest.raises(OptionError) as caught:
        make_options(values)
    for word in words:
        assert word in str(caught.value)
    assert str(caught.value).endswith((".", "?"))


@pytest.mark.parametrize(
    ("name", "given", "value"),
    [
        ("ignore", "1,2,3,4", ((1, 2, 3, 4),)),
        ("ignore", ["1, 2, 3, 4", "0,0,100%,12.5%"], ((1, 2, 3, 4), (0, 0, "100%", "12.5%"))),
        ("ignore", [(1, 2, "3%", 4)], ((1, 2, "3%", 4),)),
        ("only", "none", ()),
        ("only", ["none"], ()),
        ("fail_on", "added, error", ("added", "error")),
        ("fail_on", "none", ()),
        ("fail_on", ["added"], ("added",)),
        ("max_regions", "3", 3),
        ("max_regions", "none", "none"),
        ("max_diff_area", "300", 300),
        ("max_diff_area", "0.5%", "0.5%"),
        ("max_diff_area", "100%", "100%"),
        ("mask", Path("masks") / "home.png", str(Path("masks") / "home.png")),
        ("mask", "123", "123"),
        ("max_memory", "1500000000", 1_500_000_000),
        ("max_memory", "1.5GB", "1.5GB"),
        ("max_memory", "auto", "auto"),
        ("max_pixels", "1000000", 1_000_000),
        ("timeout", "2.5", 2.5),
        ("timeout", "none", "none"),
    ],
)
def test_lists_boxes_and_budgets_are_read(name: str, given: object, value: object) -> None:
    options = make_options({name: given})
    assert getattr(options, name) == value
    assert make_options(msgspec.to_builtins(options)) == options


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"min-area": "9"}, ["min-area in x.toml", "'9'", "a whole number from 1 on"]),
        ({"min_area": 9}, ["'min_area'", "x.toml", "did you mean 'min-area'"]),
        ({"blur": "2"}, ["blur in x.toml", "'2'"]),
        ({"max-diff-area": "5"}, ["max-diff-area in x.toml", "'5'"]),
        ({"ignore": ["0,0,1,1"]}, ["ignore in x.toml", "boxes"]),
        ({"ignore": [0, 0, 1, 1]}, ["ignore in x.toml", "boxes"]),
        ({"fail-on": "added"}, ["fail-on in x.toml", "expected a list of any of added,removed"]),
        ({"threshold": True}, ["threshold in x.toml", "expected 'auto', a score from 0 to 1, or a percentage"]),
        ({"threshold": "0.1"}, ["threshold in x.toml", "'0.1'", "a score from 0 to 1"]),
    ],
)
def test_a_file_has_keys_and_types_of_its_own(values: dict[str, object], words: list[str]) -> None:
    with pytest.raises(OptionError) as caught:
        make_options(values, file="x.toml")
    for word in words:
        assert word in str(caught.value)


def test_defaults_are_shown_as_flags_take_them() -> None:
    for option in option_fields().values():
        assert make_options({option.name: str(option.default)}) == Options(), option.name


def test_every_option_says_what_it_is() -> None:
    for option in option_fields().values():
        assert option.description.endswith("."), option.name
        assert option.stage, option.name
        assert option.values, option.name
        assert option.number is None or option.unit or option.name == "min_confidence", option.name


@pytest.mark.parametrize(
    ("size", "amount"),
    [
        (5, 5),
        ("80 kB", 80_000),
        ("1.5GB", 1_500_000_000),
        ("1.5 GiB", 3 << 29),
        ("800mb", 800_000_000),
        ("2TiB", 2 << 40),
    ],
)
def test_sizes_in_bytes(size: int | str, amount: int) -> None:
    assert in_bytes(size) == amount


def test_memory_is_for_the_whole_run(tmp_path: Path) -> None:
    config = tmp_path / "diffspot.toml"
    config.write_text("max-memory = '1GB'\n[[rules]]\nmatch = '*'\nmax-memory = '2GB'\n")
    with pytest.raises(OptionError, match=r"max-memory in .*rule 1 is for the whole run; write it above the rules"):
        read_config(config)
