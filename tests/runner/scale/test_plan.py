"""Plans: what is written down of pairs and settings comes back, and nothing of it changes unnoticed."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diffspot.errors import OptionError
from diffspot.image_io.storage import Known, StoredPath, to_path
from diffspot.model import ImagePair
from diffspot.options.settings import Layer, Settings
from diffspot.runner.scale.plan import make_plan, read_pairs, read_plan, write_plan
from diffspot.runner.scale.shards import Shard

if TYPE_CHECKING:
    from diffspot.runner.scale.plan import Plan
    from diffspot.runner.scale.shards import Placed

RULED = Settings(
    [
        Layer("diffspot.toml", {"min_area": 9, "ignore": [[0, 0, "100%", 40]]}),
        Layer("diffspot.toml, rule 1", {"metric": "ssim"}, ("home/*", "a?.png")),
        Layer("flag", {"tolerance": "1.5"}),
    ]
)
NAMES = st.lists(st.text(st.characters(categories=["L", "N", "P", "Zs"]), min_size=1), unique=True, max_size=40)


def pairs_of(names: list[str]) -> list[ImagePair]:
    """Removed, added and others in turn, some with other right answers."""
    found = []
    for index, name in enumerate(names):
        reference, candidate = Path("ref", str(index)), Path("cand", str(index))
        sides = None if index % 5 == 1 else reference, None if index % 5 == 2 else candidate
        found.append(
            ImagePair(name, *sides, also=(Path("more", "1"), Path("more", "2"))[: index % 3 if index % 5 == 3 else 0])
        )
    return found


def written(plan: Plan, pairs: list[ImagePair], folder: Path) -> list[Placed]:
    write_plan(plan, pairs, folder)
    assert read_plan(folder) == plan
    shards = [Shard(number, plan.run.shards) for number in range(1, plan.run.shards + 1)]
    return [placed for shard in shards for placed in read_pairs(plan, folder, shard)]


@settings(derandomize=True, deadline=None, max_examples=40)
@given(NAMES, st.integers(1, 20))
def test_every_pair_is_listed_once_at_its_place(names: list[str], per_shard: int) -> None:
    pairs = pairs_of(names)
    plan = make_plan(pairs, RULED, [], per_shard)
    assert (plan.run.pairs, plan.run.shards) == (len(names), max(1, -(-len(names) // per_shard)))
    with tempfile.TemporaryDirectory() as folder:
        assert sorted(written(plan, pairs, Path(folder))) == list(enumerate(pairs)) if names else True


def test_settings_come_back(tmp_path: Path) -> None:
    pairs = pairs_of(["home/a.png", "ab.png", "other.png"])
    write_plan(make_plan(pairs, RULED, [Path("ref"), Path("cand")]), pairs, tmp_path)
    plan = read_plan(tmp_path)
    assert [plan.settings.for_pair(pair.name) for pair in pairs] == [RULED.for_pair(pair.name) for pair in pairs]
    assert [plan.settings.overrides(pair.name) for pair in pairs] == [RULED.overrides(pair.name) for pair in pairs]
    assert plan.inputs == [Path("ref"), Path("cand")]


def test_shards_hold_at_most_a_thousand_pairs_and_few_pairs_are_shared_out() -> None:
    assert [
        make_plan(pairs_of([str(n) for n in range(many)]), Settings(), []).run.shards for many in (0, 5, 160, 17_000)
    ] == [*(1, 5, 16, 17)]


def test_what_is_known_of_objects_is_listed(tmp_path: Path) -> None:
    reference, candidate = to_path("s3://shots/ref/a.png"), to_path("s3://shots/cand/a.png")
    assert isinstance(reference, StoredPath)
    reference.known = Known(123, '"etag"')
    pairs = [ImagePair("a.png", reference, candidate)]
    [[_, pair]] = written(make_plan(pairs, Settings(), []), pairs, tmp_path)
    assert pair == pairs[0]
    assert (pair.reference.known, pair.candidate.known) == (Known(123, '"etag"'), None)  # type: ignore[union-attr]
    before = make_plan(pairs, Settings(), []).run.listing
    reference.known = Known(123, '"other"')
    assert make_plan(pairs, Settings(), []).run.listing != before


def test_the_same_plan_may_be_made_again_but_no_other(tmp_path: Path) -> None:
    pairs = pairs_of(["a", "b", "c"])
    write_plan(make_plan(pairs, Settings(), []), pairs, tmp_path)
    write_plan(make_plan(pairs, Settings(), []), pairs, tmp_path)
    for other, options in ((pairs[:2], Settings()), (pairs, RULED)):
        with pytest.raises(OptionError, match="holds another plan: pictures, options or diffspot changed since"):
            write_plan(make_plan(other, options, []), other, tmp_path)


def test_a_picture_that_changed_on_the_disk_makes_another_plan(tmp_path: Path) -> None:
    picture = tmp_path / "a.png"
    picture.write_bytes(b"before")
    pairs = [ImagePair("a.png", picture, tmp_path / "missing.png")]
    write_plan(make_plan(pairs, Settings(), []), pairs, tmp_path / "run")
    write_plan(make_plan(pairs, Settings(), []), pairs, tmp_path / "run")
    picture.write_bytes(b"after that")
    with pytest.raises(OptionError, match="holds another plan: pictures"):
        write_plan(make_plan(pairs, Settings(), []), pairs, tmp_path / "run")


def test_no_plan_holds_a_secret() -> None:
    pair = ImagePair("a", to_path("https://user:word@host.org/a.png?sig=1"), None)
    with pytest.raises(
        OptionError, match=r"^https://host.org/a.png has a password or a signature, which no plan holds"
    ):
        make_plan([pair], Settings(), [])


def test_what_is_no_plan_or_none_of_its_shards_is_told(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match=r"plan\.json: No such file or directory; name the place of diffspot plan"):
        read_plan(tmp_path)
    (tmp_path / "plan.json").write_text("{}")
    with pytest.raises(OptionError, match=r"plan.json is no plan of this version \(.*\); plan again"):
        read_plan(tmp_path)
    with pytest.raises(OptionError, match="--shard 1/2 is none of this plan, which has 1; name one of those"):
        read_pairs(make_plan([], Settings(), []), tmp_path, Shard(1, 2))
