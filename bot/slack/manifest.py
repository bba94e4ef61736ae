"""The app manifest, which describes the app to Slack; made from the table of surfaces."""

import json
import re
from typing import Any

from bot.slack.surfaces import COMMAND, FIND_SOURCE, KEEP, SURFACES

EVENTS_PATH = "/slack/events"
# For the pane with its prompts, and for posting; all other scopes belong to surfaces.
SCOPES = {"assistant:write", "chat:write"}
DESCRIPTION = "Answers questions with cited passages from your documents"


def manifest_json(url: str | None = None, *, follow_ups: bool = False) -> str:
    """The manifest as JSON: for HTTP if `url` is the host's address, otherwise for Socket Mode.

    With `follow_ups` the bot may also read the threads that it answered in: people can then ask
    follow-up questions without a mention, and after a crash the bot can check whether an answer was
    posted. Raises ValueError for an invalid address.
    """
    return json.dumps(manifest(url, follow_ups=follow_ups), indent=2)


def manifest(url: str | None = None, *, follow_ups: bool = False) -> dict[str, Any]:
    """The manifest as a dict; see `manifest_json`."""
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
    """The address for Slack's requests, from the host's. Raises ValueError if it is invalid."""
    if not re.fullmatch(r"https://[^\s/?#<>\"]+(/[^\s?#<>\"]*)?", url):
        raise ValueError("it must be an address that begins with https://")
    bare = url.rstrip("/")
    return bare if bare.endswith(EVENTS_PATH) else bare + EVENTS_PATH
