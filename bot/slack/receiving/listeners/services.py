"""What the listeners ask and say through."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.learning.teaching import Teacher
from bot.slack.delivering.response_url import Responses
from bot.slack.health import Health
from bot.slack.metrics import Metrics
from bot.slack.receiving.access import Access
from bot.slack.receiving.intake import Intake
from bot.slack.rendering.presenter import Presenter
from bot.store.store import Store

Ack = Callable[..., Awaitable[object]]
Payload = Mapping[str, Any]


@dataclass(frozen=True)
class Services:
    """The parts of the bot. Bolt passes them to each listener that has a parameter `services`.

    Bolt knows parameters by their names: a listener has none that are keyword-only.
    """

    presenter: Presenter
    intake: Intake
    store: Store
    access: Access
    responses: Responses
    health: Health
    metrics: Metrics
    bot_user: str
    teacher: Teacher
