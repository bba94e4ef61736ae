"""A corpus indexed on disk: read at any size, and only what changed is indexed again.

The catalogue is the truth and tantivy leads to it. A change is written to tantivy, then to the
catalogue, then what it replaces is deleted from tantivy; the documents between are noted as doomed
beforehand. Wherever that is cut off, passages that the catalogue does not have are not found, and
the next to write takes them out.
"""

import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from pathlib import Path

from bot import __version__
from bot.answering.analysis import Analysis, Rest, Words, analyse
from bot.answering.index import MOST_CALLED, Called
from bot.answering.profile import aliases_of, profile
from bot.corpus.catalogue import (
    BETWEEN,
    AliasRow,
    Catalogue,
    CatalogueWriter,
    Counts,
    Kept,
    Row,
)
from bot.corpus.places import names_of
from bot.corpus.reading import (
    UNCERTAIN,
    File,
    Found,
    content_hash,
    files,
    own_synonyms,
    read_file,
)
from bot.engines.disk import DiskEngine, DiskWriter, Entry
from bot.errors import Busy, Damaged, EngineError
from bot.language.aliases import Alias
from bot.language.spelling import errors_allowed, nearest_of
from bot.language.synonyms import Phrase, parse, shipped, shipped_hash
from bot.model import Document, Passage

# What is indexed at a time: so much is done again when the process is killed.
BATCH = 20_000
# Counts, names and aliases that are kept of those that were looked up.
MOST_REMEMBERED = 20_000
# How often it is tried to open catalogue and index in the same state, while another writes.
TRIES = 20

# How much of the files' bytes is done, of how many.
Progress = Callable[[int, int], None]

CATALOGUE = "catalogue.sqlite"
# An index that another version wrote, or with other lists, is built again.
MADE_BY = f"1 {__version__} {shipped_hash()}"


class DiskIndex:
    """The index of a corpus on disk, in the state in which it was opened."""

    def __init__(self, folder: Path) -> None:
        self.corpus, self._engine = _in_one_state(folder)
        self.size = self.corpus.size
        self.average = self.corpus.length / max(1, self.size)
        self.frequency = lru_cache(MOST_REMEMBERED)(self._frequency)
        self.is_name = lru_cache(MOST_REMEMBERED)(self._is_name)
        self.called = lru_cache(MOST_REMEMBERED)(self._called)
        self.longest_called = lru_cache(MOST_REMEMBERED)(self._longest_called)

    @property
    def state(self) -> int:
        """Which state it is: another one after each writing."""
        return int(self.corpus.fact("state", 0))

    @property
    def changed(self) -> float:
        """When the documents last changed."""
        return float(self.corpus.fact("changed", 0.0))

    def close(self) -> None:
        """Give the state up."""
        self.corpus.close()

    def candidates(
        self, weights: Mapping[str, float], most: int, within: str | None
    ) -> list[Analysis]:
        """The passages that score highest by the weighted sum of their terms."""
        ids = self._engine.candidates(weights, most, within)
        return [
            Analysis(document, Words(*words), partial(self._read, number))
            for number, document, *words in self.corpus.words_of(ids)
        ]

    def beginning(self, most: int, within: str | None) -> list[Analysis]:
        """The first passages, of a document or folder or of all."""
        return [self._analysis(row) for row in self.corpus.first(most, within)]

    def has_place(self, name: str) -> bool:
        """Whether a document or folder has this name."""
        query = "select 1 from places where name = ? limit 1"
        return self.corpus.value(query, (name,)) is not None

    def nearest(self, word: str) -> str | None:
        """The word of the corpus that a misspelt one was meant to be."""
        for errors in range(1, errors_allowed(word) + 1):
            near = self._engine.near(word, errors)
            counts = {other: self._count(other) for other in near}
            found = nearest_of(word, {other: count for other, count in counts.items() if count > 0})
            if found is not None:
                return found
        return None

    def in_offices(self, phrase: Phrase) -> bool:
        """Whether a phrase is one of two that make an office."""
        query = "select 1 from offices where phrase = ? limit 1"
        return self.corpus.value(query, (phrase,)) is not None

    def aliases(self) -> Iterator[tuple[str, Alias]]:
        """Each alias, with the document in which it holds."""
        query = """
            select path, called, written, name from aliases join documents on id = document
            order by path, called, found_as"""
        for path, called, written, name in self.corpus.rows(query):
            yield path, Alias(frozenset(called.split(BETWEEN)), written, name)

    def _frequency(self, term: str) -> int:
        return self.corpus.value("select passages from terms where term = ?", (term,)) or 0

    def _is_name(self, term: str) -> bool:
        query = "select capital > 0 and small = 0 from terms where term = ?"
        return bool(self.corpus.value(query, (term,)))

    def _count(self, word: str) -> int:
        return self.corpus.value("select count from words where word = ?", (word,)) or 0

    def _called(self, terms: frozenset[Phrase]) -> Sequence[Called]:
        asked = BETWEEN.join(sorted(terms))
        query = """
            select min(name), found_as from aliases where called = ?
            group by found_as order by count(distinct document) desc, found_as limit ?"""
        return [
            Called(name, found_as, _Documents(self.corpus, asked, found_as))
            for name, found_as in self.corpus.rows(query, (asked, MOST_CALLED))
        ]

    def _longest_called(self, stem: str) -> int:
        query = "select max(longest) from aliases where called > ? and called < ?"
        return self.corpus.value(query, (f"{stem} ", f"{stem}!")) or 0

    def _analysis(self, row: Row) -> Analysis:
        return Analysis(row.key, Words(*row.words), lambda: self._rest(row))

    def _read(self, number: int) -> Rest:
        """What a passage is when it is looked at closely."""
        [row] = self.corpus.by_id([number])
        return self._rest(row)

    def _rest(self, row: Row) -> Rest:
        place = (row.document, row.number)
        return Rest(place, row.text, row.start, row.marks, lambda: self.corpus.passage(row))


class _Documents:
    """The documents that call somebody so; each is looked up when it is asked about."""

    def __init__(self, catalogue: Catalogue, called: str, found_as: str) -> None:
        self._catalogue, self._called, self._found_as = catalogue, called, found_as

    def __contains__(self, document: object) -> bool:
        query = """
            select 1 from aliases where called = ? and found_as = ? and document = ? limit 1"""
        return self._catalogue.value(query, (self._called, self._found_as, document)) is not None


def _in_one_state(folder: Path) -> tuple[Catalogue, DiskEngine]:
    """The catalogue and the engine as one writing left them, however often another writes."""
    for _ in range(TRIES):
        catalogue = Catalogue(folder / CATALOGUE)
        engine = DiskEngine(folder)
        now = Catalogue(folder / CATALOGUE)
        same = now.fact("state", None) == catalogue.fact("state", None)
        now.close()
        if same:
            if catalogue.fact("made by", None) != MADE_BY:
                raise Damaged(f"the index in {folder} was made by another version")
            if not catalogue.fact("complete", 0):
                raise Busy(f"the index in {folder} is being built by another process; wait for it")
            return catalogue, engine
        catalogue.close()
    raise EngineError(f"the index in {folder} is written to all the time; try again")


class Indexer:
    """Brings an index up to date with a folder; only one process may. Raises Busy otherwise.

    What another version made is thrown away.
    """

    def __init__(self, folder: Path, index: Path) -> None:
        self._folder, self._index = folder, index
        index.mkdir(parents=True, exist_ok=True)
        self._engine = DiskWriter(index)
        self._catalogue = CatalogueWriter(index / CATALOGUE)
        self._synonyms = ""
        self._new_words: set[str] = set()
        self._progress: Progress | None = None
        self._done = self._size = 0
        made_by = self._catalogue.fact("made by")
        if made_by not in (None, MADE_BY):
            raise Damaged(f"the index in {index} was made by another version")

    def close(self) -> None:
        """Let another process write."""
        self._catalogue.close()
        self._engine.close()

    def update(self, *, keep: bool, progress: Progress | None = None) -> bool:
        """Index what changed since the last time; returns whether anything did.

        Of a file that cannot be read any more, `keep` keeps what it was when it could be. Raises
        CorpusError when the folder or its synonyms.txt cannot be read, and changes nothing then.
        """
        self._synonyms = synonyms = own_synonyms(self._folder)
        parse(synonyms, "synonyms.txt")
        found = files(self._folder)
        self._take_out()
        done = self._index_changed(found, keep, progress)
        titled = self._several()
        if titled != self._titled:
            # Whether titles are searched changes every passage.
            self._note(titled=int(titled))
            self._index_all(found, keep, progress)
            done = True
        if content_hash(self._catalogue.hashes(), synonyms) != self._catalogue.fact("hash"):
            done = True
        if done or not self._catalogue.fact("complete"):
            self._note(complete=1)
        return done

    @property
    def _titled(self) -> bool:
        return bool(self._catalogue.fact("titled"))

    def _several(self) -> bool:
        return len(self._catalogue.hashes()) > 1

    def _index_changed(self, found: Sequence[File], keep: bool, progress: Progress | None) -> bool:
        known = self._catalogue.files()
        if not known:
            self._note(titled=int(len(found) > 1), **{"made by": MADE_BY})
        gone = known.keys() - {file.name for file in found}
        changed = [file for file in found if _may_differ(file, known.get(file.name))]
        return self._write(changed, known, sorted(gone), keep, progress)

    def _index_all(self, found: Sequence[File], keep: bool, progress: Progress | None) -> None:
        known = {name: kept._replace(hash="") for name, kept in self._catalogue.files().items()}
        self._write(found, known, [], keep, progress)

    def _write(
        self,
        changed: Sequence[File],
        known: Mapping[str, Kept],
        gone: Sequence[str],
        keep: bool,
        progress: Progress | None,
    ) -> bool:
        """Write the files that changed and forget those that are gone, a batch at a time."""
        self._progress, self._done = progress, 0
        self._size = sum(file.size for file in changed)
        did = False
        for batch in _batches(changed, gone):
            did = self._write_batch(batch, known, keep) or did
        return did

    def _tell(self, file: File | None) -> None:
        if self._progress is not None and file is not None:
            self._done += file.size
            self._progress(self._done, self._size)

    def _write_batch(
        self,
        batch: Sequence[tuple[str, File | None, Found | None]],
        known: Mapping[str, Kept],
        keep: bool,
    ) -> bool:
        """One batch: into the engine, then into the catalogue, then the old out of the engine."""
        catalogue, did = self._catalogue, False
        first = catalogue.next_document()
        old: list[int] = []
        new: list[int] = []
        catalogue.begin()
        catalogue.doom(range(first, first + len(batch)))
        catalogue.commit()
        catalogue.begin()
        try:
            for name, file, found in batch:
                self._tell(file)
                before = known.get(name)
                if file is None or found is None:
                    catalogue.forget(name)
                elif found.document is None and keep and before and before.document:
                    catalogue.keep(name, before._replace(state=file.state, problem=found.problem))
                    did = did or before.problem != found.problem
                    continue
                elif before is not None and found.hash and found.hash == before.hash:
                    catalogue.keep(name, before._replace(state=file.state, problem=""))
                    did = did or before.problem != ""
                    continue
                else:
                    number = first + len(new) if found.document is not None else None
                    if number is not None:
                        new.append(number)
                    catalogue.keep(name, Kept(file.state, found.hash, found.problem, number))
                did = True
                if before is not None and before.document is not None:
                    old.append(before.document)
                    self._remove(before.document)
                if file is not None and found is not None and found.document is not None:
                    self._add(new[-1], found)
            catalogue.spare(range(first, first + len(batch)))
            catalogue.doom(old)
            if did:
                self._note_state()
            self._engine.add_words(catalogue.unknown(sorted(self._new_words)))
            if new:
                self._engine.commit()
            catalogue.commit()
        except BaseException:
            catalogue.rollback()
            raise
        finally:
            self._new_words.clear()
        self._take_out()
        return did

    def _add(self, number: int, found: Found) -> None:
        document = found.document
        assert document is not None
        analyses = [analyse(passage, titled=self._titled) for passage in found.passages]
        added = profile(analyses)
        rows = [_row(analysis) for analysis in analyses]
        aliases = aliases_of(analyses, shipped().begins)
        ids = self._catalogue.add(number, document, rows, map(_alias_row, aliases))
        places = sorted(names_of(document))
        self._new_words.update(word for word in added.words if word.isalpha())
        self._engine.add(
            Entry(key, number, places, f"{row.words[0]} {row.words[1]}")
            for key, row in zip(ids, rows, strict=True)
        )
        self._catalogue.count(Counts(*added), +1)

    def _remove(self, number: int) -> None:
        """Take a document out; what it had added is worked out again from its passages."""
        analyses = [_counted(row) for row in self._catalogue.rows_of(number)]
        self._catalogue.count(Counts(*profile(analyses)), -1)
        self._catalogue.remove(number)

    def _take_out(self) -> None:
        """Take the doomed out of the engine."""
        doomed = self._catalogue.doomed()
        if doomed:
            self._engine.remove(doomed)
            self._engine.commit()
            self._catalogue.begin()
            self._catalogue.spare(doomed)
            self._catalogue.commit()

    def _note(self, **facts: object) -> None:
        self._catalogue.begin()
        self._catalogue.note(**facts)
        self._note_state()
        self._catalogue.commit()

    def _note_state(self) -> None:
        """What is true of all that is written so far: it is another state than before."""
        self._catalogue.note(
            state=time.time_ns(),
            changed=time.time(),
            synonyms=self._synonyms,
            hash=content_hash(self._catalogue.hashes(), self._synonyms),
        )


def is_current(folder: Path, index: Path) -> bool:
    """Whether nothing in the folder changed since it was indexed. Raises Damaged.

    Raises CorpusError when the folder or its synonyms.txt cannot be read.
    """
    if not (index / CATALOGUE).exists():
        return False
    found, synonyms = files(folder), own_synonyms(folder)
    parse(synonyms, "synonyms.txt")
    catalogue = Catalogue(index / CATALOGUE)
    try:
        if catalogue.fact("made by", None) != MADE_BY or not catalogue.fact("complete", 0):
            return False
        known = dict(catalogue.rows("select name, state from files"))
        states = {file.name: file.state for file in found}
        return (
            states == known
            and UNCERTAIN not in states.values()
            and (synonyms == catalogue.synonyms)
        )
    finally:
        catalogue.close()


def _may_differ(file: File, known: Kept | None) -> bool:
    return known is None or file.state == UNCERTAIN or file.state != known.state


def _batches(
    changed: Sequence[File], gone: Sequence[str]
) -> Iterator[list[tuple[str, File | None, Found | None]]]:
    """The files that are gone, then those that changed with what was read of them, in batches."""
    batch: list[tuple[str, File | None, Found | None]] = [(name, None, None) for name in gone]
    passages = 0
    for file in changed:
        found = read_file(file)
        batch.append((file.name, file, found))
        passages += len(found.passages)
        if passages >= BATCH:
            yield batch
            batch, passages = [], 0
    if batch:
        yield batch


def _row(analysis: Analysis) -> Row:
    passage = analysis.passage
    return Row(
        0,
        passage.document.path,
        passage.number,
        passage.start,
        passage.lines,
        passage.heading,
        passage.page,
        passage.text,
        analysis.words,
        analysis.rest.marks,
    )


def _alias_row(alias: Alias) -> AliasRow:
    return AliasRow(tuple(sorted(alias.terms)), alias.found_as, alias.name, alias.written)


def _counted(row: Row) -> Analysis:
    """A passage that is only to be counted."""
    text = row.text
    passage = Passage(Document(row.document, text, ""), 0, len(text), row.number, row.lines)
    rest = Rest((row.document, row.number), text, row.start, row.marks, lambda: passage)
    return Analysis(row.key, Words(*row.words), lambda: rest)


def throw_away(index: Path) -> None:
    """Remove an index that cannot be used."""
    shutil.rmtree(index, ignore_errors=True)
