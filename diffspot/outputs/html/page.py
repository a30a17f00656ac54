"""The page itself: the template with styles, scripts and the report put into it."""

from __future__ import annotations

import base64
import hashlib
from importlib import resources
from typing import TYPE_CHECKING

import jinja2
import msgspec
from markupsafe import Markup
from msgspec.structs import replace

from diffspot.options.options import Options
from diffspot.outputs.trends import RUNS, find_trends

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diffspot.model import RunReport
    from diffspot.outputs.history import History
    from diffspot.outputs.html.parts import Part
    from diffspot.outputs.html.pictures import Shown
    from diffspot.outputs.trends import Trend

STYLES = ("theme", "list", "viewer", "stage")
SCRIPTS = (
    "base",
    "trends",
    "ticks",
    "list",
    "rows",
    "stage",
    "difference",
    "boxes",
    "pointer",
    "regions",
    "details",
    "viewer",
    "main",
)
"""Files under css/ and js/, in the order in which they are joined."""


def render(
    report: RunReport,
    part: Part,
    pictures: Sequence[Shown],
    options: Options | None = None,
    history: History | None = None,
) -> str:
    """A part of the page as text.

    Its content security policy names the style and the script by their hashes and allows pictures
    from the page's own place alone: nothing else can load or run, whatever a name holds.

    Args:
        report: what the page shows.
        part: which of its pairs.
        pictures: the links of each of these.
        options: the order and the unit in which it shows the pairs.
        history: what it draws trends of.
    """
    options = options or Options()
    report = replace(report, pairs=part.pairs, times=replace(report.times, pairs=()))
    data = {
        "report": report,
        "pictures": pictures,
        "sort": options.sort,
        "pxPerMm": options.px_per_mm,
        "runs": history.runs[-RUNS:] if history else (),
        "trends": _trends(history, report) if history else {},
    }
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("diffspot.outputs", "html"), autoescape=True, undefined=jinja2.StrictUndefined
    )
    style = "\n".join(_asset("css", f"{name}.css") for name in STYLES)
    script = '"use strict";\n{\n' + "\n".join(_asset("js", f"{name}.js") for name in SCRIPTS) + "}\n"
    return environment.get_template("index.html.jinja").render(
        report=report,
        part=part,
        trends=bool(data["trends"]),
        style=Markup(style),  # noqa: S704  our own files
        script=Markup(script),  # noqa: S704
        style_hash=_hash(style),
        script_hash=_hash(script),
        data=Markup(_json(data)),  # noqa: S704  escaped by _json
    )


def _trends(history: History, report: RunReport) -> dict[str, Trend]:
    """The trends of those pairs of the report that were not the same in every run."""
    names = {pair.name for pair in report.pairs}
    return {trend.name: trend for trend in find_trends(history) if trend.failed and trend.name in names}


def _asset(folder: str, name: str) -> str:
    return (resources.files(__package__) / folder / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _json(value: object) -> str:
    r"""JSON that no HTML parser takes for a tag: `<`, `>` and `&` stand only in strings, as \u003c and so on."""
    text = msgspec.json.encode(value).decode()
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text
