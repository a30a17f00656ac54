"""The page itself: the template with styles, scripts and the report put into it."""

from __future__ import annotations

import base64
import hashlib
from importlib import resources
from typing import TYPE_CHECKING

import jinja2
import msgspec
from markupsafe import Markup

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diffspot.model import RunReport
    from diffspot.outputs.html.pictures import Shown

STYLES = ("theme", "list", "viewer")
SCRIPTS = ("base", "list", "rows", "stage", "boxes", "details", "viewer", "main")
"""Files under css/ and js/, in the order in which they are joined."""


def render(report: RunReport, pictures: Sequence[Shown]) -> str:
    """The page as text.

    Its content security policy names the style and the script by their hashes and allows pictures
    from the page's own place alone: nothing else can load or run, whatever a name holds.
    """
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("diffspot.outputs", "html"), autoescape=True, undefined=jinja2.StrictUndefined
    )
    style = "\n".join(_asset("css", f"{name}.css") for name in STYLES)
    script = '"use strict";\n{\n' + "\n".join(_asset("js", f"{name}.js") for name in SCRIPTS) + "}\n"
    return environment.get_template("index.html.jinja").render(
        report=report,
        style=Markup(style),  # noqa: S704  our own files
        script=Markup(script),  # noqa: S704
        style_hash=_hash(style),
        script_hash=_hash(script),
        data=Markup(_json({"report": report, "pictures": pictures})),  # noqa: S704  escaped by _json
    )


def _asset(folder: str, name: str) -> str:
    return (resources.files(__package__) / folder / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _json(value: object) -> str:
    r"""JSON that no HTML parser takes for a tag: `<`, `>` and `&` stand only in strings, as \u003c and so on."""
    text = msgspec.json.encode(value, enc_hook=tuple).decode()  # merged results are read as they are gone through
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text
