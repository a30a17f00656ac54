"""A large picture that is turned a little is laid without features, and as well as with them."""

from __future__ import annotations

import cv2
import pytest

from diffspot.pipeline.preparation import luminance
from diffspot.pipeline.registration import register, search
from tests.pipeline.registration import scenes

PHOTO = scenes.photo("coffee")


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every picture counts as large: one of 4 megapixels takes four times as long."""
    monkeypatch.setattr(search, "LARGE", 0)


@pytest.mark.parametrize("turn", [(3, -2, 0.7, 1.004), (-9.3, 4.6, -1.2, 0.99), (0, 0, 0.4, 1)])
def test_slight_turns_need_no_features(
    turn: tuple[float, float, float, float], request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    matrix = scenes.motion(*turn)
    candidate = scenes.noisy(scenes.with_patches(scenes.moved(PHOTO, matrix), 3), 3)
    pair = luminance(PHOTO), luminance(candidate)
    with_features = register(*pair, method="auto")
    request.getfixturevalue("large")
    monkeypatch.setattr(cv2, "SIFT", None)  # nothing can look for features
    found = register(*pair, method="auto")
    assert found.method == with_features.method
    assert scenes.error(found, matrix, PHOTO.shape, PHOTO.shape) < 0.15
    assert found.confidence == pytest.approx(with_features.confidence, abs=0.002)


@pytest.mark.usefixtures("large")
def test_larger_turns_are_left_to_features() -> None:
    matrix = scenes.motion(5, 5, 25, 1.1)
    pair = luminance(PHOTO), luminance(scenes.moved(PHOTO, matrix))
    found = register(*pair, method="auto")
    assert scenes.error(found, matrix, PHOTO.shape, PHOTO.shape) < 0.15
