"""Outages of what the bot needs, short or permanent: nothing is lost, and each is reported in time.

In most of these the bot runs as its own process, as an operator runs it.
"""

import asyncio
import json
import resource
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from bot.answering.answerer import Answerer
from bot.errors import SlackError
from bot.slack.timing import Timing
from bot.store.records import InboxItem
from bot.store.store import open_store
from tests.conftest import ROOT
from tests.fakes import slack as fake_slack
from tests.fakes.bot import Mode, running
from tests.fakes.process import Child, child, outcomes
from tests.fakes.slack import FOLLOW_UP_SCOPES, Cut, FakeSlack, Garbled, Hang, Refused
from tests.fakes.storm import answered, due

ASKED = "what does the truce cover?"


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    async with FakeSlack(FOLLOW_UP_SCOPES) as slack:
        yield slack


def rows(folder: Path, columns: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(folder / "article-bot.db", timeout=5)) as database:
        return database.execute(f"SELECT {columns} FROM inbox ORDER BY channel").fetchall()


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


# The database.


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Let another program write to the bot's database for as long as the `with`."""
    with closing(sqlite3.connect(folder / "article-bot.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")


@contextmanager
def full(bot: Child) -> Iterator[None]:
    """Let no file of the bot's grow for as long as the `with`, as on a full disk."""
    unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    limit = getattr(resource, "prlimit", None)
    if limit is None:
        pytest.skip("NOT RUN: only Linux can keep the files of a running process from growing")
    assert limit(bot.process.pid, resource.RLIMIT_FSIZE)[1] == resource.RLIM_INFINITY
    limit(bot.process.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    yield
    limit(bot.process.pid, resource.RLIMIT_FSIZE, unlimited)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of one megabyte, where this user may mount one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)]
    if not shutil.which("mount") or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("NOT RUN: a small disk cannot be mounted; run this as root")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


@contextmanager
def filled(disk: Path) -> Iterator[None]:
    """Fill the disk for as long as the `with`."""
    filler = disk / "filler"
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        while True:
            file.write(b"\0" * 4096)
    assert shutil.disk_usage(disk).free == 0
    yield
    filler.unlink()


async def test_a_question_sent_while_the_database_is_locked_is_answered_once_it_is_free(
    slack: FakeSlack, tmp_path: Path
) -> None:
    asked = fake_slack.mention(ASKED)
    async with child(slack, tmp_path, QUESTIONS_PER_MINUTE="1") as bot:
        with locked(tmp_path):
            assert not await bot.event(asked, timeout=2.5)
        assert slack.posts == []
        assert await bot.deliver(asked, "Ev1") == 1
        await answered(bot)
    assert outcomes(slack, [asked["ts"]]) == {asked["ts"]: 1}


async def test_an_answer_posted_while_the_database_is_locked_is_not_repeated(
    slack: FakeSlack, tmp_path: Path
) -> None:
    slack.fail("chat.postMessage", Hang(0.5))
    async with child(slack, tmp_path) as bot:
        assert await bot.event(fake_slack.mention(ASKED))
        await slack.calls_until("chat.postMessage")
        with locked(tmp_path):
            await slack.posts_until(1)
            await slack.quiet(1.5)
        await answered(bot)
        assert due(bot) == 0
    assert len(slack.posts) == 1


async def test_a_question_sent_while_no_file_can_grow_is_answered_once_they_can(
    slack: FakeSlack, tmp_path: Path
) -> None:
    asked = fake_slack.mention(ASKED)
    async with child(slack, tmp_path, health=True) as bot:
        with full(bot):
            assert not await bot.event(asked, timeout=2.5)
            assert (await bot.get("/readyz"))[0] == 503
        assert (await bot.get("/readyz"))[0] == 200
        assert slack.posts == []
        assert await bot.deliver(asked, "Ev1") == 1
        await answered(bot)
    assert outcomes(slack, [asked["ts"]]) == {asked["ts"]: 1}


async def test_a_bot_whose_database_is_deleted_is_not_ready_and_acknowledges_nothing(
    slack: FakeSlack, tmp_path: Path
) -> None:
    asked, aside = fake_slack.mention(ASKED), tmp_path / "aside"
    file = tmp_path / "article-bot.db"
    async with child(slack, tmp_path, health=True) as bot:
        file.rename(aside)
        assert not await bot.event(asked, timeout=2.5)
        status, body = await bot.get("/readyz")
        assert (status, json.loads(body)["store"]) == (503, False)
        assert not file.exists()
        file.write_bytes(aside.read_bytes())  # the same, and yet another
        assert not await bot.event(asked, timeout=2.5)
        aside.replace(file)
        assert (await bot.get("/readyz"))[0] == 200
        assert await bot.deliver(asked, "Ev1") == 1
        await answered(bot)
    assert outcomes(slack, [asked["ts"]]) == {asked["ts"]: 1}


@pytest.mark.long
async def test_a_question_sent_while_the_disk_is_full_is_answered_once_there_is_room(
    slack: FakeSlack, small_disk: Path
) -> None:
    asked = fake_slack.mention(ASKED)
    async with child(slack, small_disk) as bot:
        with filled(small_disk):
            assert not await bot.event(asked, timeout=2.5)
        assert slack.posts == []
        assert await bot.deliver(asked, "Ev1") == 1
        await answered(bot)
    assert outcomes(slack, [asked["ts"]]) == {asked["ts"]: 1}


async def test_a_question_found_only_in_the_inbox_is_answered(
    article: Answerer, tmp_path: Path
) -> None:
    """As when the database took a question although it said that it did not."""
    async with running("socket", article, tmp_path, timing=Timing(renewal=0.2)) as bot:
        left = InboxItem("T1", "C1", "1.1", "U1", "1.1", ASKED, received_at=time.time())
        await bot.store.inbox.accept(left)
        [post] = await bot.slack.posts_until(1)
        assert post.thread_ts == "1.1"
        assert len(await bot.slack.quiet(0.5)) == 1


# What cannot be mended by waiting.


def corrupt(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[100:4096] = b"\xa5" * 3996
    file.write_bytes(content)


def of_a_later_version(file: Path) -> None:
    with closing(sqlite3.connect(file)) as database:
        database.execute("UPDATE store_version SET version = 99")
        database.commit()


async def test_a_corrupt_or_newer_database_stops_the_bot_and_is_left_unchanged(
    slack: FakeSlack, tmp_path: Path
) -> None:
    file = tmp_path / "article-bot.db"
    async with open_store(f"sqlite:///{file}") as store:
        await store.inbox.accept(InboxItem("T1", "C1", "1.1", "U1", "1.1", ASKED))
    bot = Child(slack, tmp_path)
    for spoil, said in ((of_a_later_version, "version 99"), (corrupt, "is corrupt")):
        spoil(file)
        before = file.read_bytes()
        await bot.start(ready=False)
        assert await bot.ended() == 2
        sentence = bot.log.splitlines()[-1]
        assert sentence.startswith("article-bot: ")
        assert said in sentence
        assert file.read_bytes() == before
    assert len(bot.log.splitlines()) == 2


async def test_a_second_bot_is_refused_and_the_other_commands_are_not(
    slack: FakeSlack, tmp_path: Path
) -> None:
    async with child(slack, tmp_path) as bot:
        ran = {}
        for command in (["slack"], ["ask", ASKED], ["check"], ["backup", str(tmp_path / "copy")]):
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bot", *command, env=bot.env, cwd=ROOT, stdout=-1, stderr=-1
            )
            out, err = await asyncio.wait_for(process.communicate(), 20)
            ran[command[0]] = process.returncode, err.decode() if command == ["slack"] else ""
            assert command != ["ask", ASKED] or b"one-month truce" in out
        status, said = ran.pop("slack")
        assert (status, len(said.splitlines())) == (2, 1)
        assert "another article-bot runs" in said
        assert set(ran.values()) == {(0, "")}
        assert await bot.event(fake_slack.mention(ASKED))
        await slack.posts_until(1)


@pytest.mark.parametrize(
    "reason", ["invalid_auth", pytest.param("account_inactive", marks=pytest.mark.long)]
)
async def test_a_revoked_token_stops_the_bot_and_the_next_start_answers_the_question(
    reason: str, slack: FakeSlack, tmp_path: Path
) -> None:
    slack.fail("chat.postMessage", Refused(reason))
    asked = fake_slack.mention(ASKED)
    async with child(slack, tmp_path) as bot:
        assert await bot.event(asked)
        assert await bot.ended() == 2
        *logged, sentence = bot.log.splitlines()
        assert all(json.loads(line) for line in logged)
        assert sentence.startswith(f"article-bot: Slack refuses SLACK_BOT_TOKEN ({reason}); ")
        assert due(bot) == 1
        await bot.start()
        await answered(bot)
    assert outcomes(slack, [asked["ts"]]) == {asked["ts"]: 1}


async def test_a_token_revoked_while_idle_is_noticed_despite_other_errors(
    article: Answerer, tmp_path: Path, slack: FakeSlack
) -> None:
    pages = (Garbled(stored=False), Garbled(stored=False, status=200, content_type="text/plain"))
    slack.fail("auth.test", None, *pages, Cut(stored=False), Refused("token_revoked"))

    async def idle() -> None:
        timing = Timing(heartbeat=0.1)
        async with running("socket", article, tmp_path, slack=slack, timing=timing):
            await slack.calls_until("auth.test", 5)
            await slack.quiet()

    with pytest.raises(SlackError, match=r"refuses SLACK_BOT_TOKEN \(token_revoked\)"):
        await idle()


async def test_a_token_refused_while_reporting_an_error_leaves_the_question_due(
    article: Answerer, tmp_path: Path, slack: FakeSlack
) -> None:
    slack.fail("chat.postMessage", Refused("no_such_reason"), Refused("invalid_auth"))

    async def ask() -> None:
        async with running("socket", article, tmp_path, slack=slack) as bot:
            await bot.event(fake_slack.mention(ASKED))
            await slack.calls_until("chat.postMessage", 2)
            await slack.quiet()

    with pytest.raises(SlackError, match="invalid_auth"):
        await ask()
    assert rows(tmp_path, "outcome") == [(None,)]


async def test_an_answer_that_slack_refuses_ends_as_an_error_with_its_reason(
    article: Answerer, tmp_path: Path, slack: FakeSlack
) -> None:
    slack.fail("chat.postMessage", Refused("no_such_reason"))
    async with running("socket", article, tmp_path, slack=slack) as bot:
        await bot.event(fake_slack.mention(ASKED))
        await slack.posts_until(1)
    assert rows(tmp_path, "outcome, why") == [("error", "no_such_reason")]


async def test_an_unreachable_channel_ends_only_its_own_questions(
    slack: FakeSlack, tmp_path: Path
) -> None:
    slack.missing_channels, slack.archived, slack.not_in = {"C1"}, {"C2"}, {"C3"}
    async with child(slack, tmp_path) as bot:
        for n in range(1, 5):
            assert await bot.event(fake_slack.mention(ASKED, channel=f"C{n}"))
        await answered(bot)
        assert rows(tmp_path, "channel, outcome, why") == [
            ("C1", "undeliverable", "channel_not_found"),
            ("C2", "undeliverable", "is_archived"),
            ("C3", "undeliverable", "not_in_channel"),
            ("C4", "answered", ""),
        ]
    assert [post.channel for post in slack.posts] == ["C4"]


# How it says that it is well.


@pytest.mark.parametrize("mode", ["socket", pytest.param("http", marks=pytest.mark.long)])
async def test_the_bot_is_ready_except_while_its_database_is_locked(
    mode: Mode, slack: FakeSlack, tmp_path: Path
) -> None:
    async with child(slack, tmp_path, mode, health=True) as bot:
        assert await bot.get("/healthz") == (200, "alive")
        assert (await bot.get("/readyz"))[0] == 200
        with locked(tmp_path):
            status, body = await bot.get("/readyz")
            assert (status, json.loads(body)["store"]) == (503, False)
            assert (await bot.get("/healthz"))[0] == 200
        assert (await bot.get("/readyz"))[0] == 200


# What stays.


@pytest.mark.parametrize("killed", [True, pytest.param(False, marks=pytest.mark.long)])
async def test_with_0_days_nothing_of_a_question_stays_in_files_or_logs(
    killed: bool, slack: FakeSlack, tmp_path: Path
) -> None:
    secrets = ("zanzibarquokka", "UQUOKKA7", fake_slack.BOT_TOKEN, fake_slack.APP_TOKEN)
    async with child(slack, tmp_path, KEEP_QUESTIONS_DAYS="0") as bot:
        for channel in ("C1", "D1"):
            say = fake_slack.mention if channel == "C1" else fake_slack.direct_message
            event = say("is the zanzibarquokka in the truce?", channel=channel, user="UQUOKKA7")
            assert await bot.event(event)
        await answered(bot)
        if killed:
            await bot.kill()
        else:
            assert await bot.stop() == 0
        lines = bot.lines
    assert len(slack.posts) == 2
    files = contents(tmp_path)
    assert {"article-bot.db", "stderr.txt"} <= set(files)
    for name, kept in files.items():
        assert [secret for secret in secrets if secret.encode() in kept] == [], name
    ours = {"bot.slack.receiving.intake", "bot.slack.delivering.queue"}
    about = [line["question"] for line in lines if line["logger"] in ours]
    assert len(about) >= 4
    assert {key.split(":")[1] for key in about} == {"C1", "D1"}
