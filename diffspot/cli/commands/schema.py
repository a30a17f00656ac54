"""`diffspot schema`: what report.json looks like, for machines."""

from __future__ import annotations

import typer


def schema() -> None:
    """Prints the JSON Schema of report.json."""
    import msgspec  # noqa: PLC0415  keeps --help and --version fast

    from diffspot.model import RunReport  # noqa: PLC0415

    text = msgspec.json.encode(msgspec.json.schema(RunReport))
    typer.echo(msgspec.json.format(text, indent=2).decode())
