"""Access rules: whether a person may ask, click or teach in a channel."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

from bot.config import Settings

# What the bot replies if it may not answer, by the reason that is stored with the question.
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

    `enterprise` is the organisation that the workspace belongs to; "" if there is none.
    """

    team: str
    enterprise: str = ""
    is_org_wide: bool = False

    def has(self, team: object, enterprise: object) -> bool:
        """Whether a request from this workspace and organisation is for this installation."""
        return enterprise == self.enterprise if self.is_org_wide else team == self.team

    def is_home_of(self, user: Mapping[str, Any]) -> bool:
        """Whether a person belongs to this workspace or organisation, as far as a click tells.

        A click names the person's workspace or organisation, but does not say which workspaces
        belong to an organisation. If the app is installed organisation-wide, every workspace
        counts as one of its own.
        """
        home = user.get("team_id")
        if not home or home in (self.team, self.enterprise):
            return True
        return self.is_org_wide and not str(home).startswith("E")


@dataclass(frozen=True, slots=True)
class Access:
    """The access rules: the settings, and where the app is installed.

    If `channels` is empty, all channels are allowed. `shared` allows channels that are shared with
    another organisation.
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
        """Why a question may not be answered in a channel: a key of REFUSALS, or "" if it may."""
        if shared and not self.shared:
            return "shared"
        return "" if direct or self.may_post_in(channel) else "channel"

    def is_admin(self, user: str) -> bool:
        """Whether a person may see hashes, scores and the state of the service."""
        return user in self.admins

    def is_editor(self, user: str) -> bool:
        """Whether a person may see unanswered questions, and teach."""
        return user in self.editors or user in self.admins

    def may_post_in(self, channel: str) -> bool:
        """Whether answers may be posted in a channel, where others see them."""
        return not self.channels or channel in self.channels

    def may_click(self, body: Mapping[str, Any]) -> bool:
        """Whether the person who clicked may see more; outsiders need ALLOW_SHARED_CHANNELS."""
        return self.shared or self.installation.is_home_of(body.get("user") or {})
