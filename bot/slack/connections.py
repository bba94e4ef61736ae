"""HTTP connections: an idle timeout, and a limit on how many are open."""

import asyncio
from typing import Any

import h11
import structlog
from uvicorn.protocols.http.h11_impl import H11Protocol

log = structlog.get_logger(__name__)

# Slack sends a request in one go. A client that takes longer, or sends nothing, is not Slack.
SECONDS_TO_ASK = 10.0
MAX_CONNECTIONS = 500


class BoundedConnection(H11Protocol):
    """A connection that is closed unless a complete request arrives within SECONDS_TO_ASK.

    A connection above MAX_CONNECTIONS replaces the one that has waited longest for a request, so
    idle connections cannot keep anybody out.
    """

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the timeout, and close another connection if there are too many."""
        super().connection_made(transport)
        self._watch()
        if len(self.connections) > MAX_CONNECTIONS:
            self._make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the timeout."""
        super().connection_lost(exc)
        self._stop_watching()

    def handle_events(self) -> None:
        """Handle what arrived, then wait for the rest of the request or for the next one."""
        super().handle_events()
        self._watch()

    @property
    def waits(self) -> bool:
        """Whether the connection is waiting for a request or for the rest of one."""
        return self.conn.their_state in (h11.IDLE, h11.SEND_BODY)

    @property
    def closes_at(self) -> float:
        """When the timeout closes it, on the event loop's clock; infinite if none is running."""
        return self._deadline.when() if self._deadline else float("inf")

    def _watch(self) -> None:
        if not self.waits or self.transport.is_closing():
            self._stop_watching()
        elif self._deadline is None:
            self._deadline = self.loop.call_later(SECONDS_TO_ASK, self._close, "no whole request")

    def _stop_watching(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _make_room(self) -> None:
        others: set[Any] = self.connections - {self}
        waiting = [one for one in others if isinstance(one, BoundedConnection) and one.waits]
        oldest = min(waiting, key=lambda one: one.closes_at, default=self)
        oldest._close("too many connections")

    def _close(self, why: str) -> None:
        log.warning("closed a connection", why=why)
        self._stop_watching()
        self.connections.discard(self)
        self.transport.abort()
