"""A large picture that is turned a little is laid without features, and as well as with them."""

from __future__ import annotations

import pytest

from diffspot.pipeline.preparation import luminance
from diffspot.pipeline.registration import register, search
from tests.pipeline.registration import scenes

PHOTO = scenes.photo("coffee")


@pytest.mark.parametrize("turn", [(3, -2, 0.7, 1.004), (-9.3, 4.6, -1.2, 0.99), (0, 0, 0.4, 1)])
def test_slight_turns_need_no_features(
    turn: tuple[float, float, float, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    matrix = scenes.motion(*turn)
    candidate = scenes.noisy(scenes.with_patches(scenes.moved(PHOTO, matrix), 3), 3)
    pair = luminance(PHOTO), luminance(candidate)
    with_features = register(*pair, method="auto")
    monkeypatch.setattr(search, "LARGE", 0)
    monkeypatch.setattr(search, "motions", lambda *_: pytest.fail("features were asked for"))
    found = register(*pair, method="auto")
    assert found.method == with_features.method
    assert scenes.error(found, matrix, PHOTO.shape, PHOTO.shape) < 0.15
    assert found.confidence == pytest.approx(with_features.confidence, abs=0.002)


def test_larger_turns_are_left_to_features(monkeypatch: pytest.MonkeyPatch) -> None:
    matrix = scenes.motion(5, 5, 25, 1.1)
    pair = luminance(PHOTO), luminance(scenes.moved(PHOTO, matrix))
    monkeypatch.setattr(search, "LARGE", 0)
    found = register(*pair, method="auto")
    assert scenes.error(found, matrix, PHOTO.shape, PHOTO.shape) < 0.15
