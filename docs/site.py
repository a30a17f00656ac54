"""What MkDocs calls while it builds the site: pages that stand at the top of the repository, and links to them."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File

if TYPE_CHECKING:
    from mkdocs.structure.files import Files

ROOT = Path(__file__).parent.parent
PAGES = {
    "SECURITY.md": "security.md",
    "ARCHITECTURE.md": "architecture.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "benchmarks/README.md": "benchmarks.md",
    "README.md": "index.md",
}
"""Files of the repository that are pages of the site, too, by their path from its top."""
LINK = re.compile(r"(?<!!)\[([^\]]*)\]\(([^)#\s:]+)(#[^)\s]*)?\)|(!\[[^\]]*\])\(([^)\s:]+)\)")
"""A link, its text, page and heading; or a picture."""
FETCHED = re.compile(r'<(?:script|img|iframe|link rel="stylesheet")[^>]*?(?:src|href)="(?:https?:)?//[^"]*"')
"""What a page asks another host for as soon as it is opened."""
CODE = re.compile(r"<code>[^<]*</code>")


def on_files(files: Files, config: Any) -> Files:  # noqa: ANN401  MkDocs gives its own mapping
    """Adds the pages that do not lie in docs/."""
    for source, page in PAGES.items():
        text = relinked((ROOT / source).read_text(encoding="utf-8"), Path(source).parent)
        files.append(File.generated(config, page, content=text))
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:  # noqa: ANN401  MkDocs says more than is needed
    """Links from docs/ to the top of the repository lead to the page that was made of it."""
    return relinked(markdown, Path("docs"))


def on_page_content(html: str, **_: Any) -> str:  # noqa: ANN401
    r"""In a table GitHub reads `A\|B` in code as A|B, and Python-Markdown as it stands; the site shows A|B as well."""
    return CODE.sub(lambda found: found[0].replace("\\|", "|"), html)


def on_post_page(output: str, **_: Any) -> str:  # noqa: ANN401
    """A page that is read offline fetches nothing from elsewhere.

    Raises:
        PluginError: it would.
    """
    if found := FETCHED.search(output):
        raise PluginError(f"A page would fetch {found[0]}; a site that is read from the disk must not.")
    return output


def relinked(text: str, folder: Path) -> str:
    """A page of a folder of the repository, its links as they are in the site; what is no page is left as its name."""

    def link(found: re.Match[str]) -> str:
        words, target, heading, picture, place = found.groups()
        if picture:
            return f"{picture}({_in_site(folder / place) or place})"
        page = _in_site(folder / target)
        return f"[{words}]({page}{heading or ''})" if page else words

    return LINK.sub(link, text)


def _in_site(path: Path) -> str | None:
    """Where a file of the repository, or a page of the site, lies in the site; None if it does not."""
    target = os.path.normpath(path).replace(os.sep, "/")
    if target in PAGES:
        return PAGES[target]
    inside = target.removeprefix("docs/")
    return inside if target != inside and (inside in PAGES.values() or (ROOT / target).exists()) else None
