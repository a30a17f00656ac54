"""What --map, --save, --stages and --annotate pair write, against arrays worked out by themselves."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest
import tifffile
from skimage.metrics import structural_similarity

from diffspot.image_io import decode, encode_png
from diffspot.outputs.coco import polygons, run_lengths
from tests.in_process import diffspot
from tests.pictures import PATCH, changed, page, plain, save
from tests.pipeline.registration.scenes import photo
from tests.pipeline.sheets import edited

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

FIXED = "--align", "none", "--normalize", "none", "--blur", "0", "--tolerance", "0", "--threshold", "0.2"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A working directory with a pair that differs, one that is the same, and an equal one."""
    monkeypatch.chdir(tmp_path)
    save(Path("ref/deep/a.png"), plain())
    save(Path("cand/deep/a.png"), changed())
    save(Path("ref/equal.png"), page())
    save(Path("cand/equal.png"), page())


def pixels(path: str | Path) -> NDArray[Any]:
    return decode(Path(path).read_bytes(), Path(path)).pixels


def files(folder: str) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in Path(folder).rglob("*") if path.is_file())


READERS: dict[str, tuple[str, Callable[[bytes], NDArray[Any]]]] = {
    "npy": ("maps/deep/a.png.npy", lambda data: np.load(io.BytesIO(data))),
    "tiff": ("maps/deep/a.png.tiff", lambda data: tifffile.imread(io.BytesIO(data))),
    "png": ("maps/deep/a.png", lambda data: decode(data, Path("x.png")).pixels[..., 0] / np.float32(65535)),
}


@pytest.mark.parametrize("kind", READERS)
def test_a_score_map_is_the_difference_over_255(kind: str) -> None:
    assert diffspot("compare", "ref", "cand", "-o", "out", "--map", kind, *FIXED).returncode == 1
    name, read = READERS[kind]
    scores = read(Path("out", name).read_bytes())
    expected = np.abs(plain().astype(float) - changed()).max(axis=2) / 255
    assert scores.dtype == np.float32
    assert scores.shape == (48, 64)
    # PNG has 65,535 steps, so it is half a step off at most; float32 has 24 bits
    assert np.abs(scores - expected).max() <= (0.5 / 65535 if kind == "png" else 2**-24)
    pair = json.loads(Path("out/report.json").read_bytes())["pairs"][0]
    assert pair["map_file"] == name
    equal = read(Path("out", name.replace("deep/a", "equal")).read_bytes())
    assert equal.shape == page().shape[:2]
    assert not equal.any()


def test_a_map_of_ssim_is_that_of_scikit_image() -> None:
    reference = photo("coffee")
    candidate, _ = edited(reference, 1)
    save(Path("a.png"), reference)
    save(Path("b.png"), candidate)
    diffspot("compare", "a.png", "b.png", "-o", "out", "--map", "npy", "--metric", "ssim", *FIXED)
    keywords: dict[str, Any] = {"gaussian_weights": True, "use_sample_covariance": False, "full": True}
    _, similarity = structural_similarity(reference, candidate, channel_axis=2, data_range=255, **keywords)
    expected = np.clip((1 - similarity) / 2, 0, 1).max(axis=2)
    # float32 sums over an 11 x 11 window of squares up to 65,025 lose the last three digits
    assert np.abs(np.load("out/maps/a.png.npy") - expected).max() < 2e-3


def test_the_mask_is_what_the_regions_are_of() -> None:
    diffspot("compare", "ref", "cand", "-o", "out", "--save", "mask", *FIXED)
    mask = pixels("out/mask/deep/a.png")
    x, y, w, h = PATCH
    expected = np.zeros((48, 64, 1), np.uint8)
    expected[y : y + h, x : x + w] = 255
    assert np.array_equal(mask, expected)
    assert not pixels("out/mask/equal.png").any()
    assert files("out") == ["annotated/deep/a.png", "mask/deep/a.png", "mask/equal.png", "report.json"]


@pytest.mark.parametrize("name", ["coffee", "astronaut"])
@pytest.mark.parametrize("noisy", [False, True])
def test_a_mask_has_the_area_of_the_regions_without_options(name: str, *, noisy: bool) -> None:
    reference = photo(name)
    candidate, _ = edited(reference, 3)
    if noisy:
        noise = np.random.default_rng(1).normal(0, 3, reference.shape)
        candidate = np.clip(candidate + noise, 0, 255).astype(np.uint8)
    save(Path("a.png"), reference)
    save(Path("b.png"), candidate)
    diffspot("compare", "a.png", "b.png", "-o", "out", "--save", "mask")
    mask = pixels("out/mask/a.png")[..., 0] > 0
    regions = json.loads(Path("out/report.json").read_bytes())["pairs"][0]["regions"]
    assert len(regions) == 6
    for region in regions:
        x, y, w, h = region["bbox"]
        assert mask[y : y + h, x : x + w].sum() == region["area"]
        mask[y : y + h, x : x + w] = False
    assert not mask.any()


def test_the_aligned_candidate_lies_over_the_reference() -> None:
    whole = photo("coffee", 260, 360)
    reference, candidate = whole[20:220, 20:320], whole[14:214, 29:329].copy()
    candidate[100:120, 100:130] = 0
    save(Path("a.png"), reference)
    save(Path("b.png"), candidate)
    diffspot("compare", "a.png", "b.png", "-o", "out", "--save", "aligned,mask")
    aligned = pixels("out/aligned/a.png")
    assert aligned.shape == (200, 300, 4)
    shown = aligned[..., 3] > 0
    assert 0.9 < shown.mean() < 1
    differs = np.abs(aligned[..., :3].astype(int) - reference).max(axis=2)[shown] > 60
    assert 0.4 * 600 < differs.sum() < 1.2 * 600  # the black patch alone


def test_sixteen_bits_stay_sixteen() -> None:
    for name, picture in (("a.png", plain()), ("b.png", changed())):
        save(Path(name), (picture.astype(np.uint16) * 257 // 3).astype(np.uint16))
    diffspot("compare", "a.png", "b.png", "-o", "out", "--save", "aligned", *FIXED)
    assert np.array_equal(pixels("out/aligned/a.png"), pixels("b.png"))


def test_both_side_by_side_in_one_picture() -> None:
    diffspot("compare", "ref", "cand", "-o", "out", "--annotate", "pair")
    drawn = pixels("out/annotated/deep/a.png")
    assert drawn.shape == (48, 128, 3)
    assert np.array_equal(drawn[:, :64], plain())
    x, y, w, h = PATCH
    assert np.array_equal(drawn[y : y + h, 64 + x : 64 + x + w], changed()[y : y + h, x : x + w])
    assert (drawn[:, 64:] != changed()).any()


def test_a_picture_of_each_stage() -> None:
    diffspot("compare", "ref", "cand", "--stages", "steps", *FIXED)
    names = ["aligned", "blurred", "score", "threshold", "mask", "opened", "components", "boxes"]
    of_pair = [f"{number}-{name}.stage.png" for number, name in enumerate(names, 1)]
    assert files("steps") == [f"{pair}/{name}" for pair in ("deep/a.png", "equal.png") for name in of_pair]
    shown = {name: pixels(f"steps/deep/a.png/{name}") for name in of_pair}
    x, y, w, h = PATCH
    inside = np.zeros((48, 64), np.bool_)
    inside[y : y + h, x : x + w] = True
    assert np.array_equal(shown["1-aligned.stage.png"], changed())
    assert np.array_equal(shown["2-blurred.stage.png"], changed())
    for name in ("3-score", "5-mask", "6-opened", "7-components"):
        assert np.array_equal(shown[f"{name}.stage.png"].max(axis=2) > 4, inside)
    histogram = shown["4-threshold.stage.png"]
    line = 48 + round((720 - 96) * 0.2)
    assert (histogram[60:340, line] == (228, 0, 128)).all()


def test_what_an_earlier_run_wrote_goes() -> None:
    diffspot("compare", "ref", "cand", "-o", "out", "--map", "npy", "--save", "mask,aligned", "--stages", "steps")
    Path("steps/mine.png").write_bytes(b"mine")
    Path("out/maps/mine.npy").write_bytes(b"mine")
    Path("ref/equal.png").unlink()
    diffspot("compare", "ref", "cand", "-o", "out", "--map", "png", "--stages", "steps")
    assert files("out") == ["annotated/deep/a.png", "maps/deep/a.png", "maps/mine.npy", "report.json"]
    assert {Path(path).parent.as_posix() for path in files("steps")} == {".", "deep/a.png"}
    diffspot("compare", "ref", "cand", "-o", "out")
    assert files("out") == ["annotated/deep/a.png", "maps/mine.npy", "report.json"]


def test_resuming_draws_what_is_missing() -> None:
    Path("out/index.html/in the way").mkdir(parents=True)
    flags = "-o", "out", "--map", "npy", "--html"
    assert diffspot("compare", "ref", "cand", *flags).returncode == 2
    Path("out/maps/deep/a.png.npy").unlink()
    (Path("out/index.html/in the way")).rmdir()
    Path("out/index.html").rmdir()
    done = diffspot("compare", "ref", "cand", *flags, "--resume")
    assert "1 result taken" in done.stderr
    assert files("out/maps") == ["deep/a.png.npy", "equal.png.npy"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--annotate", "reference"), "--annotate draws pictures into the folder of --out; give --out, too."),
        (("--map", "npy"), "--map writes into the folder of --out; give --out, too."),
        (("--save", "mask"), "--save writes into the folder of --out; give --out, too."),
        (("--save", "masks"), "--save cannot be 'masks': expected none alone or any of mask,aligned."),
        (("--map", "jpg"), "--map"),
        (("--stages", "ref/steps"), "--stages ref/steps lies in the input ref"),
        (("--stages", "ref/equal.png"), "--stages ref/equal.png lies in the input ref"),
    ],
)
def test_what_cannot_be_written(arguments: tuple[str, ...], said: str) -> None:
    done = diffspot("compare", "ref", "cand", *arguments)
    assert done.returncode == 2
    assert said in done.stderr


@pytest.mark.parametrize("name", ["ref/equal.png", "ref", "ref/new"])
def test_no_stage_is_written_to_where_a_picture_lies(name: str) -> None:
    Path("pairs.csv").write_text(f"reference,candidate,name\nref/equal.png,cand/equal.png,{name}\n")
    before = files("ref")
    done = diffspot("compare", "--pairs", "pairs.csv", "--stages", ".")
    if name == "ref/new":
        assert (done.returncode, len(files("ref"))) == (0, len(before) + 8)
    else:
        assert (done.returncode, files("ref")) == (2, before)
        assert "would write stages to where ref/equal.png lies" in done.stderr


def test_no_stage_is_written_into_an_input_around_it() -> None:
    shutil.copytree("ref", "ref/ref")
    shutil.copytree("cand", "cand/ref")
    done = diffspot("compare", "ref", "cand", "--stages", ".")
    assert done.returncode == 2
    assert "--stages . would write stages to where" in done.stderr
    assert not [path for path in files(".") if path.endswith(".stage.png")]


def test_stages_of_others_stay() -> None:
    Path("steps/mine").mkdir(parents=True)
    Path("steps/mine/1.stage.png").write_bytes(b"mine")
    assert diffspot("compare", "ref", "cand", "--stages", "steps", "-o", "out").returncode == 1
    Path("ref/equal.png").unlink()
    Path("cand/equal.png").unlink()
    diffspot("compare", "ref", "cand", "--stages", "steps", "-o", "out")
    assert {Path(path).parent.as_posix() for path in files("steps")} == {"mine", "deep/a.png"}


def test_stages_that_cannot_be_written_lose_nothing_else() -> None:
    Path("steps").write_text("a file")
    done = diffspot("compare", "ref", "cand", "--stages", "steps", "-o", "out")
    assert done.returncode == 2
    assert "name another with --stages" in done.stderr
    assert "out/report.json" in "".join(map(str, Path("out").rglob("report.json")))


def test_a_rule_writes_no_maps() -> None:
    Path("diffspot.toml").write_text('[[rules]]\nmatch = "*"\nmap = "npy"\n')
    assert "map in diffspot.toml, rule 1 is for the whole run" in diffspot("compare", "ref", "cand").stderr


def decoded(rle: dict[str, Any]) -> NDArray[np.bool_]:
    height, width = rle["size"]
    flat = np.repeat(np.arange(len(rle["counts"])) % 2 == 1, rle["counts"])
    assert len(flat) == height * width or not flat[-1:].any()
    whole = np.zeros(height * width, np.bool_)
    whole[: len(flat)] = flat
    return whole.reshape(width, height).T


def test_coco_has_the_outlines_of_saved_masks() -> None:
    picture = plain()
    cv2.circle(picture, (30, 24), 12, (0, 0, 0), -1)
    picture[2:6, 50:58] = 0
    save(Path("cand/deep/a.png"), picture)
    diffspot("compare", "ref", "cand", "-o", "out", "--save", "mask", "--coco", "coco.json", "--join", "3", *FIXED)
    found = json.loads(Path("coco.json").read_bytes())["annotations"]
    mask = pixels("out/mask/deep/a.png")[..., 0] > 0
    assert len(found) == 2
    assert np.array_equal(sum(decoded(one["rle"]).astype(int) for one in found) > 0, mask)
    square = next(one for one in found if one["bbox"] == [50, 2, 8, 4])
    corners = np.array(square["segmentation"][0]).reshape(-1, 2).tolist()
    assert sorted(corners) == [[50, 2], [50, 6], [58, 2], [58, 6]]
    assert all(int(decoded(one["rle"]).sum()) == one["area"] for one in found)
    again = diffspot("report", "out", "--coco", "again.json")
    assert again.returncode == 0
    assert json.loads(Path("again.json").read_bytes())["annotations"] == found
    diffspot("compare", "ref", "cand", "-o", "out", "--coco", "coco.json")
    assert all("segmentation" not in one for one in json.loads(Path("coco.json").read_bytes())["annotations"])


@pytest.mark.parametrize("seed", range(6))
def test_run_lengths_and_polygons_tell_the_mask(seed: int) -> None:
    rng = np.random.default_rng(seed)
    part = cv2.dilate((rng.random((20, 30)) < 0.02).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    whole = np.zeros((50, 70), np.bool_)
    whole[7:27, 11:41] = part
    assert np.array_equal(decoded(run_lengths(part, (11, 7), (70, 50))), whole)
    assert run_lengths(np.zeros((0, 0), np.bool_), (0, 0), (4, 3)) == {"size": [3, 4], "counts": [12]}
    outlines = polygons(part, (11, 7))
    drawn = np.zeros((200, 280), np.uint8)
    for outline in outlines:
        cv2.fillPoly(drawn, [4 * np.array(outline).reshape(-1, 2)], 1)
    inside = drawn[2::4, 2::4] > 0
    # a corner that turns inwards is cut by half a pixel, and holes are filled
    assert (inside & whole).sum() >= 0.98 * whole.sum()
    assert encode_png(part[..., None].view(np.uint8))[:4] == b"\x89PNG"
