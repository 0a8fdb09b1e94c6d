"""``avstem reaper install`` and ``uninstall``: scripts, pattern file and configuration.

Everything that is touched is written down in a manifest together with what was there before, so
that uninstalling brings every byte back. Where REAPER or the user changed a configuration file
since, only our own lines are taken out of it.
"""

from __future__ import annotations

import base64
import json
import site
import sys
import sysconfig
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from avstem.errors import AvstemError, OutputError, RequestError
from osc_bridge import reaper_config as config
from osc_bridge.spool import default_spool

CHECKOUT = Path(__file__).resolve().parents[1] / "reaper_scripts"
INSTALLED = "share/avstem/reaper_scripts"  # pyproject.toml
SCRIPTS = "Scripts/avstem"
SPOOL = "Data/avstem"
MANIFEST = f"{SPOOL}/install-manifest.json"
HEARTBEAT_S = 10
VERSION = 1


@dataclass(frozen=True)
class Change:
    """One file: what it holds before and after; None where it is not there."""

    path: Path
    before: bytes | None
    after: bytes | None

    @property
    def verb(self) -> str:
        """What happens to the file, for a person."""
        if self.before is None:
            return "create"
        return "remove" if self.after is None else "change"


def plan_install(
    resources: Path, python: Path, *, service_port: int = 9000, reaper_port: int = 8000
) -> list[Change]:
    """What installing would change under REAPER's resource path; nothing is written.

    Raises
    ------
    RequestError
        When REAPER runs, or the path is no resource path.
    OutputError
        When the scripts are not there.

    """
    _refuse(resources)
    facts = {"python": str(python), "udp_port": service_port, "reaper_port": reaper_port}
    wanted = dict(_own_files(facts))
    stale = [name for name in _manifest(resources) if name not in wanted and _is_own(name)]
    line = config.surface_line(reaper_port, service_port)
    ini = _read(resources / "reaper.ini") or b""
    kb = _read(resources / "reaper-kb.ini") or b""
    targets: dict[str, bytes | None] = {
        **wanted,
        **dict.fromkeys(stale),
        "reaper.ini": config.add_surface(ini, line),
        "reaper-kb.ini": config.add_actions(kb, _actions(wanted)),
    }
    return _changes(resources, targets)


def install(resources: Path, changes: list[Change]) -> None:
    """Carry out planned changes, noting first what was there."""
    manifest = _manifest(resources)
    for change in changes:
        name = change.path.relative_to(resources).as_posix()
        before = _original(name, change, manifest)
        manifest[name] = {"before": _encode(before), "after": _encode(change.after)}
    if changes:
        text = json.dumps({"version": VERSION, "files": manifest}, indent=1)
        _write(resources / MANIFEST, text.encode())
    for change in changes:
        _apply(change)


def plan_uninstall(resources: Path) -> list[Change]:
    """What uninstalling would change; nothing is written.

    Raises
    ------
    RequestError
        When REAPER runs, or nothing is installed there.

    """
    _refuse(resources)
    manifest = _manifest(resources)
    if not manifest:
        raise RequestError(
            f"avstem is not installed in {resources}: there is no {MANIFEST}.",
            "Name the resource path with --resource-path (REAPER: Options > Show resource path).",
        )
    targets = {name: _restored(resources, name, entry) for name, entry in manifest.items()}
    return _changes(resources, {**targets, MANIFEST: None})


def uninstall(resources: Path, changes: list[Change]) -> None:
    """Carry out the plan, and remove folders of ours that are empty now."""
    for change in changes:
        _apply(change)
    for name in (
        f"{SCRIPTS}/Stems/lib",
        f"{SCRIPTS}/Stems",
        SCRIPTS,
        "Scripts",
        "OSC",
        SPOOL,
        "Data",
    ):
        folder = resources / name
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()


def _original(
    name: str, change: Change, manifest: dict[str, dict[str, str | None]]
) -> bytes | None:
    """What was there before the very first install, or before REAPER last wrote the file."""
    if name not in manifest:
        return change.before
    if _is_own(name) or change.before == _decode(manifest[name]["after"]):
        return _decode(manifest[name]["before"])
    return _without_ours(name, change.before or b"", manifest)


def _without_ours(name: str, content: bytes, files: Iterable[str]) -> bytes:
    if name == "reaper.ini":
        return config.remove_surface(content)
    return config.remove_actions(content, _actions(files))


def _refuse(resources: Path) -> None:
    if not resources.is_dir():
        raise RequestError(
            f"REAPER's resource path was expected, found no folder {resources}.",
            "Start REAPER once, or name it with --resource-path (Options > Show resource path).",
        )
    beat = _json(resources / SPOOL / "reaper.json").get("heartbeat_s", 0)
    if isinstance(beat, int | float) and time.time() - beat < HEARTBEAT_S:
        raise RequestError(
            "REAPER is running and would overwrite its configuration when it ends.",
            "Quit REAPER, wait ten seconds, and try again.",
        )


def _own_files(facts: dict[str, object]) -> Iterator[tuple[str, bytes]]:
    sources = _sources()
    for path in sorted(sources.rglob("*.lua")):
        yield f"{SCRIPTS}/{path.relative_to(sources).as_posix()}", path.read_bytes()
    yield "OSC/avstem.ReaperOSC", (sources / "avstem.ReaperOSC").read_bytes()
    text = json.dumps({"version": VERSION, **facts}, ensure_ascii=False)
    yield f"{SPOOL}/install.json", text.encode()


def _sources() -> Path:
    """Folder of the scripts: in the repository, or where pip has put them."""
    roots = (Path(sysconfig.get_path("data")), Path(site.getuserbase()))
    places = (CHECKOUT, *(root / INSTALLED for root in roots))
    for place in places:
        if (place / "Stems").is_dir():
            return place
    raise OutputError(
        f"REAPER's scripts were expected in {' or '.join(map(str, places))}, found none.",
        "Install avstem again with pip, or from its repository with: pip install -e .",
    )


def _actions(files: Iterable[str]) -> list[str]:
    """Scripts that are actions, relative to the Scripts folder."""
    return [
        name.removeprefix("Scripts/")
        for name in files
        if name.startswith(SCRIPTS) and "/lib/" not in name
    ]


def _is_own(name: str) -> bool:
    return name.startswith((SCRIPTS, SPOOL, "OSC/"))


def _changes(resources: Path, targets: dict[str, bytes | None]) -> list[Change]:
    found = [Change(resources / name, _read(resources / name), t) for name, t in targets.items()]
    return [change for change in found if change.before != change.after]


def _restored(resources: Path, name: str, entry: dict[str, str | None]) -> bytes | None:
    now, before = _read(resources / name), _decode(entry["before"])
    if _is_own(name) or now is None or now == _decode(entry["after"]):
        return before
    return _without_ours(name, now, _manifest(resources))


def _apply(change: Change) -> None:
    if change.after is None:
        change.path.unlink(missing_ok=True)
    else:
        _write(change.path, change.after)


def _write(path: Path, content: bytes) -> None:
    partial = path.with_name(path.name + ".tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(content)
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise OutputError(
            f"Cannot write {path}: {error.strerror}.",
            "Make the folder writable; 'avstem reaper uninstall' takes back what was done.",
        ) from error


def _read(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _json(path: Path) -> dict[str, object]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _manifest(resources: Path) -> dict[str, dict[str, str | None]]:
    files = _json(resources / MANIFEST).get("files")
    return files if isinstance(files, dict) else {}


def _encode(content: bytes | None) -> str | None:
    return None if content is None else base64.b64encode(content).decode()


def _decode(text: str | None) -> bytes | None:
    return None if text is None else base64.b64decode(text)


app = typer.Typer(
    help="Put avstem into REAPER, or take it out.", no_args_is_help=True, add_completion=False
)
ResourcePath = Annotated[
    Path | None, typer.Option("--resource-path", help="REAPER: Options > Show resource path.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only tell what would be done.")]


@app.command("install")
def install_command(
    resource_path: ResourcePath = None,
    dry_run: DryRun = False,
    service_port: Annotated[int, typer.Option(help="Where the service receives OSC.")] = 9000,
    reaper_port: Annotated[int, typer.Option(help="Where REAPER receives OSC.")] = 8000,
) -> None:
    """Put scripts, pattern file, actions and control surface in place."""
    resources = (resource_path or default_spool().parents[1]).expanduser().absolute()
    with _told():
        changes = plan_install(
            resources,
            Path(sys.executable).absolute(),
            service_port=service_port,
            reaper_port=reaper_port,
        )
        if not dry_run:
            install(resources, changes)
    _tell(changes, dry_run, "Start REAPER and run the action 'avstem_Setup check'.")


@app.command("uninstall")
def uninstall_command(resource_path: ResourcePath = None, dry_run: DryRun = False) -> None:
    """Take everything back that install did."""
    resources = (resource_path or default_spool().parents[1]).expanduser().absolute()
    with _told():
        changes = plan_uninstall(resources)
        if not dry_run:
            uninstall(resources, changes)
    _tell(changes, dry_run, "REAPER is as it was before. Jobs and logs stay in Data/avstem.")


@contextmanager
def _told() -> Iterator[None]:
    """Turns an AvstemError into its text and exit code."""
    try:
        yield
    except AvstemError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(error.exit_code) from None


def _tell(changes: list[Change], dry_run: bool, next_step: str) -> None:
    for change in changes:
        typer.echo(f"{'would ' if dry_run else ''}{change.verb} {change.path}")
    typer.echo("Nothing was written." if dry_run else next_step if changes else "Nothing to do.")
