import re
import sys
from pathlib import Path

import pytest

from bot.config import Settings, names, read_settings
from bot.errors import SettingsError
from tests import settings
from tests.conftest import ROOT


def test_the_example_file_and_the_settings_table_match_the_code() -> None:
    rerun = "run python -m tests.settings"
    assert settings.EXAMPLE.read_text(encoding="utf-8") == settings.example(), rerun
    assert settings.PAGE.read_text(encoding="utf-8") == settings.page(), rerun
    assert settings.table().count("\n") == 2 + len(names())


def test_the_example_file_as_it_stands_is_understood() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    values = dict(re.findall(r"^([A-Z_]+)=(.*)$", example, flags=re.MULTILINE))
    assert Settings.from_env(values) == Settings()


def test_all_invalid_settings_are_reported_at_once_without_their_values() -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_env({"PORT": "http", "LOG_LEVEL": "loud", "SLACK_BOT_TOKEN": "s3cret"})
    message = str(caught.value)
    assert "SLACK_BOT_TOKEN must begin with xoxb-" in message
    assert "PORT must be a whole number from 1 to 65,535" in message
    assert "LOG_LEVEL must be one of" in message
    assert "s3cret" not in message


def test_all_missing_settings_are_reported_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_env({"SLACK_APP_TOKEN": " "}).needed_for_slack()
    assert "SLACK_BOT_TOKEN is missing" in str(caught.value)
    assert "SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (HTTP) is missing" in str(
        caught.value
    )
    assert ".env" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ALLOWED_CHANNELS", "#general"),
        ("ALLOWED_CHANNELS", "C1;C2"),
        ("ALLOWED_CHANNELS", "U1"),
        ("BOT_ADMINS", "@jane"),
        ("ALLOW_SHARED_CHANNELS", "maybe"),
        ("QUESTIONS_PER_MINUTE", "0"),
        ("KEEP_QUESTIONS_DAYS", "-1"),
        ("KEEP_QUESTIONS_DAYS", "a month"),
    ],
)
def test_a_setting_that_cannot_be_understood_stops_the_start(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"{name} must be"):
        Settings.from_env({name: value})


def test_ids_are_separated_by_commas() -> None:
    settings = Settings.from_env({"ALLOWED_CHANNELS": "C1, G2,", "BOT_ADMINS": "U1,W2"})
    assert settings.allowed_channels == {"C1", "G2"}
    assert settings.bot_admins == {"U1", "W2"}


def test_secrets_are_not_in_repr() -> None:
    settings = Settings.from_env(
        {
            "SLACK_BOT_TOKEN": "xoxb-s3cret",
            "SLACK_SIGNING_SECRET": "s3cret",
            "DATABASE_URL": "sqlite:////s3cret/bot.db",
        }
    )
    assert "s3cret" not in repr(settings)


def test_an_address_may_end_in_a_slash_or_not() -> None:
    for address in ("https://slack.example/api", "https://slack.example/api/"):
        settings = Settings.from_env({"SLACK_API_URL": address})
        assert settings.slack_api_url == "https://slack.example/api/"


def test_the_environment_wins_over_the_file_unless_it_is_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(".env").write_text("PORT=1111\nLOG_LEVEL=DEBUG\nCORPUS_DIR=$HOME\n", encoding="utf-8")
    monkeypatch.setenv("PORT", "2222")
    monkeypatch.setenv("LOG_LEVEL", "")
    settings = read_settings()
    assert (settings.port, settings.log_level, str(settings.corpus_dir)) == (2222, "DEBUG", "$HOME")


def test_data_go_to_the_platforms_user_folder_unless_set_otherwise() -> None:
    assert Settings.from_env({}).data_folder.name == "article-bot"
    assert Settings.from_env({}).store_url.endswith("article-bot/article-bot.db")
    told = Settings.from_env({"DATA_DIR": "/data"})
    assert (str(told.data_folder), told.store_url) == ("/data", "sqlite:////data/article-bot.db")
    assert Settings.from_env({"DATABASE_URL": "sqlite:///b.db"}).store_url == "sqlite:///b.db"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("s3cret", "must be a database's address"),
        ("mysql://ann:s3cret@host/bot", "must begin with sqlite:/// or postgresql://"),
        ("postgresql+asyncpg://ann:s3cret@host/bot", "must begin with sqlite:/// or postgresql://"),
        ("sqlite+aiosqlite:///s3cret.db", "must begin with sqlite:/// or postgresql://"),
        ("postgresql://ann:s3cret@host", "must name a server and a database"),
        ("sqlite://", "must name a file and nothing else"),
        ("sqlite:///:memory:", "must name a file and nothing else"),
        ("sqlite:///s3cret.db?mode=ro", "must name a file and nothing else"),
    ],
)
def test_a_database_that_cannot_be_used_is_refused_without_its_address(url: str, said: str) -> None:
    with pytest.raises(SettingsError, match=f"DATABASE_URL {said}") as caught:
        Settings.from_env({"DATABASE_URL": url})
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("scheme", ["postgresql", "postgresql+psycopg"])
def test_a_database_of_several_replicas_needs_its_driver(
    scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    env = {"DATABASE_URL": f"{scheme}://ann:s3cret@host:5432/bot?sslmode=require"}
    pytest.importorskip("psycopg", reason="NOT RUN without psycopg: pip install '.[postgres]'")
    assert Settings.from_env(env).is_shared
    assert not Settings.from_env({}).is_shared
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(SettingsError, match=r"pip install '\.\[postgres\]'") as caught:
        Settings.from_env(env)
    assert "s3cret" not in str(caught.value)


def test_the_address_of_the_database_is_not_in_repr() -> None:
    assert "s3cret" not in repr(Settings.from_env({"DATABASE_URL": "sqlite:///s3cret.db"}))


@pytest.mark.parametrize(
    ("setting", "wrong"),
    [
        ("KEEP_QUESTIONS_DAYS", ("-1", "3651", "a month", "1.5", "²")),
        ("QUESTIONS_PER_MINUTE", ("0", "many")),
    ],
)
def test_a_number_is_whole_and_in_its_bounds(setting: str, wrong: tuple[str, ...]) -> None:
    for value in wrong:
        with pytest.raises(SettingsError, match=f"{setting} must be a whole number from"):
            Settings.from_env({setting: value})
