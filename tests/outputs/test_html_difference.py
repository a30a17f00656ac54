"""The difference mode of the HTML report in a real browser: black wherever diffspot sees no difference."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from skimage import data as photos

from diffspot.image_io import decode
from diffspot.model import Normalization
from tests.outputs.browsing import MATRICES, open_pair, wait_for_pair
from tests.outputs.reports import moved, publish, region, result, write

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from playwright.sync_api import Page

    from diffspot.model import PairResult

pytestmark = pytest.mark.slow

PHOTO = photos.astronaut()
"""512 x 512 px; its edges are as sharp as those of any picture."""


def levels(page: Page) -> NDArray[np.uint8]:
    """What is seen on the stage in difference mode, as it is, without boxes: the brightest channel."""
    page.keyboard.press("5")
    page.fill("#amount", "1")
    page.uncheck("#boxes")
    stage = decode(page.locator("#stage").screenshot(), Path("stage.png")).pixels
    return stage[..., :3].max(axis=2)


def pair_of(root: Path, reference: NDArray[np.uint8], candidate: NDArray[np.uint8], **fields: object) -> PairResult:
    height, width = reference.shape[:2]
    paths = {"reference": str(write(root / "r.png", reference)), "candidate": str(write(root / "c.png", candidate))}
    return result(root, "a.png", **paths, size=(width, height), **fields)


def test_what_moved_is_black_at_fit_but_for_the_change(page: Page, tmp_path: Path) -> None:
    """The photo moved by parts of a px and turned, shown at less than its size: no ghost, no line along the edge."""
    matrix = cv2.getRotationMatrix2D((256, 256), 0.7, 1.01) + np.array([[0, 0, 2.4], [0, 0, -1.7]])
    whole = np.vstack([matrix, [0, 0, 1]])
    photo = cv2.GaussianBlur(PHOTO, (0, 0), 1.2)  # what bilinear sampling can follow
    candidate = cv2.warpAffine(photo, np.linalg.inv(whole)[:2], (512, 512), flags=cv2.INTER_CUBIC)
    candidate[300:330, 200:240] = 255 - candidate[300:330, 200:240]
    page.set_viewport_size({"width": 900, "height": 620})
    found = moved("similarity", tuple(map(tuple, whole.tolist())))
    open_pair(page, publish(tmp_path, [pair_of(tmp_path, photo, candidate, registration=found)]), "a.png")
    assert page.locator("#zoom").inner_text() != "100 %"
    seen = levels(page)
    changed = seen > 60
    assert 0.001 < changed.mean() < 0.01
    ys, xs = np.nonzero(changed)
    assert np.ptp(xs) < 60
    assert np.ptp(ys) < 50
    assert np.quantile(seen[~changed], 0.999) <= 32  # an eighth: what is left of edges after sampling twice


@pytest.mark.parametrize("method", MATRICES)
def test_a_candidate_lies_where_registration_says(page: Page, tmp_path: Path, method: str) -> None:
    photo = cv2.GaussianBlur(PHOTO, (0, 0), 2.5)
    candidate = cv2.warpPerspective(photo, np.linalg.inv(MATRICES[method]), (460, 460), flags=cv2.INTER_CUBIC)
    pair = pair_of(tmp_path, photo, candidate, registration=moved(method, MATRICES[method]))
    open_pair(page, publish(tmp_path, [pair]), "a.png")
    assert np.quantile(levels(page), 0.995) <= 12


def test_light_is_evened_out_as_the_report_says(page: Page, tmp_path: Path) -> None:
    """(candidate * gain + offset) * shading is the reference, to the rounding of 8 bits at each of three steps."""
    gain, offset, shading = (1.1, 0.95, 1.2), (6.0, -4.0, 2.0), (0.02, 0.05, -0.08, 0.01, 0.0, 0.02)
    u, v = np.meshgrid(np.linspace(-1, 1, 512), np.linspace(-1, 1, 512))
    one, x, y, xx, xy, yy = shading
    surface = 1 + one + x * u + y * v + xx * u * u + xy * u * v + yy * v * v
    reference = 40 + cv2.GaussianBlur(PHOTO, (0, 0), 2) * 0.55
    candidate = (reference / surface[..., None] - offset) / gain
    assert candidate.min() >= 0
    assert candidate.max() <= 255
    light = Normalization(gain=gain, offset=offset, shading=(shading,) * 3)
    pictures = [np.round(picture).astype(np.uint8) for picture in (reference, candidate)]
    open_pair(page, publish(tmp_path, [pair_of(tmp_path, *pictures, normalization=light)]), "a.png")
    assert levels(page).max() <= 6
    publish(tmp_path, [pair_of(tmp_path, *pictures)])
    page.reload()
    wait_for_pair(page, "a.png")
    assert levels(page).max() > 20


def test_only_what_both_cover_is_compared(page: Page, tmp_path: Path) -> None:
    reference = np.full((100, 100, 3), 200, np.uint8)
    pair = pair_of(tmp_path, reference, reference[:60, :70])
    open_pair(page, publish(tmp_path, [pair]), "a.png")
    assert levels(page).max() == 0


def test_a_page_with_rows_inserted_is_black_below_them(page: Page, tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    reference = random.integers(0, 255, (200, 120, 3), np.uint8)
    new = random.integers(0, 255, (30, 120, 3), np.uint8)
    candidate = np.vstack([reference[:50], new, reference[50:140], reference[160:]])
    seams = (
        region(0, 50, 120, 1, kind="inserted-rows", candidate_bbox=(0, 50, 120, 30)),
        region(0, 140, 120, 20, kind="removed-rows", candidate_bbox=(0, 170, 120, 1)),
    )
    registration = moved("layout", ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)))
    pair = pair_of(tmp_path, reference, candidate, registration=registration, regions=seams)
    open_pair(page, publish(tmp_path, [pair]), "a.png")
    assert page.locator(".pane:not(.second) .tag").all_inner_texts() == ["1: 30 inserted rows", "2: 20 removed rows"]
    seen = levels(page)
    rows = np.nonzero(seen.max(axis=1))[0]
    scale = float(page.locator("#zoom").inner_text().removesuffix(" %")) / 100
    assert np.ptp(rows) == pytest.approx(20 * scale, abs=2 * scale)  # the removed rows alone, which nothing lies over
