"""Who may ask, where: what the operator allows, held against a question or a click."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

from bot.config import Settings

# What is said where the bot may not answer, by the reason that is kept with the question.
REFUSALS = {
    "channel": (
        "I can't answer in this channel. Send me a direct message, or use /ask; only you see the "
        "answer."
    ),
    "shared": (
        "This channel is shared with another organisation, so I can't answer here. Use /ask in a "
        "channel of your own; only you see the answer."
    ),
    "unknown": (
        "These documents are private, and I can't tell yet whether this channel is shared with "
        "another organisation. Mention me here with your question instead."
    ),
    "pace": "That's a lot of questions in one minute. I skipped some; please ask them again soon.",
    "outside": "These documents belong to another organisation, so I can't show you more.",
    "workspace": "I answer for another workspace, so I can't help you here.",
}


class Installation(NamedTuple):
    """Where the app is installed: in one workspace (`team`), or in all of an organisation's.

    `enterprise` is the organisation that the workspace belongs to; empty when it belongs to none.
    """

    team: str
    enterprise: str = ""
    is_org_wide: bool = False

    def has(self, team: object, enterprise: object) -> bool:
        """Whether what comes from there is meant for this installation."""
        return enterprise == self.enterprise if self.is_org_wide else team == self.team

    def is_home_of(self, user: Mapping[str, Any]) -> bool:
        """Whether a person is one of its own, as far as a click tells.

        It gives people's workspace, or their organisation. Which workspaces an organisation has it
        does not tell: where the app is installed in all of them, a workspace is one of them.
        """
        home = user.get("team_id")
        if not home or home in (self.team, self.enterprise):
            return True
        return self.is_org_wide and not str(home).startswith("E")


@dataclass(frozen=True, slots=True)
class Access:
    """Who may ask where: the settings, and where the app is installed.

    No channels means all of them.
    """

    installation: Installation
    channels: frozenset[str] = frozenset()
    admins: frozenset[str] = frozenset()
    editors: frozenset[str] = frozenset()
    shared: bool = False

    @classmethod
    def of(cls, settings: Settings, installation: Installation) -> Self:
        """The rules from the settings."""
        return cls(
            installation,
            settings.allowed_channels,
            settings.bot_admins,
            settings.editors,
            settings.allow_shared_channels,
        )

    def refusal(self, channel: str, *, direct: bool, shared: bool) -> str:
        """Why a question may not be answered where it stands; empty when it may."""
        if shared and not self.shared:
            return "shared"
        return "" if direct or self.may_post_in(channel) else "channel"

    def is_admin(self, user: str) -> bool:
        """Whether a person may see hashes, scores and the state of the service."""
        return user in self.admins

    def is_editor(self, user: str) -> bool:
        """Whether a person may see what was not answered, and teach."""
        return user in self.editors or user in self.admins

    def may_post_in(self, channel: str) -> bool:
        """Whether others may see an answer there."""
        return not self.channels or channel in self.channels

    def may_click(self, body: Mapping[str, Any]) -> bool:
        """Whether who clicked may see more: where it is kept, nobody of another organisation."""
        return self.shared or self.installation.is_home_of(body.get("user") or {})
