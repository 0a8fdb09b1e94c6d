"""The folder of a result: complete or not there at all.

Everything is written into a staging folder on the same file system and moved into place at the
end; ``result.json`` comes last and goes first, so a folder that holds it holds a whole result.
"""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType

from avstem.errors import OutputError
from avstem.stems.staging import install, keep, settle, staging_name, written_by_avstem


class ResultFolder:
    """Context in which a result is written to ``path``; leaving it moves the result to ``output``.

    Leaving with an error (cancelled jobs too) removes everything that was written. An earlier
    result in ``output`` is replaced when the new one is complete, and only with ``overwrite``;
    files that avstem did not write are never removed.

    Raises
    ------
    OutputError
        On entering: the folder cannot be written, or holds something and ``overwrite`` is off.
        On leaving: the result cannot be moved into place; then it is kept in the staging folder.

    """

    def __init__(self, output: Path, *, overwrite: bool = False) -> None:
        self.output = Path(output)
        self.path = self.output  # the staging folder once entered
        self._overwrite = overwrite
        self._made: list[Path] = []

    def __enter__(self) -> ResultFolder:
        with output_errors(self.output):
            settle(self.output)
        _refuse(self.output, self._overwrite)
        with output_errors(self.output):
            self._made = _missing_folders(self.output.parent)
            self.output.parent.mkdir(parents=True, exist_ok=True)
            # Inside a folder that is there already (it may be a mount or a link), else beside it.
            home = self.output if self.output.is_dir() else self.output.parent
            self.path = home / staging_name()
            try:
                self.path.mkdir()
            except OSError:
                self._remove()
                raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if kind is not None:
            self._remove()
            return
        try:
            self._install()
        except OSError as failure:  # hours of work may stand behind it
            keep(self.path)
            raise OutputError(
                f"The result is complete but cannot be moved to {self.output}: "
                f"{failure.strerror or failure}.",
                f"It is kept in {self.path}; close the programs that use the old files.",
            ) from failure
        except BaseException:
            self._remove()
            raise

    def _install(self) -> None:
        if not self.output.exists():
            self.path.rename(self.output)
            return
        if not self._overwrite and _visible_files(self.output):
            raise FileExistsError(errno.EEXIST, "another result has appeared there")
        if self.path.parent != self.output:  # so that it can be told later what is replaced
            self.path = self.path.rename(self.output / self.path.name)
        install(self.path)

    def _remove(self) -> None:
        shutil.rmtree(self.path, ignore_errors=True)
        for folder in self._made:
            with suppress(OSError):
                folder.rmdir()


@contextmanager
def output_errors(path: Path) -> Iterator[None]:
    """Turn errors of the file system into an ``OutputError`` with the cause and the remedy."""
    try:
        yield
    except OSError as error:
        why = error.strerror or str(error)
        full = error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
        hint = "Make room there or choose another folder." if full else "Choose another folder."
        raise OutputError(f"Cannot write to {path}: {why}.", hint) from error


def _refuse(output: Path, overwrite: bool) -> None:
    """Raise if ``output`` is no folder, or holds something that the user has not given up."""
    with output_errors(output):  # a name may be too long to ask for
        above = next(p for p in (output, *output.absolute().parents) if p.exists())
    if not above.is_dir():
        raise OutputError(f"Expected a folder, found the file {above}.", "Choose another folder.")
    if overwrite or not output.is_dir():
        return
    with output_errors(output):
        if written_by_avstem(output):
            raise OutputError(
                f"The folder {output} already holds a result.",
                "Choose another folder or pass --overwrite.",
            )
        found = _visible_files(output)
    if found:
        raise OutputError(
            f"The folder {output} is not empty: it holds {found[0]!r} and "
            f"{len(found)} file(s) in all.",
            "Choose an empty folder, or pass --overwrite (files that avstem did not write stay).",
        )


def _visible_files(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir() if not p.name.startswith("."))


def _missing_folders(folder: Path) -> list[Path]:
    """Folders above the output that do not exist yet, innermost first."""
    return [p for p in (folder, *folder.parents) if not p.exists()]
