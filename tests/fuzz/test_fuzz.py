"""The fuzzer makes the same inputs from the same seed, and tells what is wrong with them."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest

from tests.fuzz import __main__ as fuzz
from tests.fuzz.interface import Finding
from tests.fuzz.pictures import Pictures, is_proved_damaged
from tests.fuzz.targets import TARGETS
from tests.image_io.test_damage import WHOLE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from random import Random


def test_an_input_follows_from_seed_and_number() -> None:
    inputs = [fuzz.made(1, number).data for number in range(24)]
    assert inputs == [fuzz.made(1, number).data for number in range(24)]
    assert inputs != [fuzz.made(2, number).data for number in range(24)]
    assert [fuzz.made(1, number).target for number in range(len(TARGETS))] == list(TARGETS)


@pytest.mark.slow
def test_the_first_inputs_are_taken_well(tmp_path: Path) -> None:
    assert [finding for number in range(120) if (finding := fuzz.read(fuzz.made(1, number), tmp_path))] == []


def test_checksums_prove_damage() -> None:
    png = WHOLE["png"]
    assert not is_proved_damaged(png)
    for position in range(8, len(png), 40):
        flipped = bytearray(png)
        flipped[position] ^= 4
        assert is_proved_damaged(bytes(flipped))
    assert is_proved_damaged(png[:-1])
    assert not is_proved_damaged(WHOLE["jpeg"])


def test_a_damaged_picture_that_is_the_same_is_a_finding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.fuzz.pictures.is_proved_damaged", lambda _: True)
    png = WHOLE["png"]
    finding = Pictures("png").check(png, png, tmp_path)
    assert finding == Finding("false same", "same, same")


class Bad:
    """Every third input ends the process, every third takes too long."""

    name, suffix = "bad", ".bad"

    def seeds(self) -> Sequence[bytes]:
        return [b"seed"]

    def mend(self, data: bytes, rng: Random) -> bytes:
        del data
        return bytes([rng.randrange(256)])

    def check(self, data: bytes, seed: bytes, folder: Path) -> Finding | None:
        del seed, folder
        if data[0] % 3 == 0:
            os._exit(7)
        if data[0] % 3 == 1:
            start = time.monotonic()
            while time.monotonic() < start + 60:
                pass
        return None


@pytest.mark.slow
def test_inputs_that_end_or_hang_a_process_are_told_of_and_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(fuzz, "TARGETS", (Bad(),))
    monkeypatch.setattr(fuzz, "HANG", 0.2)
    assert fuzz.run(3, seed=1) > 1
    lines = capsys.readouterr().out.splitlines()
    told = {line.partition(": ")[2] for line in lines if ".bad: " in line}
    assert told == {"crash: the process ended with 7", "hang: over 0.2 s"}
    assert any((tmp_path / "out/fuzz").iterdir())


class Telling(Bad):
    """Every third input ends the process, the others are findings."""

    def check(self, data: bytes, seed: bytes, folder: Path) -> Finding | None:
        del seed, folder
        if data[0] % 3 == 0:
            os._exit(7)
        return Finding("crash", f"read {data[0]}")


def test_the_first_inputs_are_read_however_many_processes_share_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(fuzz, "TARGETS", (Telling(),))
    expected = []
    for number in range(11):
        (value,) = fuzz.made(1, number).data
        told = f"read {value}" if value % 3 else "the process ended with 7"
        expected.append(f"out/fuzz/bad-1-{number}.bad: crash: {told}")
    assert sum("ended" in line for line in expected) > 1
    for processes in (1, 3, 20):
        monkeypatch.setattr(os, "cpu_count", lambda processes=processes: processes)
        assert fuzz.run(600, seed=1, most=11) == 11
        assert capsys.readouterr().out.splitlines()[-11:] == expected
