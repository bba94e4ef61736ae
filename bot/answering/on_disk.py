"""A corpus indexed on disk: tantivy finds, and the catalogue beside it is the truth."""

import shutil
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from bot.answering import indexing
from bot.answering.analysis import Analysis, Rest, Words
from bot.answering.in_catalogue import CatalogueIndex
from bot.answering.indexing import Progress, listing
from bot.corpus.catalogue import Catalogue, CatalogueWriter, Row
from bot.engines.disk import DiskEngine, DiskWriter, Entry
from bot.errors import Busy, Damaged, EngineError

# How often it is tried to open catalogue and index in the same state, while another writes.
TRIES = 20

CATALOGUE = "catalogue.sqlite"


class DiskIndex(CatalogueIndex):
    """The index of a corpus on disk, in the state in which it was opened."""

    def __init__(self, folder: Path) -> None:
        catalogue, self._engine = _in_one_state(folder)
        super().__init__(catalogue, self._engine.near)

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

    def _read(self, number: int) -> Rest:
        """What a passage is when it is looked at closely."""
        [row] = self.corpus.by_id([number])
        return self._rest(row)


def _in_one_state(folder: Path) -> tuple[Catalogue, DiskEngine]:
    """The catalogue and the engine as one writing left them, however often another writes."""
    for _ in range(TRIES):
        catalogue = Catalogue(folder / CATALOGUE)
        engine = DiskEngine(folder)
        now = Catalogue(folder / CATALOGUE)
        same = now.fact("state", None) == catalogue.fact("state", None)
        now.close()
        if same:
            if catalogue.fact("made by", None) != indexing.MADE_BY:
                raise Damaged(f"the index in {folder} was made by another version")
            if not catalogue.fact("complete", 0):
                raise Busy(f"the index in {folder} is being built by another process; wait for it")
            return catalogue, engine
        catalogue.close()
    raise EngineError(f"the index in {folder} is written to all the time; try again")


class DiskIndexer:
    """Brings an index up to date with a folder; only one process may. Raises Busy otherwise.

    Raises Damaged for what another version made.
    """

    def __init__(self, folder: Path, index: Path) -> None:
        self._folder = folder
        index.mkdir(parents=True, exist_ok=True)
        self._engine = DiskWriter(index)
        self._catalogue = CatalogueWriter(index / CATALOGUE)
        self._indexer = indexing.Indexer(
            self._catalogue, _DiskPassages(self._catalogue, self._engine)
        )

    def close(self) -> None:
        """Let another process write."""
        self._catalogue.close()
        self._engine.close()

    def update(self, *, keep: bool, progress: Progress | None = None) -> bool:
        """Index what changed since the last time; returns whether anything did.

        Of a file that cannot be read any more, `keep` keeps what it was when it could be. Raises
        CorpusError when the folder or its synonyms.txt cannot be read, and changes nothing then.
        """
        return self._indexer.update(listing(self._folder), keep=keep, progress=progress)


class _DiskPassages:
    """Passages whose rows are in the catalogue, and whose terms are in the engine."""

    def __init__(self, catalogue: CatalogueWriter, engine: DiskWriter) -> None:
        self._catalogue = catalogue
        self.of = catalogue.rows_of
        self.add_words, self.remove, self.commit = engine.add_words, engine.remove, engine.commit
        self._add = engine.add

    def add(self, number: int, rows: Sequence[Row], places: Sequence[str]) -> None:
        """Add a document's passages, and the names that it may be narrowed by."""
        ids = self._catalogue.add_passages(number, rows)
        self._add(
            Entry(key, number, places, f"{row.words[0]} {row.words[1]}")
            for key, row in zip(ids, rows, strict=True)
        )


def is_current(folder: Path, index: Path) -> bool:
    """Whether nothing in the folder changed since it was indexed. Raises Damaged.

    Raises CorpusError when the folder or its synonyms.txt cannot be read.
    """
    if not (index / CATALOGUE).exists():
        return False
    found = listing(folder)
    catalogue = Catalogue(index / CATALOGUE)
    try:
        return indexing.is_current(catalogue, found)
    finally:
        catalogue.close()


def throw_away(index: Path) -> None:
    """Remove an index that cannot be used."""
    shutil.rmtree(index, ignore_errors=True)
