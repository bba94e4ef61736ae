"""In which channel something was asked or clicked: that decides which documents are answered from.

A window belongs to the channel in which it was opened, and remembers it in its `private_metadata`,
which nobody but the bot can write. What is in no channel, such as the home tab, has none.
"""

from collections.abc import Mapping
from typing import Any


def channel_of(body: Mapping[str, Any]) -> str | None:
    """The channel of a command, a shortcut or a click; None outside of all channels."""
    view = body.get("view")
    if isinstance(view, Mapping):
        return _id(view.get("private_metadata")) if view.get("type") == "modal" else None
    for name, key in (("channel", "id"), ("container", "channel_id")):
        place = body.get(name)
        if isinstance(place, Mapping) and (found := _id(place.get(key))):
            return found
    return _id(body.get("channel_id"))


def sharing_of(body: Mapping[str, Any]) -> tuple[str, bool] | None:
    """A channel that an event tells of, and whether another organisation reads there."""
    event, shared = body.get("event"), body.get("is_ext_shared_channel")
    channel = _id(event.get("channel")) if isinstance(event, Mapping) else None
    return (channel, shared) if channel and isinstance(shared, bool) else None


def opened_in(view: Mapping[str, Any], channel: str | None) -> dict[str, Any]:
    """A window that remembers the channel in which it was opened."""
    return {**view, "private_metadata": channel} if channel else dict(view)


def _id(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
