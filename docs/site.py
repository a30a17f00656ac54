"""What MkDocs calls while it builds the site: pages that stand at the top of the repository, and links to them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
LINK = re.compile(r"\]\(([^)#\s:]+)(#[^)\s]*)?\)")


def on_files(files: Files, config: Any) -> Files:  # noqa: ANN401  MkDocs gives its own mapping
    """Adds the pages that do not lie in docs/."""
    for source, page in PAGES.items():
        if page != PAGES["README.md"]:
            text = relinked((ROOT / source).read_text(encoding="utf-8"), Path(source).parent)
            files.append(File.generated(config, page, content=text))
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:  # noqa: ANN401  MkDocs says more than is needed
    """Links from docs/ to the top of the repository lead to the page that was made of it."""
    return relinked(markdown, Path("docs"))


def relinked(text: str, folder: Path) -> str:
    """A page of a folder of the repository, its links as they are in the site."""

    def link(found: re.Match[str]) -> str:
        target = _normal(folder / found[1])
        page = PAGES.get(target) or (target.removeprefix("docs/") if target.startswith("docs/") else None)
        return f"]({page or found[1]}{found[2] or ''})"

    return LINK.sub(link, text)


def _normal(path: Path) -> str:
    parts: list[str] = []
    for part in path.parts:
        if part == "..":
            parts[-1:] = []
        elif part != ".":
            parts.append(part)
    return "/".join(parts)
