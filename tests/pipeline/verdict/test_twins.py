"""The same letters elsewhere on a page: which are drawn as others are, and which became others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw

from benchmarks.scenes.text import font
from diffspot.pipeline.verdict.drawings import FAR, NEAR, Letter, inked, moved_by, offsets
from diffspot.pipeline.verdict.twins import Laid, find_twins

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from diffspot.model import Box

STEP, ROW = 12, 24
LETTERS = "3838388383"
INK = (40, 40, 40)


def _row(text: str = LETTERS, *, by: float = 0.0, colours: Sequence[tuple[int, int, int]] = ()) -> NDArray[np.uint8]:
    """(24, 160, 3) levels of digits 12 px apart, which begin so many px further right."""
    picture = Image.new("RGB", (STEP * len(text) + 40, ROW), (255, 255, 255))
    draw = ImageDraw.Draw(picture)
    for number, letter in enumerate(text):
        colour = colours[number] if colours else INK
        draw.text((8 + STEP * number + by, 3), letter, colour, font(13))
    return np.asarray(picture, np.uint8)


def _words(picture: NDArray[np.uint8]) -> list[Laid]:
    width = picture.shape[1]
    return [Laid((0, 0, width, ROW), 0, np.zeros(width, np.intp))]


def _digits(boxes: list[Box]) -> set[int]:
    """Which digits some boxes lie on."""
    return {(x - 8 + STEP // 4) // STEP for x, *_ in boxes}


def test_letters_drawn_elsewhere_in_the_same_way_are_alike() -> None:
    one = _row()
    for by in (0.0, 0.5, 1.0):
        alike, unlike, _ = find_twins(one, _row(by=by), _words(one))
        assert _digits(alike) == set(range(len(LETTERS))), by
        assert not unlike


def test_a_digit_that_became_another_one_is_unlike_the_others() -> None:
    for at in (0, 1, 5):
        other = LETTERS[:at] + "4" + LETTERS[at + 1 :]
        one = _row()
        alike, unlike, _ = find_twins(one, _row(other, by=0.5), _words(one))
        assert _digits(unlike) == {at}
        assert at not in _digits(alike)


def test_a_digit_of_another_colour_is_not_alike() -> None:
    one = _row()
    colours = [(200, 30, 30) if number == 4 else INK for number in range(len(LETTERS))]
    alike, unlike, _ = find_twins(one, _row(colours=colours), _words(one))
    assert _digits(alike) == set(range(len(LETTERS))) - {4}
    assert not unlike


def test_few_letters_say_nothing_of_which_one_changed() -> None:
    one, other = _row("335"), _row("385")
    alike, unlike, _ = find_twins(one, other, _words(one))
    assert not unlike
    assert 1 not in _digits(alike)


def test_a_word_laid_aside_is_looked_at_where_it_lies() -> None:
    """And the way back leads to where its columns came from."""
    one = _row()
    moved = np.roll(_row(), 9, axis=1)
    width = one.shape[1]
    laid = [Laid((0, 0, width, ROW), 0, np.full(width, 9, np.intp))]
    alike, unlike, _ = find_twins(one, moved, laid)
    assert _digits(alike) == set(range(len(LETTERS)))
    assert not unlike
    assert (laid[0].back().columns == -9).all()


def test_two_digits_that_became_the_same_other_one_do_not_vouch_for_each_other() -> None:
    text = "8" * 20
    one, other = _row(text), _row(text[:3] + "4" + text[4:12] + "4" + text[13:], by=0.5)
    _, unlike, _ = find_twins(one, other, _words(one))
    assert _digits(unlike) == {3, 12}


def test_a_digit_that_shares_most_strokes_is_another_one_where_all_others_are_drawn_alike() -> None:
    text = "8" * 12
    for became in "560":
        one = _row(text)
        _, unlike, _ = find_twins(one, _row(text[:5] + became + text[6:]), _words(one))
        assert _digits(unlike) == {5}, became
        few = _row("8888888")  # which may begin at parts of a px at which no other does
        assert not find_twins(few, _row("8888" + "6" + "88"), _words(few)).unlike


def test_what_is_taller_than_letters_becomes_no_other_one() -> None:
    def row(text: str) -> NDArray[np.uint8]:
        picture = Image.new("RGB", (300, 60), (255, 255, 255))
        for number, letter in enumerate(text):
            ImageDraw.Draw(picture).text((8 + 45 * number, 3), letter, INK, font(36))
        return np.asarray(picture, np.uint8)

    one, other = row("888888"), row("888488")
    word = Laid((0, 0, 300, 60), 0, np.zeros(300, np.intp))
    alike, unlike, _ = find_twins(one, other, [word])
    assert len(alike) == 5 * 2
    assert not unlike


def test_a_letter_that_lies_lower_by_part_of_a_px_is_no_other_one() -> None:
    def row(lower: float) -> NDArray[np.uint8]:
        scale = 4
        picture = Image.new("RGB", (180 * scale, ROW * scale), (255, 255, 255))
        for number in range(8):
            at = (8 + 20 * number) * scale, 5 * scale + round(lower * scale) * (number == 2)
            ImageDraw.Draw(picture).text(at, "E", INK, font(13 * scale))
        return np.asarray(picture.resize((180, ROW), Image.Resampling.BOX), np.uint8)

    one = row(0)
    assert not find_twins(one, row(0.5), [Laid((0, 0, 180, ROW), 0, np.zeros(180, np.intp))]).unlike


def _in_parts(text: str, *, scale: int = 8, lower: int = 0) -> NDArray[np.uint8]:
    """(24, 200, 3) levels of digits, each of which begins at another eighth of a px: none is equal to the bit."""
    picture = Image.new("RGB", (200 * scale, ROW * scale), (255, 255, 255))
    for number, letter in enumerate(text):
        at = (8 + 20 * number) * scale + number * scale // 8, 5 * scale + lower
        ImageDraw.Draw(picture).text(at, letter, INK, font(13 * scale))
    return np.asarray(picture.resize((200, ROW), Image.Resampling.BOX), np.uint8)


def test_letters_that_begin_at_parts_of_a_px_are_held_to_those_of_like_shape() -> None:
    one = _in_parts("88888888")
    words = [Laid((0, 0, 200, ROW), 0, np.zeros(200, np.intp))]
    for became in "40":
        _, unlike, _ = find_twins(one, _in_parts("888" + became + "8888", lower=3), words)
        assert {(x - 8) // 20 for x, *_ in unlike} == {3}, became
    assert not find_twins(one, _in_parts("88888888", lower=3), words).unlike
    assert not find_twins(_in_parts("83333333"), _in_parts("43333333"), words).unlike  # of one 8 none is alike


def test_steps_of_a_letter_laid_aside_are_those_that_are_looked_at() -> None:
    picture = np.random.default_rng(1).integers(0, 255, (40, 60), np.uint8)
    for reach in (NEAR, FAR):
        letter = Letter((20, 15, 6, 8), (0, 0), 0)
        _, drawn = inked(picture, [letter], reach)
        moved, steps = moved_by(drawn, (8, 6), reach.parts)[0], offsets(reach)
        assert len(moved) == len(steps)
        for right, down in ((0, 0), (1, -1), (-2, 1)):
            other, _ = inked(picture, [letter._replace(aside=(right, down))], reach)
            found = steps[np.ptp(moved - other, axis=1) < 1e-3]
            assert found.tolist() == [[right, down]]


def test_one_rasteriser_shares_letters_wherever_they_lie_and_two_share_none() -> None:
    one = _row("38450" * 4)
    assert find_twins(one, _row("05483" * 4), _words(one)).shared > 0.9
    large = Image.new("RGB", (4 * one.shape[1], 4 * ROW), (255, 255, 255))
    for number, letter in enumerate("38450" * 4):
        ImageDraw.Draw(large).text((4 * (8 + STEP * number), 12), letter, INK, font(4 * 13))
    assert find_twins(one, np.asarray(large.reduce(4), np.uint8), _words(one)).shared == 0.0
