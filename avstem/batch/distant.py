"""A batch whose inputs or output are URLs, as the machine sees it that plans.

Inputs are mirrored before the search (``remote.mirror``). An output behind a URL has a *desk* here:
a folder with the state, the summary and the manifests of finished results, kept like the remote
one, so that everything else works as if the output were on this disk.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from avstem.batch import remote
from avstem.batch.digest import FileDigest, file_digest
from avstem.batch.records import PICTURES, STATE, SUMMARY, Away, Job, Recording, Refused
from avstem.errors import RequestError

_FIELDS = ("video", "audio", "score", "effects")
_MANIFEST = "result.json"
_SEEN = f"{STATE}.seen"  # version of the state behind the URL, as this machine knows it


@dataclass(frozen=True)
class Distant:
    """Where things really are.

    mirrors : (folder here, URL that it stands for). output_url : "" where the output is a folder.
    """

    mirrors: tuple[tuple[Path, str], ...] = ()
    output_url: str = ""

    def named(self, found: Iterable[Recording | Refused]) -> Iterable[Recording | Refused]:
        """What was found, its source told by URL."""
        for one in found:
            yield replace(one, source=self._url(Path(one.source)) or one.source)

    def away(self, job: Job) -> Away | None:
        """What a worker must fetch for a job and where it sends the result; None for neither."""
        values = ((field, getattr(job.request, field)) for field in _FIELDS)
        urls = ((field, self._url(value)) for field, value in values if isinstance(value, Path))
        inputs = tuple((field, url) for field, url in urls if url)
        if not inputs and not self.output_url:
            return None
        output = f"{self.output_url}/{job.folder}" if self.output_url else ""
        return Away(inputs, output, f"{self.output_url}/{PICTURES}")

    def duration(self, path: Path, otherwise: Callable[[Path], float]) -> float:
        """Seconds of a media file, read where it really is."""
        url = self._url(path)
        return remote.media_duration(url, otherwise) if url else otherwise(path)

    def digest(self, path: Path, otherwise: FileDigest) -> str:
        """Digest of a file; of a stand-in always anew: its size and time need not change."""
        return file_digest(path) if self._url(path) else otherwise(path)

    def pull_state(self, output: Path) -> None:
        """The state that another machine has left since this one looked, or where it has none."""
        if self.output_url:
            there, noted = f"{self.output_url}/{STATE}", output / _SEEN
            seen = noted.read_text("utf-8") if noted.is_file() else ""
            if remote.version(there) != seen:
                remote.pull(there, output / STATE)
                self._note_state(output)

    def pull_manifest(self, job: Job) -> None:
        """Make the desk know what lies in a job's folder."""
        if self.output_url:
            there = f"{self.output_url}/{job.folder}/{_MANIFEST}"
            remote.pull(there, job.request.output / _MANIFEST)

    def pull_pictures(self, job: Job, output: Path) -> None:
        """Fetch what the summary shows of a job."""
        for suffix in (".jpg", ".json") if self.output_url else ():
            name = f"{PICTURES}/{job.id}{suffix}"
            remote.pull(f"{self.output_url}/{name}", output / name)

    def publish(self, output: Path) -> None:
        """Send the summary and the state to where the results are."""
        for name in (SUMMARY, STATE) if self.output_url else ():
            if (output / name).is_file():
                remote.push(output / name, f"{self.output_url}/{name}")
        if self.output_url:
            self._note_state(output)

    def _note_state(self, output: Path) -> None:
        output.mkdir(parents=True, exist_ok=True)
        (output / _SEEN).write_text(remote.version(f"{self.output_url}/{STATE}"), "utf-8")

    def _url(self, path: Path) -> str:
        found = (pair for pair in self.mirrors if path.is_relative_to(pair[0]))
        return next((remote.url_of(path, folder, url) for folder, url in found), "")


def places(inputs: Iterable[str], output: str) -> tuple[tuple[Path, ...], Path, Distant]:
    """Paths to search, the folder to work in, and what of it is really elsewhere."""
    from platformdirs import user_cache_path, user_data_path

    paths, mirrors = [], []
    for text in inputs:
        if not remote.is_url(text):
            paths.append(Path(text).absolute())  # workers may have other working directories
            continue
        folder = user_cache_path("avstem") / "mirrors" / remote.local_name(text + output)
        paths.append(remote.mirror(text, folder))
        mirrors.append((folder, text))
    if not remote.is_url(output):
        return tuple(paths), Path(output).absolute(), Distant(tuple(mirrors))
    url = output.rstrip("/")
    desk = user_data_path("avstem") / "batches" / remote.local_name(url)
    return tuple(paths), desk, Distant(tuple(mirrors), url)


def refuse_projects(distant: Distant) -> None:
    """RequestError: project files behind URLs are read, not written."""
    if distant.mirrors or distant.output_url:
        raise RequestError(
            "--into-projects needs projects and stems on a disk, found a URL.",
            "Leave it out, or name folders.",
        )
