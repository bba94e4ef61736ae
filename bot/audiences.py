"""Which documents each channel searches: the only way from a channel to an answerer.

Everything that answers in Slack calls `of_channel`. Anything outside of channels, such as direct
messages, the home tab, the web page and MCP, uses `public`. Commands in a terminal search all
documents, since whoever runs them can read the files.
"""

from collections.abc import Coroutine, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from bot.answering.answerer import Answerer
from bot.documents.audience import Audience, resolved
from bot.errors import CorpusError
from bot.index.builder import Progress
from bot.index.preparing import Preparer
from bot.live import Facts, LiveAnswerer, follow, open_live

if TYPE_CHECKING:
    import asyncio

    from bot.config import Settings


class Documents(Protocol):
    """Documents with an answerer that follows their changes."""

    @property
    def answerer(self) -> Answerer:
        """The active answerer."""

    @property
    def facts(self) -> Facts:
        """Facts for status pages."""

    def follow(self, stop: "asyncio.Event") -> Coroutine[Any, Any, None]:
        """Apply changes until `stop` is set."""

    def look_soon(self) -> None:
        """Look for changes within a second, since somebody wrote there."""


class Channel(NamedTuple):
    """What a channel with sources of its own searches, and whether any of that is private."""

    documents: Documents
    is_private: bool = False


class Audiences:
    """The documents of each audience; each has its own index.

    `public` are the documents that are not private. `channels` are those with sources of their own,
    by id. With `private_when_shared`, people of another organisation who are in such a channel may
    see what is private to it. `live` are the answerers that follow one folder together.
    """

    def __init__(
        self,
        public: Documents,
        channels: Mapping[str, Channel] = MappingProxyType({}),
        *,
        private_when_shared: bool = False,
        live: Sequence[LiveAnswerer] = (),
    ) -> None:
        self.public = public
        self._channels = channels
        self._private_when_shared = private_when_shared
        self._live = live

    @property
    def all(self) -> tuple[Documents, ...]:
        """The documents of every audience, without repeats; the public ones come first."""
        others = (channel.documents for channel in self._channels.values())
        return tuple(dict.fromkeys((self.public, *others)))

    @property
    def channels(self) -> Mapping[str, Documents]:
        """The channels that have sources of their own."""
        return {name: channel.documents for name, channel in self._channels.items()}

    def of_channel(self, channel: str | None, *, shared: bool | None = None) -> Documents:
        """The documents that a channel searches; None means outside of all channels.

        `shared` tells whether people of another organisation are in it; None if unknown.
        """
        found = self._channels.get(channel or "")
        if found is None or (shared and self._keeps_from_others(found)):
            return self.public
        return found.documents

    def may_post_in(self, channel: str, *, shared: bool | None) -> bool:
        """Whether everyone in a channel may see what `of_channel` answers from.

        For private documents, False while `shared` is unknown.
        """
        found = self._channels.get(channel)
        return found is None or shared is not None or not self._keeps_from_others(found)

    def is_private(self, channel: str) -> bool:
        """Whether a channel searches private documents."""
        found = self._channels.get(channel)
        return found is not None and found.is_private

    def look_soon(self) -> None:
        """Look for changes within a second, since somebody wrote there."""
        for one in self.all:
            one.look_soon()

    async def follow(self, stop: "asyncio.Event") -> None:
        """Apply changes until `stop` is set."""
        await (follow(self._live, stop) if self._live else self.public.follow(stop))

    def close(self) -> None:
        """Let other processes write the indexes."""
        for answerer in self._live:
            answerer.close()

    def _keeps_from_others(self, channel: Channel) -> bool:
        return channel.is_private and not self._private_when_shared


def _private(settings: "Settings", root: Path) -> frozenset[str]:
    return settings.private_sources | frozenset(resolved(root, settings.private_sources))


def open_public(
    settings: "Settings",
    folder: Path | None = None,
    progress: Progress | None = None,
    *,
    isolated: bool = False,
) -> LiveAnswerer:
    """Open only the public documents, without the private folders."""
    root = folder or settings.corpus_dir
    everybody = Audience(None, _private(settings, root))
    _check(root, (everybody,))
    return open_live(settings, folder, progress, isolated=isolated, audience=everybody)


def open_audiences(
    settings: "Settings",
    folder: Path | None = None,
    progress: Progress | None = None,
    *,
    indexed: bool = False,
    isolated: bool = False,
) -> Audiences:
    """Open the documents of every audience in the settings, each as `open_live` does.

    Raises CorpusError if a folder in the settings does not exist, or an audience has no documents.
    """
    root = folder or settings.corpus_dir
    private = _private(settings, root)
    audiences = {
        channel: Audience(listed, private)
        for channel, listed in settings.sources_of_channels.items()
    }
    everybody = Audience(None, private)
    _check(root, (everybody, *audiences.values()))
    opened: dict[Audience, LiveAnswerer] = {}

    def go_on() -> None:
        for answerer in opened.values():
            answerer.go_on()

    # One worker process reads the files for all audiences.
    preparer = Preparer(isolated=isolated, tick=go_on)
    open_one = partial(
        open_live,
        settings,
        folder,
        progress,
        indexed=indexed,
        isolated=isolated,
        preparer=preparer,
    )

    def documents(audience: Audience) -> LiveAnswerer:
        if audience not in opened:
            opened[audience] = open_one(audience=audience)
        return opened[audience]

    try:
        public = documents(everybody)
        channels = {
            name: Channel(documents(one), one.reads_private) for name, one in audiences.items()
        }
    except BaseException:
        for answerer in opened.values():
            answerer.close()
        raise
    is_open = settings.allow_shared_channels
    return Audiences(public, channels, private_when_shared=is_open, live=[*opened.values()])


def _check(root: Path, audiences: Sequence[Audience]) -> None:
    """Raise CorpusError for missing folders, which an index on OpenSearch would not notice."""
    missing = {name for audience in audiences for name in audience.missing(root)}
    if missing and root.is_dir():
        raise CorpusError.no_source(root, sorted(missing))
