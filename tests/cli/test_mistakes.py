"""What is said of mistakes: one sentence each that names the way out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from diffspot import compare as compare_arrays
from diffspot.errors import OptionError
from tests.in_process import diffspot
from tests.pictures import changed, plain, save

if TYPE_CHECKING:
    from pathlib import Path

BOX = "left, top, width and height, each in px or a percentage such as '12.5%'."
MISTAKES: dict[str, tuple[list[str], str, tuple[str, ...]]] = {
    "a third path": (
        ["a", "b", "c"],
        "",
        (
            "c is too much for diffspot compare, which takes a reference and a candidate;",
            "to compare one picture with many name their folder, or list the pairs with --pairs.",
        ),
    ),
    "a box in four words": (
        ["a", "b", "--ignore", "0", "0", "10", "10"],
        "",
        ("0 10 10 is too much: a box is written with commas, such as --ignore 0,0,100%,40.",),
    ),
    "a box of three numbers": (
        ["a", "b", "--ignore", "0,0,10"],
        "",
        ("--ignore cannot be '0,0,10': expected boxes X,Y,W,H:", BOX),
    ),
    "a name like an option": (
        ["-dash.png", "b"],
        "",
        ("-dash.png is read as an option; write ./-dash.png, or -- before the paths.",),
    ),
    "a file for the results": (
        ["a", "b", "-o", "diffspot.toml"],
        "blur = 0\n",
        ("diffspot.toml is a file; name a folder with --out.",),
    ),
    "a URL": (
        ["ftp://x.y/a.png", "b"],
        "",
        ("ftp://x.y/a.png is a URL that cannot be read here; download it first.",),
    ),
    "a pattern that matches nothing": (
        ["shots/*.png", "b"],
        "",
        (
            "shots/*.png cannot be opened (No such file or directory); no file has a name that this pattern is for,",
            "so give their directory, with --include for some of them.",
        ),
    ),
    "a table of pyproject.toml": (
        ["a", "b"],
        "[tool.diffspot]\nblur = 1\n",
        ("[tool.diffspot] in diffspot.toml is for pyproject.toml; here write its options without a table.",),
    ),
    "a share as a number": (
        ["a", "b"],
        "max-diff-area = 0.5\n",
        (
            "max-diff-area in diffspot.toml cannot be 0.5:",
            "expected 'none', px as a whole number, or a percentage up to 100% such as '12.5%'.",
        ),
    ),
    "millimetres of no scale": (
        ["a", "b", "--unit", "mm"],
        "",
        ("--unit cannot be 'mm': expected px, or mm with --scale PX_PER_MM.",),
    ),
    "standard input in place of a picture": (
        ["a/home.png", "-"],
        "",
        ("- cannot be opened (No such file or directory);", "standard input is no picture, so save it as a file."),
    ),
    "a wrong box in a file": (
        ["a", "b"],
        "ignore = [[0, 0, 10]]\n",
        ("ignore in diffspot.toml cannot be [[0, 0, 10]]: expected a list of boxes X,Y,W,H:", BOX),
    ),
}


UNUSED = {
    "--window 9": "--metric ncc",
    "--tile 8": "--metric tiles",
    "--tile-match pearson": "--metric tiles",
    "--ppd 30": "--metric flip",
    "--lpips-model x.onnx": "--metric lpips or --measure lpips",
    "--pictures link": "--html",
    "--scale 20": "--unit mm",
}
MISTAKES |= {
    f"{given} alone": (
        ["a", "b", *given.split()],
        "",
        (f"{given.split()[0]} would change nothing without {needed}; give both, or neither.",),
    )
    for given, needed in UNUSED.items()
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, picture in (("a", plain()), ("b", changed())):
        save(tmp_path / name / "home.png", picture)
        save(tmp_path / name / "shop.png", picture)
    return tmp_path


@pytest.mark.parametrize("case", MISTAKES)
def test_a_mistake_and_the_way_out(folder: Path, case: str) -> None:
    arguments, config, parts = MISTAKES[case]
    if config:
        (folder / "diffspot.toml").write_text(config, encoding="utf-8")
    done = diffspot("compare", *arguments, cwd=folder)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"diffspot: {' '.join(parts)}\n")


def test_what_looks_like_an_option_is_taken_after_two_dashes(folder: Path) -> None:
    save(folder / "-dash.png", plain())
    for arguments in (["--", "-dash.png", "a/home.png"], ["./-dash.png", "a/home.png"]):
        assert diffspot("compare", *arguments, cwd=folder).returncode == 0


def test_other_commands_say_so_too(folder: Path) -> None:
    done = diffspot("config", "a", "b", cwd=folder)
    assert (done.returncode, done.stderr) == (2, "diffspot: b is too much for diffspot config; see its --help.\n")


def test_an_input_compared_with_itself_is_told_of(folder: Path) -> None:
    said = "diffspot: {} is compared with itself, so nothing can differ; name the candidate, too\n"
    assert diffspot("compare", "a", "a", cwd=folder).stderr == said.format("a")
    assert diffspot("compare", "a/home.png", "./a/../a/home.png", cwd=folder).stderr == said.format("a/home.png")
    assert diffspot("compare", "a", "a", "-q", cwd=folder).stderr == ""
    (folder / "link").symlink_to("a")
    assert diffspot("compare", "link", "a", cwd=folder).stderr == said.format("link")


def test_an_empty_folder_is_told_of(folder: Path) -> None:
    (folder / "empty").mkdir()
    said = "diffspot: empty holds no pictures, so all of a are {}; is that the right folder?\n"
    for arguments, what in ((("a", "empty"), "removed"), (("empty", "a"), "added")):
        done = diffspot("compare", *arguments, cwd=folder)
        assert (done.returncode, done.stderr) == (1, said.format(what))
    assert diffspot("compare", "a", "empty", "-q", cwd=folder).stderr == ""


def test_a_flag_that_a_rule_makes_use_of_is_used(folder: Path) -> None:
    (folder / "diffspot.toml").write_text('scale = 9\n[[rules]]\nmatch = "h*"\nmetric = "ncc"\n', encoding="utf-8")
    assert diffspot("compare", "a", "b", "--window", "9", cwd=folder).returncode == 1
    assert diffspot("compare", "a", "b", "--window", "9", "--metric", "ssim", cwd=folder).returncode == 2


def test_outputs_made_again_take_no_scale_without_its_unit(folder: Path) -> None:
    diffspot("compare", "a", "b", "-o", "out", cwd=folder)
    said = "diffspot: --scale would change nothing without --unit mm; give both, or neither.\n"
    assert diffspot("report", "out", "--csv", "x.csv", "--scale", "9", cwd=folder).stderr == said
    assert diffspot("merge", "out", "--scale", "9", cwd=folder).stderr == said


@pytest.mark.parametrize("style", [[], ["--jsonl"], ["-q"]])
def test_a_picture_is_named_once(folder: Path, style: list[str]) -> None:
    (folder / "b" / "shop.png").write_bytes(b"none")
    for command in (["locate", "a/home.png", "b/shop.png"], ["shapes", "b/shop.png"], ["compare", "a", "b", *style]):
        done = diffspot(*command, cwd=folder)
        assert done.returncode == 2
        assert done.stderr.count("shop.png") == (0 if command[0] == "compare" and not style else 1)


def test_rules_for_no_pair_are_told_of(folder: Path) -> None:
    rules = "".join(f'[[rules]]\nmatch = "{name}"\nblur = 1\n' for name in ("hme.png", "home.png", "x", "y", "z"))
    (folder / "diffspot.toml").write_text(rules, encoding="utf-8")
    done = diffspot("compare", "a", "b", cwd=folder)
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "diffspot: diffspot.toml, rule 1 is for no pair: nothing is called 'hme.png'",
        "diffspot: diffspot.toml, rule 3 is for no pair: nothing is called 'x'",
        "diffspot: diffspot.toml, rule 4 is for no pair: nothing is called 'y'",
        "diffspot: 1 more rule is for no pair; diffspot config NAME shows what is in force for one",
    ]


def test_boxes_outside_every_picture_are_told_of(folder: Path) -> None:
    save(folder / "a" / "large.png", plain(100, 100))
    save(folder / "b" / "large.png", plain(100, 100))
    inside, outside = ["0,0,5,5", "70,0,5,5", "50%,50%,10,10"], ["100,0,5,5", "0,0,0,5", "0,100%,5,5"]
    flags = [part for box in (*inside, *outside) for part in ("--ignore", box)]
    done = diffspot("compare", "a", "b", *flags, cwd=folder)
    assert done.stderr.splitlines() == [
        f"diffspot: --ignore {box} lies outside every picture it is for, so it changes nothing" for box in outside
    ]


def test_accept_knows_what_is_meant(folder: Path) -> None:
    diffspot("compare", "a", "b", "-o", "out", cwd=folder)
    for given, way_out in (("hom.png", "did you mean 'home.png'?"), ("xx", "give names or globs of its pairs.")):
        done = diffspot("accept", "out", given, cwd=folder)
        assert done.stderr == f"diffspot: No pair of the report is called {given!r}; {way_out}\n"


def test_a_value_that_fills_pages_is_not_shown() -> None:
    with pytest.raises(OptionError, match=r"--mask cannot be of the type ndarray: expected none\|FILE"):
        compare_arrays(plain(), plain(), mask=np.zeros((60, 60)))


@pytest.mark.parametrize("command", ["compare", "accept", "locate"])
def test_an_empty_argument_is_no_folder(command: str) -> None:
    done = diffspot(command, "", "b.png")
    assert done.returncode == 2
    assert done.stderr == (
        "diffspot: An argument is empty, as that of a variable which is not set; give a path or leave it out.\n"
    )


@pytest.mark.parametrize(
    ("command", "what", "check"),
    [
        (["compare", "--pairs"], "the list of pairs ", "--pairs"),
        (["compare", "--pairs0"], "the list of pairs ", "--pairs0"),
        (["shapes", "--list"], "", "the name"),
    ],
)
def test_a_list_that_cannot_be_read(tmp_path: Path, command: list[str], what: str, check: str) -> None:
    done = diffspot(*command, "none.txt", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr == f"diffspot: Cannot read {what}none.txt: No such file or directory; check {check}.\n"


@pytest.mark.parametrize(
    ("command", "what"), [(["compare", "--pairs"], "the list of pairs "), (["shapes", "--list"], "")]
)
def test_a_list_that_is_not_utf8(tmp_path: Path, command: list[str], what: str) -> None:
    (tmp_path / "list.txt").write_bytes("größe.png".encode("latin-1"))
    done = diffspot(*command, "list.txt", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr == f"diffspot: Cannot read {what}list.txt, which is not UTF-8; save it as UTF-8.\n"


@pytest.mark.parametrize("leaving", [["--ignore", "0,0,100%,100%"], ["--only", "999,0,9,9"]])
def test_a_pair_of_which_nothing_is_left_to_compare_is_an_error(folder: Path, leaving: list[str]) -> None:
    done = diffspot("compare", "a", "b", *leaving, "--json", cwd=folder)
    assert done.returncode == 2
    assert "--ignore, --only and --mask leave nothing to compare of a picture of " in done.stdout
    height, width = plain().shape[:2]
    done = diffspot("compare", "a", "b", "--ignore", f"0,0,{width},{height - 1}", cwd=folder)
    assert done.returncode == 0
