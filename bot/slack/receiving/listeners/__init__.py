"""The listeners: functions that handle what Slack sends.

There is a module for each surface; the tables at the end say which function handles what.
"""

import re

from slack_bolt.async_app import AsyncApp

from bot.slack.receiving.listeners.buttons import (
    on_ask,
    on_context,
    on_nearest,
    on_other,
    on_share,
    on_vote,
    on_why,
)
from bot.slack.receiving.listeners.command import on_command
from bot.slack.receiving.listeners.home import on_gaps, on_home_opened, on_page
from bot.slack.receiving.listeners.keeping import on_keep, on_kept, on_unkeep
from bot.slack.receiving.listeners.messages import on_message
from bot.slack.receiving.listeners.person import on_person
from bot.slack.receiving.listeners.shortcut import on_find_source
from bot.slack.receiving.listeners.teaching import on_not_there, on_pick, on_search, on_teach
from bot.slack.surfaces import (
    ASK,
    COMMAND,
    CONTEXT,
    FIND_SOURCE,
    GAPS,
    HOME,
    KEEP,
    NEAREST,
    NOT_THERE,
    PERSON,
    PICK,
    SHARE,
    SURFACES,
    TEACH,
    UNKEEP,
    VOTE,
    WHY,
)


def register(app: AsyncApp) -> None:
    """Register a listener for every surface.

    Events are matched by name alone; a listener ignores the ones that it does not need.
    """
    listen = {
        "event": app.event,
        "command": app.command,
        "shortcut": app.message_shortcut,
        "action": app.action,
        "view": app.view,
    }
    for kind, name, numbered in dict.fromkeys((s.kind, s.id, s.numbered) for s in SURFACES):
        listener = VIEWS[name] if kind == "view" else LISTENERS[name]
        listen[kind](re.compile(rf"{name}:\d+") if numbered else name)(listener)
    app.action(re.compile(""))(on_other)  # buttons of older versions; the first match wins


LISTENERS = {
    "app_mention": on_message,
    "message": on_message,
    "app_home_opened": on_home_opened,
    COMMAND: on_command,
    FIND_SOURCE: on_find_source,
    CONTEXT: on_context,
    WHY: on_why,
    NEAREST: on_nearest,
    ASK: on_ask,
    HOME: on_page,
    GAPS: on_gaps,
    SHARE: on_share,
    VOTE: on_vote,
    TEACH: on_teach,
    PICK: on_pick,
    NOT_THERE: on_not_there,
    PERSON: on_person,
    KEEP: on_keep,
    UNKEEP: on_unkeep,
}
# The listeners for submitted windows.
VIEWS = {TEACH: on_search, KEEP: on_kept}
