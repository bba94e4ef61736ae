"""The only place that names concrete parts and puts them together."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bot.answering.answerer import Answerer
from bot.documents.reader import read_corpus
from bot.index.memory import MemoryIndex

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.live import LiveAnswerer
    from bot.sources import InCluster, Progress


def open_answerer(folder: Path) -> Answerer:
    """Read the documents below the folder and index them in memory. Raises CorpusError."""
    corpus = read_corpus(folder)
    return Answerer(corpus, MemoryIndex(corpus))


def open_live(
    settings: "Settings",
    folder: Path | None = None,
    progress: "Progress | None" = None,
    *,
    indexed: bool = False,
) -> "LiveAnswerer":
    """Open the documents below the folder so that they can be followed.

    In memory, on disk, or on OpenSearch where that is set and no other folder is named. `indexed`
    brings an index up to date, however few the documents are.
    """
    from bot.live import LiveAnswerer

    documents, data = folder or settings.corpus_dir, settings.data_folder
    if settings.is_on_opensearch and folder is None:
        shared = partial(_on_opensearch, settings, indexed)
        return LiveAnswerer(documents, data, progress=progress, shared=shared)
    return LiveAnswerer(documents, data, "disk" if indexed else settings.engine, progress)


def _on_opensearch(
    settings: "Settings", fresh: bool, progress: "Progress", wait: Callable[[], None]
) -> "InCluster":
    from bot.index.opensearch.client import Cluster, Endpoint
    from bot.sources import InCluster
    from bot.store.locks import index_writer_lock

    access = Endpoint(
        settings.opensearch_url,
        settings.opensearch_alias,
        *(
            str(file) if file else None
            for file in (settings.opensearch_ca, settings.opensearch_cert, settings.opensearch_key)
        ),
    )
    kept = settings.data_folder / "index" / f"opensearch-{settings.opensearch_alias}"
    lock = partial(index_writer_lock, settings.store_url)
    folder = settings.corpus_dir
    return InCluster(folder, kept, Cluster(access), lock, progress, wait, fresh=fresh)
