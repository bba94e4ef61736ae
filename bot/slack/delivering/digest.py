"""The weekly digest for a channel: how many questions went unanswered. No words, no names."""

import asyncio
from datetime import datetime, timedelta
from typing import NamedTuple

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.phrases import count
from bot.slack.api import reason_of
from bot.slack.rendering.messages import sentence
from bot.store.records import Unanswered
from bot.store.store import Store

log = structlog.get_logger(__name__)

MONDAY, HOUR = 0, 9
WEEK = timedelta(days=7)
# A bot that was down on Monday morning posts it later that day; after that it skips the week.
LATE = timedelta(hours=12)
DIGEST = "digest"
SECONDS_BETWEEN_LOOKS = 60.0


class Week(NamedTuple):
    """A finished week: when it ended, in the bot's local time, and the name of its ISO week."""

    end: datetime
    name: str


def week_over(now: datetime) -> Week | None:
    """The week to report at `now`; None unless one ended in the last 12 hours."""
    monday = now - timedelta(days=(now.weekday() - MONDAY) % 7)
    end = monday.replace(hour=HOUR, minute=0, second=0, microsecond=0)
    year, week, _ = end.isocalendar()
    return Week(end, f"{year}-W{week:02}") if end <= now < end + LATE else None


def digest(asked: list[Unanswered]) -> str:
    """The text of the digest for the unanswered questions and votes of a week."""
    questions = [one for one in asked if not one.down]
    down = len(asked) - len(questions)
    if not asked:
        return "Last week I answered everything I was asked."
    people = len({one.user for one in asked})
    said = f"Last week there were {count(len(questions), 'question')} that I could not answer"
    said += f", from {'one person' if people == 1 else f'{people:,} people'}."
    if down:
        said += f" {count(down, 'vote')} said that an answer did not help."
    return f"{said} Editors see them in my home tab."


async def tell_weekly(store: Store, client: AsyncWebClient, channel: str) -> None:
    """Post the digest of each week, in an endless loop; only one of the replicas posts it."""
    while True:
        week = week_over(datetime.now())
        if week is not None and await store.once.is_first(DIGEST, week.name):
            try:
                asked = await store.gaps.since((week.end - WEEK).timestamp())
                asked = [one for one in asked if one.asked_at < week.end.timestamp()]
                await client.chat_postMessage(channel=channel, **sentence(digest(asked)))
                log.info("posted the digest of the week")
            except Exception as error:
                await store.once.undo(DIGEST, week.name)
                why = reason_of(error) if isinstance(error, SlackApiError) else type(error).__name__
                log.warning("the digest could not be posted yet", why=why)
        await asyncio.sleep(SECONDS_BETWEEN_LOOKS)
