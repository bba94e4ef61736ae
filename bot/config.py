"""Settings: the only place that reads the environment and the .env file."""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from importlib.util import find_spec
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Self

from bot.errors import SettingsError

ENV_FILE = ".env"
# Where HTTP is listened on unless PORT says otherwise.
DEFAULT_PORT = 3000
ENGINES = ("auto", "memory", "disk")
POSTGRES = r"postgresql(\+psycopg)?://"
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


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


def _database_url(value: str) -> str:
    if not re.match(r"[a-z][a-z0-9]*(\+[a-z0-9_]+)?://", value):
        raise ValueError("must be a database's address, like sqlite:////var/lib/bot/article-bot.db")
    if re.match(POSTGRES, value):
        return _postgres_url(value)
    if not value.startswith("sqlite://"):
        raise ValueError("must begin with sqlite:/// or postgresql://, the databases it can use")
    if not re.fullmatch(r"sqlite:///(?!:memory:)[^?]+", value):
        raise ValueError("must name a file and nothing else, like sqlite:////var/lib/bot.db")
    return value


def _postgres_url(value: str) -> str:
    if not re.fullmatch(rf"{POSTGRES}[^\s/?#]*/[^\s/?#]+(\?\S+)?", value):
        raise ValueError("must name a server and a database: postgresql://USER:PASSWORD@HOST/NAME")
    if find_spec("psycopg") is None:
        raise ValueError("needs a driver for PostgreSQL; pip install '.[postgres]'")
    return value


def _opensearch_urls(value: str) -> tuple[str, ...]:
    urls = tuple(url.strip().rstrip("/") for url in value.split(","))
    if not all(re.fullmatch(r"https?://([^\s/?#@]+@)?[^\s/?#@]+(/[^\s?#]*)?", url) for url in urls):
        raise ValueError("must be one address of OpenSearch or several, with commas between them")
    if find_spec("opensearchpy") is None:
        raise ValueError("needs a library for OpenSearch; pip install '.[opensearch]'")
    return urls


def _alias(value: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,100}", value):
        raise ValueError("must be a name of small letters, digits, - and _")
    return value


def _file(value: str) -> Path:
    if not Path(value).is_file():
        raise ValueError("names no file")
    return Path(value)


def _ids(letters: str, what: str) -> Callable[[str], frozenset[str]]:
    def parse(value: str) -> frozenset[str]:
        found = [part.strip() for part in value.split(",") if part.strip()]
        if not all(re.fullmatch(rf"[{letters}][A-Z0-9]+", one) for one in found):
            raise ValueError(f"must be ids of {what}, with commas between them, and no names")
        return frozenset(found)

    return parse


def _channel(value: str) -> str:
    if not re.fullmatch("[CG][A-Z0-9]+", value):
        raise ValueError("must be the id of a channel, such as C0123ABCDEF, and no name")
    return value


def _experts(value: str) -> tuple[tuple[str, str], ...]:
    found = []
    for part in filter(None, (part.strip() for part in value.split(","))):
        folder, _, who = part.partition("=")
        if not re.fullmatch(r"[^=,/][^=,]*", folder) or not re.fullmatch("[SUW][A-Z0-9]+", who):
            raise ValueError(
                "must be folders with ids of people, like hr=S0123ABCDEF,*=U0123ABCDEF"
            )
        found.append((folder.strip(), who))
    return tuple(found)


def _whole(least: int, most: int) -> Callable[[str], int]:
    def parse(value: str) -> int:
        if not (value.isascii() and value.isdigit() and least <= int(value) <= most):
            raise ValueError(f"must be a whole number from {least:,} to {most:,}")
        return int(value)

    return parse


def _host(value: str) -> str:
    try:
        return str(ip_address(value))
    except ValueError:
        raise ValueError(
            "must be an address of this machine, such as 127.0.0.1 or 0.0.0.0"
        ) from None


def _yes_no(value: str) -> bool:
    if value.casefold() not in ("true", "false"):
        raise ValueError("must be true or false")
    return value.casefold() == "true"


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
    allowed_channels: frozenset[str] = _setting(
        frozenset(), _ids("CG", "channels, such as C0123ABCDEF")
    )
    allow_shared_channels: bool = _setting(False, _yes_no)
    questions_per_minute: int = _setting(20, _whole(1, 10_000))
    keep_questions_days: int = _setting(30, _whole(0, 3650))
    database_url: str | None = _setting(None, _database_url, secret=True)
    data_dir: Path | None = _setting(None, Path)
    max_file_mb: int = _setting(20, _whole(1, 2000))
    engine: str = _setting("auto", _engine)
    opensearch_url: tuple[str, ...] = _setting((), _opensearch_urls, secret=True)
    opensearch_alias: str = _setting("passages", _alias)
    opensearch_ca: Path | None = _setting(None, _file)
    opensearch_cert: Path | None = _setting(None, _file)
    opensearch_key: Path | None = _setting(None, _file)
    bot_admins: frozenset[str] = _setting(frozenset(), _ids("UW", "people, such as U0123ABCDEF"))
    editors: frozenset[str] = _setting(frozenset(), _ids("UW", "people, such as U0123ABCDEF"))
    experts: tuple[tuple[str, str], ...] = _setting((), _experts)
    answers_dir: Path | None = _setting(None, Path)
    digest_channel: str | None = _setting(None, _channel)
    host: str | None = _setting(None, _host)
    port: int | None = _setting(None, _whole(1, 65535))
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
            raise SettingsError.of(faults, ENV_FILE)
        return cls(**values)

    @property
    def data_folder(self) -> Path:
        """Where the bot keeps what must survive a restart."""
        if self.data_dir is not None:
            return self.data_dir
        from platformdirs import user_data_path  # only for what keeps something

        return user_data_path("article-bot", appauthor=False)

    @property
    def answers_folder(self) -> Path | None:
        """Where editors' answers are written: ANSWERS_DIR, or the documents' own folder.

        None where nothing can be written.
        """
        folder = self.answers_dir or self.corpus_dir
        return folder if os.access(folder, os.W_OK | os.X_OK) else None

    @property
    def is_shared(self) -> bool:
        """Whether the store may be used by several replicas at once."""
        return bool(re.match(POSTGRES, self.store_url))

    @property
    def is_on_opensearch(self) -> bool:
        """Whether the index is shared on OpenSearch; ENGINE can say otherwise."""
        return bool(self.opensearch_url) and self.engine == "auto"

    @property
    def store_url(self) -> str:
        """The database's address; a file in the data folder unless another is set."""
        return self.database_url or f"sqlite:///{self.data_folder / 'article-bot.db'}"

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
            raise SettingsError.of(missing, ENV_FILE)
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
            raise SettingsError.unreadable(ENV_FILE, error) from None
    return Settings.from_env(env | {name: value for name, value in os.environ.items() if value})
