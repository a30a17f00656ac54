"""A golden from repeated captures: what varies among them is no difference, and what is more is."""

from __future__ import annotations

import json
import struct
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from diffspot import compare
from diffspot.image_io import read_image
from diffspot.outputs.report_json import read_report
from diffspot.runner.spread import encode_spread
from tests.in_process import diffspot
from tests.pictures import changed, page, plain, save
from tests.sweep import sweep

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

SIGMA = 6.0
"""Grey levels: the noise of the drawn sensor."""
GLINT, DEFECT = (40, 60), (150, 200, 24, 18)
"""Where light glints on metal, x and y; and the box of a planted defect."""


def board(rng: np.random.Generator, *, defect: float = 0.0, sigma: float = SIGMA) -> NDArray[np.uint8]:
    """A capture of a drawn board, 240 x 320: noise of sigma, a glint of any strength, now and then a defect."""
    tracks = np.kron(np.random.default_rng(7).integers(60, 170, (15, 20, 3)), np.ones((16, 16, 1)))
    picture = tracks + rng.normal(0, sigma, tracks.shape)
    x, y = GLINT
    wide, high = rng.integers(10, 16, 2)
    picture[y : y + high, x : x + wide] += rng.uniform(0, 110)
    left, top, w, h = DEFECT
    picture[top : top + h, left : left + w] += defect
    return np.clip(np.rint(picture), 0, 255).astype(np.uint8)


def clock_page(rng: np.random.Generator) -> NDArray[np.uint8]:
    """A rendered page with a clock: four blocks of seven segments each, lit or not."""
    picture = page()
    for digit in range(4):
        for segment in range(7):
            if rng.random() < 0.5:
                y, x = 4 + 2 * segment, 230 + 12 * digit
                picture[y : y + 2, x : x + 9] = 20
    return picture


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten captures to learn from, ten more of the same, and one with a defect of four standard deviations."""
    root, rng = tmp_path_factory.mktemp("line"), np.random.default_rng(3)
    for number in range(10):
        save(root / "learn" / f"{number}.png", board(rng))
        save(root / "today" / f"{number}.png", board(rng))
    save(root / "bad" / "bad.png", board(rng, defect=4 * SIGMA))
    save(root / "alone" / "golden.png", board(rng))
    done = diffspot("calibrate", "learn", "-o", "golden", cwd=root)
    assert done.returncode == 0, done.stderr
    (root / "said").write_text(done.stdout, encoding="utf-8")
    return root


def compared(root: Path, *arguments: str) -> list[dict[str, Any]]:
    done = diffspot("compare", *arguments, "--json", cwd=root)
    return json.loads(done.stdout)["pairs"]


def test_the_api_shows_what_was_compared_with_the_spread(line: Path) -> None:
    golden = next((line / "golden").glob("*.png"))
    for candidate, regions in (("today/0.png", 0), ("bad/bad.png", 1)):
        result = compare(golden, line / candidate)
        assert len(result.regions) == regions
        assert result.mask.sum() == sum(region.area for region in result.regions)


def test_noisy_repeats_are_the_same(line: Path) -> None:
    without = compared(line, "alone/golden.png", "today")
    assert sum(pair["status"] == "different" for pair in without) >= 5
    pairs = compared(line, "golden/golden.png", "today")
    assert [pair["status"] for pair in pairs] == ["same"] * 10
    varying = [part for pair in pairs for part in pair["forgiven"] if part["cause"] == "varies"]
    assert varying
    for part in varying:
        x, y, w, h = part["largest"]
        assert GLINT[0] - 6 <= x
        assert x + w <= GLINT[0] + 22
        assert GLINT[1] - 6 <= y
        assert y + h <= GLINT[1] + 22


def test_a_defect_of_four_standard_deviations_is_found(line: Path) -> None:
    (pair,) = compared(line, "golden/golden.png", "bad")
    assert pair["status"] == "different"
    (region,) = pair["regions"]
    x, y, w, h = region["bbox"]
    left, top, wide, high = DEFECT
    assert max(abs(x - left), abs(y - top), abs(x + w - left - wide), abs(y + h - top - high)) <= 6


@pytest.mark.slow
@pytest.mark.parametrize("sigma", sweep([1.0, 2.0]))
def test_in_little_noise_a_defect_below_the_usual_threshold_is_found(tmp_path: Path, sigma: float) -> None:
    rng = np.random.default_rng(11)
    for number in range(10):
        save(tmp_path / "learn" / f"{number}.png", board(rng, sigma=sigma))
    for number in range(5):
        save(tmp_path / "today" / f"bad{number}.png", board(rng, sigma=sigma, defect=(-1) ** number * 4 * sigma))
        save(tmp_path / "today" / f"good{number}.png", board(rng, sigma=sigma))
    assert diffspot("calibrate", "learn", "-o", "golden", cwd=tmp_path).returncode == 0
    pairs = compared(tmp_path, "golden/golden.png", "today")
    assert [pair["status"] for pair in pairs] == ["different"] * 5 + ["same"] * 5
    left, top, wide, high = DEFECT
    for pair in pairs[:5]:
        (region,) = pair["regions"]
        x, y, w, h = region["bbox"]
        assert max(abs(x - left), abs(y - top), abs(x + w - left - wide), abs(y + h - top - high)) <= 6
    assert all(pair["threshold"] > 4 * sigma / 255 for pair in pairs)


def test_the_golden_has_less_noise_and_the_glint_is_said_to_be_unstable(line: Path) -> None:
    golden = read_image(line / "golden" / "golden.png").pixels.astype(float)
    tracks = np.kron(np.random.default_rng(7).integers(60, 170, (15, 20, 3)), np.ones((16, 16, 1)))
    left = (golden - tracks)[100:]
    assert left.std() == pytest.approx(SIGMA / 10**0.5, rel=0.15)  # the mean of ten, each rounded; outliers left out
    said = (line / "said").read_text(encoding="utf-8").splitlines()
    assert said[0].startswith("golden/golden.png\t10 captures\t")
    kind, box, by = said[1].split("\t")
    x, y, w, h = map(int, box.split(","))
    assert kind == "unstable"
    assert (abs(x - GLINT[0]) <= 2, abs(y - GLINT[1]) <= 2, w <= 20, h <= 20) == (True,) * 4
    assert 50 <= int(by.removeprefix("by up to ").removesuffix(" levels")) <= 140


def test_a_flaky_clock_on_a_page_is_the_same_and_an_edit_is_found(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    for number in range(8):
        save(tmp_path / f"run{number}" / "home.png", clock_page(rng))
        save(tmp_path / f"run{number}" / "deep" / "plain.png", plain())
    runs = [f"run{number}" for number in range(8)]
    done = diffspot("calibrate", *runs, "-o", "golden", cwd=tmp_path)
    assert sorted(line.split("\t")[0] for line in done.stdout.splitlines() if "captures" in line) == [
        "golden/deep/plain.png",
        "golden/home.png",
    ]
    later, edited = clock_page(rng), clock_page(rng)
    edited[180:188, 60:90] = 200
    for name, picture in (("later", later), ("edited", edited)):
        save(tmp_path / name / "home.png", picture)
        save(tmp_path / name / "deep" / "plain.png", plain())
    assert [pair["status"] for pair in compared(tmp_path, "run0", "later")] == ["same", "different"]
    assert [pair["status"] for pair in compared(tmp_path, "golden", "later")] == ["same", "same"]
    found = compared(tmp_path, "golden", "edited")[1]
    assert [tuple(region["bbox"]) for region in found["regions"]] == [(60, 180, 30, 8)]
    assert [part["cause"] for part in found["forgiven"]] == ["varies"]


def test_captures_that_moved_or_are_brighter_are_laid_over_the_first(tmp_path: Path, rng: np.random.Generator) -> None:
    shots = [board(rng) for _ in range(5)]
    shots[2] = np.roll(shots[2], (3, 5), axis=(0, 1))
    shots[3] = np.clip(1.1 * shots[3], 0, 255).astype(np.uint8)
    for number, shot in enumerate(shots):
        save(tmp_path / f"{number}.png", shot)
    done = diffspot("calibrate", *(f"{n}.png" for n in range(5)), "-o", "made/board.png", cwd=tmp_path)
    assert done.stdout.startswith("made/board.png\t5 captures")
    golden = read_image(tmp_path / "made" / "board.png").pixels.astype(float)
    tracks = np.kron(np.random.default_rng(7).integers(60, 170, (15, 20, 3)), np.ones((16, 16, 1)))
    assert np.abs((golden - tracks)[100:200, 30:280]).mean() < SIGMA / 2


def test_a_spread_of_another_golden_is_not_used_and_said(line: Path, tmp_path: Path) -> None:
    for name in ("golden.png.spread", "golden.png"):
        (tmp_path / name).write_bytes((line / "golden" / name).read_bytes())
    save(tmp_path / "golden.png", plain())
    (pair,) = compared(tmp_path, "golden.png", str(save(tmp_path / "c.png", changed())))
    assert pair["notes"][-1] == "golden.png.spread is of another reference and not used; run diffspot calibrate again"
    (tmp_path / "golden.png.spread").write_bytes(b"nothing")
    (pair,) = compared(tmp_path, "golden.png", "c.png")
    assert "is no spread of this version" in pair["error"]


def test_a_spread_that_claims_another_size_is_not_decoded(line: Path, tmp_path: Path) -> None:
    golden = (line / "golden" / "golden.png").read_bytes()
    (tmp_path / "golden.png").write_bytes(golden)
    save(tmp_path / "c.png", changed())
    spread = tmp_path / "golden.png.spread"
    size = b"IHDR" + struct.pack(">IIBBBBB", 20_000, 20_000, 8, 6, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + size + struct.pack(">I", zlib.crc32(size))
    for content in (
        encode_spread(np.zeros((9, 9), np.uint8), golden),
        b"\n".join([(line / "golden" / "golden.png.spread").read_bytes().partition(b"\n")[0], bomb]),
    ):
        spread.write_bytes(content)
        (pair,) = compared(tmp_path, "golden.png", "c.png")
        assert pair["notes"][-1].startswith("golden.png.spread is of another reference and not used")
    with spread.open("wb") as file:
        file.truncate(10**12)  # a sparse file takes no room
    (pair,) = compared(tmp_path, "golden.png", "c.png")
    assert pair["notes"][-1].startswith("golden.png.spread is of another reference and not used")


def test_a_spread_is_no_picture_and_a_run_goes_on_with_it(line: Path) -> None:
    done = diffspot("compare", "golden", "bad", "-o", "../out", cwd=line)
    assert "golden.png.spread" not in done.stderr
    assert [pair.name for pair in read_report(line.parent / "out").pairs] == ["bad.png", "golden.png"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["0.png", "1.png"], "0.png, 1.png: give 3 captures or more"),
        (["empty"], "There is no picture in empty"),
        (["empty", "empty"], "There is no picture in empty"),
        (["0.png", "1.png", "other.png"], "other.png cannot be lined up with 0.png; leave it out."),
        (["0.png", "1.png", "grey.png"], "grey.png is of another kind than 0.png"),
        (["0.png", "1.png", "nowhere.png"], "nowhere.png cannot be opened"),
        (["0.png", "1.png", "golden.png"], "golden.png is one of the captures; name another place with --out."),
        (["0.png", "1.png", "2.png", "--align", "magic"], "--align cannot be 'magic'"),
    ],
)
def test_what_cannot_be(tmp_path: Path, rng: np.random.Generator, arguments: list[str], said: str) -> None:
    for number in range(3):
        save(tmp_path / f"{number}.png", board(rng))
    (tmp_path / "empty").mkdir()
    save(tmp_path / "golden.png", board(rng))
    save(tmp_path / "other.png", rng.integers(0, 255, (240, 320, 3)).astype(np.uint8))
    save(tmp_path / "grey.png", np.dstack([board(rng), np.full((240, 320), 99, np.uint8)]))
    done = diffspot("calibrate", *arguments, "-o", ".", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr


def test_a_golden_is_no_jpeg(tmp_path: Path, rng: np.random.Generator) -> None:
    for number in range(3):
        save(tmp_path / f"{number}.png", board(rng))
    given = ["calibrate", "0.png", "1.png", "2.png", "-o"]
    done = diffspot(*given, "cal.jpg", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "diffspot: --out cal.jpg is to be a PNG or a directory; end its name in .png.\n"
    assert not (tmp_path / "cal.jpg").exists()
    (tmp_path / "day.jpg").mkdir()
    assert diffspot(*given, "day.jpg", cwd=tmp_path).returncode == 0
    assert (tmp_path / "day.jpg" / "golden.png").exists()
