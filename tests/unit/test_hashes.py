"""The content hash depends on the documents and not on the program."""

from pathlib import Path

import pytest

from bot.answering.engine import engine_hash
from tests.conftest import Run


def test_a_new_program_version_leaves_the_content_hash_unchanged(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ferry.txt").write_text("The ferry carries horses.\n")

    def hashes() -> tuple[str, str]:
        engine_hash.cache_clear()
        ran = run("index", "--corpus", str(tmp_path))
        corpus, engine = ran.out.split("content hash ")[1].split(", engine hash ")
        return corpus, engine

    before = hashes()
    monkeypatch.setattr("bot.answering.engine.__version__", "99.0")
    after = hashes()
    engine_hash.cache_clear()
    assert before[0] == after[0]
    assert before[1] != after[1]
