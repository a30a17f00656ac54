"""Reports, journals, configuration files and lists of pairs: whatever they say, a command refuses it or does its own.

It ends with exit code 0, 1 or 2, tells no fault, writes no control character on a stream, and leaves everything as it
was that is not its to change.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import zlib
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.fuzz.interface import Finding
from tests.in_process import diffspot
from tests.pictures import changed, plain, save

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

RAW = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
CONFIG = b"""\
min-area = 9
metric = "ssim"
ignore = [[0, 0, "100%", 4], [1, 2, 3, 4]]
fail-on = ["different", "error", "forgiven"]
threshold = "95%"
junit = "made/t.xml"

[[rules]]
match = ["home/*.png", "a*"]
tolerance = 0.5
frames = "all"
"""
ROWS = b'name,reference,candidate\nx,ref/a.png,cand/a.png\n"y, z",ref/b.png,cand/b.png\nnew,,cand/new.png\n'
LINES = b"""\
{"name": "x", "reference": "ref/a.png", "candidate": "cand/a.png"}
{"reference": "ref/b.png", "candidate": ""}
"""
ACCEPT, COMPARE = ("accept", "out"), ("compare", "ref", "cand", "-o", "out")
FILES = ("--html", "--junit", "made/j.xml", "--markdown", "made/m.md", "--csv", "made/r.csv", "--coco", "made/c.json")
MADE = ("work/out/", "work/made/", "work/diffspot.toml", "work/pairs.csv")
REFERENCES = frozenset({".png", ".tif", ".part"})
"""Suffixes of the files below ref/ that accept changes."""
VALUES: tuple[Any, ...] = (
    *(None, True, 0, -1, 2**31, 2**64, 1e308, -0.5, "", ".", "..", "/", "a\0b", [], {}, [[]], [1, 2, 3, 4], {"a": 1}),
    *(
        "../outside/mine.png",
        "/etc/passwd",
        "x\n::error::y\x1b[0m",
        "\u202e",
        "n" * 300,
        "ref",
        "cand",
        "outside",
        "hook",
    ),
    *("different", "renamed", "removed", "added", "same", "error", "annotated/..", "annotated/x.png"),
)
"""What may stand in the place of any other value of JSON."""


class Texts(NamedTuple):
    """Files of one kind, and the commands that read them.

    Attributes:
        name: of the kind.
        path: of the file, in the working directory.
        commands: of which an input gets one.
        is_json: whether values are replaced instead of bytes, mostly.
    """

    name: str
    path: str
    commands: Sequence[Sequence[str]]
    is_json: bool = False

    @property
    def suffix(self) -> str:
        """See `Target.suffix`."""
        return Path(self.path).suffix

    def seeds(self) -> Sequence[bytes]:
        """Contents that are right."""
        return _seeds()[self.name]

    def mend(self, data: bytes, rng: Random) -> bytes:
        """Most JSON is a seed of which values were replaced; half of the journal's lines get right digests again."""
        if self.name == "results" and rng.random() < 0.5:
            return b"\n".join(_signed(line.partition(b" ")[2]) for line in data.split(b"\n"))
        return _respelt(rng.choice(self.seeds()), rng) if self.is_json and rng.random() < 0.8 else data

    def check(self, data: bytes, seed: bytes, folder: Path) -> Finding | None:
        """See `Target.check`."""
        del seed
        start, work = folder / "start", folder / "work"
        if not start.exists():
            _lay_out(start)
        shutil.rmtree(work, ignore_errors=True)
        shutil.copytree(start, work)
        (work / self.path).parent.mkdir(exist_ok=True)
        (work / self.path).write_bytes(data)
        before = _others(folder)
        done = diffspot(*self.commands[zlib.crc32(data) % len(self.commands)], cwd=work)
        told, after = done.stdout + done.stderr, _others(folder)
        touched = {place for place in {*before, *after} if before.get(place) != after.get(place)}
        if self.name == "config":  # it may name outputs in its folder, where they replace nothing
            touched &= {*before}
        wrong = {
            f"exit code {done.returncode}": done.returncode not in {0, 1, 2},
            f"a fault: {told[-300:]}": "fault in diffspot" in told or "Traceback" in told,
            "a control character on a stream": bool(RAW.search(told)),
            f"changed {touched}": bool(touched),
        }
        return next((Finding("crash", what) for what, is_so in wrong.items() if is_so), None)


TEXTS = (
    Texts(
        "report",
        "out/report.json",
        (
            *(ACCEPT, (*ACCEPT, "--removed"), (*ACCEPT, "a*", "--dry-run"), COMPARE, ("report", "out", *FILES)),
            *(("report", "out", "--github"), ("ignore", "out", "--pair", "a.png")),
        ),
        is_json=True,
    ),
    Texts(
        "accept", "out/.diffspot-accept.json", ((*ACCEPT, "--removed"), (*ACCEPT, "--dry-run"), COMPARE), is_json=True
    ),
    Texts("results", "out/.diffspot-results.jsonl", ((*COMPARE, "--resume"), COMPARE)),
    Texts(
        "config",
        "diffspot.toml",
        (
            ("compare", "ref/a.png", "cand/a.png"),
            ("config", "a.png"),
        ),
    ),
    Texts(
        "pairs",
        "pairs.csv",
        (("compare", "--pairs", "pairs.csv", "--jsonl"), ("compare", "--pairs", "pairs.csv", "-q")),
    ),
)


@cache
def _seeds() -> dict[str, Sequence[bytes]]:
    """What a run and an accept leave, but for times, so that it is the same in every process."""
    with TemporaryDirectory() as folder:
        root = Path(folder) / "start"
        _lay_out(root)
        report = json.loads((root / "out" / "report.json").read_bytes())
        (root / "out" / "index.html" / "in the way").mkdir(parents=True)
        diffspot(*COMPARE, "--html", cwd=root)
        lines = (root / "out" / ".diffspot-results.jsonl").read_bytes().splitlines()[1:]
        digests = [hashlib.sha256((root / side / "a.png").read_bytes()).hexdigest() for side in ("ref", "cand")]
    step = {"place": "ref/a.png", "before": digests[0], "after": digests[1], "part": ".diffspot-0.part"}
    results = sorted(re.sub(rb'"seconds":\[[^]]*\]', b'"seconds":[0]', line.partition(b" ")[2]) for line in lines)
    return {
        "report": [json.dumps(report | {"times": {"started": "2026-01-01T00:00:00+00:00", "seconds": 0}}).encode()],
        "accept": [json.dumps({"copied": copied, "steps": [step]}).encode() for copied in (True, False)],
        "results": [b"\n".join(map(_signed, results))],
        "config": [CONFIG],
        "pairs": [ROWS, LINES],
    }


def _lay_out(root: Path) -> None:
    """Pictures of each status with the report on them, a copy that an accept left, and files of others."""
    for name in ("a.png", "b.png", "deep/c.png"):
        save(root / "ref" / name, plain(24, 24))
        save(root / "cand" / name, changed(24, 24))
    save(root / "ref" / "old.png", plain(20, 20))
    save(root / "ref" / "before.png", changed(30, 30))
    save(root / "cand" / "after.png", changed(30, 30))
    save(root / "cand" / "new.png", plain(21, 21))
    save(root / "cand" / "t.png", plain(22, 22)).rename(root / "cand" / "t.tif")
    diffspot(*COMPARE, cwd=root)
    shutil.copy(root / "cand" / "a.png", root / "ref" / ".diffspot-0.part")
    (root / "hook").write_text("mine")
    save(root.parent / "outside" / "mine.png", plain(9, 9))


def _others(folder: Path) -> dict[str, str]:
    """Digests of what no command may change: all but results, and references that are pictures."""
    kept: dict[str, str] = {}
    for path in folder.rglob("*"):
        place = path.relative_to(folder).as_posix()
        accepted = place.startswith("work/ref/") and path.suffix in REFERENCES
        if path.is_file() and not place.startswith(MADE) and not accepted:
            kept[place] = hashlib.sha256(path.read_bytes()).hexdigest()
    return kept


def _signed(line: bytes) -> bytes:
    """A line of the journal with the digest of the rest in front."""
    return hashlib.sha256(line).hexdigest().encode() + b" " + line


def _respelt(text: bytes, rng: Random) -> bytes:
    """JSON of which one to three values are replaced or taken out."""
    whole = json.loads(text)
    for _ in range(rng.randint(1, 3)):
        holder = rng.choice([holder for holder in _holders(whole) if holder] or [[None]])
        key = rng.choice(list(holder) if isinstance(holder, dict) else range(len(holder)))
        if rng.random() < 0.2:
            del holder[key]
        else:
            holder[key] = rng.choice(VALUES)
    return json.dumps(whole, ensure_ascii=rng.random() < 0.5).encode("utf-8", "surrogatepass")


def _holders(value: Any) -> list[Any]:  # noqa: ANN401  whatever JSON holds
    """Every object and list in it."""
    if not isinstance(value, dict | list):
        return []
    inner = value.values() if isinstance(value, dict) else value
    return [value, *(holder for one in inner for holder in _holders(one))]
