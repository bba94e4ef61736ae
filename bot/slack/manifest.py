"""The app manifest: what Slack must know of the app, made from the table of surfaces."""

import json
import re
from typing import Any

from bot.slack.surfaces import COMMAND, FIND_SOURCE, KEEP, SURFACES

EVENTS_PATH = "/slack/events"
# Posting needs one, the pane with its prompts another; the rest belong to surfaces.
SCOPES = {"assistant:write", "chat:write"}
DESCRIPTION = "Answers questions with cited passages from your documents"


def manifest_json(url: str | None = None, *, follow_ups: bool = False) -> str:
    """The manifest for Socket Mode, or for HTTP at an address. Raises ValueError for a bad one.

    With `follow_ups` the bot also reads the threads that it answered in: a person may then ask on
    without a mention, and the bot can look whether an answer was posted before a crash.
    """
    return json.dumps(manifest(url, follow_ups=follow_ups), indent=2)


def manifest(url: str | None = None, *, follow_ups: bool = False) -> dict[str, Any]:
    """The manifest as values; see `manifest_json`."""
    address = {} if url is None else {"url": _events_url(url)}
    requests = {} if url is None else {"request_url": _events_url(url)}
    surfaces = [surface for surface in SURFACES if follow_ups or not surface.follow_ups]
    events = [surface.subscription for surface in surfaces if surface.kind == "event"]
    scopes = SCOPES | {surface.scope for surface in surfaces if surface.scope}
    return {
        "display_information": {"name": "article-bot", "description": DESCRIPTION},
        "features": {
            "agent_view": {"agent_description": DESCRIPTION},
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": "article-bot", "always_online": True},
            "shortcuts": [
                {
                    "name": "Find the source",
                    "type": "message",
                    "callback_id": FIND_SOURCE,
                    "description": "Find the passage that says this",
                },
                {
                    "name": "Keep as an answer",
                    "type": "message",
                    "callback_id": KEEP,
                    "description": "Save this reply as a document, for editors",
                },
            ],
            "slash_commands": [
                {
                    "command": COMMAND,
                    "description": "Ask the documents; only you see the answer",
                    "usage_hint": "what does the truce cover?  (or: help, sources, status)",
                    "should_escape": False,
                    **address,
                }
            ],
        },
        "oauth_config": {"scopes": {"bot": sorted(scopes)}},
        "settings": {
            "event_subscriptions": {"bot_events": sorted(events), **requests},
            "interactivity": {"is_enabled": True, **requests},
            "org_deploy_enabled": False,
            "socket_mode_enabled": url is None,
            "token_rotation_enabled": False,
        },
    }


def _events_url(url: str) -> str:
    """The address that Slack sends to, from the address of the host."""
    if not re.fullmatch(r"https://[^\s/?#<>\"]+(/[^\s?#<>\"]*)?", url):
        raise ValueError("it must be an address that begins with https://")
    bare = url.rstrip("/")
    return bare if bare.endswith(EVENTS_PATH) else bare + EVENTS_PATH
