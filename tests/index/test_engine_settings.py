"""ENGINE and DATA_DIR, and `article-bot index`, as a person uses them."""

from pathlib import Path

import pytest

from tests.conftest import Run

TRUCE = "what does the truce cover?"


@pytest.mark.parametrize("engine", ["auto", "memory", "disk"])
def test_every_engine_prints_the_same_answer(
    run: Run, monkeypatch: pytest.MonkeyPatch, engine: str
) -> None:
    monkeypatch.setenv("DATA_DIR", "kept")
    usual = run("ask", "--json", "--explain", TRUCE)
    monkeypatch.setenv("ENGINE", engine)
    assert run("ask", "--json", "--explain", TRUCE) == usual
    assert Path("kept/index").exists() == (engine == "disk")


def test_an_unknown_engine_is_an_error_that_lists_the_valid_ones(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENGINE", "steam")
    ran = run("ask", TRUCE)
    assert ran.status == 2
    assert "ENGINE must be one of auto, memory, disk" in ran.err


def test_index_reports_what_it_indexed_and_writes_to_the_data_folder(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "here"))
    ran = run("index")
    assert ran.status == 0
    assert ran.out.startswith("13 passages of 1 document indexed, content hash ")
    assert list((tmp_path / "here" / "index").glob("corpus-*/catalogue.sqlite"))


def test_the_other_documents_with_the_same_passage_are_named(run: Run, tmp_path: Path) -> None:
    for name in "abcde":
        (tmp_path / f"{name}.txt").write_text("The ferry carries horses.\n")
    ran = run("ask", "--corpus", str(tmp_path), "what does the ferry carry?")
    assert "  also in b.txt, c.txt, d.txt and 1 more\n" in ran.out
    assert ran.out.count("horses") == 1


def test_the_corpus_looks_the_same_from_disk(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = run("corpus"), run("corpus", "--json")
    aliases = set(run("corpus", "--aliases").out.splitlines())
    monkeypatch.setenv("ENGINE", "disk")
    assert (run("corpus"), run("corpus", "--json")) == usual
    assert set(run("corpus", "--aliases").out.splitlines()) == aliases
