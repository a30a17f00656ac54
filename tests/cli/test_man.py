"""The manual page, the version in short, completion of names, and colours that are seen on any ground."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from diffspot.cli.help import STYLES
from diffspot.cli.terminal import STATUS_STYLE, folded
from diffspot.options.options import option_fields
from tests.in_process import diffspot
from tests.pictures import changed, plain, save

if TYPE_CHECKING:
    from pathlib import Path

SHELL = "from diffspot.cli.app import app; app(prog_name='diffspot')"
LEVELS = (0, 95, 135, 175, 215, 255)


def test_the_page_has_every_command_and_option() -> None:
    page = diffspot("man").stdout.replace("\\-", "-")
    assert page.startswith('.TH DIFFSPOT 1 "" "diffspot ')
    for command in ("compare", "accept", "report", "config", "init", "ignore", "schema", "doctor", "man"):
        assert f'.SS "diffspot {command} ' in page
    for option in option_fields().values():
        assert f"--{option.key}" in page
        assert option.description in page
    assert page.count(".I Input") == 8  # of compare, plan, config, ignore and the four that find, once each
    assert "\\fI\\fR" not in page


def test_man_can_show_it() -> None:
    man = shutil.which("man")
    if man is None:
        pytest.skip("no man was found; install it with the system's package manager")
    page = diffspot("man").stdout
    shown = subprocess.run(
        [man, "--warnings", "-l", "-"], input=page, capture_output=True, text=True, check=True, timeout=60
    )
    assert shown.stderr == ""
    assert "--max-shift" in shown.stdout


def test_the_version_in_short() -> None:
    assert diffspot("-V").stdout == diffspot("--version").stdout


def test_names_of_pairs_are_completed(tmp_path: Path) -> None:
    for side, picture in (("a", plain()), ("b", changed())):
        for name in ("home.png", "shop/cart.png", "shop/list.png"):
            save(tmp_path / side / name, picture)
    diffspot("compare", "a", "b", "-o", "out", cwd=tmp_path)

    def completed(line: str) -> list[str]:
        given = {"_DIFFSPOT_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(line.count(" "))}
        done = subprocess.run(
            [sys.executable, "-c", SHELL],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
            cwd=tmp_path,
            env=os.environ | given,
        )
        return done.stdout.split()

    assert completed("diffspot accept out sh") == ["shop/cart.png", "shop/list.png"]
    assert completed("diffspot ignore out --pair ho") == ["home.png"]
    assert completed("diffspot accept nowhere sh") == []


def contrast(number: int, ground: float) -> float:
    """WCAG contrast of a colour of the palette of 256 (its cube) with a grey of that luminance."""
    place = number - 16
    shares = [LEVELS[place // step % 6] / 255 for step in (36, 6, 1)]
    linear = [share / 12.92 if share <= 0.03928 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    high, low = max(luminance, ground) + 0.05, min(luminance, ground) + 0.05
    return high / low


def test_colours_are_seen_on_black_and_on_white() -> None:
    of_status = [int(re.fullmatch(r"color\((\d+)\)", style)[1]) for style in STATUS_STYLE.values()]
    of_help = [style["fg"] for style in STYLES if style]
    assert len(set(of_status)) == 6
    for number in (*of_status, *of_help):
        for ground in (0.0, 1.0):
            assert contrast(number, ground) >= 3.8, number


def test_long_names_break_after_folders() -> None:
    assert folded("desktop/admin/users/index.png", 20) == "desktop/admin/users/\nindex.png"
    assert folded("desktop/admin/users/index.png", 14) == "desktop/admin/\nusers/\nindex.png"
    assert folded("short.png", 20) == "short.png"
    assert folded("a" * 30, 20) == "a" * 30
    assert folded("shop/total-with-tax_actual-linux.png", 16) == "shop/total-with-\ntax_actual-\nlinux.png"
