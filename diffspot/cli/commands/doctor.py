"""`diffspot doctor`: what is installed, and whether it works."""

from __future__ import annotations

import typer

from diffspot.errors import ExitCode


def doctor() -> None:
    """Prints versions, picture formats and backends, and whether each works here."""
    from diffspot.cli.commands.health import backends, decoders, versions  # noqa: PLC0415  keeps --help and --version fast

    sections = {"Versions": versions(), "Picture formats": decoders(), "Backends": backends()}
    for title, findings in sections.items():
        typer.echo(title)
        for finding in findings:
            typer.echo(f"  {finding.what:<14} {finding.said}")
    if any(finding.fatal for findings in sections.values() for finding in findings):
        raise typer.Exit(ExitCode.TROUBLE)
