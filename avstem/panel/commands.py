"""The command that opens the panel: ``avstem panel``, also ``python -m avstem.panel``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def panel(
    spool: Annotated[
        Path | None,
        typer.Option(help="Folder shared with REAPER; else the one of the usual installation."),
    ] = None,
) -> None:
    """Open the window: who plays what, solo by a click, correct, re-run."""
    from osc_bridge.spool import default_spool

    folder = (spool or default_spool()).expanduser().absolute()
    try:
        from avstem.panel.main import run
    except ImportError as error:  # a system without Qt's libraries
        typer.echo(
            f"The panel needs PyQt5 and its system libraries: {error}.\n"
            "Install them (Debian: apt install libgl1 libegl1 libxkbcommon-x11-0 libdbus-1-3 "
            "libfontconfig1), then try again.",
            err=True,
        )
        raise typer.Exit(7) from error
    raise typer.Exit(run(folder))
