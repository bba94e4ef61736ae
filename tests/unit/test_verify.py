"""Earlier answers: are their quotes still in the documents?"""

from pathlib import Path

import pytest

from tests.conftest import Run

TEXT = "# Ferry\n\nThe ferry carries forty horses. It sails at six.\n\nThe bridge is closed.\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "ferry.md").write_text(TEXT)
    return tmp_path / "documents"


def answers(run: Run, folder: Path) -> Path:
    ran = run("ask", "--json", "how many horses does the ferry carry?", "--corpus", str(folder))
    file = folder.parent / "answers.jsonl"
    file.write_text(ran.out)
    return file


def test_a_quote_is_verified_in_place_moved_or_gone(run: Run, folder: Path) -> None:
    file, corpus = answers(run, folder), ("--corpus", str(folder))
    ran = run("verify", str(file), *corpus)
    said = "Ferry · paragraph 1 of 2: “The ferry carries forty horses."
    assert (ran.status, said in ran.out) == (0, True)
    assert ran.out.startswith("stands  ferry.md, ")
    edited = TEXT.replace("The ferry", "Welcome.\n\nNote: The ferry")
    (folder / "ferry.md").write_text(edited)
    assert run("verify", "-", *corpus, stdin=file.read_bytes()).status == 0
    (folder / "ferry.md").rename(folder / "boat.md")
    ran = run("verify", str(file), *corpus)
    assert (ran.status, ran.out.startswith("stands  boat.md, ")) == (0, True)
    (folder / "boat.md").write_text(edited.replace("forty", "fifty"))
    ran = run("verify", str(file), *corpus)
    assert (ran.status, ran.out.startswith("gone    ferry.md: “The ferry")) == (1, True)


def test_an_answer_without_a_quote_stands(run: Run, folder: Path) -> None:
    ran = run("ask", "--json", "zebra?", "--corpus", str(folder))
    assert run("verify", "-", "--corpus", str(folder), stdin=ran.out.encode()).status == 0


@pytest.mark.parametrize(
    "line",
    ["{", "[]", '{"citations": 3}', '{"citations": [{"document": "a", "quote": 3}]}', "x" * 9],
)
def test_a_line_that_is_not_an_answer_is_reported(line: str, run: Run, folder: Path) -> None:
    ran = run("verify", "-", "--corpus", str(folder), stdin=f"\n{line}\n".encode())
    assert (ran.status, ran.out) == (2, "")
    assert "-:2: it is no answer as `ask --json` prints it; leave the line out" in ran.err
