"""Which of the documents some people may read, by their folders.

An audience has an index of its own, without the documents that it may not read: so nothing of them
can be found, counted, suggested or taken for a spelling.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Self

# Where editors keep answers, which are documents.
ANSWERS = "answers"


@dataclass(frozen=True, slots=True)
class Audience:
    """Who reads the `listed` folders, or with None all of them.

    What lies in a `private` folder is read only by an audience whose list names that folder, or
    one within it: to list what stands above it is not enough.
    """

    listed: frozenset[str] | None = None
    private: frozenset[str] = frozenset()

    @property
    def reads_all(self) -> bool:
        """Whether nothing is kept from it."""
        return self.listed is None and not self.private

    @property
    def reads_private(self) -> bool:
        """Whether it reads anything that others may not."""
        return any(is_within(own, closed) for own in self.listed or () for closed in self.private)

    @property
    def key(self) -> str:
        """What tells its index from those of others; "" for who reads all."""
        if self.reads_all:
            return ""
        listed = ["/"] if self.listed is None else sorted(self.listed)
        written = "\n".join([*listed, "", *sorted(self.private)])
        return sha256(os.fsencode(written)).hexdigest()[:8]

    def reads(self, name: str) -> bool:
        """Whether it reads the file at this path below the folder of documents.

        An answer that editors keep in `answers/hr` belongs to `hr`.
        """
        name = _kept_in(name)
        is_listed = self.listed is None or any(is_within(name, own) for own in self.listed)
        return is_listed and self.may_see(name)

    def may_see(self, name: str) -> bool:
        """Whether no private folder keeps this path from it."""
        closed = [folder for folder in self.private if is_within(name, folder)]
        listed = [own for own in self.listed or () if is_within(name, own)] if closed else []
        return all(any(is_within(own, folder) for own in listed) for folder in closed)

    def may_read_below(self, folder: str) -> bool:
        """Whether a folder may hold something that it reads."""
        return self.reads(folder) or self._lists_below(folder) or is_within(folder, ANSWERS)

    def may_look_into(self, folder: str) -> bool:
        """Whether no private folder keeps all that is below this one from it."""
        return self.may_see(folder) or self._lists_below(folder) or is_within(folder, ANSWERS)

    def _lists_below(self, folder: str) -> bool:
        return any(is_within(own, folder) for own in self.listed or ())

    def missing(self, root: Path) -> list[str]:
        """The folders of its rules that are not there, by just these names.

        A rule guards nothing in a folder that was renamed, or that is written in other letters.
        """
        named = self.private if self.listed is None else self.listed
        below = {one for one in self.private if any(is_within(one, own) for own in named)}
        return sorted(one for one in named | below if not _is_there(root, one))

    def without_links(self, root: Path) -> Self:
        """The same audience by the folders to which the names of its folders lead."""
        if self.reads_all:
            return self
        listed = None if self.listed is None else frozenset(resolved(root, self.listed))
        return type(self)(listed, frozenset(resolved(root, self.private)))


EVERYBODY = Audience()


def _kept_in(name: str) -> str:
    """Where a file belongs: a kept answer to the folder that it was kept in."""
    inside = name.removeprefix(f"{ANSWERS}/")
    return inside if inside != name and "/" in inside else name


def is_within(name: str, folder: str) -> bool:
    """Whether a path is a folder, or lies below it.

    >>> is_within("hr/pay.md", "hr"), is_within("hrms/pay.md", "hr")
    (True, False)
    """
    return name == folder or name.startswith(f"{folder}/")


def resolved(root: Path, folders: frozenset[str]) -> Iterator[str]:
    """The folders to which these lead, where they are links within the root."""
    top = Path(os.path.realpath(root))
    for folder in folders:
        real = Path(os.path.realpath(top / folder))
        yield real.relative_to(top).as_posix() if real.is_relative_to(top) else folder


def _is_there(root: Path, folder: str) -> bool:
    """Whether there is a folder of just this name, as some systems do not tell hr from HR.

    One above it that cannot be looked into now says nothing against it.
    """
    place = root
    for part in folder.split("/"):
        try:
            if part not in os.listdir(place):  # noqa: PTH208  20,000 paths take twice as long
                return False
        except PermissionError:
            return True
        except OSError:
            return False
        place = place / part
    return os.path.isdir(place)  # noqa: PTH112  which is no error where it cannot be seen
