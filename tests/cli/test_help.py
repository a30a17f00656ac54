"""The help: all of it, in panels that fit the terminal."""

from __future__ import annotations

import io
import re
from contextlib import redirect_stdout

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from diffspot.cli.app import app
from diffspot.cli.help import ASCII, LINES
from diffspot.options.options import option_fields
from tests.sweep import sweep

ESCAPES = re.compile(r"\x1b\[[\d;]*m")
COMMANDS = (
    "compare",
    "locate",
    "common",
    "shapes",
    "similar",
    "calibrate",
    "schema",
    "config",
    "init",
    "ignore",
    "report",
    "plan",
    "merge",
    "accept",
    "mcp",
    "git-diff",
    "man",
    "history",
    "doctor",
)


def shown(*arguments: str, width: int = 100, color: bool = False, **environment: str) -> str:
    env = {"COLUMNS": str(width), "NO_COLOR": "", "FORCE_COLOR": "", "TERM": "xterm", **environment}
    done = CliRunner().invoke(app, [*arguments], env=env, color=color, prog_name="diffspot")
    assert done.exit_code == 0
    return done.output


def words(text: str) -> str:
    """The words of a help, without what it is drawn with."""
    return " ".join(ESCAPES.sub("", text).replace("│", " ").split())


def test_the_list_of_commands() -> None:
    text = shown("--help", width=80)
    assert text == shown("-h", width=80)
    lines = text.splitlines()
    assert lines[1] == " Usage: diffspot [OPTIONS] COMMAND [ARGS]..."
    assert lines[3] == " Finds where two pictures differ, for directories of picture pairs."
    assert lines[5] == "╭─ Options " + "─" * 68 + "╮"
    assert lines[6] == f"│ {'--version             -V  Print the version.':<76} │"
    assert f"│ {'--help                -h  Show this message and exit.':<76} │" in lines
    start = lines.index("╭─ Commands " + "─" * 67 + "╮")
    assert tuple(line.split()[1] for line in lines[start + 1 :] if re.match("│ [a-z]", line)) == COMMANDS


@pytest.mark.parametrize("command", sweep(COMMANDS, keep=3))
def test_panels_fit_the_terminal(command: str) -> None:
    for width in (60, 80, 100, 133, 200):
        lines = shown(command, "--help", width=width).splitlines()
        boxed = [line for line in lines if line[:1] in LINES and line]
        assert {len(line) for line in boxed} == {width}
        assert all(line[-1] in LINES for line in boxed)
        assert max(map(len, lines)) <= width


def test_nothing_of_an_option_is_left_out_or_broken() -> None:
    text = shown("compare", "--help", width=80)
    for option in option_fields().values():
        assert re.search(rf"^│ {option.flag} ", text, re.MULTILINE)
        assert f"╭─ {option.stage} ─" in text
        if not option.many:
            assert f"[default: {option.default}]" in text
    assert "│                   euclidean|similarity|" in text, "choices break after a bar"
    assert "PX [1<=x<=99]" in text
    assert "PX [x>=1]" in text
    assert "NUMBER [0<=x<=1]" in text
    assert "--no-html" in text
    assert words(text).endswith("pictures, 2 trouble; see --fail-on.")


def test_what_must_be_given_and_what_is_taken_instead() -> None:
    text = words(shown("ignore", "--help"))
    assert "--pair NAME The pair, named as in the report. [required]" in text
    assert "--padding PX [x>=0] Widens every box on all sides. [default: 2]" in text
    assert "OUT The --out folder of a run. [required]" in words(shown("report", "--help"))
    assert "[default" not in shown("accept", "--help").replace("[default: all]", "")


def test_all_words_of_the_declarations_are_there() -> None:
    for command in get_command(app).commands.values():  # type: ignore[attr-defined]
        text = words(shown(command.name, "--help", width=200))
        assert command.help.split("\n\n")[0] in text
        for parameter in command.params:
            assert words(parameter.help.replace("\\[", "[")) in text


@pytest.mark.parametrize(
    ("environment", "color", "painted"),
    [
        ({}, False, False),
        ({}, True, True),
        ({"FORCE_COLOR": "1"}, False, True),
        ({"NO_COLOR": "1"}, True, False),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, True, False),
        ({"TERM": "dumb"}, True, False),
    ],
)
def test_colors_are_for_terminals_and_for_who_asks(
    environment: dict[str, str],
    color: bool,  # noqa: FBT001
    painted: bool,  # noqa: FBT001
) -> None:
    text = shown("report", "--help", color=color, **environment)
    assert bool(re.search("\x1b\\[38;5;30m\x1b\\[1m--html +\x1b", text)) == painted
    assert ESCAPES.sub("", text) == shown("report", "--help")


def test_an_output_without_the_lines_gets_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    stream = io.TextIOWrapper(io.BytesIO(), "cp1252", write_through=True)
    with redirect_stdout(stream), pytest.raises(SystemExit):
        app(["init", "--help"], prog_name="diffspot")
    text = stream.buffer.getvalue().decode("cp1252")  # type: ignore[attr-defined]
    assert "+- Options " + "-" * 68 + "+" in text.splitlines()
    assert "".join(LINES) != "".join(ASCII)
