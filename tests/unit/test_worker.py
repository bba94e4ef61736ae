"""The child process that reads files: failures stay inside it, and it ends in time."""

import os
import time
from pathlib import Path

import pytest

from bot.documents.folder import DocumentFolder, File
from bot.documents.worker import Limits, Worker
from bot.errors import WorkerError
from bot.index.preparing import MIN_BYTES_SHARED, Prepared, Preparer


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
def test_work_over_its_limits_is_ended_and_the_next_gets_a_new_child(
    limits: Limits, function: object, argument: object, said: str
) -> None:
    worker = Worker(limits)
    first = worker.run(os.getpid)
    assert (first, worker.run(os.getppid)) == (worker.run(os.getpid), os.getpid())
    begun = time.monotonic()
    arguments = argument if isinstance(argument, tuple) else (argument,)
    with pytest.raises(WorkerError, match=said):
        worker.run(function, *arguments)  # type: ignore[arg-type]
    assert time.monotonic() - begun < 30  # seconds, on a busy machine
    assert worker.run(os.getpid) != first
    assert not _runs(first)
    worker.close()


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_errors_and_output_of_the_work_do_not_harm_the_worker() -> None:
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


def test_a_waiting_caller_can_be_stopped() -> None:
    class Stopped(Exception):
        pass

    def stop() -> None:
        raise Stopped

    with pytest.raises(Stopped):
        Worker(tick=stop).run(time.sleep, 60)


def test_a_file_gives_the_same_result_in_either_process(tmp_path: Path) -> None:
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


def _folder_of_many(folder: Path, kill: str = "") -> list[File]:
    """A folder whose files are so large together that several processes share them."""
    for name in "abcdefgh":
        lines = [
            f"{name}{n} Mr Lee pays {'the toll ' * 20}" for n in range(MIN_BYTES_SHARED // 1000)
        ]
        (folder / f"{name}.txt").write_text("\n".join(lines) + "\n", "utf-8")
    (folder / "broken.txt").write_bytes(b"\xff\xfe\xff" * 5)
    if kill:
        (folder / kill).write_text("a b " * 2_000_000)
    return list(DocumentFolder(folder).look().files)


@pytest.mark.slow
def test_files_shared_by_several_processes_give_the_same_results_in_order(
    tmp_path: Path,
) -> None:
    files = [(file, "") for file in _folder_of_many(tmp_path)]
    preparer = Preparer()
    shared = [_told(one) for one in preparer.prepare_all(files)]
    preparer.rest()
    assert shared == [_told(preparer.prepare(*one)) for one in files]


def _told(prepared: Prepared) -> object:
    rows = [row for batch in prepared.rows.batches() for row in batch]
    return prepared.found, rows, prepared.profile, list(prepared.aliases)


@pytest.mark.slow
def test_a_file_that_breaks_its_process_harms_none_of_those_beside_it(tmp_path: Path) -> None:
    files = _folder_of_many(tmp_path, kill="c2.txt")
    preparer = Preparer(limits=Limits(memory=300))
    found = [one.found for one in preparer.prepare_all([(file, "") for file in files])]
    preparer.rest()
    broken = [file.name for file, one in zip(files, found, strict=True) if one.document is None]
    assert "c2.txt" in broken
    assert set(broken) <= {"c2.txt", "broken.txt"}


@pytest.mark.slow
def test_a_program_that_stops_does_not_wait_for_the_files(tmp_path: Path) -> None:
    class Stopped(Exception):
        pass

    def stop() -> None:
        raise Stopped

    files = _folder_of_many(tmp_path, kill="a.txt")
    preparer = Preparer(tick=stop)
    with pytest.raises(Stopped):
        list(preparer.prepare_all([(file, "") for file in files]))
    begun = time.monotonic()
    preparer.rest()
    assert time.monotonic() - begun < 5
