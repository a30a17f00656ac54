"""The folder in which mutated texts are read: pictures of each status, what runs left, and files of others."""

from __future__ import annotations

import hashlib
import tempfile
from functools import cache
from pathlib import Path

import msgspec

from diffspot.runner.journal import JOURNAL, Entry, encode_entry
from tests.pictures import changed, plain, save
from tests.process import diffspot

WORK = "work"
"""The working directory; what lies beside it is out of bounds."""
PART = "ref/.diffspot-0.part"


@cache
def laid_out() -> dict[str, bytes]:
    """Every file of the folder by its path, the same in every process.

    Real processes make it: threads that OpenCV starts do not live on in processes that are forked.
    """
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder) / WORK
        _draw(work)
        assert diffspot("compare", "ref", "cand", "-o", "out", cwd=work).returncode == 1
        report = (work / "out/report.json").read_bytes()
        (work / "out/index.html/in the way").mkdir(parents=True)
        assert diffspot("compare", "ref", "cand", "-o", "out", "--html", cwd=work).returncode == 2
        (work / "out/report.json").write_bytes(_untimed(report))
        (work / "out" / JOURNAL).write_bytes(_untimed_journal((work / "out" / JOURNAL).read_bytes()))
        (work / PART).write_bytes((work / "cand/a.png").read_bytes())
        files = sorted(path for path in Path(folder).rglob("*") if path.is_file())
        return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def accepting() -> bytes:
    """The journal of an accept that was killed."""
    before, after = (hashlib.sha256(laid_out()[f"{WORK}/{side}/a.png"]).hexdigest() for side in ("ref", "cand"))
    step = {"place": "ref/a.png", "before": before, "after": after, "part": Path(PART).name}
    return msgspec.json.encode({"copied": True, "steps": [step]})


def _draw(work: Path) -> None:
    for name in ("a.png", "b.png", "deep/c.png"):
        save(work / "ref" / name, plain(24, 24))
        save(work / "cand" / name, changed(24, 24))
    save(work / "ref" / "old.png", plain(20, 20))
    save(work / "ref" / "before.png", changed(30, 30))
    save(work / "cand" / "after.png", changed(30, 30))
    save(work / "cand" / "new.png", plain(21, 21))
    save(work / "cand" / "t.png", plain(22, 22)).rename(work / "cand" / "t.tif")
    (work / "hook").write_text("mine")
    save(work.parent / "outside" / "mine.png", plain(9, 9))
    (work.parent / "outside" / "secret").write_text("secret")


def _untimed(report: bytes) -> bytes:
    whole = msgspec.json.decode(report)
    whole["times"] = {"started": "2000-01-01T00:00:00+00:00", "seconds": 1.0, "pairs": [0.1] * len(whole["pairs"])}
    return msgspec.json.encode(whole)


def _untimed_journal(journal: bytes) -> bytes:
    """Its lines in the order of the pairs, which threads do not keep."""
    entries = [msgspec.json.decode(line.partition(b" ")[2], type=Entry) for line in journal.splitlines() if line]
    untimed = [msgspec.structs.replace(entry, seconds=(0.1,) * len(entry.seconds)) for entry in entries]
    return b"".join(encode_entry(entry) for entry in sorted(untimed, key=lambda entry: entry.name))
