"""`python -m fuzz.texts SECONDS [SEED]`: spoils reports, journals, configuration files and lists of pairs.

Whatever they say, a command ends within seconds with exit code 0, 1 or 2, tells no fault, writes no control character
on a stream, and leaves everything as it was that is not its to change.
"""

from __future__ import annotations

import hashlib
import os
import random
import re
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fuzz.mutation import spoil_bytes, spoil_json
from tests.in_process import diffspot
from tests.pictures import changed, plain, save

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SLOW = 5.0
"""Seconds that a command may take on pictures of a few thousand px."""
RAW = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
OUTPUTS = ("--html", "--junit", "made/j.xml", "--markdown", "made/m.md", "--csv", "made/r.csv", "--coco", "made/c.json")
CONFIG = b"""\
min-area = 9
metric = "ssim"
ignore = [[0, 0, "100%", 4], [1, 2, 3, 4]]
fail-on = ["different", "error"]
junit = "made/t.xml"

[[rules]]
match = ["home/*.png", "a*"]
tolerance = 0.5
"""
ROWS = b'name,reference,candidate\nx,ref/a.png,cand/a.png\n"y, z",ref/b.png,cand/b.png\nnew,,cand/new.png\n'
LINES = b"""\
{"name": "x", "reference": "ref/a.png", "candidate": "cand/a.png"}
{"reference": "ref/b.png", "candidate": ""}
"""
REFERENCES = frozenset({".png", ".tif", ".part"})
"""Suffixes of the files that accept changes."""
MADE = ("work/out/", "work/made/", "work/conf.toml", "work/pairs.csv")


@dataclass(frozen=True)
class Target:
    """A file to spoil, and commands that read it.

    Attributes:
        path: of the file, in the working directory.
        seeds: contents that are right.
        commands: of which one is run each time.
    """

    path: str
    seeds: Sequence[bytes]
    commands: Sequence[Sequence[str]]
    spoil: Callable[[bytes, random.Random], bytes] = spoil_json


def _lay_out(root: Path) -> None:
    """Pictures of each status, and files of others."""
    for name in ("a.png", "b.png", "deep/c.png"):
        save(root / "ref" / name, plain(24, 24))
        save(root / "cand" / name, changed(24, 24))
    save(root / "ref" / "old.png", plain(20, 20))
    save(root / "ref" / "before.png", changed(30, 30))
    save(root / "cand" / "after.png", changed(30, 30))
    save(root / "cand" / "new.png", plain(21, 21))
    save(root / "cand" / "t.png", plain(22, 22)).rename(root / "cand" / "t.tif")
    (root / "hook").write_text("mine")
    save(root.parent / "outside" / "mine.png", plain(9, 9))
    (root.parent / "outside" / "secret").write_text("secret")


def _targets() -> list[Target]:
    assert diffspot("compare", "ref", "cand", "-o", "out").returncode == 1
    report = Path("out/report.json").read_bytes()
    digests = [hashlib.sha256(Path(side, "a.png").read_bytes()).hexdigest() for side in ("ref", "cand")]
    shutil.copy("cand/a.png", "ref/.diffspot-0.part")
    step = f'{{"place": "ref/a.png", "before": "{digests[0]}", "after": "{digests[1]}", "part": ".diffspot-0.part"}}'
    accepting = f'{{"copied": true, "steps": [{step}]}}'.encode()
    Path("out/index.html/in the way").mkdir(parents=True)
    assert diffspot("compare", "ref", "cand", "-o", "out", "--html").returncode == 2
    results = Path("out/.diffspot-results.jsonl").read_bytes()
    accept, compare = ["accept", "out"], ["compare", "ref", "cand", "-o", "out"]
    single = ["compare", "ref/a.png", "cand/a.png", "--config", "conf.toml"]
    reading = [
        *(accept, [*accept, "--removed"], [*accept, "a*", "--dry-run"], compare),
        *(["report", "out", *OUTPUTS], ["report", "out", "--github"], ["ignore", "out", "--pair", "a.png"]),
    ]
    listed = [["compare", "--pairs", "pairs.csv", *flags] for flags in (["--jsonl"], ["-o", "out", "-q"])]
    return [
        Target("out/report.json", [report], reading),
        Target("out/.diffspot-accept.json", [accepting], [[*accept, "--removed"], [*accept, "--dry-run"], compare]),
        Target("out/.diffspot-results.jsonl", [results], [[*compare, "--resume"], compare], spoil_bytes),
        Target("conf.toml", [CONFIG], [single, ["config", "a.png", "--config", "conf.toml"]], spoil_bytes),
        Target("pairs.csv", [ROWS, LINES], listed, spoil_bytes),
    ]


def _others(root: Path) -> dict[str, str]:
    """Digests of what no command may change: everything but results and references that are pictures."""
    kept: dict[str, str] = {}
    for path in sorted(root.parent.rglob("*")):
        place = path.relative_to(root.parent).as_posix()
        accepted = place.startswith("work/ref/") and path.suffix in REFERENCES
        if path.is_file() and not place.startswith(MADE) and not accepted:
            kept[place] = hashlib.sha256(path.read_bytes()).hexdigest()
    return kept


def run_once(target: Target, chance: random.Random, start: Path, work: Path) -> str | None:
    """Spoils the file of a target and runs a command; what is wrong with what came of it."""
    os.chdir(start)
    shutil.rmtree(work, ignore_errors=True)
    shutil.copytree(start, work)
    os.chdir(work)
    spoilt = target.spoil(chance.choice(target.seeds), chance)
    (work / target.path).write_bytes(spoilt)
    before, command, began = _others(work), chance.choice(target.commands), time.monotonic()
    done = diffspot(*command)
    wrong = []
    if done.returncode not in {0, 1, 2}:
        wrong.append(f"exit code {done.returncode}")
    if "fault in diffspot" in done.stdout + done.stderr or "Traceback" in done.stderr:
        wrong.append("a fault")
    if RAW.search(done.stdout + done.stderr):
        wrong.append("a raw control character")
    if time.monotonic() - began > SLOW:
        wrong.append(f"{time.monotonic() - began:.1f} s")
    if (after := _others(work)) != before:
        wrong.append(f"changed {[place for place in {*before, *after} if before.get(place) != after.get(place)]}")
    return f"{command} {', '.join(wrong)}: {spoilt!r}\n{done.stdout}{done.stderr}" if wrong else None


def main(seconds: float, seed: int) -> int:
    """Spoils files for so many seconds; 1 where something went wrong, after telling of it."""
    chance, runs, wrong, home = random.Random(seed), 0, 0, Path.cwd()  # noqa: S311  nothing is secret
    with tempfile.TemporaryDirectory() as folder:
        start = Path(folder).resolve() / "all" / "start"
        _lay_out(start)
        os.chdir(start)
        targets = _targets()
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            runs += 1
            if complaint := run_once(chance.choice(targets), chance, start, start.with_name("work")):
                wrong += 1
                print(complaint, file=sys.stderr)
        os.chdir(home)
    print(f"{runs} spoilt texts from seed {seed} in {seconds:.0f} s: {wrong} went wrong.")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1))
