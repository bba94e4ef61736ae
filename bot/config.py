"""Settings: the only place that reads the environment and the .env file."""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Self

from bot.errors import SettingsError

ENV_FILE = ".env"
ENGINES = ("auto", "memory", "disk")
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


def _port(value: str) -> int:
    if not (value.isascii() and value.isdigit() and 0 < int(value) < 65536):
        raise ValueError("must be a port number from 1 to 65535")
    return int(value)


def _log_level(value: str) -> str:
    if value.upper() not in LOG_LEVELS:
        raise ValueError(f"must be one of {', '.join(LOG_LEVELS)}")
    return value.upper()


def _engine(value: str) -> str:
    if value.lower() not in ENGINES:
        raise ValueError(f"must be one of {', '.join(ENGINES)}")
    return value.lower()


def _api_url(value: str) -> str:
    if not re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", value):
        raise ValueError("must be an address that begins with https:// or http://")
    return value.rstrip("/") + "/"


def _token(prefix: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        if not re.fullmatch(rf"{prefix}[\w.-]+", value, re.ASCII):
            raise ValueError(f"must begin with {prefix} and hold no spaces")
        return value

    return parse


def _setting(default: Any, parse: Callable[[str], Any], *, secret: bool = False) -> Any:
    return field(default=default, repr=not secret, metadata={"parse": parse})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What an operator may set: each field is the variable of its name in capitals.

    A secret is never in `repr`.
    """

    corpus_dir: Path = _setting(Path("corpus"), Path)
    slack_bot_token: str | None = _setting(None, _token("xoxb-"), secret=True)
    slack_app_token: str | None = _setting(None, _token("xapp-"), secret=True)
    slack_signing_secret: str | None = _setting(None, str, secret=True)
    slack_api_url: str = _setting("https://slack.com/api/", _api_url)
    data_dir: Path = _setting(Path("data"), Path)
    engine: str = _setting("auto", _engine)
    port: int = _setting(3000, _port)
    log_level: str = _setting("INFO", _log_level)

    @classmethod
    def from_env(cls, env: Mapping[str, str | None]) -> Self:
        """Read the settings; an empty one counts as not set. Names all that is wrong at once.

        A value is never repeated in a message: it may be a secret in the wrong place.
        """
        values: dict[str, Any] = {}
        faults = []
        for setting in fields(cls):
            name = setting.name.upper()
            value = (env.get(name) or "").strip()
            if not value:
                continue
            try:
                values[setting.name] = setting.metadata["parse"](value)
            except ValueError as error:
                faults.append(f"{name} {error}")
        if faults:
            raise SettingsError(_sentence(faults))
        return cls(**values)

    def needed_for_slack(self) -> tuple[str, str]:
        """The bot token, and the app token (Socket Mode) or else the signing secret (HTTP).

        Raises SettingsError that names everything missing.
        """
        missing = [] if self.slack_bot_token else ["SLACK_BOT_TOKEN is missing"]
        if not (self.slack_app_token or self.slack_signing_secret):
            missing.append(
                "SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (HTTP) is missing"
            )
        if missing:
            raise SettingsError(_sentence(missing))
        return self.slack_bot_token or "", self.slack_app_token or self.slack_signing_secret or ""


def names() -> tuple[str, ...]:
    """Every setting that is read."""
    return tuple(setting.name.upper() for setting in fields(Settings))


def read_settings() -> Settings:
    """The settings of this process: the environment, and below it the .env file right here."""
    env: dict[str, str | None] = {}
    if Path(ENV_FILE).is_file():
        from dotenv import dotenv_values  # only where there is such a file

        try:
            env = dict(dotenv_values(ENV_FILE, interpolate=False))
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(f"{ENV_FILE} cannot be read: {error}; save it as UTF-8") from None
    return Settings.from_env(env | {name: value for name, value in os.environ.items() if value})


def _sentence(faults: list[str]) -> str:
    return f"{'; '.join(faults)}. Set it in the environment or in {ENV_FILE} (see .env.example)"
