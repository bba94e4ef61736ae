"""The bot's index on a test's OpenSearch, as the tests write and read it."""

from pathlib import Path

from bot.answering.answerer import Answerer
from bot.documents.folder import DocumentFolder, Listing
from bot.documents.reader import Hashes
from bot.index import RETENTION, Retention
from bot.index.opensearch.client import Cluster, Endpoint
from bot.index.opensearch.index import OpenSearchIndex
from bot.index.opensearch.writer import OpenSearchBuilder
from tests.fakes.opensearch import OpenSearch

ALIAS = "passages"


def opened(server: OpenSearch, alias: str = ALIAS, retention: Retention = RETENTION) -> Cluster:
    """The bot's connections to it."""
    return Cluster(Endpoint(tuple(server.urls), alias), retention)


def found_in(folder: Path) -> Listing:
    """A folder as it lies there."""
    found = DocumentFolder(folder).look()
    return found._replace(files=Hashes().of(found.files))


def indexer(cluster: Cluster, kept: Path) -> OpenSearchBuilder:
    """What writes the next version."""
    return OpenSearchBuilder(cluster, kept, lambda: None)


def update(cluster: Cluster, folder: Path, kept: Path) -> bool:
    """Bring the index up to date with a folder; returns whether anything changed."""
    return indexer(cluster, kept).update(found_in(folder), lambda: True, keep=True)


def in_force(cluster: Cluster, kept: Path) -> Answerer:
    """An answerer for the version in force."""
    version = cluster.in_force()
    assert version is not None
    index = OpenSearchIndex(cluster, version, kept)
    return Answerer(index)


def sharded(server: OpenSearch) -> None:
    """Have every new index of the bot in three shards, each with a copy on another node."""
    settings = {"index": {"number_of_shards": 3, "number_of_replicas": 1}}
    template = {"index_patterns": ["*"], "template": {"settings": settings}}
    server.ask("PUT", "/_index_template/bot", template)
