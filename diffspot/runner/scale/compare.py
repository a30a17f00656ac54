"""Compares one shard of a run."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import TYPE_CHECKING

from diffspot.outputs import hold_folder, open_pair_files
from diffspot.outputs.atomic import write_new
from diffspot.outputs.earlier_report import EarlierReport
from diffspot.outputs.interface import Output, Outputs
from diffspot.runner.renames import pixel_digest
from diffspot.runner.run import check_metrics
from diffspot.runner.scale.shards import RESULTS, Entry, Header, describe_run, encode_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from diffspot.model import ImagePair, PairResult, RunReport
    from diffspot.options.options import Options
    from diffspot.options.settings import Settings
    from diffspot.runner.scale.shards import Placed, Run, Shard


def prepare_shard(
    pairs: Sequence[ImagePair],
    settings: Settings,
    shard: Shard,
    *,
    out: Path,
    inputs: Sequence[Path],
    beside: Sequence[Path] = (),
) -> tuple[list[ImagePair], Outputs]:
    """What `run` takes to compare one shard, in place of what `prepare` gives; earlier results are removed.

    Args:
        pairs: all of the run.
        settings: how to compare each.
        shard: whose pairs are compared.
        out: the folder that the shards of a run may share.
        inputs: the directories that the pairs were found in.
        beside: other directories that are read.

    Raises:
        OutputError: as for `open_outputs`.
    """
    run = describe_run(pairs, settings, inputs, shard.of)
    placed = list(shard.take(pairs))
    file = out / shard.folder / RESULTS
    outputs = open_shard(file, shard, placed, run, settings, (*inputs, *beside))
    if file.exists():  # once nothing refuses the run
        file.unlink()
    return [pair for _, pair in placed], outputs


def open_shard(  # noqa: PLR0917  each is another thing
    file: Path, shard: Shard, placed: Sequence[Placed], run: Run, settings: Settings, inputs: Iterable[Path]
) -> Outputs:
    """The outputs of a shard, or of some of its pairs: results in a file, pictures beside it."""
    folder, options = file.parent, settings.base
    check_metrics(options)
    with hold_folder(folder, inputs, (pair for _, pair in placed), settings.files) as stack:
        pictures = open_pair_files(folder, options, EarlierReport(folder))
        results = ResultsOutput(file, shard, placed, run, options)
        return Outputs((*pictures, results), folder, stack.pop_all().close)


class ResultsOutput(Output):
    """Writes the results of a shard, once and at its end.

    Args:
        file: where they go.
        shard: which one it is.
        placed: its pairs.
        run: what it is a part of.
        options: the limits of pictures that may be renamed.
    """

    def __init__(self, file: Path, shard: Shard, placed: Sequence[Placed], run: Run, options: Options) -> None:
        self._file = file
        self._shard = shard
        self._placed = placed
        self._run = run
        self._options = options

    def finish(self, report: RunReport) -> None:
        """See `Output.finish`; a shard that was stopped leaves nothing that could be taken for all of it."""
        if report.interrupted:
            return
        header = Header(
            run=self._run,
            backend=report.backend,
            shard=self._shard.number,
            pairs=len(self._placed),
            started=report.times.started,
            seconds=report.times.seconds,
        )
        # Whoever else did the same shard found the same: the first counts.
        write_new(self._file, encode_lines(header, self._entries(report)))

    def _entries(self, report: RunReport) -> Iterator[Entry]:
        pixels = self._pixels() if self._run.unpaired else {}
        for (index, _), (results, seconds) in zip(self._placed, _of_pairs(report), strict=True):
            yield Entry(index=index, results=results, seconds=seconds, pixels=pixels.get(index))

    def _pixels(self) -> dict[int, str | None]:
        """Of the pictures without a partner what tells their pixels, by place."""
        alone = {
            index: pair.reference or pair.candidate
            for index, pair in self._placed
            if pair.reference is None or pair.candidate is None
        }
        with ThreadPoolExecutor() as pool:
            told = pool.map(lambda path: path and pixel_digest(path, self._options), alone.values())
            return dict(zip(alone, told, strict=True))


def _of_pairs(report: RunReport) -> Iterator[tuple[tuple[PairResult, ...], tuple[float, ...]]]:
    """The results of each pair, one for each frame, and the seconds they took."""
    starts = [index for index, result in enumerate(report.pairs) if result.frame in {None, 1}]
    for start, end in pairwise((*starts, len(report.pairs))):
        yield report.pairs[start:end], report.times.pairs[start:end]
