"""What the pytest fixture `diffspot` does: compares a picture with the baseline beside the test."""

from __future__ import annotations

import glob
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from msgspec import Struct
from msgspec.structs import replace

from diffspot.errors import DiffspotError, ImageReadError, PairingError
from diffspot.image_io import read_image
from diffspot.image_io.suffixes import PICTURE_SUFFIXES, suffix
from diffspot.model import (
    ImagePair,
    PairResult,  # noqa: TC001  msgspec reads the annotation
    one_line,
    path_text,
    printable,
)
from diffspot.options.config import find_config, read_config
from diffspot.options.options import make_options
from diffspot.options.settings import Layer, Settings
from diffspot.outputs import refuse_outputs
from diffspot.outputs.annotated import AnnotatedOutput
from diffspot.outputs.atomic import write_atomically
from diffspot.outputs.earlier_report import EarlierReport
from diffspot.outputs.html import COPIES
from diffspot.outputs.interface import Outputs
from diffspot.outputs.links import relative
from diffspot.outputs.report_json import is_below, read_regular
from diffspot.outputs.words import LARGEST_SHOWN, box_text, count, forgiven_words, largest_regions, misfit
from diffspot.pytest_plugin.picture import on_disk
from diffspot.runner.worker import PairWorker, most_telling

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from diffspot.pytest_plugin.picture import Given, Picture

BASELINES = "baselines"
"""The folder beside the test file."""
REFERENCES, CANDIDATES = f"{COPIES}/reference", f"{COPIES}/candidate"
"""Folders of what was compared, below that of the report."""
CALL = "the call of check"


class Outcome(Struct, frozen=True):
    """What one check found.

    Attributes:
        test: the node id of the test.
        written: the baseline that was written, as it is shown; None where none was.
    """

    test: str
    result: PairResult
    seconds: float
    written: str | None = None


@dataclass(frozen=True)
class Checks:
    """What all checks of one process share.

    Attributes:
        root: pytest's rootdir; names and the search for a configuration file start there.
        start: the directory pytest was started in; paths are shown relative to it.
        out: folder of the report.
        update: whether baselines are written.
        taken: the test that each name belongs to.
    """

    root: Path
    start: Path
    out: Path
    update: bool
    taken: dict[str, str] = field(default_factory=dict)

    @cached_property
    def layers(self) -> list[Layer]:
        """What the configuration file says."""
        config = find_config(self.root)
        return read_config(config) if config else []

    def shown(self, path: Path) -> str:
        """A path as people and the report see it."""
        return path_text(relative(path, self.start))


class Checker:
    """The fixture `diffspot` of one test."""

    def __init__(self, checks: Checks, file: Path, test: str, keep: Callable[[bytes], None]) -> None:
        self._checks = checks
        self._file = file
        self._test = test
        self._keep = keep
        self._names: set[str] = set()

    def check(self, picture: Picture, name: str, **options: Any) -> PairResult:  # noqa: ANN401
        """Fails the test unless the picture is as its baseline.

        Args:
            picture: a path, the bytes of a picture file, or an array as `diffspot.compare` takes it.
            name: of the baseline: `baselines/<name of the test file without .py>/<name>` beside the test file;
                unique among the checks of the file.
            **options: as for `diffspot.compare`; they win over the configuration file.

        Returns:
            What was found, where the check passes.
        """
        __tracebackhide__ = True
        mistake = None
        try:
            pair_name = self._claim(name)
            settings = self._settings(pair_name, options)
            with on_disk(picture, name) as given:
                outcome = self._compare(pair_name, self._baseline(name), given, settings)
        except DiffspotError as error:
            mistake = one_line(str(error))
        if mistake:  # outside of the block, whose error pytest would show as another cause
            pytest.fail(mistake)
        self._keep(msgspec.json.encode(outcome))
        if outcome.result.fails(settings.for_pair(pair_name).fail_on):
            pytest.fail(one_line(self._complaint(outcome.result, self._baseline(name))))
        return outcome.result

    def _claim(self, name: str) -> str:
        """The name of the pair: the test file as in node ids, then `name`."""
        if not is_below(name) or str(PurePosixPath(name)) != name or "\\" in name:
            raise PairingError(f"{name!r} is no name for a baseline; give one such as 'home.png' or 'shop/cart.png'.")
        if suffix(name) not in PICTURE_SUFFIXES:
            raise PairingError(f"{name!r} does not end as picture files do; call it {name + '.png'!r}.")
        inside = self._file.is_relative_to(self._checks.root)
        file = self._file.relative_to(self._checks.root).as_posix() if inside else self._file.name
        pair_name = f"{file}/{name}"
        owner = self._checks.taken.setdefault(pair_name, self._test)
        if owner != self._test or name in self._names:
            raise PairingError(twice(name, {owner, self._test}))
        self._names.add(name)
        return pair_name

    def _settings(self, pair_name: str, options: dict[str, Any]) -> Settings:
        refuse_outputs(options)
        make_options(options)
        return Settings([*self._checks.layers, Layer(CALL, options, (glob.escape(pair_name),))])

    def _baseline(self, name: str) -> Path:
        return self._file.parent / BASELINES / self._file.stem / name

    def _compare(self, pair_name: str, baseline: Path, given: Given, settings: Settings) -> Outcome:
        """The outcome of a check; writes what it leaves behind."""
        checks, candidate = self._checks, given.path
        pair = ImagePair(pair_name, baseline if _exists(baseline) else None, candidate)
        options = settings.for_pair(pair_name)
        drawn = [] if checks.update else [AnnotatedOutput(checks.out, options, EarlierReport(checks.out))]
        with PairWorker(settings, Outputs(drawn), threads=1, debug=False) as worker:
            result, seconds = most_telling(worker(pair))
        written = None
        unread = _unread(candidate) if result.status in {"added", "error"} else None
        if unread:
            result = replace(result, status="error", error=unread)
        elif checks.update and (result.status != "same" or result.fails(options.fail_on)):
            write_atomically(baseline, candidate.read_bytes(), way_out="check the rights of the folder")
            written = checks.shown(baseline)
            pair = ImagePair(pair_name, baseline, candidate)
            with worker:
                result, seconds = most_telling(worker(pair))
        kept = None
        if result.status != "same" or result.fails(options.fail_on):
            _copy(pair.reference, checks.out / REFERENCES / pair_name)
            kept = _copy(candidate, checks.out / CANDIDATES / pair_name)
        result = replace(
            result,
            reference=pair.reference and checks.shown(pair.reference),
            candidate=kept and checks.shown(kept),
            error=result.error and given.with_display_name(result.error).replace(str(baseline), checks.shown(baseline)),
        )
        return Outcome(self._test, result, round(seconds, 3), written)

    def _complaint(self, result: PairResult, baseline: Path) -> str:
        """Why the test fails, in a sentence or two."""
        shown = self._checks.shown(baseline)
        look = result.annotated and self._checks.shown(self._checks.out / result.annotated)
        where = f"look at {printable(look or result.candidate)}"
        if result.status == "error":
            return f"The baseline {shown} could not be compared: {result.error}"
        if result.status == "added":
            return f"The baseline {shown} is missing; {where} and write it with --diffspot-update."
        accept = f"{where}, and accept it with --diffspot-update."
        if result.status == "same":
            forgiven = forgiven_words(result.forgiven)
            return f"The picture is the same as the baseline {shown} but for what was forgiven, {forgiven}; {accept}"
        if not result.regions:
            return f"The picture differs from the baseline {shown}: it {misfit(result)}; {accept}"
        boxes = [box_text(region) for region in largest_regions(result)[:LARGEST_SHOWN]]
        which = "the largest at " if len(result.regions) > 1 else "at "
        return (
            f"The picture differs from the baseline {shown} in {count(len(result.regions), 'region')}, "
            f"{which}{' and '.join(boxes)} (x,y,w,h); {accept}"
        )


def twice(name: str, tests: set[str]) -> str:
    """The sentence about two checks with one name."""
    return (
        f"Two checks of one file are called {name!r} (in {' and '.join(sorted(tests))}); give each a name of its own."
    )


def _unread(picture: Path) -> str | None:
    """Why the picture cannot be read, which no baseline, missing or damaged, can be the reason for; None if it can."""
    try:
        read_image(picture)
    except ImageReadError as error:
        return str(error)
    return None


def _exists(baseline: Path) -> bool:
    """Whether there is a baseline.

    Raises:
        PairingError: no file can be called so.
    """
    try:
        return baseline.exists()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise PairingError(f"{baseline.name!r} can be no baseline ({reason}); give it another name.") from error


def _copy(source: Path | None, target: Path) -> Path | None:
    """The copy; None where there is nothing that can be copied."""
    try:
        data = read_regular(source) if source else None
    except OSError:
        return None
    if data is None:
        return None
    write_atomically(target, data, way_out="name another folder with --diffspot-out")
    return target
