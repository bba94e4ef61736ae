"""The id that each post carries, by which Slack may know one that it has stored already.

Slack does not document it. Nothing rests on it: where Slack refuses it, posts go without.
"""

from typing import Any
from uuid import UUID, uuid5

import structlog

from bot.store.records import Key

log = structlog.get_logger(__name__)

# What Slack says to an id that it knows, and to an argument that it does not take.
DUPLICATE, NOT_TAKEN = "duplicate_client_msg_id", "invalid_arguments"
_NAMESPACE = UUID("5a1c7f0e-9f0d-4c7e-8a52-3f6b0c1d2e94")


class ClientMessageIds:
    """Makes the ids; the same post has the same one, whoever makes it and however often."""

    def __init__(self) -> None:
        self._are_taken = True

    def field(self, key: Key, way: int) -> dict[str, Any]:
        """The id as an argument of the call; nothing once Slack has refused one.

        `way` is in which of its forms an answer is posted: one that Slack refused must not be
        taken for another that it has.
        """
        if not self._are_taken:
            return {}
        return {"client_msg_id": str(uuid5(_NAMESPACE, ":".join((*key, str(way)))))}

    def give_up(self) -> None:
        """Send no more of them: Slack does not take them."""
        if self._are_taken:
            log.info("Slack rejects client_msg_id; posting without it")
        self._are_taken = False
