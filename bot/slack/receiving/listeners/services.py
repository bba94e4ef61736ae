"""The parts of the bot that listeners use."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.learning.teaching import Teacher
from bot.slack.delivering.response_url import Responses
from bot.slack.health import Health
from bot.slack.metrics import Metrics
from bot.slack.receiving.access import Access
from bot.slack.receiving.intake import Intake
from bot.slack.receiving.places import channel_of
from bot.slack.rendering.presenter import Presenter, Presenters
from bot.store.store import Store

Ack = Callable[..., Awaitable[object]]
Payload = Mapping[str, Any]


@dataclass(frozen=True)
class Services:
    """The parts of the bot. Bolt passes them to each listener that has a parameter `services`.

    Bolt passes arguments by parameter name, but ignores keyword-only parameters.
    """

    presenters: Presenters
    intake: Intake
    store: Store
    access: Access
    responses: Responses
    health: Health
    metrics: Metrics
    bot_user: str
    teacher: Teacher

    def refusal_to_post(self, channel: str) -> str:
        """Why an answer may not be shared in a channel: a key of REFUSALS, or "" if it may."""
        if not self.access.may_post_in(channel):
            return "channel"
        if self.presenters.is_shared(channel) and not self.access.shared:
            return "shared"
        return "" if self.presenters.may_post_in(channel) else "unknown"

    def presenter(self, body: Payload) -> Presenter:
        """The presenter for the channel of a command, a shortcut or a click."""
        return self.presenters.in_channel(channel_of(body))
