"""The only place that names concrete parts and puts them together."""

from pathlib import Path

from bot.answering.answerer import Answerer
from bot.corpus.reading import read_corpus


def open_answerer(folder: Path) -> Answerer:
    """Read the documents below the folder and index them. Raises CorpusError."""
    return Answerer(read_corpus(folder))
