"""What docs/configuration.md shows is right."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from diffspot.options.config import read_config

PAGE = Path(__file__).parent.parent.parent / "docs" / "configuration.md"
EXAMPLES = re.findall(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("text", EXAMPLES)
def test_every_example_is_a_valid_file(tmp_path: Path, text: str) -> None:
    path = tmp_path / ("pyproject.toml" if "tool.diffspot" in text else "diffspot.toml")
    path.write_text(text, encoding="utf-8")
    assert any(layer.values for layer in read_config(path))


def test_there_are_examples() -> None:
    assert len(EXAMPLES) == 3
