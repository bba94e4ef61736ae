"""A corpus indexed on disk: tantivy finds, and the catalog beside it is the truth."""

import shutil
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from bot.errors import EngineError, IndexBusy, IndexDamaged
from bot.index import FORMAT, builder
from bot.index.analysis import Analysis, PassageDetail, Words
from bot.index.builder import Progress, listing
from bot.index.catalog import Catalog, CatalogWriter, Row
from bot.index.in_catalog import CatalogIndex
from bot.index.tantivy_engine import DiskEngine, DiskWriter, Entry

# How often it is tried to open catalog and index in the same state, while another writes.
TRIES = 20

CATALOG = "catalogue.sqlite"


class DiskIndex(CatalogIndex):
    """The index of a corpus on disk, in the state in which it was opened."""

    def __init__(self, folder: Path) -> None:
        catalog, self._engine = _in_one_state(folder)
        super().__init__(catalog, self._engine.near)

    @property
    def state(self) -> int:
        """Which state it is: another one after each writing."""
        return int(self.corpus.fact("state", 0))

    def candidates(
        self, weights: Mapping[str, float], most: int, within: str | None
    ) -> list[Analysis]:
        """The passages that score highest by the weighted sum of their terms."""
        ids = self._engine.candidates(weights, most, within)
        return [
            Analysis(document, Words(*words), partial(self._read, number))
            for number, document, *words in self.corpus.words_of(ids)
        ]

    def _read(self, number: int) -> PassageDetail:
        """What a passage is when it is looked at closely."""
        [row] = self.corpus.by_id([number])
        return self._rest(row)


def _in_one_state(folder: Path) -> tuple[Catalog, DiskEngine]:
    """The catalog and the engine as one writing left them, however often another writes."""
    for _ in range(TRIES):
        catalog = Catalog(folder / CATALOG)
        engine = DiskEngine(folder)
        now = Catalog(folder / CATALOG)
        same = now.fact("state", None) == catalog.fact("state", None)
        now.close()
        if same:
            if catalog.fact("format", None) != FORMAT:
                raise IndexDamaged(f"the index in {folder} was made by another version")
            if not catalog.fact("complete", 0):
                raise IndexBusy(
                    f"the index in {folder} is being built by another process; wait for it"
                )
            return catalog, engine
        catalog.close()
    raise EngineError(f"the index in {folder} is written to all the time; try again")


class DiskIndexer:
    """Brings an index up to date with a folder; only one process may. Raises IndexBusy otherwise.

    Raises IndexDamaged for an index of another form.
    """

    def __init__(self, folder: Path, index: Path) -> None:
        self._folder = folder
        index.mkdir(parents=True, exist_ok=True)
        self._engine = DiskWriter(index)
        self._catalog = CatalogWriter(index / CATALOG)
        self._indexer = builder.Indexer(self._catalog, _DiskPassages(self._catalog, self._engine))

    def close(self) -> None:
        """Let another process write."""
        self._catalog.close()
        self._engine.close()

    def update(self, *, keep: bool, progress: Progress | None = None) -> bool:
        """Index what changed since the last time; returns whether anything did.

        Of a file that cannot be read any more, `keep` keeps what it was when it could be. Raises
        CorpusError when the folder or its synonyms.txt cannot be read, and changes nothing then.
        """
        return self._indexer.update(listing(self._folder), keep=keep, progress=progress)


class _DiskPassages:
    """Passages whose rows are in the catalog, and whose terms are in the engine."""

    def __init__(self, catalog: CatalogWriter, engine: DiskWriter) -> None:
        self._catalog = catalog
        self.of = catalog.rows_of
        self.add_words, self.remove, self.commit = engine.add_words, engine.remove, engine.commit
        self._add = engine.add

    def add(self, number: int, rows: Sequence[Row], places: Sequence[str]) -> None:
        """Add a document's passages, and the names that it may be narrowed by."""
        ids = self._catalog.add_passages(number, rows)
        self._add(
            Entry(key, number, places, f"{row.words[0]} {row.words[1]}")
            for key, row in zip(ids, rows, strict=True)
        )


def is_current(folder: Path, index: Path) -> bool:
    """Whether nothing in the folder changed since it was indexed. Raises IndexDamaged.

    Raises CorpusError when the folder or its synonyms.txt cannot be read.
    """
    if not (index / CATALOG).exists():
        return False
    found = listing(folder)
    catalog = Catalog(index / CATALOG)
    try:
        return builder.is_current(catalog, found)
    finally:
        catalog.close()


def throw_away(index: Path) -> None:
    """Remove an index that cannot be used."""
    shutil.rmtree(index, ignore_errors=True)
