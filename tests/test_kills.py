"""Runs killed at random: nothing is lost, nothing is there twice, and the end is that of a run that nobody killed.

KILLS=100 says how many, `make kills` has a hundred.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.pictures import changed, plain, save

KILLS = int(os.environ.get("KILLS", "12"))

DRIVER = '''
import json, os, random, re, shutil, sys, time
from functools import partial
from pathlib import Path
from tests.killing import KILLED, kill_after, kill_at, run_forked

COMPARE = ["compare", "ref", "cand", "-o", "out", "--html", "--junit", "out/j.xml", "--csv", "out/r.csv", "--quiet"]
ACCEPT = ["accept", "out", "--removed"]
os.fsync = lambda _: None

def untimed(path):
    """A file without what changes from run to run."""
    data = path.read_bytes()
    if path.suffix in {".json", ".html", ".xml"}:
        data = re.sub(rb\'"times": ?{[^}]*}|(time|timestamp|datetime)="[^"]*"|[0-9-]+ [0-9:]+ UTC\', b"", data)
    return data

def tree(*roots):
    return {p.as_posix(): untimed(p) for root in roots for p in Path(root).rglob("*") if p.is_file()}

def restore():
    os.chdir(home)
    shutil.rmtree("work", ignore_errors=True)
    shutil.copytree("start", "work")
    os.chdir("work")

def kill(random, took, steps):
    if random.random() < 0.5:
        return partial(kill_at, random.randint(1, steps))
    return partial(kill_after, random.uniform(0, took))

home = Path.cwd()
restore()
began = time.monotonic()
assert run_forked(COMPARE)[0] == 2
took = time.monotonic() - began
clean = tree("out", "ref", "cand")
assert run_forked(ACCEPT)[0] == 0
accepted = tree("out", "ref", "cand")

outcomes = []
for seed in range(int(sys.argv[1])):
    chance = random.Random(seed)
    restore()
    kills = resumed = 0
    for again in range(chance.randint(1, 3)):
        code, _ = run_forked([*COMPARE, *["--resume"] * bool(again)], kill(chance, took * 1.1, 120))
        kills += code == KILLED
    code, said = run_forked([*[part for part in COMPARE if part != "--quiet"], "--resume"])
    resumed = int((re.findall("([0-9]+) results? taken", said) or [0])[0])
    same = tree("out", "ref", "cand") == clean
    if not Path("out/report.json").exists():
        sys.exit(f"seed {seed}: {code} {said}")
    names = [pair["name"] for pair in json.loads(Path("out/report.json").read_bytes())["pairs"]]
    first, _ = run_forked(ACCEPT, kill(chance, took * 0.2, 60))
    last, _ = run_forked(ACCEPT)
    kills += first == KILLED
    outcomes.append({
        "seed": seed, "kills": kills, "resumed": resumed, "code": code, "same": same, "accept": last,
        "pairs": len(names), "double": len(names) - len(set(names)),
        "references": tree("out", "ref", "cand") == accepted,
    })
print(json.dumps(outcomes))
'''


@pytest.fixture
def start(tmp_path: Path) -> Path:
    """Pairs of every status; some are copied as PNG for the page."""
    for index in range(16):
        suffix = ".tif" if index % 5 == 1 else ".png"
        for side, pixels in (("ref", plain()), ("cand", changed(60 + index, 50) if index % 3 else plain())):
            path = save(tmp_path / "start" / side / f"{index % 4}" / f"{index:02}.png", pixels)
            path.rename(path.with_suffix(suffix))
    save(tmp_path / "start" / "ref" / "old.png", plain(30, 30))
    save(tmp_path / "start" / "ref" / "before.png", changed(90, 80))
    save(tmp_path / "start" / "cand" / "after.png", changed(90, 80))
    save(tmp_path / "start" / "cand" / "new" / "new.png", plain(31, 31))
    save(tmp_path / "start" / "ref" / "bad.png", plain())
    (tmp_path / "start" / "cand" / "bad.png").write_bytes(b"no picture")
    return tmp_path


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills copies of its own process")
def test_nothing_is_lost_and_nothing_double(start: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", DRIVER, str(KILLS)],
        capture_output=True,
        text=True,
        check=False,
        cwd=start,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
    )
    assert done.returncode == 0, done.stderr
    outcomes = json.loads(done.stdout)
    print("kills:", sum(one["kills"] for one in outcomes), "taken:", sum(one["resumed"] for one in outcomes))  # noqa: T201
    bad = [
        one
        for one in outcomes
        if not (one["same"] and one["references"] and one["code"] == 2 and one["accept"] == 0)
        or (one["pairs"], one["double"]) != (20, 0)
    ]
    assert bad == []
    assert sum(one["kills"] for one in outcomes) >= KILLS
    assert sum(one["resumed"] for one in outcomes) >= KILLS
