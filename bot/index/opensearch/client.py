"""The OpenSearch client: one version of the index is active at a time.

Each version is an OpenSearch index of its own and never changes once it is active. The next one is
built as a clone, which shares the files of unchanged segments, and then the alias is moved to it
atomically.
"""

import base64
import logging
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from heapq import nlargest
from operator import itemgetter
from typing import Any, NamedTuple

from opensearchpy import OpenSearch, helpers
from opensearchpy.exceptions import (
    AuthenticationException,
    ConnectionTimeout,
    ImproperlyConfigured,
    NotFoundError,
    OpenSearchException,
    SSLError,
    TransportError,
)
from opensearchpy.exceptions import ConnectionError as NoConnection

from bot.errors import EngineError, Unreachable
from bot.index import RETENTION, Retention

# The timeout for reading from one node, after which another one is tried. A node that does not
# answer is skipped for a minute.
SECONDS_TO_ANSWER = 2.0
MAX_RETRIES = 2
SECONDS_TO_WRITE = 120.0
# Smaller indexes are searched with dfs_query_then_fetch, because each shard has too few passages to
# know how rare a word is.
FEW = 100_000
# Only the heaviest terms are searched: OpenSearch rejects a query with more than 1,024 clauses.
MAX_TERMS = 1000
# No word has more neighbours than this within one or two letters.
MAX_FUZZY = 1000
# How many passages to read or write in one request.
MAX_READ = 1000

# What marks an index as the bot's own, in the mapping's `_meta`.
MARK = "article-bot"
# k1 and b are those of the final scoring formula. Fields that are not listed are stored but not
# indexed. Names and words longer than any question are not indexed either.
_NAME = {"type": "keyword", "ignore_above": 2000}
INDEX = {
    "settings": {
        "index": {
            "refresh_interval": "-1",
            "similarity": {"default": {"type": "BM25", "k1": 1.5, "b": 0.75}},
        },
        "analysis": {"analyzer": {"stems": {"type": "custom", "tokenizer": "whitespace"}}},
    },
    "mappings": {
        "dynamic": False,
        "properties": {
            "document": {"type": "long"},
            "scope": _NAME,
            "terms": {"type": "text", "analyzer": "stems", "index_options": "freqs"},
            "word": _NAME,
        },
    },
}


class Endpoint(NamedTuple):
    """The nodes' URLs, which may contain a password, the alias, and the TLS files.

    `authority`, `certificate` and `key` are paths of PEM files.
    """

    urls: tuple[str, ...]
    alias: str
    authority: str | None = None
    certificate: str | None = None
    key: str | None = None


class Version(NamedTuple):
    """An active version: the name of its index, what made it, and the pieces of its catalog file.

    `made_by` is the FORMAT and the program's version, separated by a space, in one string because
    older programs write and expect that.
    """

    name: str
    made_by: str
    pieces: int

    @property
    def format(self) -> int:
        """The FORMAT of the index."""
        return int(self.made_by.split()[0])

    @property
    def program(self) -> str:
        """The version of the program that made it."""
        return self.made_by.split()[1]


class Entry(NamedTuple):
    """A passage to index: its document, its number there, its scopes, its terms and its row."""

    document: int
    number: int
    scopes: Sequence[str]
    terms: str
    row: Sequence[object]


class Cluster:
    """The OpenSearch nodes, and the index behind one alias. Does not connect until it is used.

    A replaced version is kept for `retention`, for questions under way and for bots that have not
    switched yet.
    """

    def __init__(self, access: Endpoint, retention: Retention = RETENTION) -> None:
        self.retention = retention
        # Otherwise the library logs every attempt with a stack trace.
        logging.getLogger("opensearch").setLevel(logging.CRITICAL)
        self.alias = access.alias
        # Reads are safe to retry. A search on a node that dies returns a 500.
        again = {"retry_on_timeout": True, "retry_on_status": (500, 502, 503, 504)}
        self.reader = _client(access, SECONDS_TO_ANSWER, **again)
        self.writer = _client(access, SECONDS_TO_WRITE, retry_on_status=())

    def close(self) -> None:
        """Close the connections."""
        self.reader.close()
        self.writer.close()

    def in_force(self) -> Version | None:
        """The version behind the alias; None without one. Raises EngineError or Unreachable."""
        with trouble():
            try:
                found = self.reader.indices.get_mapping(index=self.alias)
            except NotFoundError:
                return None
        metas = {index: meta_of(about) for index, about in found.items()}
        if len(metas) != 1 or any(meta.get(MARK) != self.alias for meta in metas.values()):
            raise EngineError.foreign_alias(self.alias)
        [(index, meta)] = metas.items()
        return Version(index, meta["made_by"], meta["pieces"])

    def versions(self) -> dict[str, dict[str, Any]]:
        """Every index that a bot with this alias created, with its metadata."""
        with trouble():
            found = self.writer.indices.get_mapping(index=f"{self.alias}-*")
        metas = {index: meta_of(about) for index, about in found.items()}
        return {index: meta for index, meta in metas.items() if meta.get(MARK) == self.alias}


class VersionReader:
    """One version of the index. `size` is the number of its passages."""

    def __init__(self, cluster: Cluster, index: str, size: int) -> None:
        self._client, self._index = cluster.reader, index
        self._search = {
            "search_type": "dfs_query_then_fetch" if size < FEW else "query_then_fetch",
            # Results from only some of the shards would be wrong.
            "allow_partial_search_results": "false",
        }

    def candidates(
        self, weights: Mapping[str, float], most: int, within: str | None
    ) -> list[tuple[int, list[Any]]]:
        """The `most` passages with the highest weighted sum of BM25 over `weights`' terms.

        With `within`, only passages of that document or folder. Each result is the document's
        number and the passage's row.
        """
        terms = [
            {"term": {"terms": {"value": term, "boost": weight}}}
            for term, weight in nlargest(MAX_TERMS, weights.items(), key=itemgetter(1))
            if weight > 0
        ]
        if not terms:
            return []
        query: dict[str, Any] = {"bool": {"should": terms}}
        if within is not None:
            query = {"bool": {"must": query, "filter": {"term": {"scope": within}}}}
        found = self._found(query, most, ["document", "row"])
        return [(source["document"], source["row"]) for source in found]

    def fuzzy(self, word: str, errors: int) -> list[str]:
        """The indexed words within `errors` edits: insert, delete or replace a letter, swap two."""
        how = {"value": word, "fuzziness": errors, "max_expansions": MAX_FUZZY}
        found = self._found({"fuzzy": {"word": how}}, MAX_FUZZY, ["word"])
        return sorted({source["word"] for source in found})

    def rows(self, passages: Sequence[tuple[int, int]]) -> list[list[Any]]:
        """The rows of passages, each given as (document number, passage number)."""
        found: list[list[Any]] = []
        for start in range(0, len(passages), MAX_READ):
            ids = [f"{d}.{n}" for d, n in passages[start : start + MAX_READ]]
            found += [source["row"] for source in self._read(ids, "row")]
        return found

    def file(self, pieces: int) -> Iterator[bytes]:
        """The catalog file of the version, in `pieces` chunks."""
        for number in range(pieces):
            [source] = self._read([f"file.{number}"], "piece")
            yield zlib.decompress(base64.b64decode(source["piece"]))

    def _found(self, query: dict[str, Any], most: int, fields: list[str]) -> list[dict[str, Any]]:
        body = {"query": query, "size": most, "_source": fields, "track_total_hits": False}
        with trouble():
            found = self._client.search(index=self._index, body=body, params=dict(self._search))
        return [hit["_source"] for hit in found["hits"]["hits"]]

    def _read(self, ids: Sequence[str], field: str) -> list[dict[str, Any]]:
        with trouble():
            read = self._client.mget(
                index=self._index, body={"ids": list(ids)}, params={"_source": field}
            )
        found = [document.get("_source") for document in read["docs"]]
        if not all(found):
            raise EngineError.incomplete(self._index)
        return found


def meta_of(about: Mapping[str, Any]) -> dict[str, Any]:
    """The `_meta` of an index's mapping; empty if there is none."""
    found: dict[str, Any] = about["mappings"].get("_meta", {})
    return found


def _client(access: Endpoint, seconds: float, **retries: Any) -> OpenSearch:
    try:
        return OpenSearch(
            list(access.urls),
            timeout=seconds,
            max_retries=min(MAX_RETRIES, len(access.urls)),
            **retries,
            pool_maxsize=32,
            ca_certs=access.authority,
            client_cert=access.certificate,
            client_key=access.key,
        )
    except (OSError, ValueError, ImproperlyConfigured) as error:
        why = getattr(error, "strerror", None) or type(error).__name__
        raise EngineError.wrong_certificates(why) from None


_REMEDIES = (
    (AuthenticationException, "refuses the user or the password; fix OPENSEARCH_URL"),
    (
        SSLError,
        "and the bot do not trust each other's certificates; fix OPENSEARCH_CA, or "
        "OPENSEARCH_CERT and OPENSEARCH_KEY",
    ),
    (ConnectionTimeout, "does not answer in time"),
    (NoConnection, "cannot be reached; see whether it runs, or fix OPENSEARCH_URL"),
)


@contextmanager
def trouble() -> Iterator[None]:
    """Turn the library's exceptions into errors that say what to fix.

    Raises EngineError, or Unreachable for what may pass; neither quotes OpenSearch.
    """
    try:
        yield
    except NotFoundError:
        raise EngineError.gone() from None
    except TransportError as error:
        known = (remedy for kind, remedy in _REMEDIES if isinstance(error, kind))
        raise Unreachable(next(known, None) or _remedy(error.error, error.status_code)) from None
    except helpers.BulkIndexError as error:
        [about] = error.errors[0].values()
        raise Unreachable(_remedy(about["error"]["type"], about["status"])) from None
    except OpenSearchException as error:
        raise EngineError.failed(error) from None


def _remedy(kind: str, status: int | str) -> str:
    if kind == "security_exception":
        return "does not allow this user to do that; let it create indexes and aliases"
    if kind == "cluster_block_exception":
        return "is read-only, usually because its disk is full"
    return f"cannot answer now ({status} {kind})"
