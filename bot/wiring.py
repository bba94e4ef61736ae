"""The only place that names concrete parts and puts them together."""

from pathlib import Path

from bot.answering.answerer import Answerer
from bot.answering.in_memory import MemoryIndex
from bot.corpus.reading import read_corpus


def open_answerer(folder: Path) -> Answerer:
    """Read the documents below the folder and index them in memory. Raises CorpusError."""
    corpus = read_corpus(folder)
    return Answerer(corpus, MemoryIndex(corpus))
