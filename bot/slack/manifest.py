"""The app manifest: what Slack must know of the app, from the lists that the listeners register."""

import json
import re
from typing import Any

from bot.slack.listeners import COMMAND, EVENTS

EVENTS_PATH = "/slack/events"
# Posting needs one, the command another; every event brings its own.
SCOPES = ("chat:write", "commands")


def manifest_json(url: str | None = None) -> str:
    """The manifest for Socket Mode, or for HTTP at an address. Raises ValueError for a bad one."""
    return json.dumps(manifest(url), indent=2)


def manifest(url: str | None = None) -> dict[str, Any]:
    """The manifest as values; see `manifest_json`."""
    address = {} if url is None else {"url": _events_url(url)}
    requests = {} if url is None else {"request_url": _events_url(url)}
    return {
        "display_information": {
            "name": "article-bot",
            "description": "Answers questions with cited passages from your documents",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": False,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": "article-bot", "always_online": True},
            "slash_commands": [
                {
                    "command": COMMAND,
                    "description": "Ask the documents; only you see the answer",
                    "usage_hint": "what does the truce cover?",
                    "should_escape": False,
                    **address,
                }
            ],
        },
        "oauth_config": {"scopes": {"bot": sorted({*SCOPES, *EVENTS.values()})}},
        "settings": {
            "event_subscriptions": {"bot_events": sorted(EVENTS), **requests},
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
