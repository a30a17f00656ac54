"""A mechanism that is switched off explains and finds nothing; each of the table is one that the pipeline asks."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module

import numpy as np
import pytest

from benchmarks.measured import ROOT
from benchmarks.without import MECHANISMS, switch_off
from diffspot import compare

pytestmark = pytest.mark.slow


@pytest.fixture
def restored(monkeypatch: pytest.MonkeyPatch) -> None:
    """All of the table is as it was once a test is over."""
    for room, function, _ in MECHANISMS.values():
        module = import_module(f"diffspot.pipeline.{room}")
        monkeypatch.setattr(module, function, getattr(module, function))


@pytest.mark.usefixtures("restored")
@pytest.mark.parametrize("name", MECHANISMS)
def test_what_is_switched_off_is_asked_by_the_pipeline(name: str) -> None:
    room, function, nothing = MECHANISMS[name]
    module = import_module(f"diffspot.pipeline.{room}")
    assert callable(getattr(module, function))
    switch_off(name)
    assert getattr(module, function) is nothing


@pytest.mark.usefixtures("restored")
def test_an_area_that_is_a_little_darker_is_found_by_the_mechanism_for_it_alone() -> None:
    page = np.full((200, 300, 3), 240, np.uint8)
    page[20:30, 20:120] = 40
    darker = page.copy()
    darker[80:140, 60:200] -= 4
    switch_off("letters")
    (region,) = compare(page, darker).regions
    assert region.bbox == (60, 80, 140, 60)
    switch_off("faint areas")
    assert compare(page, darker).status == "same"


@pytest.mark.usefixtures("restored")
def test_with_all_switched_off_noise_is_noise_and_a_change_is_found() -> None:
    rng = np.random.default_rng(3)
    photo = rng.normal(0, 3, (2, 160, 200, 3)) + np.linspace(60, 180, 200)[:, None]
    scene, again = photo.clip(0, 255).astype(np.uint8)
    again[60:90, 80:120] = 20
    for name in MECHANISMS:
        switch_off(name)
    (region,) = compare(scene, again).regions
    x, y, w, h = region.bbox
    assert (abs(x - 80) <= 3, abs(y - 60) <= 3, abs(w - 40) <= 6, abs(h - 30) <= 6) == (True,) * 4


@pytest.mark.parametrize("given", [[], ["shadow", "compare"]])
def test_a_name_that_is_none_is_refused_with_those_that_are(given: list[str]) -> None:
    command = [sys.executable, "-m", "benchmarks.without", *given]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, f"Name a mechanism first: {', '.join(MECHANISMS)}.\n")
