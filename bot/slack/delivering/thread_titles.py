"""Names the thread that a direct message began after its question, to be found again in the pane.

An app that Slack counts among its agents has sessions; of another one it is a thread of its
assistant. Nothing rests on a title, so where Slack takes none, threads go without.
"""

import asyncio
from contextlib import suppress

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.phrases import shown
from bot.slack.api import FATAL, RATE_LIMITED, SERVER, reason_of
from bot.slack.rendering.block_kit import cut
from bot.store.records import InboxItem

SECONDS = 2.0
# Slack takes 200 characters, and shows fewer.
MAX_LENGTH = 80
# After so many refusals in a row a way is not tried again: the app has no such thing.
MAX_REFUSALS = 3
# What says nothing about the way.
PASSING = {*RATE_LIMITED, *SERVER, *FATAL, ""}


class ThreadTitles:
    """Sets titles, in the first way that Slack takes."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client
        self._refusals = {self._name_session: 0, self._name_assistants_thread: 0}

    async def name(self, item: InboxItem) -> None:
        """Name the thread that a direct message began. Raises nothing."""
        if not item.channel.startswith("D") or item.thread != item.ts:
            return
        title = cut(shown(item.text).replace("\n", " ").strip(), MAX_LENGTH)
        with suppress(Exception):  # it is answered all the same
            async with asyncio.timeout(SECONDS):
                await self._name(item, title)

    async def _name(self, item: InboxItem, title: str) -> None:
        for way, refusals in self._refusals.items():
            if refusals >= MAX_REFUSALS:
                continue
            try:
                await way(item, title)
                self._refusals[way] = 0
                return
            except SlackApiError as error:
                if reason_of(error) in PASSING:
                    return
                self._refusals[way] = refusals + 1

    async def _name_session(self, item: InboxItem, title: str) -> None:
        await self._client.agents_sessions_setStatus(
            channel_id=item.channel,
            thread_ts=item.thread,
            status="active",
            title=title,
            initiator_user_id=item.user,
        )

    async def _name_assistants_thread(self, item: InboxItem, title: str) -> None:
        await self._client.assistant_threads_setTitle(
            channel_id=item.channel, thread_ts=item.thread, title=title
        )
