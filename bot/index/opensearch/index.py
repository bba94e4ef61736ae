"""A corpus on OpenSearch: the cluster has the passages, a local catalog everything else.

Each version of the index stores its catalog as a file, which is copied here. So a question queries
the cluster only for its candidates.
"""

import secrets
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from bot.errors import EngineError
from bot.index import FORMAT, Index
from bot.index.analysis import Analysis
from bot.index.catalog import Beginning, Catalog, Origin
from bot.index.opensearch.client import Cluster, Version, VersionReader
from bot.index.rows import PassageRow, row_from_json

# How many bits of a passage's id are its number in its document; the others are the document's.
_NUMBER_BITS = 32


class OpenSearchIndex(Index):
    """One version of a corpus's index on OpenSearch, with its catalog in a local `folder`.

    Raises EngineError if a program with another FORMAT wrote it.
    """

    def __init__(self, cluster: Cluster, version: Version, folder: Path) -> None:
        if version.format != FORMAT:
            raise EngineError.other_format(version.program)
        self.version = version
        catalog = Catalog.at(fetched(cluster, version, folder), self._rows)
        size = int(catalog.fact("passages", 0))
        self._engine = VersionReader(cluster, version.name, size)
        super().__init__(catalog)

    def candidates(
        self, weights: Mapping[str, float], most: int, within: str | None
    ) -> list[Analysis]:
        """The `most` passages with the highest weighted sum of BM25 over `weights`' terms."""
        found = self._engine.candidates(weights, most, within)
        return [self._analysis(row_from_json(document, kept)) for document, kept in found]

    def by_id(self, ids: Sequence[int]) -> list[Analysis]:
        """The passages with these ids."""
        return [self._analysis(row) for row in self.rows(ids)]

    def origins(self) -> list[Origin]:
        """Where each passage comes from, in the order of ids. Asks only the local catalog."""
        return [
            Origin(_id(document, number), file, hashed, number)
            for document, file, hashed, passages in self.catalog.indexed_files()
            for number in range(1, passages + 1)
        ]

    def rows(self, ids: Sequence[int]) -> list[PassageRow]:
        """The rows of the passages with these ids, in their order."""
        return _rows_at(self._engine, [_place(number) for number in ids])

    def fuzzy(self, word: str, errors: int) -> list[str]:
        """The indexed words within `errors` edits of a word."""
        return self._engine.fuzzy(word, errors)

    def _rows(self, wanted: Sequence[Beginning]) -> list[PassageRow]:
        return rows_of(self._engine, wanted)

    def _analysis(self, row: PassageRow) -> Analysis:
        analysis = super()._analysis(row)
        analysis.id = _id(row.key, row.number)
        return analysis


def rows_of(engine: VersionReader, wanted: Sequence[Beginning]) -> list[PassageRow]:
    """The rows of the first passages of each wanted document, one document after another."""
    return _rows_at(engine, [(w.document, n) for w in wanted for n in range(1, w.passages + 1)])


def _rows_at(engine: VersionReader, places: Sequence[tuple[int, int]]) -> list[PassageRow]:
    """The rows of passages, each given as (document number, passage number)."""
    kept = engine.rows(places)
    return [row_from_json(document, row) for (document, _), row in zip(places, kept, strict=True)]


def _id(document: int, number: int) -> int:
    """A passage's id, from the numbers of its document and of the passage in that."""
    return document << _NUMBER_BITS | number


def _place(passage: int) -> tuple[int, int]:
    """The document number and the passage number in an id."""
    return passage >> _NUMBER_BITS, passage & ((1 << _NUMBER_BITS) - 1)


def fetched(cluster: Cluster, version: Version, folder: Path) -> Path:
    """The local catalog of a version: download it unless it exists, and remove old ones."""
    file = folder / f"{version.name}.sqlite"
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / f"{version.name}.{secrets.token_hex(4)}.part"
        try:
            with part.open("wb") as written:
                written.writelines(VersionReader(cluster, version.name, 0).file(version.pieces))
            part.replace(file)
        finally:
            remove_file(part)
    for old in folder.glob("*.sqlite"):
        if old != file and time.time() - old.stat().st_mtime > cluster.retention.version:
            remove_file(old)
    return file


def throw_away(folder: Path) -> None:
    """Remove the downloaded catalogs; open ones remain usable."""
    for file in folder.glob("*.sqlite"):
        remove_file(file)


def remove_file(file: Path) -> None:
    """Remove an SQLite file with its journal and WAL files."""
    for suffix in ("", "-wal", "-shm", "-journal"):
        file.with_name(file.name + suffix).unlink(missing_ok=True)
