"""The index on OpenSearch: active versions, incremental writes, and failures."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest

from bot.answering.answerer import Answerer
from bot.errors import EngineError, IndexBusy, Unreachable
from bot.index import FORMAT, Retention, builder
from bot.index.opensearch import client as engine
from bot.index.opensearch import index, writer
from bot.index.opensearch.client import Cluster
from bot.index.vectors import open_vectors
from bot.learning.taught import Taught
from bot.model import NotFound, Question
from tests.conftest import open_answerer
from tests.fakes.opensearch import OpenSearch
from tests.fakes.opensearch_index import found_in, in_force, indexer, opened, sharded, update
from tests.index.test_vectors import CountingEncoder

HORSES = Question("what does the ferry carry?")


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "ferry.txt").write_text("The ferry carries horses.\nIt sails on Monday.\n")
    (folder / "bridge.txt").write_text("Masons repair the bridge.\n")
    return folder


@pytest.fixture
def nodes(opensearch: OpenSearch) -> Iterator[Cluster]:
    """The bot's connections to three nodes, where an index has three shards with a copy each."""
    sharded(opensearch)
    connections = opened(opensearch)
    yield connections
    connections.close()


def quoted(nodes: Cluster, kept: Path) -> str | None:
    answer = in_force(nodes, kept).answer(HORSES)
    return answer.citations[0].quote if answer.citations else None


def test_a_version_stays_unchanged_when_the_next_becomes_active(
    nodes: Cluster, corpus: Path, tmp_path: Path
) -> None:
    assert nodes.in_force() is None
    assert update(nodes, corpus, tmp_path)
    before, first = in_force(nodes, tmp_path), nodes.in_force()
    assert not update(nodes, corpus, tmp_path)
    assert nodes.in_force() == first
    (corpus / "ferry.txt").unlink()
    assert update(nodes, corpus, tmp_path)
    assert nodes.in_force() != first
    assert isinstance(in_force(nodes, tmp_path).answer(HORSES), NotFound)
    assert before.answer(HORSES).citations[0].quote == "The ferry carries horses."


def test_a_reader_with_only_the_address_gives_the_same_answers(
    nodes: Cluster, corpus: Path, tmp_path: Path
) -> None:
    update(nodes, corpus, tmp_path / "writer")
    one, other = (in_force(nodes, tmp_path / who) for who in ("writer", "reader"))
    assert one.answer(HORSES) == other.answer(HORSES)
    assert list(one.index.documents) == list(other.index.documents)
    # And the next version may be written from there.
    (corpus / "ferry.txt").write_text("The ferry carries cows.\n")
    assert update(nodes, corpus, tmp_path / "reader")
    assert quoted(nodes, tmp_path / "writer") == "The ferry carries cows."


def test_only_what_changed_is_written_again(nodes: Cluster, corpus: Path, tmp_path: Path) -> None:
    update(nodes, corpus, tmp_path)
    told: list[tuple[int, int]] = []
    (corpus / "ferry.txt").write_text("The ferry carries cows.\n")
    indexer(nodes, tmp_path).update(
        found_in(corpus), lambda: True, progress=lambda done, size: told.append((done, size))
    )
    assert told == [(24, 24)]


def test_versions_no_longer_in_use_are_deleted(
    nodes: Cluster, opensearch: OpenSearch, corpus: Path, tmp_path: Path
) -> None:
    update(nodes, corpus, tmp_path)
    writer.VersionWriter(nodes, nodes.in_force(), lambda: None)  # its process dies
    for number in range(3):
        (corpus / "more.txt").write_text(f"The ferry carries {number} cows.\n")
        update(nodes, corpus, tmp_path)
    assert len(nodes.versions()) == 4  # those in between may still be asked; what was left is gone
    impatient = opened(opensearch, retention=Retention(answerer=-2.0, version=-1.0))
    (corpus / "more.txt").unlink()
    update(impatient, corpus, tmp_path)
    impatient.close()
    assert len(nodes.versions()) == 2  # the one before was in force until now


def test_very_long_words_titles_and_questions_are_handled(
    nodes: Cluster, corpus: Path, tmp_path: Path
) -> None:
    title, word = "long " * 20_000, "ö" * 40_000
    (corpus / "long.txt").write_text(f"---\ntitle: {title}\n---\nThe ferry {word} sails.\n")
    update(nodes, corpus, tmp_path)
    assert quoted(nodes, tmp_path) == "The ferry carries horses."
    version = nodes.in_force()
    assert version
    weights = {"hors": 1.0} | {f"word{number}": 0.5 for number in range(5000)}
    found = engine.VersionReader(nodes, version.name, 4).candidates(weights, 10, None)
    assert [row[0] for _, row in found] == ["ferry.txt"]


def test_a_writer_that_lost_the_lock_activates_nothing(
    nodes: Cluster, corpus: Path, tmp_path: Path
) -> None:
    update(nodes, corpus, tmp_path)
    before = nodes.in_force()
    (corpus / "ferry.txt").unlink()
    with pytest.raises(EngineError, match="the lock on the index was lost"):
        indexer(nodes, tmp_path).update(found_in(corpus), lambda: False)
    assert nodes.in_force() == before
    assert before
    assert list(nodes.versions()) == [before.name]


def test_a_newer_program_rebuilds_the_index_and_older_replicas_keep_their_version(
    opensearch: OpenSearch,
    nodes: Cluster,
    corpus: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    update(nodes, corpus, tmp_path)
    older, replica = nodes.in_force(), in_force(nodes, tmp_path)
    impatient = opened(opensearch, retention=Retention(answerer=-2.0, version=-1.0))
    with monkeypatch.context() as newer:
        for module in (builder, index, writer):
            newer.setattr(module, "FORMAT", FORMAT + 1)
        newer.setattr(writer, "__version__", "99.0")
        assert update(nodes, corpus, tmp_path)
        assert nodes.in_force() != older
        assert quoted(nodes, tmp_path) == "The ferry carries horses."
        (corpus / "bridge.txt").unlink()
        assert update(impatient, corpus, tmp_path)  # which deletes what nobody may ask any more
    assert replica.answer(HORSES).citations[0].quote == "The ferry carries horses."
    (corpus / "ferry.txt").unlink()
    with pytest.raises(IndexBusy, match="a newer article-bot writes the index"):
        update(nodes, corpus, tmp_path)
    with pytest.raises(EngineError, match=r"made by article-bot 99\.0 in another format"):
        in_force(nodes, tmp_path)


def test_an_index_of_another_version_with_the_same_format_is_reused(
    nodes: Cluster, corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as newer:
        newer.setattr(writer, "__version__", "99.0")
        update(nodes, corpus, tmp_path)
    assert not update(nodes, corpus, tmp_path)
    assert quoted(nodes, tmp_path) == "The ferry carries horses."


def test_indexes_of_other_programs_are_left_alone(
    opensearch: OpenSearch, nodes: Cluster, corpus: Path, tmp_path: Path
) -> None:
    opensearch.ask("PUT", "/passages", {})
    opensearch.ask("PUT", "/passages-of-the-bible", {})
    with pytest.raises(EngineError, match="not the bot's alias; set OPENSEARCH_ALIAS"):
        update(nodes, corpus, tmp_path)
    elsewhere = opened(opensearch, alias="passages-of-ours")
    update(elsewhere, corpus, tmp_path)
    assert quoted(elsewhere, tmp_path) == "The ferry carries horses."
    assert nodes.versions() == {}


@pytest.mark.parametrize("killed", [0, 1, 2])
def test_with_one_node_killed_every_answer_is_the_same(
    opensearch: OpenSearch, nodes: Cluster, corpus: Path, tmp_path: Path, killed: int
) -> None:
    for number in range(30):
        (corpus / f"{number}.txt").write_text(f"The ferry number {number} carries horses.\n")
    update(nodes, corpus, tmp_path)
    answerer = in_force(nodes, tmp_path)
    questions = [Question(f"what does ferry number {number} carry?") for number in range(30)]
    before = [answerer.answer(question) for question in questions]
    opensearch.kill(killed)
    assert [answerer.answer(question) for question in questions] == before


@pytest.mark.parametrize("how", ["stop", "hang"])
def test_nodes_that_do_not_answer_are_an_error_within_seconds(
    opensearch: OpenSearch, nodes: Cluster, corpus: Path, tmp_path: Path, how: str
) -> None:
    update(nodes, corpus, tmp_path)
    answerer = in_force(nodes, tmp_path)
    for number in range(3):
        opensearch.kill(number) if how == "stop" else opensearch.pause(number)
    begun = time.monotonic()
    with pytest.raises(Unreachable, match=r"cannot be reached|does not answer in time"):
        answerer.answer(HORSES)
    waited = time.monotonic() - begun
    for number in range(3):
        opensearch.start(number) if how == "stop" else opensearch.go_on(number)
    assert waited < engine.SECONDS_TO_ANSWER * (1 + engine.MAX_RETRIES) + 1


def test_taught_entries_answer_as_they_do_from_memory(
    nodes: Cluster, corpus: Path, tmp_path: Path
) -> None:
    update(nodes, corpus, tmp_path)
    place = {"document": "ferry.txt", "passage": "It sails on Monday.", "on": "2026-11-25"}
    lines = "\n".join(
        json.dumps({"question": question, **place | passage})
        for question, passage in (
            ("when can I leave the wretched island?", {}),
            ("who sings?", {"passage": "Nobody sings."}),
        )
    )
    indexes = (in_force(nodes, tmp_path).index, open_answerer(corpus).index)
    shared, memory = (Answerer(index, taught=Taught(lines)) for index in indexes)
    for asked in ("when can I leave the wretched island?", "leaving this wretched island, when?"):
        answer = shared.answer(Question(asked))
        assert answer == memory.answer(Question(asked))
        assert (answer.outcome, answer.citations[0].quote) == ("answered", "It sails on Monday.")
    assert [entry.question for entry in shared.lessons.stale] == ["who sings?"]


def test_only_the_passages_of_changed_documents_are_fetched_for_their_vectors(
    nodes: Cluster, corpus: Path, tmp_path: Path
) -> None:
    encoder = CountingEncoder()

    def fetched() -> list[str]:
        """The passages that are fetched to open the vectors; each is then found by its text."""
        update(nodes, corpus, tmp_path)
        index = in_force(nodes, tmp_path).index
        with mock.patch.object(index, "rows", wraps=index.rows) as rows:
            vectors = open_vectors(tmp_path / "vectors", index, lambda: encoder)
        read = {number for call in rows.call_args_list for number in call.args[0]}
        for row in index.rows([origin.id for origin in index.origins()]):
            found = vectors.similarities(encoder.question(row.text)).nearest(1)
            assert [analysis.rest.text for analysis in index.by_id(found)] == [row.text]
        return sorted(row.text for row in index.rows(sorted(read)))

    horses, monday, bridge = (
        "The ferry carries horses.",
        "It sails on Monday.",
        "Masons repair the bridge.",
    )
    assert fetched() == [monday, bridge, horses]
    assert fetched() == []
    (corpus / "ferry.txt").write_text(f"The ferry carries cows.\n{monday}\n")
    assert fetched() == [monday, "The ferry carries cows."]
    # The number of a document that is gone may be used again, before its vectors are forgotten.
    (corpus / "tram.txt").write_text("The tram carries cats.\n")
    assert fetched() == ["The tram carries cats."]
    (corpus / "tram.txt").unlink()
    update(nodes, corpus, tmp_path)
    (corpus / "bus.txt").write_text("The bus carries dogs.\n")
    assert fetched() == ["The bus carries dogs."]
    assert len(encoder.encoded) == len(set(encoder.encoded)) == 6
