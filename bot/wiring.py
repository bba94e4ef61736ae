"""The only place that names concrete parts and puts them together."""

from pathlib import Path
from typing import TYPE_CHECKING

from bot.answering.answerer import Answerer
from bot.answering.in_memory import MemoryIndex
from bot.corpus.reading import read_corpus

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.shelf import Progress, Shelf


def open_answerer(folder: Path) -> Answerer:
    """Read the documents below the folder and index them in memory. Raises CorpusError."""
    corpus = read_corpus(folder)
    return Answerer(corpus, MemoryIndex(corpus))


def open_shelf(
    settings: "Settings",
    folder: Path | None = None,
    progress: "Progress | None" = None,
    engine: str | None = None,
) -> "Shelf":
    """Open the documents below the folder, in memory or on disk, so that they can be followed."""
    from bot.shelf import Shelf

    documents = folder or settings.corpus_dir
    return Shelf(documents, settings.data_folder, engine or settings.engine, progress)
