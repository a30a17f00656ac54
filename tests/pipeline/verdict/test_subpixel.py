"""A few words drawn at another part of a px on a page else equal to the bit, and words that changed there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest

from diffspot.pipeline.pair import RegisteredPair
from diffspot.pipeline.verdict.subpixel import BESIDE, INK, LONG, _are_apart, is_subpixel
from tests.pipeline.verdict.drawing import (
    assert_found,
    assert_same,
    both_ways,
    differing,
    drawn,
    edited,
    forgiven,
    line,
    pasted,
    price_table,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from benchmarks.scenes.page import Text

    Picture = NDArray[np.uint8]

PAGE = price_table()
LABELS = [each for each in PAGE.elements if each.role == "label"]
WORDS, SHORT = LABELS[30:33:2], LABELS[3]
INKS = {"paler": (100, 100, 108), "red": (190, 40, 40)}


def _table(*words: Text, **fields: Any) -> Picture:  # noqa: ANN401
    return drawn(edited(PAGE, lambda each: each in words, **fields), rasteriser="unhinted")


def _further(by: float) -> Picture:
    return _table(*WORDS, x=lambda each: each.x + by)


@pytest.mark.parametrize("by", [-0.4, 0.25])
def test_words_of_a_layer_that_begin_at_another_part_of_a_px(by: float) -> None:
    for result in both_ways(_table(), _further(by)):
        assert_same(result)
        assert forgiven(result)["rendering"] > 50


def test_one_word_of_subpixel_text() -> None:
    plain, lcd = _table(), drawn(PAGE, rasteriser="lcd")
    x, y = round(WORDS[0].x), round(WORDS[0].y)
    for result in both_ways(plain, pasted(plain, lcd, (x - 3, y - 2, 80, 22))):
        assert_same(result)
        assert forgiven(result)["rendering"] > 50


@pytest.mark.parametrize(
    "fields",
    [{"colour": INKS["paler"]}, {"colour": INKS["red"]}, {"text": lambda each: each.text[:-1] + "o"}, {"size": 14}],
    ids=["paler", "red", "letter", "larger"],
)
def test_a_word_that_changed(fields: dict[str, Any]) -> None:
    box = differing(_table(), _table(WORDS[0], **fields))
    for result in both_ways(_table(), _table(WORDS[0], **fields)):
        assert_found(result, box)


def test_words_that_moved_by_a_whole_px() -> None:
    boxes = [differing(_table(), _table(word, x=word.x + 1)) for word in WORDS]
    for result in both_ways(_table(), _further(1)):
        assert_found(result, *boxes)


def test_letters_behind_another_one_belong_to_that_change() -> None:
    wider = _table(WORDS[0], text=lambda each: each.text[0] + "i" + each.text[2:])
    for result in both_ways(_table(), wider):
        assert_found(result, differing(_table(), wider))


@pytest.mark.parametrize("by", [-0.4, 0.25])
def test_a_word_of_a_layer_far_from_a_change_is_none(by: float) -> None:
    moved = edited(PAGE, lambda each: each is SHORT, x=lambda each: each.x + by)
    changed = drawn(edited(moved, lambda each: each is WORDS[0], colour=INKS["red"]), rasteriser="unhinted")
    box = differing(_table(), _table(WORDS[0], colour=INKS["red"]))
    for result in both_ways(_table(), changed):
        assert_found(result, box)
        assert forgiven(result)["rendering"] > 25


def test_a_mark_far_from_a_change_may_be_one() -> None:
    plain, red = _table(), _table(WORDS[0], colour=INKS["red"])
    here, there = plain.copy(), red.copy()
    here[200:206, 600] = 90
    there[200:206, 600:602] = 172
    for result in both_ways(here, there):
        assert len(result.regions) == 2


def _is_subpixel(one: Picture, other: Picture) -> bool:
    x, y, w, h = differing(one, other)
    planes = [np.repeat(side[..., None], 3, axis=2) for side in (one, other)]
    pair = RegisteredPair(*planes, np.ones(one.shape, bool), cv2.absdiff(one, other))
    mask = (one != other)[y : y + h, x : x + w]
    return is_subpixel(((x, y, w, h), int(mask.sum()), 1.0, 1.0), pair, mask)


def test_bolder_slanted_and_wider_words_are_no_such_words() -> None:
    def word(**style: float) -> Picture:
        return 255 - np.asarray(line("Street", 14, **style), np.uint8)

    for style in ({"bold": 0.25}, {"slant": 0.2}, {"spacing": 0.5}):
        assert not _is_subpixel(word(), word(**style)), style


def test_a_rule_moves_with_its_ink() -> None:
    rule, lower, paler = (np.full((12, 60), 255, np.uint8) for _ in range(3))
    rule[5] = 55
    lower[5], lower[6] = 55 + 60, 255 - 60
    paler[5] = 55 + round(200 * INK) + 1
    assert _is_subpixel(rule, lower)
    assert _is_subpixel(lower, rule)
    assert not _is_subpixel(rule, paler)
    assert not _is_subpixel(rule, np.roll(rule, 1, axis=0))


def test_words_apart_are_those_that_no_chain_of_neighbours_joins_to_a_change() -> None:
    """Held to growing what is near round by round; a mark, narrower than a word, is near whatever it shows."""
    rng, told = np.random.default_rng(5), 0
    for count in (1, 3, 12, 40):
        for _ in range(20):
            boxes = np.column_stack([rng.integers(0, 400, (count, 2)), rng.integers(6, 40, count), np.full(count, 10)])
            moved = rng.random(count) < 0.8
            words = moved & (boxes[:, 2] >= LONG * boxes[:, 3])
            near, before = ~words, None
            while not np.array_equal(near, before):
                before = near
                near = np.array(
                    [
                        near[i] or any(near[j] and _lie_close(one, boxes[j]) for j in range(count))
                        for i, one in enumerate(boxes)
                    ]
                )
            assert np.array_equal(_are_apart(boxes, moved), ~near)
            told += int(np.count_nonzero(words & near))
    assert told > 20


def _lie_close(one: NDArray[np.int64], other: NDArray[np.int64]) -> bool:
    return all(max(one[k], other[k]) - min(one[k] + one[k + 2], other[k] + other[k + 2]) < BESIDE for k in range(2))
