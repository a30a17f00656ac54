"""Measures decide where limits are given, and are told in table, JSON, schema and outputs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import jsonschema
import numpy as np
import pytest

import diffspot
from diffspot.options.options import make_options, measured
from diffspot.outputs.report_json import read_report
from diffspot.outputs.words import details, headline
from diffspot.runner.status import missed_limits
from tests.in_process import diffspot as command
from tests.pictures import changed, plain, save

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def pair(tmp_path: Path) -> tuple[str, str]:
    return str(save(tmp_path / "plain.png", plain())), str(save(tmp_path / "changed.png", changed()))


def mse() -> float:
    difference = plain().astype(float) - changed()
    return float((difference**2).mean())


@pytest.mark.parametrize(
    ("limits", "missed"),
    [
        ({"fail_below": "ssim=0.98"}, ["ssim 0.97 is below 0.98"]),
        ({"fail_below": "ssim=0.97"}, []),
        ({"fail_above": "mse=20"}, ["mse 20.5 is above 20"]),
        ({"fail_above": ["mse=20.5,norm=1", "ncc=1"]}, ["norm 3 is above 1", "ncc has no value"]),
        ({"fail_below": "psnr=40"}, []),
        ({"fail_above": "psnr=40"}, ["psnr inf is above 40"]),
        ({"fail_below": "ncc=-1"}, ["ncc has no value"]),
    ],
)
def test_limits(limits: dict[str, object], missed: list[str]) -> None:
    measures = {"ssim": 0.97, "mse": 20.5, "norm": 3.0, "psnr": np.inf, "ncc": np.nan}
    assert missed_limits(measures, make_options(limits)) == missed


def test_what_limits_are_on_is_measured() -> None:
    options = make_options({"measure": "ssim,mse", "fail_below": ["psnr=3", "ssim=0.5"], "fail_above": "norm=2"})
    assert measured(options) == ("ssim", "mse", "psnr", "norm")


def test_a_limit_is_a_budget(pair: tuple[str, str]) -> None:
    above, below = mse() - 1, mse() + 1
    assert diffspot.compare(*pair).status == "different"
    kept = diffspot.compare(*pair, fail_above=f"mse={below:.3f}")
    assert kept.status == "same"
    assert kept.regions
    assert kept.notes[-1].startswith("within budget: 1 region")
    missed = diffspot.compare(*pair, fail_above=f"mse={above:.3f}", max_regions=5)
    assert missed.status == "different"
    assert diffspot.compare(*pair, fail_above=f"mse={below:.3f}", max_regions=0).status == "different"
    assert missed.measures == {"mse": pytest.approx(mse(), abs=5e-7)}


def test_a_pair_without_regions_can_miss_a_limit(pair: tuple[str, str]) -> None:
    result = diffspot.compare(*pair, min_area=5000, fail_below="psnr=60")
    assert (result.status, result.regions) == ("different", ())
    assert result.change
    assert headline(result) == f"Misses a limit: psnr {result.measures['psnr']:g} is below 60."
    assert "measures: psnr " in details(result)


def test_equal_files_are_measured_without_decoding(tmp_path: Path) -> None:
    for side in ("reference", "candidate"):
        save(tmp_path / side / "same.png", plain())
    report = diffspot.compare_directories(tmp_path / "reference", tmp_path / "candidate", measure="mse,psnr,ssim")
    assert report.pairs[0].measures == {"mse": 0, "psnr": None, "ssim": 1}
    assert report.pairs[0].notes == ("psnr is infinite: the pictures are equal",)
    assert report.exit_code == 0


def test_the_table_says_why_and_how_much(pair: tuple[str, str]) -> None:
    done = command("compare", *pair, "--measure", "mse", "--fail-below", "ssim=0.99", "--fail-above", "mse=20,psnr=90")
    assert done.returncode == 1
    row = done.stdout.splitlines()[0].split("\t")
    assert row[:3] == ["different", "plain.png", "1"]
    assert row[4].startswith("misses a limit: ssim 0.")
    assert f"; misses a limit: mse {mse():g} is above 20; mse {mse():.6g}, ssim 0." in row[4]
    assert "psnr" in row[4].rpartition(";")[2]


def test_the_table_shows_the_measures_of_pairs_that_are_the_same(pair: tuple[str, str]) -> None:
    done = command("compare", pair[0], pair[0], "--measure", "psnr,mse")
    assert done.returncode == 0
    assert done.stdout.splitlines()[0] == "same\tplain.png\t\t\tpsnr none, mse 0"


def test_json_is_valid_and_comes_back(pair: tuple[str, str], tmp_path: Path) -> None:
    done = command("compare", pair[0], pair[0], "--measure", "psnr,mse", "--json", "-o", tmp_path / "out")
    report = json.loads(done.stdout)
    assert report["pairs"][0]["measures"] == {"psnr": None, "mse": 0.0}
    jsonschema.validate(report, json.loads(command("schema").stdout))
    assert read_report(tmp_path / "out").pairs[0].measures == {"psnr": None, "mse": 0.0}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["--fail-below", "ssim"],
            "--fail-below cannot be 'ssim': expected none alone or limits on measures such as",
        ),
        (
            ["--fail-below", "psrn=2"],
            "--fail-below cannot be 'psrn=2': expected none alone or limits on measures such as ssim=0.98, of mse",
        ),
        (["--fail-below", "ssim=2"], "--fail-below cannot be 'ssim=2'"),
        (["--fail-above", "mse=low"], "--fail-above cannot be 'mse=low'"),
        (["--fail-above", "sharpness=2"], "--fail-above cannot be 'sharpness=2'"),
        (["--measure", "mse,rmse"], "--measure cannot be 'mse,rmse': expected none alone or any of mse,psnr,ssim"),
        (["--filter", "highpass=2"], "--filter cannot be 'highpass=2': expected none, or highpass or lowpass with"),
        (["--blur", "51"], "--blur cannot be '51': expected auto|PX|P%, 50 px or 100% at most."),
        (["--blur", "-1%"], "--blur cannot be '-1%'"),
        (["--window", "4"], "--window cannot be '4': expected an odd number such as 3."),
        (["--tile", "0"], "--tile cannot be '0': expected a whole number from 1 to 1000."),
        (["--score", "slope"], "--score cannot be 'slope': expected local|gradient."),
        (["--metric", "oklab", "--score", "gradient"], "--score gradient is not for --metric oklab"),
        (["--measure", "lpips"], "LPIPS needs a network; name its ONNX file with --lpips-model FILE."),
    ],
)
def test_a_bad_value_is_one_sentence(pair: tuple[str, str], arguments: list[str], said: str) -> None:
    done = command("compare", *pair, *arguments)
    assert done.returncode == 2
    assert done.stderr.startswith(f"diffspot: {said}")
    assert done.stderr.count("\n") == 1


def test_limits_stand_in_a_configuration_file(tmp_path: Path, pair: tuple[str, str]) -> None:
    config = tmp_path / "diffspot.toml"
    config.write_text('fail-below = ["ssim=0.1"]\nmeasure = ["mse"]\nfilter = "lowpass=0.9"\nblur = "1%"\n')
    result = diffspot.compare(*pair, config=config)
    assert result.status == "same"
    assert set(result.measures) == {"mse", "ssim"}
