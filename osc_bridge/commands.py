"""The command that runs the service: ``avstem service``, also ``python -m osc_bridge``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def service(
    spool: Annotated[
        Path | None,
        typer.Option(help="Folder shared with REAPER; else the one of the usual installation."),
    ] = None,
    udp_port: Annotated[int, typer.Option(help="OSC from REAPER; 0: any free port.")] = 9000,
    tcp_port: Annotated[int, typer.Option(help="OSC from the panel; 0: any free port.")] = 9001,
    reaper_port: Annotated[int, typer.Option(help="Where REAPER receives OSC.")] = 8000,
    runner: Annotated[str, typer.Option(hidden=True)] = "avstem.pipeline:run",
    hang_after: Annotated[float, typer.Option(hidden=True)] = 600.0,
) -> None:
    """Serve REAPER: take jobs from the spool, run them, ring when stems are ready."""
    from osc_bridge.service import Config, run
    from osc_bridge.spool import default_spool

    folder = spool or default_spool()
    config = Config(folder, udp_port, tcp_port, reaper_port, runner, hang_after)
    raise typer.Exit(run(config))
