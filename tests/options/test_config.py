"""Configuration files: where they are found, what they say, what is wrong with them."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.main import get_command

from diffspot.cli.app import app
from diffspot.errors import OptionError
from diffspot.options.config import find_config, load_settings, read_config
from diffspot.options.fields import COMMAND_LINE
from diffspot.options.options import option_fields


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("files", "found"),
    [
        (["deep/er/diffspot.toml", "diffspot.toml"], "diffspot.toml"),
        (["deep/diffspot.toml", "diffspot.toml"], "../diffspot.toml"),
        (["deep/er/pyproject.toml", "deep/er/diffspot.toml"], "diffspot.toml"),
        (["deep/er/pyproject.toml", "diffspot.toml"], "pyproject.toml"),
        (["diffspot.toml"], "../../diffspot.toml"),
    ],
)
def test_the_nearest_file_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: list[str], found: str
) -> None:
    (tmp_path / "deep" / "er").mkdir(parents=True)
    for file in files:
        write(tmp_path / file, "[tool.diffspot]\n" if "pyproject" in file else "")
    monkeypatch.chdir(tmp_path / "deep" / "er")
    assert find_config() == Path(found)


def test_a_project_without_a_table_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "here" / "pyproject.toml", "[tool.ruff]\nline-length = 120\n")
    outer = write(tmp_path / "diffspot.toml", "")
    monkeypatch.chdir(tmp_path / "here")
    found = find_config()
    assert found is not None
    assert found.resolve() == outer.resolve()


@pytest.mark.parametrize("name", ["diffspot.toml", "pyproject.toml", "other.toml"])
def test_options_and_rules_are_read_in_order(tmp_path: Path, name: str) -> None:
    table = "tool.diffspot" if name == "pyproject.toml" else ""
    header, rules = (f"[{table}]\n", f"[[{table}.rules]]") if table else ("", "[[rules]]")
    text = (
        f"{header}min-area = 9\nmask = 'm.png'\n{rules}\nmatch = '*.png'\nignore = [[0, 0, '10%', 5]]\n"
        f"{rules}\nmatch = ['a*', 'b*']\nmin-area = 1\nmask = 'none'\n"
    )
    path = write(tmp_path / name, text)
    layers = read_config(path)
    assert [layer.source for layer in layers] == [str(path), f"{path}, rule 1", f"{path}, rule 2"]
    assert [layer.match for layer in layers] == [None, ("*.png",), ("a*", "b*")]
    assert [dict(layer.values) for layer in layers] == [
        {"min_area": 9, "mask": str(tmp_path / "m.png")},
        {"ignore": [[0, 0, "10%", 5]]},
        {"min_area": 1, "mask": "none"},
    ]


def test_flags_win_over_rules_and_rules_over_the_file(tmp_path: Path) -> None:
    text = "min-area = 9\npadding = 1\nblur = 1\n[[rules]]\nmatch = '*'\npadding = 2\nblur = 2\n"
    settings = load_settings({"blur": "3"}, write(tmp_path / "x.toml", text))
    options = settings.for_pair("a.png")
    assert (options.min_area, options.padding, options.blur) == (9, 2, 3.0)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("min_area = 9", ["'min_area'", "did you mean 'min-area'"]),
        ("rule = 9", ["'rule'", "did you mean 'rules'"]),
        ("min-area = '9'", ["min-area", "'9'", "a whole number"]),
        ("[[rules]]\nmin-area = 9", ["match", "rule 1", "is missing", "glob"]),
        ("[[rules]]\nmatch = []", ["match", "rule 1", "[]", "glob"]),
        ("[[rules]]\nmatch = 5", ["match", "5", "glob"]),
        ("[[rules]]\nmatch = '*'\n[[rules]]\nmatch = '*'\nignor = []", ["rule 2", "'ignor'", "did you mean 'ignore'"]),
        ("[[rules]]\nmtch = '*'", ["rule 1", "'mtch'", "did you mean 'match'"]),
        ("[[rules]]\nmatch = '*'\nmin-area = 0", ["rule 1", "min-area", "0", "from 1 on"]),
        ("rules = 5", ["rules", "5", "[[rules]]"]),
        ("threshold = 95", ["threshold", "95", "a percentage such as '95%'"]),
        ("min-area = ", ["not TOML", "end of document"]),
        ("\udcff", ["not TOML"]),
    ],
)
def test_a_mistake_names_the_file_and_the_key(tmp_path: Path, text: str, words: list[str]) -> None:
    path = tmp_path / "diffspot.toml"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(OptionError) as caught:
        read_config(path)
    for word in [str(path), *words]:
        assert word in str(caught.value)
    assert str(caught.value).endswith((".", "?"))


def test_what_is_for_a_single_run_is_sent_to_the_command_line(tmp_path: Path) -> None:
    for key in COMMAND_LINE:
        for text in (f'{key} = "x"', f'[[rules]]\nmatch = "*"\n{key} = 5'):
            file = write(tmp_path / "diffspot.toml", text)
            with pytest.raises(
                OptionError, match=rf"^{key} in {file}.* write --{key.replace('_', '-')} on the command line\.$"
            ):
                read_config(file)


def test_every_option_of_compare_is_of_a_file_or_of_a_single_run() -> None:
    command = get_command(app).commands["compare"]  # type: ignore[attr-defined]
    options = {option.name for option in command.params if option.opts[0].startswith("-")}
    assert options == COMMAND_LINE | set(option_fields())


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("missing.toml", None, ["Cannot read", "--config"]),
        ("pyproject.toml", "", ["[tool.diffspot]", "--config"]),
        ("pyproject.toml", "tool.diffspot = 5", ["tool.diffspot", "5"]),
        ("pyproject.toml", "tool = 5", ["[tool.diffspot]", "--config"]),
    ],
)
def test_a_file_that_says_nothing_is_refused(tmp_path: Path, name: str, text: str | None, words: list[str]) -> None:
    path = tmp_path / name
    if text is not None:
        path.write_text(text)
    with pytest.raises(OptionError) as caught:
        read_config(path)
    for word in [str(path), *words]:
        assert word in str(caught.value)


@pytest.mark.parametrize("content", [None, b"no picture"])
def test_a_mask_that_cannot_be_read_is_named_before_anything_is_compared(tmp_path: Path, content: bytes | None) -> None:
    file, mask = tmp_path / "diffspot.toml", tmp_path / "nope.png"
    if content is not None:
        mask.write_bytes(content)
    with pytest.raises(OptionError, match=r"^--mask cannot be used: .*nope\.png .*\.$"):
        load_settings({"mask": mask}, None)
    file.write_text('mask = "nope.png"\n')
    with pytest.raises(OptionError, match=rf"^mask in {file} cannot be used: {mask} .*\.$"):
        load_settings({}, file)
    file.write_text('[[rules]]\nmatch = "*"\nmask = "nope.png"\n')
    with pytest.raises(OptionError, match=rf"^mask in {file}, rule 1 cannot be used: {mask} .*\.$"):
        load_settings({}, file)
