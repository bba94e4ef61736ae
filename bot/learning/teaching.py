"""Teaching: writes what an editor decides, and notifies every replica."""

from collections.abc import Callable
from functools import partial
from hashlib import blake2b
from typing import TypeVar

from bot.learning.answers import Answers
from bot.learning.taught import Entry
from bot.store.store import Store

T = TypeVar("T")

# The counter that replicas watch to learn that something was written.
TAUGHT_COUNTER = "taught"


class Teacher:
    """Writes under the store's lock. Raises AnswersError and StoreError.

    With `answers=None` there is nowhere to write; check `can_write` first. `look_soon` is called
    after each write, so that this replica reloads what was written.
    """

    def __init__(
        self, store: Store, answers: Answers | None, look_soon: Callable[[], None]
    ) -> None:
        self._store, self._answers, self._look_soon = store, answers, look_soon

    @property
    def can_write(self) -> bool:
        """Whether there is somewhere to write."""
        return self._answers is not None

    async def teach(self, entry: Entry) -> str:
        """Store an entry; returns its key, which does not reveal its content."""
        await self._write(partial(self._folder.teach, entry))
        return key_of(entry)

    async def keep(self, name: str, text: str) -> None:
        """Write a document; see `Answers.keep`."""
        await self._write(partial(self._folder.keep, name, text))

    async def remove(self, name: str) -> bool:
        """Delete a document; returns whether it existed."""
        return await self._write(partial(self._folder.remove, name))

    @property
    def _folder(self) -> Answers:
        assert self._answers is not None
        return self._answers

    async def _write(self, work: Callable[[], T]) -> T:
        done = await self._store.once.counting_up(TAUGHT_COUNTER, work)
        self._look_soon()
        return done


def key_of(entry: Entry) -> str:
    """A short digest of an entry's question and folder."""
    return blake2b(f"{entry.question}\n{entry.folder}".encode(), digest_size=4).hexdigest()
