"""Inputs led by coverage: `python -m tests.fuzz.guided [SECONDS]`, where atheris is installed.

libFuzzer keeps what reaches new branches of diffspot's own code and goes on from there; the decoders' C is not watched.
Each target has a process of its own, which ends at its first finding and leaves the input in out/fuzz/.
"""

from __future__ import annotations

import argparse
import importlib
import random
import re
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

READ = re.compile(r"number_of_executed_units: (\d+)")
BRANCHES = re.compile(r" cov: (\d+) ")
"""What libFuzzer says of how many inputs it has read, and of the branches that they reached."""
SHOWN = 2000
"""Characters of what a process said before it ended with a finding."""


def fuzz(name: str, seconds: int, folder: Path) -> None:
    """Fuzzes one target; never returns: libFuzzer ends the process, with another code than 0 after a finding."""
    atheris = importlib.import_module("atheris")
    with atheris.instrument_imports(include=["diffspot"]):  # so nothing of diffspot may be imported before
        from tests.fuzz.__main__ import ADDRESS_SPACE, KEPT, STUCK, TARGETS  # noqa: PLC0415
    target = next(target for target in TARGETS if target.name == name)
    seeds, corpus, place = target.seeds(), folder / "corpus", folder / "files"
    corpus.mkdir()
    place.mkdir()
    KEPT.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds):
        (corpus / str(number)).write_bytes(seed)

    def read(data: bytes) -> None:
        if finding := target.check(data, seeds[0], place):
            raise AssertionError(f"{finding.kind}: {finding.what}")

    def mutate(data: bytes, most: int, seed: int) -> bytes:
        mutated = target.mend(atheris.Mutate(data, most), random.Random(seed))  # noqa: S311  no secret
        return mutated[:most]

    flags = [f"-max_total_time={seconds}", f"-timeout={STUCK:.0f}", f"-rss_limit_mb={ADDRESS_SPACE >> 20}"]
    flags += [f"-artifact_prefix={KEPT / name}-", f"-max_len={4 * max(map(len, seeds))}", "-print_final_stats=1"]
    atheris.Setup([sys.argv[0], *flags, str(corpus)], read, custom_mutator=mutate)
    atheris.Fuzz()


def guided(name: str, seconds: int) -> bool:
    """Fuzzes one target in a process of its own and prints what came of it; whether something was found."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "tests.fuzz.guided", str(seconds), "--target", name, "--folder", folder]
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    read, branches = (pattern.findall(done.stderr) or ["0"] for pattern in (READ, BRANCHES))
    said = f"a finding\n{done.stderr[-SHOWN:]}" if done.returncode else "no finding"
    print(f"{name:10}{read[-1]:>9} inputs {branches[-1]:>6} branches  {said}")
    return done.returncode != 0


def main() -> int:
    """Reads the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.guided")
    parser.add_argument("seconds", type=int, nargs="?", default=60, help="for all targets together")
    parser.add_argument("--target", help="one of them, in this process")
    parser.add_argument("--folder", type=Path, help="an empty one, for its files")
    given = parser.parse_args()
    if find_spec("atheris") is None:
        print("no input was led by coverage: atheris is not installed")
        return 0
    if given.target:
        fuzz(given.target, given.seconds, given.folder)
    from tests.fuzz.targets import TARGETS  # noqa: PLC0415  see `fuzz`

    found = [guided(target.name, max(1, given.seconds // len(TARGETS))) for target in TARGETS]
    return int(any(found))


if __name__ == "__main__":
    sys.exit(main())
