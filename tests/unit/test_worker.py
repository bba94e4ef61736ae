"""The child process for files: what is done in it harms only it, and it ends in time."""

import os
import time
from pathlib import Path

import pytest

from bot.documents.folder import DocumentFolder
from bot.documents.worker import Limits, Worker
from bot.errors import WorkerError
from bot.index.preparing import Preparer


@pytest.mark.parametrize(
    ("limits", "function", "argument", "said"),
    [
        (Limits(silence=1), time.sleep, 60, "nothing could be read from it for 1 seconds"),
        (Limits(silence=1), pow, (7, 10**8), "nothing could be read from it for 1 seconds"),
        (Limits(cpu=1), eval, "sum(n for n in range(10**11))", "more than 1 seconds"),
        (Limits(memory=200), bytearray, 10**9, "more than 200 MB of memory"),
        (Limits(), os._exit, 3, "died"),
    ],
)
def test_what_takes_too_much_ends_and_the_next_work_has_another_child(
    limits: Limits, function: object, argument: object, said: str
) -> None:
    worker = Worker(limits)
    first = worker.run(os.getpid)
    assert (first, worker.run(os.getppid)) == (worker.run(os.getpid), os.getpid())
    begun = time.monotonic()
    arguments = argument if isinstance(argument, tuple) else (argument,)
    with pytest.raises(WorkerError, match=said):
        worker.run(function, *arguments)  # type: ignore[arg-type]
    assert time.monotonic() - begun < 8
    assert worker.run(os.getpid) != first
    assert not _runs(first)
    worker.close()


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_an_error_of_the_work_and_what_it_prints_are_no_harm() -> None:
    worker = Worker()
    with pytest.raises(ValueError, match="invalid literal"):
        worker.run(int, "x")
    worker.run(print, "a library speaks")
    assert worker.run(int, "7") == 7
    worker.close()


def test_the_child_has_low_priority_and_no_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-secret")
    worker = Worker()
    assert worker.run(os.nice, 0) >= os.nice(0) + 10 or os.nice(0) > 9
    assert worker.run(os.getenv, "SLACK_BOT_TOKEN") is None
    worker.close()


def test_who_waits_can_be_told_to_stop() -> None:
    class Stopped(Exception):
        pass

    def stop() -> None:
        raise Stopped

    with pytest.raises(Stopped):
        Worker(tick=stop).run(time.sleep, 60)


def test_a_file_comes_to_the_same_in_either_process(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(
        "# Plan\n\nMr Lee, the treasurer, signs it.\n\n" + "The mayor pays £5 each day.\n\n" * 700
    )
    (tmp_path / "b.txt").write_bytes(b"\xff")
    for file in DocumentFolder(tmp_path).look().files:
        made = []
        for isolated in (False, True):
            preparer = Preparer(isolated=isolated)
            prepared = preparer.prepare(file, "")
            rows = [row for batch in prepared.rows.batches() for row in batch]
            preparer.close()
            found = prepared.found
            made.append((found, rows, prepared.profile, list(prepared.aliases)))
        assert made[0] == made[1]


def test_a_large_file_that_breaks_its_process_is_listed(tmp_path: Path) -> None:
    """One line of many words, which takes more memory than the limit allows."""
    (tmp_path / "a.txt").write_text("a b " * 2_000_000)
    [file] = DocumentFolder(tmp_path).look().files
    preparer = Preparer(limits=Limits(memory=300))
    prepared = preparer.prepare(file, "")
    preparer.rest()
    assert prepared.found.problem == (
        f"{file.path}: cannot be read (reading it takes more than 300 MB of memory); "
        "change it or remove it"
    )


def test_a_file_that_a_library_parses_is_read_in_a_process_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("<main><p>The ferry carries horses.</p></main>", "utf-8")
    (tmp_path / "bridge.md").write_text("Masons repair the bridge.", "utf-8")
    files = {file.name: file for file in DocumentFolder(tmp_path).look().files}
    waited: list[None] = []  # it is called while another process works
    preparer = Preparer(tick=lambda: waited.append(None))
    assert preparer.prepare(files["bridge.md"], "").rows.number == 1
    assert not waited
    assert preparer.prepare(files["page.html"], "").rows.number == 1
    assert waited
    preparer.close()
