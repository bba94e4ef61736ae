"""The contract of every engine: the same first three passages and the same outcome."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.answering.answerer import Answerer
from bot.evaluation.cases import read_cases
from bot.index.tantivy import TantivyBuilder, TantivyIndex
from bot.model import Answer, Question
from tests.conftest import CORPUS, ROOT, look, open_answerer
from tests.fakes import documents, opensearch_index
from tests.fakes.opensearch import OpenSearch

PASSAGES, ASKED = 5_000, 500


class Pair(NamedTuple):
    """Two answerers from one folder: the one in memory, and the one that must answer the same."""

    memory: Answerer
    other: Answerer


def indexed(folder: Path, index: Path) -> Pair:
    """With the index on disk."""
    indexer = TantivyBuilder(index)
    indexer.update(look(folder), keep=False)
    indexer.close()
    return Pair(in_memory(folder), on_disk(index))


def in_memory(folder: Path) -> Answerer:
    return open_answerer(folder)


def on_disk(index: Path) -> Answerer:
    opened = TantivyIndex(index)
    return Answerer(opened)


def on_opensearch(server: OpenSearch, folder: Path, kept: Path) -> Pair:
    """With the index on OpenSearch, in three shards on three nodes."""
    connections = opensearch_index.opened(server, alias=kept.parent.name)
    opensearch_index.sharded(server)
    opensearch_index.update(connections, folder, kept)
    return Pair(in_memory(folder), opensearch_index.in_force(connections, kept))


def gist(answer: Answer) -> object:
    """What a person sees of an answer."""
    cited = [(c.passage.document.path, c.quote, c.part, c.also) for c in answer.citations]
    return type(answer), cited, answer.missing, answer.notes, answer.corpus


@pytest.fixture(params=["disk", "cluster"], scope="module")
def indexing(request: pytest.FixtureRequest) -> Callable[[Path, Path], Pair]:
    """How a folder is indexed, and where: each of the engines but the one in memory."""
    if request.param == "disk":
        return indexed
    server: OpenSearch = request.getfixturevalue("cluster")
    return partial(on_opensearch, server)


@pytest.fixture(scope="module")
def shelf(indexing: Callable[[Path, Path], Pair], tmp_path_factory: pytest.TempPathFactory) -> Pair:
    folder = tmp_path_factory.mktemp("made")
    documents.write(folder / "corpus", PASSAGES)
    return indexing(folder / "corpus", folder / "index")


def differing(pair: Pair, questions: list[str]) -> list[str]:
    return [
        question
        for question in questions
        if gist(pair.memory.answer(Question(question)))
        != gist(pair.other.answer(Question(question)))
    ]


@pytest.mark.slow
def test_nearly_all_of_five_hundred_questions_get_the_same_answer(
    shelf: Pair,
) -> None:
    different = differing(shelf, documents.questions(PASSAGES, ASKED))
    assert len(different) <= ASKED // 100, different


@pytest.mark.slow
def test_concurrent_threads_get_the_same_answers_as_one_alone(shelf: Pair) -> None:
    questions = documents.questions(PASSAGES, 60, seed=3)
    for answerer in shelf:
        alone = [answerer.answer(Question(question)) for question in questions]
        with ThreadPoolExecutor(8) as threads:
            together = list(threads.map(answerer.answer, map(Question, questions)))
        assert together == alone


@pytest.mark.parametrize("place", ["in:shelf-07", "in:00003-nowhere"])
def test_the_engines_agree_on_questions_narrowed_to_a_place(shelf: Pair, place: str) -> None:
    questions = [f"{question} {place}" for question in documents.questions(PASSAGES, 60, seed=2)]
    assert len(differing(shelf, questions)) <= 2


def test_on_a_small_corpus_every_score_is_the_same(
    indexing: Callable[[Path, Path], Pair], tmp_path: Path
) -> None:
    pair = indexing(CORPUS, tmp_path / "index")
    for kind in ("article-dev", "article-dev-2", "article-held-out"):
        for case in read_cases(ROOT / "tests" / "questions" / f"{kind}.jsonl"):
            memory, other = (answerer.answer(case.question) for answerer in pair)
            assert memory == other
            assert [c.quote for c in memory.citations] == [c.quote for c in other.citations]
            assert [c.around for c in memory.citations] == [c.around for c in other.citations]


SENTENCES = st.lists(
    st.sampled_from(
        [
            "The ferry carries horses over the Wendle.",
            "Dagny Tarrant, Latvia’s president, opened the bridge on Monday.",
            "Ms Tarrant promised a ferry.",
            "Masons repair the cracked arches.",
            "The Lowmere Bridge Trust (LBT) fears the cost.",
            "Nobody will pay for a crossing.",
            "Officials announced a ceasefire in Norway.",
        ]
    ),
    min_size=1,
    max_size=5,
)
# What a folder holds at one time: the paragraphs of each file that is there.
FOLDER = st.dictionaries(st.sampled_from(["a.txt", "b/c.txt", "d.md", "b/e.txt"]), SENTENCES)
CHANGES = st.lists(FOLDER.filter(bool), min_size=1, max_size=4)
QUESTIONS = [
    "what does the ferry carry?",
    "who opened the brigde?",
    "what did the president of Latvia promise?",
    "does the LBT fear the cost?",
    "where is the truce?",
    "what is this about?",
    "which people are named?",
    "will anybody pay for a crossing in:b",
    "what did Dagny promise in:d.md",
]


@pytest.mark.slow
@given(CHANGES)
@settings(max_examples=15)
def test_an_updated_index_answers_like_a_new_one_after_any_changes(
    indexing: Callable[[Path, Path], Pair],
    tmp_path_factory: pytest.TempPathFactory,
    changes: list[dict[str, list[str]]],
) -> None:
    folder, index = tmp_path_factory.mktemp("corpus"), tmp_path_factory.mktemp("kept") / "index"
    for files in changes:
        for old in [path for path in folder.rglob("*") if path.is_file()]:
            old.unlink()
        for name, paragraphs in files.items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text("\n\n".join(paragraphs))
        memory, other = pair = indexing(folder, index)
        assert differing(pair, QUESTIONS) == []
        assert memory.index.size == other.index.size
        assert list(memory.index.documents) == list(other.index.documents)
        for document in memory.index.documents:
            path = document.path
            assert memory.index.passages_of(path) == other.index.passages_of(path)
