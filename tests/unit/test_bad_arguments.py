"""No path, file or argument makes a command end in a traceback: it says what to fix."""

from pathlib import Path

import click
import pytest

from bot.cli import article_bot
from tests.conftest import CORPUS, Run

# The arguments that each command needs, where BAD is the path that is tried.
BAD = "BAD"
COMMANDS = {
    "ask": ["what does the truce cover?", "--corpus", BAD],
    "chat": ["--corpus", BAD],
    "check": ["--corpus", BAD],
    "corpus": ["--corpus", BAD],
    "eval": [BAD],
    "index": ["--corpus", BAD],
    "mcp": ["--corpus", BAD],
    "play": ["--corpus", BAD],
    "serve": ["--corpus", BAD],
    "slack": ["--corpus", BAD],
    "backup": [BAD],
    "migrate": [f"sqlite:///{BAD}", f"sqlite:///{BAD}/other.db"],
    "forget": ["U0000000001"],
    "manifest": ["--url", BAD],
    "gaps": ["--since", BAD],
    "verify": [BAD],
    "teach": ["who pays?", "--corpus", BAD],
}
# Commands that read DATA_DIR, whatever else.
STORED = {"index", "backup", "forget", "check", "slack"}


def bad_paths(folder: Path) -> dict[str, str]:
    (folder / "file.txt").write_text("One.")
    (folder / "loop").symlink_to("loop")
    (folder / "binary").write_bytes(bytes(range(256)) * 20)
    (folder / "empty").mkdir()
    return {
        "a file below a file": f"{folder}/file.txt/below",
        "a place in /proc": "/proc/foo",
        "a device": "/dev/null",
        "a link to itself": f"{folder}/loop",
        "bytes": f"{folder}/binary",
        "an empty folder": f"{folder}/empty",
        "a long name": "a" * 5000,
        "a name that is not UTF-8": f"{folder}/\udcff",
        "nothing": f"{folder}/nothing",
    }


def test_every_command_is_tried() -> None:
    assert isinstance(article_bot, click.Group)
    assert set(COMMANDS) == set(article_bot.commands)


@pytest.fixture(autouse=True)
def surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORPUS_DIR", str(CORPUS))
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    monkeypatch.setenv("SLACK_SIGNING_SECRET", "secret")
    monkeypatch.setenv("SLACK_API_URL", "http://127.0.0.1:9/")
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_bad_path_is_reported_without_a_traceback(run: Run, tmp_path: Path, command: str) -> None:
    for what, path in bad_paths(tmp_path).items():
        argv = [part.replace(BAD, path) for part in COMMANDS[command]]
        ran = run(command, *argv)
        said = ran.out + ran.err
        assert (what, ran.status) == (what, 2), said
        assert said.strip(), what
        assert "Traceback" not in said, what


@pytest.mark.parametrize("command", sorted(STORED))
def test_a_bad_data_folder_is_reported_without_a_traceback(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    good = {"index": [], "backup": ["copy.db"], "forget": ["U0000000001"], "check": [], "slack": []}
    for what, path in bad_paths(tmp_path).items():
        if what in ("an empty folder", "nothing", "a name that is not UTF-8"):
            continue  # the store and the index are made there
        monkeypatch.setenv("DATA_DIR", path)
        ran = run(command, *good[command])
        said = ran.out + ran.err
        assert (what, ran.status) == (what, 2), said
        assert "Traceback" not in said, what


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("argv", [["--nothing"], ["--corpus"], ["a", "b", "c"]])
def test_a_bad_argument_is_reported_without_a_traceback(
    run: Run, command: str, argv: list[str]
) -> None:
    if command in ("ask", "teach") and argv[0] != "--nothing" and argv[0] != "--corpus":
        return  # that is a question
    ran = run(command, *argv)
    assert (ran.status, "Traceback" in ran.err) == (2, False), ran.err
    assert ran.err.strip()
