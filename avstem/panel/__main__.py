"""``python -m avstem.panel``: what REAPER's action starts."""

from avstem.panel.commands import app

if __name__ == "__main__":
    app(prog_name="avstem panel")
