"""The state file when the disk refuses, and what a batch makes of it."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from batch_bench import batch_of, content, done, run

from avstem.batch.records import STATE, Outcome, Reason
from avstem.batch.run import Session
from avstem.batch.state import Book
from avstem.batch.store import Store
from avstem.errors import OutputError, RequestError

Make = Callable[..., Path]
TABLE = "create table if not exists notes (id integer primary key, text text)"


def fill_up(store: Store) -> None:
    """From now on SQLite finds the disk full."""
    pages = store._disk.execute("pragma page_count").fetchone()[0]
    store._disk.execute(f"pragma max_page_count = {pages}")


def make_room(store: Store) -> None:
    store._disk.execute("pragma max_page_count = 100000")


def test_what_the_disk_refuses_is_written_later(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite"
    store = Store(path, TABLE, 1)
    store.open()
    fill_up(store)
    long = "x" * 20_000
    reason = store.write(("insert into notes values (1, ?)", (long,)))
    assert reason is not None
    assert "full" in reason.message
    assert store.one("select text from notes where id = 1")["text"] == long  # type: ignore[index]
    assert store.write(("insert into notes values (2, ?)", ("y",))) is not None, "in order"
    make_room(store)
    assert store.write(("insert into notes values (3, ?)", ("z",))) is None
    store.close()
    found = sqlite3.connect(path).execute("select id from notes order by id").fetchall()
    assert found == [(1,), (2,), (3,)]


def test_all_or_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path / "s.sqlite", TABLE, 1)
    store.open()
    with pytest.raises(sqlite3.Error):
        store.write(
            ("insert into notes values (1, 'a')", ()), ("insert into nowhere values (1)", ())
        )
    assert store.all("select * from notes") == []
    assert store.write(("insert into notes values (1, 'b')", ())) is None
    store.close()


def test_full_disk_in_the_middle_of_a_batch(
    recordings: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The recordings go on, the batch says so, and the next one finds what is whole."""
    folder, output = recordings(a="well", b="broken", c="well"), tmp_path / "out"
    long = Reason("MediaError", "broken " * 5000)
    end = Book.end
    with Session(batch_of(folder, output)) as session:
        fill_up(session.book._store)
        monkeypatch.setattr(
            Book, "end", lambda self, o: end(self, Outcome(o.id, o.reason and long, o.seconds))
        )
        from functools import partial

        from avstem.batch.execute import run_local

        list(session.run(partial(run_local, jobs=1, runner="batch_runners:quick")))
        assert done(session.book.rows()) == {"a/video", "c/video"}
    assert any("full" in note for note in session.notes)
    monkeypatch.undo()
    monkeypatch.setenv("PYTHONPATH", f"{Path(__file__).parent}")
    before = content(output)
    rows, _ = run(batch_of(folder, output, retry_failed=True))
    assert done(rows) == {"a/video", "c/video"}
    assert before.items() <= content(output).items(), "nothing was made twice"


def test_full_disk_before_anything_ran(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Store, "write", lambda *_: Reason("OutputError", "Cannot write it: full."))
    with pytest.raises(OutputError, match="full"), Session(batch_of(tmp_path, tmp_path / "out")):
        pass


@pytest.mark.skipif(not Path("/proc").exists(), reason="a second process holds the lock")
def test_locked_by_a_batch_of_another_process(recordings: Make, tmp_path: Path) -> None:
    folder, output = recordings(a="well"), tmp_path / "out"
    run(batch_of(folder, output))
    code = (
        "import sys, time; from pathlib import Path; from avstem.batch.state import Book\n"
        f"book = Book(Path({str(output)!r})); book.__enter__(); print('held', flush=True)\n"
        "time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as holder:
        try:
            assert holder.stdout is not None
            holder.stdout.readline()
            with pytest.raises(RequestError, match="Another batch works in"), Book(output):
                pass
        finally:
            holder.kill()
    with Book(output) as book:
        assert len(book.rows()) == 1


def test_names_that_are_no_text(tmp_path: Path) -> None:
    """Files of another system's encoding keep their names through the state."""
    odd = b"take \xff.mp4".decode("utf-8", "surrogateescape")
    folder = tmp_path / "in"
    folder.mkdir()
    try:
        (folder / odd).write_text("well")
    except OSError:
        pytest.skip("this file system takes text only")
    (folder / "s.mid").touch()
    rows, _ = run(batch_of(folder, tmp_path / "out"))
    assert [str(row.state) for row in rows] == ["done"], rows
    assert rows[0].source == str(folder / odd)
    assert (tmp_path / "out" / STATE).is_file()
