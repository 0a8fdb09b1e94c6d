"""``python -m osc_bridge --spool FOLDER``: run the service."""

from __future__ import annotations

from osc_bridge.commands import app

if __name__ == "__main__":
    app(prog_name="python -m osc_bridge")
