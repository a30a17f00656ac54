"""What the HTML report is made of: links, copies, escapes, and the page's own rules."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING
from urllib.parse import unquote

import numpy as np
import pytest
import tifffile
from msgspec.structs import replace

from diffspot.errors import OutputError
from diffspot.image_io import read_image
from diffspot.image_io.digest import digest
from diffspot.options.options import Options
from diffspot.outputs import open_outputs
from diffspot.outputs.html import HtmlOutput
from diffspot.outputs.links import link
from tests.opening import on_open
from tests.outputs.reports import render, report_of, result, show_pictures
from tests.pictures import changed, plain, save

if TYPE_CHECKING:
    from pathlib import Path


def data_of(page: str) -> dict[str, object]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert found
    return json.loads(found[1])  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("plain.png", "../in/plain.png"),
        ("a b.png", "../in/a%20b.png"),
        ("#1?50%&'\"<>.png", "../in/%231%3F50%25%26%27%22%3C%3E.png"),
        ("javascript:x.png", "../in/javascript%3Ax.png"),
        ("naïve/日本.png", "../in/na%C3%AFve/%E6%97%A5%E6%9C%AC.png"),
    ],
)
def test_links_are_relative_and_percent_encoded(tmp_path: Path, name: str, expected: str) -> None:
    address = link(tmp_path / "in" / name, tmp_path / "out")
    assert address == expected
    assert (tmp_path / "out" / unquote(address)).resolve() == tmp_path / "in" / name


def test_relative_paths_start_where_the_run_did(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert link(tmp_path / "in" / "a.png", tmp_path / "out") == "../in/a.png"
    assert link(type(tmp_path)("in/a.png"), type(tmp_path)("out")) == "../in/a.png"


def test_data_is_the_report_and_no_tag_ends_it(tmp_path: Path) -> None:
    name = "</script><script>alert(1)</script><!--&amp;.png"
    report = report_of([result(tmp_path, name)])
    page = render(report, show_pictures(report.pairs, tmp_path, pictures="link")[0])
    assert page.count("<script") == page.count("</script>") == 2
    data = data_of(page)
    assert data["report"]["pairs"][0]["name"] == name  # type: ignore[index]
    assert data["pictures"] == [{"reference": "reference.png", "candidate": "candidate.png"}]


def test_policy_allows_the_page_its_own_script_and_style_alone() -> None:
    page = render(report_of([]), [])
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy
    for tag in ("script", "style"):
        content = re.search(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        assert content
        digest = base64.b64encode(hashlib.sha256(content[1].encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}';" in policy[1]
    assert policy[1].startswith("default-src 'none';")
    assert not re.search(r"https?://", page)


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_tiff_is_copied_as_png(tmp_path: Path, dtype: str) -> None:
    full = np.iinfo(dtype).max
    pixels = np.linspace(0, full, 48).reshape(4, 4, 3).astype(dtype)
    source = tmp_path / "scan #1.tif"
    tifffile.imwrite(source, pixels, photometric="rgb")
    pair = result(tmp_path, "deep/scan #1.tif", reference=str(source))
    (shown,), _ = show_pictures([pair], tmp_path / "out", pictures="link")
    assert shown.reference == "pictures/reference/deep/scan%20%231.tif.copy.png"
    copied = read_image(tmp_path / "out" / unquote(shown.reference)).pixels
    assert np.abs(copied.astype(int) - np.round(pixels / full * 255)).max() <= 0


def test_tiff_of_same_or_unreadable_pairs_is_not_copied(tmp_path: Path) -> None:
    broken = tmp_path / "broken.tiff"
    broken.write_bytes(b"II*\0 no more")
    pairs = [
        result(tmp_path, "a.tif", "same", reference="gone.tif"),
        result(tmp_path, "b.tif", "error", reference=str(broken), error="broken"),
    ]
    shown, failures = show_pictures(pairs, tmp_path / "out", pictures="link")
    assert failures == []
    assert [one.reference for one in shown] == [None, None]
    assert not (tmp_path / "out").exists()


def test_pages_are_copied_each_to_its_pair_and_their_file_is_read_once(tmp_path: Path) -> None:
    source, out = tmp_path / "scan.tif", tmp_path / "out"
    tifffile.imwrite(source, np.full((3, 4, 4), [[[10]], [[20]], [[30]]], np.uint8), photometric="minisblack")
    pairs = [
        result(tmp_path, name, status, frame=frame, frames=3, reference=str(source))
        for name, frame, status in (
            ("p3", 3, "different"),
            ("p1", 1, "different"),
            ("p2", 2, "same"),
            ("p4", 4, "error"),
        )
    ] + [result(tmp_path, "again", frame=3, reference=str(source))]
    read: list[Path] = []
    with on_open(read.append):
        shown, failures = show_pictures(pairs, out, pictures="link")
    names = [one.reference and one.reference.removeprefix("pictures/reference/") for one in shown]
    assert (names, failures) == (["p3.copy.png", "p1.copy.png", None, None, "p3.copy.png"], [])
    shades = [int(read_image(out / str(shown[index].reference)).pixels[0, 0, 0]) for index in (0, 1, 4)]
    assert shades == [30, 10, 30]
    assert sorted(path for path in read if path.parent == tmp_path) == [tmp_path / "candidate.png", source]


def test_a_copy_that_cannot_be_written_keeps_no_other_frame_from_it(tmp_path: Path) -> None:
    source, out = tmp_path / "scan.tif", tmp_path / "out"
    tifffile.imwrite(source, np.zeros((2, 4, 4), np.uint8), photometric="minisblack")
    (out / "pictures" / "reference" / "p1.copy.png").mkdir(parents=True)
    pairs = [result(tmp_path, f"p{frame}", frame=frame, reference=str(source), candidate=None) for frame in (1, 2)]
    shown, failures = show_pictures(pairs, out, pictures="link")
    assert [one.reference for one in shown] == [None, "pictures/reference/p2.copy.png"]
    assert [str(failure)[:12] for failure in failures] == ["Cannot write"]


def test_a_run_that_was_stopped_makes_no_copies(tmp_path: Path) -> None:
    source = tmp_path / "a.tif"
    tifffile.imwrite(source, np.zeros((4, 4), np.uint8))
    shown, failures = show_pictures(
        [result(tmp_path, "a.tif", reference=str(source))], tmp_path / "out", pictures="link", copying=False
    )
    assert (shown[0].reference, shown[0].candidate is None, failures) == (None, False, [])
    output = HtmlOutput(tmp_path / "out")
    output.hurry()
    output.finish(report_of([result(tmp_path, "a.tif", reference=str(source))]))
    assert [path.name for path in (tmp_path / "out").rglob("*")] == ["index.html"]


def test_copies_of_an_earlier_run_go_and_nothing_else(tmp_path: Path) -> None:
    out, (a, b) = tmp_path / "out", (tmp_path / "a.tif", tmp_path / "b.tif")
    for source, shade in ((a, 0), (b, 9)):
        tifffile.imwrite(source, np.full((4, 4), shade, np.uint8))
    (own := out / "pictures" / "reference" / "own.png").parent.mkdir(parents=True)
    own.touch()
    old, kept = (result(tmp_path, name, reference=str(a), candidate=str(b)) for name in ("x/old.tif", "k.tif"))
    show_pictures([kept, replace(old, reference=str(save(tmp_path / "c.png", plain())))], out, pictures="copy")
    copies = {path.relative_to(out / "pictures").as_posix() for path in out.rglob("*.copy.*")}
    assert copies == {"reference/k.tif.copy.png", "candidate/k.tif.copy.png", "reference/x/old.tif.copy.png"}
    show_pictures([kept], out, pictures="link")
    left = {path.relative_to(out / "pictures").as_posix() for path in (out / "pictures").rglob("*")}
    assert left == {"reference", "candidate", "reference/own.png", *copies} - {"reference/x/old.tif.copy.png"}


def test_each_picture_is_copied_once_as_it_is(tmp_path: Path) -> None:
    golden, out = save(tmp_path / "golden.png", plain()), tmp_path / "out"
    digests = {}
    for name, picture in (("a", changed()), ("b", plain())):
        save(tmp_path / f"{name}.png", picture)
        digests[name] = digest((tmp_path / f"{name}.png").read_bytes())
    pairs = [
        result(
            tmp_path, f"{name}.png", status, reference=str(golden), candidate=str(tmp_path / f"{name}.png"),
            reference_digest=digests["b"], candidate_digest=digests[name],
        )
        for name, status in (("a", "different"), ("b", "same"))
    ]  # fmt: skip
    shown, failures = show_pictures(pairs, out, pictures="copy")
    one, other = "pictures/reference/a.png.copy.png", "pictures/candidate/a.png.copy.png"
    assert [(pair.reference, pair.candidate) for pair in shown] == [(one, other), (one, one)]
    assert failures == []
    copies = {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*.*")}
    assert copies == {one: golden.read_bytes(), other: (tmp_path / "a.png").read_bytes()}


def test_a_picture_that_changed_since_is_not_shown(tmp_path: Path) -> None:
    pair = result(tmp_path, "a.png", reference_digest="0" * 64)
    shown, failures = show_pictures([pair], tmp_path / "out", pictures="copy")
    assert (shown[0].reference, shown[0].candidate) == (None, "pictures/candidate/a.png.copy.png")
    assert [str(failure) for failure in failures] == [
        f"{tmp_path / 'reference.png'} has changed since it was compared, so the page does not show it."
    ]


def test_a_picture_that_is_gone_is_told_unless_the_pair_says_so_itself(tmp_path: Path) -> None:
    told = []
    for status in ("different", "error"):
        pair = result(tmp_path, "a.png", status, reference=str(tmp_path / "gone.png"))
        told.append([str(failure) for failure in show_pictures([pair], tmp_path / "out", pictures="copy")[1]])
    assert told == [[f"The page has no copy of {tmp_path / 'gone.png'}: No such file or directory."], []]


@pytest.mark.parametrize("status", ["error", "different"])
@pytest.mark.parametrize("name", ["notes.md", "notes.png"])
def test_no_file_is_copied_that_is_no_picture(tmp_path: Path, status: str, name: str) -> None:
    (secret := tmp_path / name).write_text("mine")
    pair = result(tmp_path, "a", status, reference=str(secret), candidate=None, reference_digest=digest(b"mine"))
    shown, failures = show_pictures([pair], tmp_path / "out", pictures="copy")
    assert (shown[0].reference, len(failures)) == (f"../{name}", status == "different")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["n" * 251 + ".png", "\N{CJK UNIFIED IDEOGRAPH-65E5}" * 80 + ".png"])
def test_a_name_that_is_too_long_for_a_copy_is_cut(tmp_path: Path, name: str) -> None:
    shown, failures = show_pictures([result(tmp_path, f"deep/{name}")], tmp_path / "out", pictures="copy")
    assert failures == []
    assert (tmp_path / "out" / str(shown[0].reference)).read_bytes() == (tmp_path / "reference.png").read_bytes()


@pytest.mark.parametrize("given", ["pictures", "pictures/reference"])
def test_no_input_lies_where_copies_go(tmp_path: Path, given: str) -> None:
    with pytest.raises(OutputError, match="lies in the input"):
        open_outputs(tmp_path, Options(html=True), [tmp_path / given], ())


@pytest.mark.slow
def test_flag_writes_the_page_with_the_changes(tmp_path: Path) -> None:
    pictures = [str(save(tmp_path / "reference.png", plain())), str(save(tmp_path / "candidate.png", changed()))]
    command = [sys.executable, "-m", "diffspot", "compare", *pictures, "--html", "--json"]
    missing = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (missing.returncode, missing.stderr[:16]) == (2, "diffspot: --html")
    out = tmp_path / "out"
    done = subprocess.run([*command, "-o", str(out)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "")
    page = (out / "index.html").read_text()
    (out / "index.html").unlink()
    subprocess.run([*command[:3], "report", str(out), "--html"], check=True)
    assert (out / "index.html").read_text() == page
    data = data_of(page)
    made = json.loads(done.stdout)
    made["times"]["pairs"] = []  # which the page does not show
    assert data["report"] == made
    shown = {side: f"pictures/{side}/reference.png.copy.png" for side in ("reference", "candidate")}
    assert data["pictures"] == [shown | {"annotated": "annotated/reference.png"}]
    for side, place in shown.items():
        assert (out / place).read_bytes() == (tmp_path / f"{side}.png").read_bytes()
    linked = subprocess.run([*command[:6], "--html", "--pictures", "link", "-o", str(out)], check=False)
    assert linked.returncode == 1
    shown = {"reference": "../reference.png", "candidate": "../candidate.png", "annotated": "annotated/reference.png"}
    assert data_of((out / "index.html").read_text())["pictures"] == [shown]
    assert not (out / "pictures").exists()
    assert re.fullmatch("[0-9a-f]{16}", data["report"]["pairs"][0]["change"])  # type: ignore[index]


def test_the_same_report_gives_the_same_bytes(tmp_path: Path) -> None:
    report = report_of([result(tmp_path, "a.png")])
    pages = []
    for _ in range(2):
        HtmlOutput(tmp_path).finish(report)
        pages.append((tmp_path / "index.html").read_bytes())
    assert pages[0] == pages[1]
