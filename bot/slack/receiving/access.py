"""Who may ask, where: what the operator allows, held against a question or a click."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from bot.config import Settings

# What is said where the bot may not answer, by the reason that is kept with the question.
REFUSALS = {
    "channel": (
        "I may not answer in this channel. Write to me directly, or use /ask; only you see the "
        "answer."
    ),
    "shared": (
        "Another organisation reads here too, and I may not answer before it. Use /ask in a "
        "channel of your own; only you see the answer."
    ),
    "pace": "You ask faster than I may answer. I left some questions out; ask them in a minute.",
    "outside": "These documents belong to another organisation, and I may not show you more.",
}


@dataclass(frozen=True, slots=True)
class Access:
    """The settings that say who may ask where; no channels means all of them."""

    channels: frozenset[str] = frozenset()
    admins: frozenset[str] = frozenset()
    shared: bool = False

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The rules from the settings."""
        return cls(settings.allowed_channels, settings.bot_admins, settings.allow_shared_channels)

    def refusal(self, channel: str, *, direct: bool, shared: bool) -> str:
        """Why a question may not be answered where it stands; empty when it may."""
        if shared and not self.shared:
            return "shared"
        return "" if direct or self.may_post_in(channel) else "channel"

    def is_admin(self, user: str) -> bool:
        """Whether a person may see hashes, scores and the state of the service."""
        return user in self.admins

    def may_post_in(self, channel: str) -> bool:
        """Whether others may see an answer there."""
        return not self.channels or channel in self.channels

    def may_click(self, body: Mapping[str, Any]) -> bool:
        """Whether who clicked may see more: not somebody of another organisation, where it is kept.

        Within one enterprise people of every workspace may.
        """
        user, team = body.get("user") or {}, body.get("team") or {}
        home = user.get("team_id")
        stranger = bool(home) and bool(team.get("id")) and home != team.get("id")
        return self.shared or not stranger or bool(body.get("enterprise"))
