"""Audiences: which documents some people may read, by folder.

Each audience has its own index, without the documents that it may not read. So it cannot find them,
count them, or get suggestions and spellings from them.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Self

# The folder of kept answers, which are documents too.
ANSWERS = "answers"


@dataclass(frozen=True, slots=True)
class Audience:
    """People who may read the `listed` folders; None lists all folders.

    A `private` folder is read only by an audience that lists that folder or one inside it. Listing
    a parent folder is not enough.
    """

    listed: frozenset[str] | None = None
    private: frozenset[str] = frozenset()

    @property
    def reads_all(self) -> bool:
        """Whether it may read every document."""
        return self.listed is None and not self.private

    @property
    def reads_private(self) -> bool:
        """Whether it lists a private folder, or one inside it."""
        return any(is_within(own, closed) for own in self.listed or () for closed in self.private)

    @property
    def key(self) -> str:
        """Identifies its index among those of other audiences; "" if it reads everything."""
        if self.reads_all:
            return ""
        listed = ["/"] if self.listed is None else sorted(self.listed)
        written = "\n".join([*listed, "", *sorted(self.private)])
        return sha256(os.fsencode(written)).hexdigest()[:8]

    def reads(self, name: str) -> bool:
        """Whether it may read the file at this path, relative to the folder of documents.

        An answer kept in `answers/hr` counts as a file of `hr`.
        """
        name = _kept_in(name)
        is_listed = self.listed is None or any(is_within(name, own) for own in self.listed)
        return is_listed and self.may_see(name)

    def may_see(self, name: str) -> bool:
        """Whether no private folder hides this path from it."""
        closed = [folder for folder in self.private if is_within(name, folder)]
        listed = [own for own in self.listed or () if is_within(name, own)] if closed else []
        return all(any(is_within(own, folder) for own in listed) for folder in closed)

    def may_read_below(self, folder: str) -> bool:
        """Whether a folder may contain files that it reads."""
        return self.reads(folder) or self._lists_below(folder) or is_within(folder, ANSWERS)

    def may_look_into(self, folder: str) -> bool:
        """Whether a folder may contain files that no private folder hides from it."""
        return self.may_see(folder) or self._lists_below(folder) or is_within(folder, ANSWERS)

    def _lists_below(self, folder: str) -> bool:
        return any(is_within(own, folder) for own in self.listed or ())

    def missing(self, root: Path) -> list[str]:
        """Folders that its rules name but that do not exist under exactly these names, sorted.

        If a folder was renamed, or is spelled with other capitals, its rule would protect nothing.
        """
        named = self.private if self.listed is None else self.listed
        below = {one for one in self.private if any(is_within(one, own) for own in named)}
        return sorted(one for one in named | below if not _is_there(root, one))

    def without_links(self, root: Path) -> Self:
        """The same audience, with symbolic links in its folders' names resolved."""
        if self.reads_all:
            return self
        listed = None if self.listed is None else frozenset(resolved(root, self.listed))
        return type(self)(listed, frozenset(resolved(root, self.private)))


EVERYBODY = Audience()


def _kept_in(name: str) -> str:
    """The path by which rules apply to a file: a kept answer in `answers/hr` belongs to `hr`."""
    inside = name.removeprefix(f"{ANSWERS}/")
    return inside if inside != name and "/" in inside else name


def is_within(name: str, folder: str) -> bool:
    """Whether a path is this folder or lies below it.

    >>> is_within("hr/pay.md", "hr"), is_within("hrms/pay.md", "hr")
    (True, False)
    """
    return name == folder or name.startswith(f"{folder}/")


def resolved(root: Path, folders: frozenset[str]) -> Iterator[str]:
    """Resolve links in folder names; a name that leads outside the root stays as it is."""
    top = Path(os.path.realpath(root))
    for folder in folders:
        real = Path(os.path.realpath(top / folder))
        yield real.relative_to(top).as_posix() if real.is_relative_to(top) else folder


def _is_there(root: Path, folder: str) -> bool:
    """Whether a folder of exactly this name exists; some systems do not distinguish hr from HR.

    A parent folder that may not be read counts as a yes.
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
    return os.path.isdir(place)  # noqa: PTH112  returns False instead of raising
