"""What is counted of what was explained."""

from __future__ import annotations

from diffspot.model import Forgiven
from diffspot.pipeline.verdict.interface import Judged, Tally


def test_causes_are_counted_apart_and_named_in_order() -> None:
    tally = Tally()
    tally.add("rendering", (5, 6, 7, 8), 30)
    tally.add("noise", (0, 0, 90, 90), 4)
    tally.add("rendering", (50, 60, 7, 8), 31)
    tally.add("rendering", (1, 1, 1, 1), 1)
    assert tally.forgiven() == (
        Forgiven(cause="noise", pixels=4, places=1, largest=(0, 0, 90, 90)),
        Forgiven(cause="rendering", pixels=62, places=3, largest=(50, 60, 7, 8)),
    )


def test_of_equal_places_the_upper_left_one_is_the_largest_whatever_the_order() -> None:
    boxes = [(9, 2, 3, 3), (4, 7, 3, 3), (4, 2, 3, 3)]
    for order in (boxes, boxes[::-1]):
        tally = Tally()
        for box in order:
            tally.add("noise", box, 9)
        assert tally.forgiven()[0].largest == (4, 2, 3, 3)


def test_nothing_is_not_counted() -> None:
    tally = Tally()
    tally.add("noise", (0, 0, 5, 5), 0)
    assert tally.forgiven() == ()


def test_what_nothing_explains_is_content_where_it_stands() -> None:
    judged = Judged(((1, 2, 3, 4), 5, 0.6, 0.7))
    assert (judged.box, judged.kind, judged.offset) == ((1, 2, 3, 4), "content", (0, 0))
