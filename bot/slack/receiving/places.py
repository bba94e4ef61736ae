"""The channel in which something was asked or clicked; it decides which documents are searched.

A window belongs to the channel in which it was opened, and stores it in its `private_metadata`,
which only the bot can write. The home tab and the like belong to no channel.
"""

from collections.abc import Mapping
from typing import Any


def channel_of(body: Mapping[str, Any]) -> str | None:
    """The channel of a command, a shortcut or a click; None if it is in no channel."""
    view = body.get("view")
    if isinstance(view, Mapping):
        return _id(view.get("private_metadata")) if view.get("type") == "modal" else None
    for name, key in (("channel", "id"), ("container", "channel_id")):
        place = body.get(name)
        if isinstance(place, Mapping) and (found := _id(place.get(key))):
            return found
    return _id(body.get("channel_id"))


def sharing_of(body: Mapping[str, Any]) -> tuple[str, bool] | None:
    """An event's channel, and whether it is shared with another organisation.

    None if the event does not say.
    """
    event, shared = body.get("event"), body.get("is_ext_shared_channel")
    channel = _id(event.get("channel")) if isinstance(event, Mapping) else None
    return (channel, shared) if channel and isinstance(shared, bool) else None


def opened_in(view: Mapping[str, Any], channel: str | None) -> dict[str, Any]:
    """A copy of a window that stores the channel in which it was opened."""
    return {**view, "private_metadata": channel} if channel else dict(view)


def _id(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
