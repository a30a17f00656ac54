"""Merging: what any subset of shards gives, and what is refused."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from diffspot.errors import MergeError
from diffspot.model import BackendUsed, ImagePair
from diffspot.options.settings import Layer, Settings
from diffspot.outputs.report_json import encode_report
from diffspot.runner.scale.merge import find_shards, merged_shards, missing_shards
from diffspot.runner.scale.shards import Entry, Header, Shard, describe_run, encode_lines, shard_number
from tests.reports import pair

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diffspot.model import PairResult

COUNT = 4
Alone = tuple[str, str | None, str | None]
"""Status, digest of the file, digest of the pixels."""


def write_shards(
    out: Path,
    results: Sequence[Sequence[PairResult]],
    count: int = COUNT,
    pixels: Sequence[str | None] = (),
    options: Settings | None = None,
    **header: object,
) -> list[Path]:
    """The results of all shards of a run that found these, frame by frame."""
    names = [ImagePair(frames[0].name, None, None) for frames in results]
    run = describe_run(names, options or Settings(), [], count)
    made = []
    for number in range(1, count + 1):
        shard = Shard(number, count)
        entries = [
            Entry(
                index=index,
                results=tuple(results[index]),
                seconds=(0.5,) * len(results[index]),
                pixels=dict(enumerate(pixels)).get(index),
            )
            for index, _ in shard.take(names)
        ]
        first = Header(
            run=run, backend=BackendUsed(), shard=number, pairs=len(entries), started=f"2026-01-0{number}", seconds=1.5
        )
        file = out / shard.folder / "results.jsonl"
        file.parent.mkdir(parents=True)
        file.write_bytes(b"".join(encode_lines(replace(first, **header), entries)))
        made.append(file)
    return made


def results(count: int = 9) -> list[list[PairResult]]:
    statuses = ("same", "different", "error")
    return [[pair(f"p{index}.png", statuses[index % 3])] for index in range(count)]


@settings(derandomize=True, deadline=None, max_examples=40)
@given(st.permutations(range(1, COUNT + 1)), st.integers(1, COUNT), st.integers(0, 12))
def test_any_shards_in_any_order_give_their_pairs_in_the_order_of_the_run(
    order: list[int], taken: int, many: int
) -> None:
    all_of_them = results(many)
    with ExitStack() as stack:
        out = stack.enter_context(tempfile.TemporaryDirectory())
        files = write_shards(Path(out), all_of_them)
        merged = stack.enter_context(merged_shards(files[number - 1] for number in order[:taken]))
        expected = [one for [one] in all_of_them if shard_number(one.name, COUNT) in order[:taken]]
        report = merged.report()
        assert list(merged) == list(merged) == expected
        assert [merged[place] for place in range(len(merged))] == expected
        assert merged.missing == sorted(order[taken:])
        assert report.interrupted == (taken < COUNT)
        assert report.summary.pairs == len(expected)
        assert report.times.seconds == 1.5 * taken
        assert report.times.started == f"2026-01-0{min(order[:taken])}"
        whole = replace(report, pairs=tuple(expected), times=replace(report.times, pairs=(0.5,) * len(expected)))
        assert encode_report(report) == msgspec.json.format(msgspec.json.encode(whole), indent=1) + b"\n"


@settings(derandomize=True, deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.sampled_from(["added", "removed"]), *[st.sampled_from([None, "a", "b"])] * 2)))
def test_renames_are_those_of_first_come_first_served(alone: list[Alone]) -> None:
    found = [
        [
            replace(
                pair(f"{index:03}.png", status),
                **{"reference_digest" if status == "removed" else "candidate_digest": file},
            )
        ]
        for index, (status, file, _) in enumerate(alone)
    ]
    with ExitStack() as stack:
        out = stack.enter_context(tempfile.TemporaryDirectory())
        files = write_shards(Path(out), found, pixels=[pixels for *_, pixels in alone])
        merged = stack.enter_context(merged_shards(files))
        renamed = {one.name: one.candidate for one in merged if one.status == "renamed"}
        assert renamed == {f"{left:03}.png": f"cand/{right:03}.png" for left, right in expected_moves(alone).items()}
        assert merged.report().summary.renamed == len(renamed)
        assert [merged[place] for place in range(len(merged))] == list(merged)
        assert len(list(merged)) == len(alone) - len(renamed)


def expected_moves(alone: Sequence[Alone]) -> dict[int, int]:
    """By place: each removed one takes the first added one that is left, of equal bytes first, then of equal pixels."""
    moves: dict[int, int] = {}
    for key in (1, 2):
        for left, one in enumerate(alone):
            if one[0] == "removed" and left not in moves and one[key] is not None:
                free = (
                    right
                    for right, other in enumerate(alone)
                    if other[0] == "added" and other[key] == one[key] and right not in moves.values()
                )
                moves |= dict(zip([left], free, strict=False))
    return moves


def test_frames_stay_with_their_pair(tmp_path: Path) -> None:
    frames = [replace(pair("a.gif", "same"), frame=1, frames=2), replace(pair("a.gif#2", "same"), frame=2, frames=2)]
    with merged_shards(write_shards(tmp_path, [frames, [pair("b.png")]])) as merged:
        assert [one.name for one in merged] == ["a.gif", "a.gif#2", "b.png"]
        assert list(merged.report().times.pairs) == [0.5, 0.5, 0.5]
        assert [merged[place].name for place in (2, 1, 0)] == ["b.png", "a.gif#2", "a.gif"]


def told_missing(files: list[Path]) -> str:
    with merged_shards(files) as merged:
        return missing_shards(merged)


def read(files: list[Path]) -> None:
    with merged_shards(files):
        pass


def test_missing_shards_are_named(tmp_path: Path) -> None:
    files = write_shards(tmp_path, results(30), 8)
    pairs = sum(shard_number(f"p{index}.png", 8) < 3 for index in range(30))
    assert told_missing(files[2:]) == f"2 shards with {pairs} pairs missing: 1/8, 2/8"


def test_of_many_missing_shards_only_some_are_named(tmp_path: Path) -> None:
    files = write_shards(tmp_path, results(3), 50)
    assert told_missing(files[-1:]).endswith("19/50, 20/50 and 29 more")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"options": Settings([Layer("flag", {"min_area": 9})])}, "has other options"),
        ({"options": Settings([Layer("rule", {"min_area": 9}, ("*",))])}, "has other options or rules"),
        ({"count": 5}, "is one of another number of shards"),
        ({"results": results(8)}, "compares other files"),
        ({"backend": BackendUsed(name="cupy", device="GPU")}, "has other options"),
    ],
)
def test_shards_of_another_run_are_refused(tmp_path: Path, change: dict[str, Any], told: str) -> None:
    first = write_shards(tmp_path / "a", results())
    second = write_shards(tmp_path / "b", **({"results": results()} | change))
    with pytest.raises(MergeError, match=f"b/shard-00002-of-0000./results.jsonl {told}.* than .*a/shard-00001"):
        read([first[0], second[1]])


def test_another_version_is_refused(tmp_path: Path) -> None:
    first, second = (write_shards(tmp_path / name, results()) for name in "ab")
    second[1].write_bytes(second[1].read_bytes().replace(b'"version":"', b'"version":"9.', 1))
    with pytest.raises(MergeError, match="was made by another version of diffspot than"):
        read([first[0], second[1]])


def test_a_pair_that_comes_twice_is_refused(tmp_path: Path) -> None:
    files = write_shards(tmp_path, results())
    number = shard_number("p0.png", COUNT) - 1
    with pytest.raises(MergeError, match=r"has the pair 'p\d.png' for the second time; name each shard once"):
        read([*files, files[number]])


def test_a_shard_that_was_cut_short_is_refused(tmp_path: Path) -> None:
    files = write_shards(tmp_path, results())
    number = shard_number("p0.png", COUNT) - 1
    whole = files[number].read_bytes()
    for end, told in (
        (whole.rindex(b"\n", 0, -1) + 1, "of its . pairs; copy it again"),
        (-9, "holds no results"),
        (0, "holds no results"),
    ):
        files[number].write_bytes(whole[:end])
        with pytest.raises(MergeError, match=told):
            read(files)


def test_a_pair_of_another_shard_is_refused(tmp_path: Path) -> None:
    files = write_shards(tmp_path, results())
    number = shard_number("p0.png", COUNT) - 1
    header = files[number].read_bytes().replace(f'"shard":{number + 1},'.encode(), b'"shard":9,', 1)
    files[number].write_bytes(header)
    with pytest.raises(MergeError, match="which is in another shard"):
        read(files)


@pytest.mark.parametrize("name", ["../a.png", "/etc/a.png"])
def test_names_that_lead_elsewhere_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(MergeError, match="leads elsewhere"):
        read(write_shards(tmp_path, [[pair(name)]]))


def test_shards_are_found_in_one_folder_or_in_many(tmp_path: Path) -> None:
    files = write_shards(tmp_path / "a", results())
    assert find_shards([tmp_path / "a"]) == files
    assert find_shards([file.parent for file in files]) == files
    with pytest.raises(MergeError, match="holds no results of a shard; name the --out folder of diffspot compare"):
        find_shards([tmp_path])
