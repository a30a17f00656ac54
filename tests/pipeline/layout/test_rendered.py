"""Pages are told from photos."""

from __future__ import annotations

import numpy as np
import pytest
import skimage.data

from diffspot.pipeline.layout.find import looks_rendered
from tests.pipeline.layout.pages import page, stacked


@pytest.mark.parametrize("name", ["astronaut", "camera", "chelsea", "coffee", "moon", "page", "retina", "text"])
def test_photos_and_scans_are_not_rendered(name: str) -> None:
    picture = np.asarray(getattr(skimage.data, name)())
    assert not looks_rendered(picture.reshape(*picture.shape[:2], -1))


def test_pages_are_rendered_even_beside_a_photo() -> None:
    drawn = stacked(page())
    assert looks_rendered(drawn)
    drawn[:, :512] = np.resize(skimage.data.camera(), (len(drawn), 512))[..., None]
    assert looks_rendered(drawn)


def test_a_picture_narrower_than_a_run_is_not() -> None:
    assert not looks_rendered(np.zeros((40, 9, 1), np.uint8))
