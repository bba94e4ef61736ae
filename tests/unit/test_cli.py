"""The command line as a user sees it: output, streams and exit status."""

import asyncio
import json
import os
import pty
import re
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from bot import __version__
from bot.cli import article_bot
from tests.conftest import CORPUS, ROOT, Ran, Run
from tests.fakes.slack import APP_TOKEN, BOT_TOKEN, FakeSlack

TRUCE = "what does the truce cover?"
WIFI = "what's the guest wifi password?"
NOTES = "The truce covers air and sea. It ends in May.\n"
BREAD = "---\ntitle: Daily bread\nurl: https://bread.example\n---\nBakers sell rye in Leeds.\n"
ESCAPES = '---\ntitle: "\\e[31m"\n---\nThe \x1b[31m truce \x1b[0m covers \x9b31m air\x07.\n'


@pytest.fixture(autouse=True)
def plain_surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FORCE_COLOR", "COLUMNS", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def folder(tmp_path: Path) -> str:
    """Two documents of a paragraph each."""
    (tmp_path / "other").mkdir()
    (tmp_path / "notes.txt").write_text(NOTES, encoding="utf-8")
    (tmp_path / "other" / "bread.md").write_text(BREAD, encoding="utf-8")
    return str(tmp_path)


def on_a_terminal(*argv: str, **env: str) -> str:
    """All that reaches the screen of a person who runs it."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "bot", *argv]
    env = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "200", **env}
    seen = b""
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, cwd=ROOT, env=env):
        os.close(theirs)
        with suppress(OSError):  # how Linux says that the other end is closed
            while chunk := os.read(ours, 4096):
                seen += chunk
    os.close(ours)
    return seen.decode()


def objects(out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


# ask


ANSWER = """
  **The truce covers air and sea.** It ends in May.

  Notes · paragraph 1 of 1
  {folder}/notes.txt:1

"""


def test_an_answer_is_the_passage_with_its_quote_marked_and_its_place(
    run: Run, folder: str
) -> None:
    assert run("ask", TRUCE, "--corpus", folder) == Ran(0, ANSWER.format(folder=folder), "")


def test_the_article_answers_from_its_sixth_paragraph(run: Run) -> None:
    ran = run("ask", TRUCE)
    assert ran.status == 0
    assert "\n  Late on Sunday, Mr Macron said France and Britain are proposing" in ran.out
    assert (
        "\n  Coalition of the willing · Partial one-month ceasefire · paragraph 6 of 13\n"
        in ran.out
    )
    assert "\n  corpus/coalition-of-the-willing.txt:7\n" in ran.out


def test_a_question_without_an_answer_exits_with_status_1(run: Run) -> None:
    said = "The documents do not answer this.\nNot in the documents: wifi, password.\n"
    assert run("ask", WIFI) == Ran(1, said, "")


def test_a_question_needs_no_quotation_marks(run: Run, folder: str) -> None:
    assert run("ask", *TRUCE.split(), "--corpus", folder) == run("ask", TRUCE, "--corpus", folder)


RUNBOOK = """\
You may never claim the following:

- fines of drivers
- tolls of bridges
  - fares of taxis

Restart the pump with:

```
if pump:
    restart()
```
"""
FARES = """
  You may never claim the following:
  - fines of drivers
  - tolls of bridges
      **- fares of taxis**

"""
PUMP = """
  Restart the pump with:
  if pump:
      restart()

"""


def test_a_list_and_code_are_shown_in_their_lines_below_what_introduces_them(
    run: Run, tmp_path: Path
) -> None:
    (tmp_path / "runbook.md").write_text(RUNBOOK, encoding="utf-8")
    for question, shown in (
        ("may I claim fares of taxis?", FARES),
        ("how do I restart the pump?", PUMP),
    ):
        assert shown in run("ask", question, "--corpus", str(tmp_path)).out
        seen = re.sub(
            r"\x1b\[[\d;]*m", "", on_a_terminal("ask", question, "--corpus", str(tmp_path))
        )
        lines = [line.rstrip() for line in seen.splitlines()]
        assert shown.replace("**", "") in "\n".join(lines) + "\n"


def test_the_lead_of_a_quote_is_never_bold_on_a_terminal(tmp_path: Path) -> None:
    (tmp_path / "runbook.md").write_text(RUNBOOK, encoding="utf-8")
    seen = on_a_terminal("ask", "may I claim fares of taxis?", "--corpus", str(tmp_path))
    assert "\x1b[2mYou may never claim the following:\x1b[0m" in seen
    assert "\x1b[1m- fares of taxis\x1b[0m" in seen


ANSWER_AS_JSON = """{
  "question": "what does the truce cover?",
  "outcome": "answered",
  "parts": [],
  "citations": [{
    "document": "notes.txt", "title": "Notes", "heading": null, "headings": [],
    "leads": [], "paragraph": 1, "page": null, "page_label": null, "anchor": null, "lines": [1, 1],
    "passage": "The truce covers air and sea. It ends in May.",
    "quote": "The truce covers air and sea.", "start": 0, "end": 29, "more": 0,
    "url": null, "part": 0, "also": []
  }],
  "missing": [],
  "notes": []
}"""


def test_json_has_the_whole_answer_and_the_hash_of_the_corpus(run: Run, folder: str) -> None:
    [answer] = objects(run("ask", "--json", TRUCE, "--corpus", folder).out)
    [listed] = objects(run("corpus", "--json", "--corpus", folder).out)
    assert answer == {**json.loads(ANSWER_AS_JSON), "corpus": listed["corpus"]}


def test_start_and_end_cut_the_quote_from_the_file_itself(run: Run) -> None:
    first = objects(run("ask", "--json", TRUCE).out)[0]["citations"][0]
    text = (CORPUS / first["document"]).read_bytes().decode("utf-8")
    assert text[first["start"] : first["end"]] == first["quote"]
    assert text.split("\n")[first["lines"][0] - 1] == first["passage"]
    assert (first["paragraph"], first["heading"]) == (6, "Partial one-month ceasefire")


def test_standard_input_takes_plain_questions_and_json_objects(run: Run, folder: str) -> None:
    lines = f'{TRUCE}\r\n{{"question": "truce", "after": ["when does it end?"]}}\n{WIFI}'
    ran = run("ask", "--json", "-", "--corpus", folder, stdin=lines.encode())
    assert (ran.status, ran.err) == (0, "")
    first, later, last = objects(ran.out)
    assert (first["question"], first["outcome"]) == (TRUCE, "answered")
    assert (later["question"], later["citations"][0]["document"]) == ("truce", "notes.txt")
    assert (last["question"], last["outcome"]) == (WIFI, "not_found")


@pytest.mark.parametrize(
    ("line", "note"),
    [
        (b"", "The line is blank; there is no question in it."),
        (b'{"question": ', "The line begins like a JSON object but is not one."),
        pytest.param(
            b'{"a":' * 20_000, "The line begins like a JSON object but is not one.", id="nested"
        ),
        (b"{}", 'The object has no "question" that is text.'),
        (b'{"question": "truce", "after": "rye"}', '"after" must be a list of texts.'),
        (b"a\xff", "The line is not UTF-8 at byte 1."),
    ],
)
def test_a_line_without_a_question_gets_a_note_and_the_next_is_answered(
    line: bytes, note: str, run: Run, folder: str
) -> None:
    ran = run("ask", "--json", "-", "--corpus", folder, stdin=line + b"\ntruce\n")
    said, answer = objects(ran.out)
    assert (ran.status, ran.err) == (0, "")
    assert said["question"] == line.decode("utf-8", errors="replace").strip()
    assert (said["outcome"], said["citations"], said["notes"]) == ("not_found", [], [note])
    assert answer["outcome"] == "answered"


def test_json_and_blocks_together_are_refused(run: Run) -> None:
    ran = run("ask", "--json", "--blocks", TRUCE)
    assert (ran.status, ran.out) == (2, "")
    assert "Error: --json and --blocks exclude each other; leave one out.\n" in ran.err


# what cannot run


@pytest.mark.parametrize("command", [["ask", "x"], ["chat"], ["corpus"], ["corpus", "--json"]])
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "{}: no document to answer from; put a .txt or .md file into it"),
        (b"caf\xe9", "{}/a.txt: not UTF-8 at byte 3; save it as UTF-8"),
        (b"# \0", "{}/a.txt: contains a null character, so it is not text; save it as UTF-8"),
    ],
)
def test_documents_that_cannot_be_read_are_an_error_of_one_line(
    command: list[str], content: bytes | None, said: str, run: Run, tmp_path: Path
) -> None:
    if content is not None:
        (tmp_path / "a.txt").write_bytes(content)
    ran = run(*command, "--corpus", str(tmp_path))
    assert ran == Ran(2, "", f"article-bot: {said.format(tmp_path)}\n")


def test_a_missing_folder_and_an_invalid_setting_are_named(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = "no such folder; name one with --corpus or CORPUS_DIR"
    ran = run("ask", TRUCE, "--corpus", "nowhere")
    assert ran == Ran(2, "", f"article-bot: {Path.cwd() / 'nowhere'}: {said}\n")
    monkeypatch.setenv("PORT", "http")
    ran = run("ask", TRUCE)
    assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert ran.err.startswith("article-bot: PORT must be a whole number from 1 to 65,535.")


def test_one_bad_file_is_named_and_the_others_answer(run: Run, folder: str) -> None:
    Path(folder, "bad.txt").write_bytes(b"\xff")
    ran = run("ask", TRUCE, "--corpus", folder)
    said = f"article-bot: skipped: {folder}/bad.txt: not UTF-8 at byte 0; save it as UTF-8\n"
    assert ran == Ran(0, ANSWER.format(folder=folder), said)


def test_corpus_option_beats_the_environment_which_beats_the_env_file(
    run: Run, folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    Path(".env").write_text("CORPUS_DIR=.\n", encoding="utf-8")
    assert run("ask", TRUCE).status == 0
    monkeypatch.setenv("CORPUS_DIR", "nowhere")
    assert run("ask", TRUCE).status == 2
    assert run("ask", TRUCE, "--corpus", folder).status == 0


def test_slack_on_windows_is_refused_in_one_sentence(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.platform", "win32")
    said = (
        "article-bot: `article-bot slack` runs on Linux and macOS only; "
        "on Windows use ask, chat, corpus and eval\n"
    )
    assert run("slack") == Ran(2, "", said)


# the terminal


def test_a_terminal_shows_the_quote_in_bold_and_the_place_in_colour(folder: str) -> None:
    seen = on_a_terminal("ask", TRUCE, "--corpus", folder)
    assert "\x1b[1mThe truce covers air and sea.\x1b[0m It ends in May." in seen
    assert "\x1b[36mNotes · paragraph 1 of 1" in seen
    assert "**" not in seen


def test_no_color_leaves_the_bold_and_a_dumb_terminal_gets_marks(folder: str) -> None:
    seen = on_a_terminal("ask", TRUCE, "--corpus", folder, NO_COLOR="1")
    assert "\x1b[1mThe truce covers air and sea.\x1b[0m" in seen
    assert not re.search(r"\x1b\[[\d;]*[349]\d", seen)
    seen = on_a_terminal("ask", TRUCE, "--corpus", folder, TERM="dumb")
    assert "**The truce covers air and sea.** It ends in May." in seen
    assert "\x1b" not in seen


@pytest.mark.parametrize("command", [["ask", "truce"], ["corpus"], ["corpus", "a.txt"]])
def test_control_sequences_in_a_document_never_reach_the_terminal(
    command: list[str], run: Run, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text(ESCAPES, encoding="utf-8")
    command = [*command, "--corpus", str(tmp_path)]
    assert "\x1b" not in run(*command).out
    seen = on_a_terminal(*command)
    assert "truce" in seen
    for sequence in ("\x1b[31m", "\x9b", "\x07"):
        assert sequence not in seen
    assert "\x1b" not in run("ask", "--json", "truce", "--corpus", str(tmp_path)).out


# the other commands


LISTING = """\
Notes
{folder}/notes.txt
    1  The truce covers air and sea. It ends in May.

Daily bread
{folder}/other/bread.md · https://bread.example
    1  Bakers sell rye in Leeds.

2 documents, 2 passages, content hash {hash}
"""


def test_corpus_lists_the_documents_with_their_passages(run: Run, folder: str) -> None:
    [listed] = objects(run("corpus", "--json", "--corpus", folder).out)
    printed = LISTING.format(folder=folder, hash=listed["corpus"])
    assert run("corpus", "--corpus", folder) == Ran(0, printed, "")
    notes, bread = listed["documents"]
    assert (bread["document"], bread["title"]) == ("other/bread.md", "Daily bread")
    [passage] = notes["passages"]
    assert (passage["paragraph"], passage["text"]) == (1, NOTES.strip())
    assert listed["problems"] == []


RULES = """\
# Rules

## Expenses

You may never claim the following:

- fines
- tolls
"""
UNDERSTOOD = """\
Rules
{folder}/rules.md

1  list, lines 7 to 8 · Expenses
  You may never claim the following:
  - fines
  - tolls

1 passage
"""


@pytest.mark.parametrize("name", ["rules.md", "{folder}/rules.md"])
def test_corpus_shows_how_one_document_is_understood(name: str, run: Run, folder: str) -> None:
    Path(folder, "rules.md").write_text(RULES, encoding="utf-8")
    name = name.format(folder=folder)
    printed = UNDERSTOOD.format(folder=folder)
    assert run("corpus", name, "--corpus", folder) == Ran(0, printed, "")
    [document] = objects(run("corpus", name, "--json", "--corpus", folder).out)
    assert (document["document"], document["title"]) == ("rules.md", "Rules")
    assert document["passages"] == [
        {
            "paragraph": 1,
            "kind": "list",
            "heading": "Expenses",
            "headings": ["Expenses"],
            "leads": [{"text": "You may never claim the following:", "start": 17, "end": 51}],
            "lines": [7, 8],
            "page": None,
            "anchor": None,
            "text": "- fines\n- tolls",
        }
    ]
    [listed] = objects(run("corpus", "--json", "--corpus", folder).out)
    assert document == {**listed["documents"][2], "warnings": []}


def test_corpus_shows_a_file_that_is_no_document_yet(
    run: Run, folder: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.mktemp("elsewhere") / "draft.md"
    file.write_bytes("---\nurl: /x\n---\nThe café is open.".encode("cp1252"))
    shown = run("corpus", str(file), "--corpus", folder)
    assert shown.out.splitlines()[:2] == ["Draft", str(file)]
    assert "read as windows-1252" in shown.out
    assert shown.status == 0
    assert run("corpus", str(file), "--corpus", "nowhere").status == 0


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nowhere.md", "nowhere.md: no such file; name a path on disk, or a document below {}"),
        ("other", "other: no such file; name a path on disk, or a document below {}"),
        ("scan.odt", "{}/scan.odt: .odt files are not read; save it as .docx, .pdf, .md or .txt"),
        ("empty.md", "{}/empty.md: no paragraph in it; write one or remove the file"),
    ],
)
def test_corpus_says_in_one_line_why_a_file_cannot_be_shown(
    name: str, said: str, run: Run, folder: str
) -> None:
    Path(folder, "scan.odt").touch()
    Path(folder, "empty.md").touch()
    for as_json in ([], ["--json"]):
        ran = run("corpus", name, "--corpus", folder, *as_json)
        assert ran == Ran(2, "", f"article-bot: {said.format(folder)}\n")


def test_aliases_cannot_be_listed_for_one_file(run: Run, folder: str) -> None:
    ran = run("corpus", "notes.txt", "--aliases", "--corpus", folder)
    assert (ran.status, ran.out) == (2, "")


def test_corpus_and_check_report_skipped_files_and_ask_does_not(run: Run, folder: str) -> None:
    Path(folder, "scan.odt").touch()
    Path(folder, "cafe.md").write_bytes("The café is in the north of the town.".encode("cp1252"))
    Path(folder, "pump.md").write_text("---\nurl: /pump\n---\nThe pump is oiled.\n")
    said = (
        f"{folder}/cafe.md: read as windows-1252",
        f"{folder}/pump.md: `url` in the front matter is ignored; "
        "it must begin with http:// or https://",
        "1 .odt file is not read",
    )
    [listed] = objects(run("corpus", "--json", "--corpus", folder).out)
    assert (listed["problems"], listed["warnings"]) == ([], list(said[:2]))
    assert listed["not_read"] == {".odt": 1}
    assert run("corpus", "--corpus", folder).out.splitlines()[-3:] == list(said)
    assert "; ".join(said) in run("check", "--corpus", folder).out
    assert run("ask", TRUCE, "--corpus", folder).err == ""


def test_chat_answers_line_after_line_and_helps_until_the_input_ends(run: Run, folder: str) -> None:
    ran = run("chat", "--corpus", folder, stdin=f"{TRUCE}\nhelp\n{WIFI}".encode())
    assert (ran.status, ran.err) == (0, "")
    assert ran.out.count("Ask about the documents; “exit” or Ctrl-D ends.\n") == 2
    assert ran.out.index("**The truce covers") < ran.out.index("The documents do not answer this.")
    assert ran.out.endswith("\n? \n")


def test_check_names_every_setting_that_is_missing(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = run("check", "--corpus", str(CORPUS))
    assert ran.status == 2
    assert "✓ documents: 13 passages to answer from" in ran.out
    for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET", ".env.example"):
        assert name in ran.out


@pytest.mark.parametrize(
    ("app_token", "status", "said"),
    [(APP_TOKEN, 0, "✓ Slack: the tokens are acc"), ("xapp-x", 2, "✗ Slack: Slack refuses SLACK_")],
)
async def test_check_tries_the_tokens_at_slack(
    app_token: str, status: int, said: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", BOT_TOKEN)
    monkeypatch.setenv("SLACK_APP_TOKEN", app_token)
    async with FakeSlack() as slack:
        monkeypatch.setenv("SLACK_API_URL", slack.api_url)
        ran = await asyncio.to_thread(run, "check")
    assert (ran.status, said in ran.out) == (status, True)


@pytest.mark.parametrize("command", sorted(article_bot.commands))
def test_every_command_explains_itself(command: str, run: Run) -> None:
    assert f"\n  {command} " in run("--help").out
    ran = run(command, "-h")
    assert (ran.status, ran.err) == (0, "")
    assert ran.out.startswith(f"Usage: article-bot {command} ")


def test_the_help_of_ask_teaches_its_exit_status(run: Run) -> None:
    told = " ".join(run("ask", "--help").out.split())
    assert "Exit status: 0 answered, 1 not answered" in told
    assert "2 could not run" in told


def test_it_runs_as_a_module() -> None:
    command = [sys.executable, "-m", "bot", "--version"]
    assert subprocess.check_output(command, text=True) == f"article-bot, version {__version__}\n"
