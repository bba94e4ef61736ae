"""Who may ask, where: what the operator allows, held against a question or a click."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

from bot.config import Settings
from bot.store.records import Unanswered

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

    def may_see(self, user: str, asked: Unanswered) -> bool:  # noqa: ARG002  no folder is private
        """Whether an editor may see what was asked, by the channel that it was asked in."""
        return self.is_editor(user)

    def may_post_in(self, channel: str) -> bool:
        """Whether others may see an answer there."""
        return not self.channels or channel in self.channels

    def may_click(self, body: Mapping[str, Any]) -> bool:
        """Whether who clicked may see more: where it is kept, nobody of another organisation."""
        return self.shared or self.installation.is_home_of(body.get("user") or {})
