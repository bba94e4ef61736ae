"""Names the thread of a direct message after its question, so that people find it in the pane.

If Slack counts the app as an agent, the title belongs to a session; otherwise, to an assistant
thread. Titles are optional: if Slack accepts neither, threads stay unnamed.
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
# Slack accepts 200 characters but shows fewer.
MAX_LENGTH = 80
# After this many refusals in a row a method is given up: the app does not support it.
MAX_REFUSALS = 3
# Errors that do not tell whether the app supports the method.
PASSING = {*RATE_LIMITED, *SERVER, *FATAL, ""}


class ThreadTitles:
    """Sets titles, with the first method that Slack accepts."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client
        self._refusals = {self._name_session: 0, self._name_assistants_thread: 0}

    async def name(self, item: InboxItem) -> None:
        """Name the thread that a direct message started; errors are ignored."""
        if not item.channel.startswith("D") or item.thread != item.ts:
            return
        title = cut(shown(item.text).replace("\n", " ").strip(), MAX_LENGTH)
        with suppress(Exception):  # titles are optional
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
