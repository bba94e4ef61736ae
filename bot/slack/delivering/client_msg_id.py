"""The `client_msg_id` of each post, by which Slack may recognize a post that it already stored.

Slack does not document this argument, so nothing depends on it: if Slack rejects it, the bot posts
without one.
"""

from typing import Any
from uuid import UUID, uuid5

import structlog

from bot.store.records import Key

log = structlog.get_logger(__name__)

# Slack's errors for an id that it knows, and for an argument that it does not accept.
DUPLICATE, NOT_TAKEN = "duplicate_client_msg_id", "invalid_arguments"
_NAMESPACE = UUID("5a1c7f0e-9f0d-4c7e-8a52-3f6b0c1d2e94")


class ClientMessageIds:
    """Makes the ids; every replica and every attempt gives the same post the same id."""

    def __init__(self) -> None:
        self._are_taken = True

    def field(self, key: Key, way: int) -> dict[str, Any]:
        """The id as an argument of the call; empty once Slack has rejected one.

        `way` numbers the forms in which an answer may be posted, so that a form that Slack refused
        does not share its id with the next one.
        """
        if not self._are_taken:
            return {}
        return {"client_msg_id": str(uuid5(_NAMESPACE, ":".join((*key, str(way)))))}

    def give_up(self) -> None:
        """Send no more ids, because Slack rejects them."""
        if self._are_taken:
            log.info("Slack rejects client_msg_id; posting without it")
        self._are_taken = False
