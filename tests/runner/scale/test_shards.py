"""Planning: which pairs are whose."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diffspot.errors import OptionError, OutputError
from diffspot.model import ImagePair
from diffspot.options.settings import Layer, Settings
from diffspot.outputs.lock import lock_folder
from diffspot.runner.scale.compare import prepare_shard
from diffspot.runner.scale.shards import RESULTS, Shard, describe_run, read_shard, shard_number

NAMES = st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), unique=True)


def pair(name: str) -> ImagePair:
    return ImagePair(name, Path("ref") / name, Path("cand") / name)


@settings(derandomize=True, deadline=None, max_examples=40)
@given(NAMES, st.integers(1, 50))
def test_every_pair_is_in_exactly_one_shard_at_its_place(names: list[str], count: int) -> None:
    pairs = [ImagePair(name, None, None) for name in names]
    taken = [one for number in range(1, count + 1) for one in Shard(number, count).take(pairs)]
    assert sorted(taken) == list(enumerate(pairs)) if names else taken == []


@settings(derandomize=True, deadline=None, max_examples=40)
@given(NAMES, NAMES, st.integers(1, 50))
def test_pairs_that_are_added_move_no_other(names: list[str], added: list[str], count: int) -> None:
    before = {name: shard_number(name, count) for name in names}
    after = {name: shard_number(name, count) for name in sorted({*names, *added})}
    assert all(after[name] == number for name, number in before.items())


def test_the_shard_of_a_name_is_its_sha256_modulo_their_number() -> None:
    # printf home.png | sha256sum gives 0aedba57...cbb8
    digest = 0x0AEDBA574498A3A4B8B78670D94749E04C680A499D550F01800B50BEC9FFCBB8
    assert digest % 1000 == 848
    assert [shard_number("home.png", count) for count in (1, 8, 1000)] == [1, 1, 849]


def test_shards_are_about_equally_large() -> None:
    names = [f"page/{number}.png" for number in range(8000)]
    sizes = [sum(Shard(number, 8).has(name) for name in names) for number in range(1, 9)]
    # a binomial of 8000 draws of 1/8 has a deviation of 29.6; five of them happen once in a million
    assert all(abs(size - 1000) < 148 for size in sizes)


@pytest.mark.parametrize("text", ["", "0/3", "4/3", "1/0", "1", "1/", "-1/3", "1/3/3", "a/b", "1 / 3", "٣/٤"])
def test_what_is_no_shard_is_refused(text: str) -> None:
    with pytest.raises(OptionError, match=r"--shard cannot be .*such as 3/8"):
        read_shard(text)


def test_a_shard_names_its_folder() -> None:
    assert read_shard("17/1000").folder == "shard-00017-of-01000"


def test_a_run_is_known_by_names_files_and_options() -> None:
    pairs, given_none = [pair("a.png"), pair("b.png")], Settings()
    run = describe_run(pairs, given_none, [Path("ref"), Path("cand")], 3)
    rules = Settings([Layer("rule", {"min_area": 9}, ("*.png",))])
    assert (run.pairs, run.shards, run.unpaired, run.inputs.reference) == (2, 3, False, "ref")
    assert describe_run(pairs, given_none, [Path("ref"), Path("cand")], 3) == run
    assert describe_run(pairs[::-1], given_none, [], 3).listing != run.listing
    assert (
        describe_run([pairs[0], ImagePair("b.png", Path("ref/b.png"), None)], given_none, [], 3).listing != run.listing
    )
    assert describe_run(pairs, rules, [], 3).settings != run.settings
    junit = Settings([Layer("flag", {"junit": "a.xml"})]), Settings([Layer("flag", {})])
    assert len({describe_run(pairs, one, [], 3).settings for one in junit}) == 1


def test_a_run_that_is_refused_leaves_the_results_of_its_shard(tmp_path: Path) -> None:
    file = tmp_path / "shard-00001-of-00001" / RESULTS
    file.parent.mkdir()
    file.write_text("results")
    release = lock_folder(file.parent)
    with pytest.raises(OutputError, match="Another run is writing"):
        prepare_shard([pair("a.png")], Settings(), Shard(1, 1), out=tmp_path, inputs=[])
    assert file.read_text() == "results"
    release()
    with prepare_shard([pair("a.png")], Settings(), Shard(1, 1), out=tmp_path, inputs=[])[1]:
        assert not file.exists()
