"""Neighbours that are joined, and when they are taken apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from diffspot.pipeline.verdict.groups import joined, split_groups

if TYPE_CHECKING:
    from diffspot.backends.components import Component

JOIN = 10.0


def filled(x: int, y: int, w: int, h: int, peak: float = 0.4) -> Component:
    return (x, y, w, h), w * h, peak, 0.25


def group(parts: list[Component]) -> Component:
    right, bottom = (max(box[axis] + box[axis + 2] for box, *_ in parts) for axis in (0, 1))
    return (0, 0, right, bottom), sum(part[1] for part in parts), 0.5, 0.25


def test_two_objects_beside_each_other_are_two_regions() -> None:
    parts = [filled(0, 0, 40, 30, peak=0.8), filled(48, 2, 36, 28)]
    assert split_groups([group(parts)], parts, JOIN) == parts


def test_letters_of_a_word_stay_one_region() -> None:
    parts = [filled(x, 0, 8, 12) for x in (0, 11, 22, 33)]
    whole = group(parts)
    assert split_groups([whole], parts, JOIN) == [whole]


def test_fragments_go_with_the_nearest_object() -> None:
    parts = [filled(0, 0, 40, 30), filled(48, 0, 40, 30, peak=0.9), filled(90, 10, 4, 4)]
    first, second = split_groups([group(parts)], parts, JOIN)
    assert first == parts[0]
    assert second == ((48, 0, 46, 30), 40 * 30 + 16, 0.9, 0.25)


def test_objects_whose_boxes_overlap_stay_together() -> None:
    parts = [filled(0, 0, 40, 40), filled(30, 10, 40, 40)]
    whole = group(parts)
    assert [found[0] for found in split_groups([whole], parts, JOIN)] == [whole[0]]


def test_a_group_in_the_box_of_another_keeps_its_parts() -> None:
    ring, dot = ((0, 0, 80, 80), 3800, 0.5, 0.25), filled(30, 30, 20, 20)
    assert sorted(split_groups([ring, dot], [ring, dot], JOIN)) == [ring, dot]


def test_objects_that_lie_askew_beside_each_other_are_two_regions() -> None:
    # 6 x 6 px of 40 x 40 are a fiftieth of either box
    parts = [filled(0, 0, 40, 40, peak=0.8), filled(34, 34, 40, 40)]
    assert split_groups([group(parts)], parts, JOIN) == parts


def test_thin_parts_whose_boxes_overlap_stay_together() -> None:
    thin: Component = ((34, 34, 40, 40), 640, 0.5, 0.25)  # 0.4 of its box
    parts = [filled(0, 0, 40, 40), thin]
    whole = group(parts)
    assert [found[0] for found in split_groups([whole], parts, JOIN)] == [whole[0]]


def test_more_parts_join_what_lies_nearer_than_the_join() -> None:
    there = [filled(0, 0, 20, 20, peak=0.8), filled(100, 0, 20, 20)]
    more = [filled(28, 0, 6, 20), filled(130, 0, 10, 10)]
    first, second, alone = sorted(joined(there, more, JOIN))
    assert first == ((0, 0, 34, 20), 400 + 120, 0.8, 0.25)
    assert second == there[1]
    assert alone == more[1]


def test_a_part_between_two_others_makes_one_of_them() -> None:
    [whole] = joined([filled(0, 0, 20, 20), filled(38, 0, 20, 20)], [filled(26, 0, 6, 20)], JOIN)
    assert whole[0] == (0, 0, 58, 20)


def test_an_outline_is_no_object() -> None:
    thin: Component = ((0, 0, 60, 60), 240, 0.5, 0.25)
    parts = [thin, filled(66, 0, 30, 30)]
    whole = group(parts)
    assert split_groups([whole], parts, JOIN) == [whole]


def test_pieces_of_one_pattern_that_end_on_the_same_lines_are_one_region() -> None:
    """Bars of a code, of which half are the same; cards that were recoloured, each all over, are two."""
    bars = [filled(0, 1, 40, 60, peak=0.9), filled(46, 0, 60, 60, peak=0.8)]
    (whole,) = split_groups([group(bars)], bars, JOIN)
    assert whole[:2] == ((0, 0, 106, 61), 100 * 60)
    cards = [filled(0, 1, 40, 60, peak=0.3), filled(46, 0, 60, 60, peak=0.3)]
    assert split_groups([group(cards)], cards, JOIN) == cards
