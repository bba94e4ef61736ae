"""The store as Slack's side uses it, on a real file and on a real PostgreSQL."""

import asyncio
import os
import stat
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.errors import InboxFull, StoreError
from bot.store.database import open_engine
from bot.store.records import InboxItem, State, Vote
from bot.store.schema import metadata
from bot.store.store import DAY, Store, open_store

NOW = 1_800_000_000.0


class Clock:
    """Seconds since 1970, as the test says."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


def received(ts: str = "1.0", **values: Any) -> InboxItem:
    usual = {"team": "T1", "channel": "C1", "user": "UANN", "thread": "1.0", "text": f"q {ts}"}
    at = {"received_at": NOW, "due_at": values.get("received_at", NOW)}
    return InboxItem(**{**usual, "ts": ts, **at, **values})


def vote(value: int = 1, **values: Any) -> Vote:
    usual = {"team": "T1", "channel": "C1", "message": "9.0", "user": "UANN", "value": value}
    answer = {"question": "q?", "document": "a.md", "passage": 6, "corpus": "hash"}
    return Vote(**{**usual, **answer, "voted_at": NOW, **values})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "store.db"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def store(url: str, clock: Clock) -> AsyncIterator[Store]:
    async with open_store(url, clock=clock) as store:
        yield store


@pytest.fixture
async def forgetful(url: str, clock: Clock) -> AsyncIterator[Store]:
    """A store that keeps nothing."""
    async with open_store(url, keep_days=0, clock=clock) as store:
        yield store


def everything(url: str) -> str:
    """All values of all tables, as anybody may read them."""
    engine = open_engine(url)
    with engine.connect() as database:
        tables = metadata.sorted_tables
        kept = {table.name: database.execute(table.select()).all() for table in tables}
    engine.dispose()
    return str(kept)


# The inbox


async def test_a_message_with_two_time_stamps_is_recognised_by_its_client_id(
    store: Store,
) -> None:
    assert await store.inbox.accept(received("1.0", client_msg_id="a"))
    assert not await store.inbox.accept(received("2.0", client_msg_id="a"))
    assert await store.inbox.accept(received("2.0", client_msg_id="a", channel="C2"))
    assert await store.inbox.accept(received("3.0", client_msg_id="b"))
    assert await store.inbox.accept(received("4.0"))
    assert await store.inbox.accept(received("5.0"))
    await store.inbox.finish(received("1.0"), "answered", remember=True)
    assert not await store.inbox.accept(received("2.0", client_msg_id="a"))
    await store.forget("UANN")
    assert not await store.inbox.accept(received("6.0", client_msg_id="b"))


async def test_a_message_is_accepted_once_whatever_comes_with_it(store: Store) -> None:
    assert await store.inbox.accept(received())
    assert not await store.inbox.accept(
        received(text="the same as app_mention", received_at=NOW + 1)
    )
    assert await store.inbox.accept(received(channel="C2"))
    assert await store.inbox.accept(received(team="T2"))


async def test_unfinished_messages_come_back_complete_and_oldest_first(store: Store) -> None:
    later = received("1.0", refusal="too_many", received_at=NOW + 1)
    older = received("2.0", text="what?\n“so”", received_at=NOW)
    await store.inbox.accept(later)
    await store.inbox.accept(older)
    assert await store.inbox.unfinished() == [older, later]


async def test_a_finished_message_is_known_and_no_longer_due(store: Store, url: str) -> None:
    await store.inbox.accept(received(text="secret words"))
    await store.inbox.finish(received(text="secret words"), "answered", remember=False)
    assert await store.inbox.unfinished() == []
    assert not await store.inbox.accept(received())
    assert "secret words" not in everything(url)
    assert "UANN" not in everything(url)


async def test_finishing_again_changes_nothing(store: Store) -> None:
    await store.inbox.accept(received())
    await store.inbox.finish(received(), "answered", remember=True)
    await store.inbox.finish(received(), "error", remember=True)
    await store.inbox.postpone(received(), NOW + 5, "ratelimited")
    assert (await store.state()).outcomes == {"answered": 1}
    assert await store.history.earlier("T1", "C1", "1.0", "UANN", 3) == ("q 1.0",)


async def test_a_postponed_message_says_when_how_often_and_why(store: Store) -> None:
    await store.inbox.accept(received())
    await store.inbox.postpone(received(), NOW + 5, "ratelimited")
    await store.inbox.postpone(received(), NOW + 9, "timeout")
    assert await store.inbox.unfinished() == [received(due_at=NOW + 9, attempts=2, why="timeout")]


async def test_a_full_inbox_takes_nothing_new_and_still_knows_what_it_has(
    url: str,
) -> None:
    async with open_store(url, max_due=2) as store:
        await store.inbox.accept(received("1.0"))
        await store.inbox.accept(received("2.0"))
        with pytest.raises(InboxFull, match="2 messages are due"):
            await store.inbox.accept(received("3.0"))
        assert not await store.inbox.accept(received("1.0"))
        await store.inbox.finish(received("1.0"), "answered", remember=False)
        assert await store.inbox.accept(received("3.0"))


async def test_characters_that_no_database_can_store_are_replaced(store: Store) -> None:
    await store.inbox.accept(received(text="half \ud83d and \0 nothing"))
    assert (await store.inbox.unfinished())[0].text == "half ? and ? nothing"


# Who asked what


async def test_a_question_is_remembered_in_its_thread_for_its_asker(store: Store) -> None:
    for ts in ("1.0", "2.0", "3.0"):
        await store.inbox.accept(received(ts, received_at=NOW + float(ts)))
    for ts in ("3.0", "1.0", "2.0"):  # a retry may finish later
        await store.inbox.finish(
            received(ts, received_at=NOW + float(ts)), "answered", remember=ts != "2.0"
        )
    assert await store.history.earlier("T1", "C1", "1.0", "UANN", 3) == ("q 1.0", "q 3.0")
    assert await store.history.earlier("T1", "C1", "1.0", "UANN", 1) == ("q 3.0",)
    assert await store.history.earlier("T1", "C1", "1.0", "UBOB", 3) == ()
    assert await store.history.earlier("T1", "C1", "7.0", "UANN", 3) == ()
    assert await store.history.earlier("T1", "C2", "1.0", "UANN", 3) == ()
    assert await store.history.earlier("T2", "C1", "1.0", "UANN", 3) == ()


async def test_a_command_builds_on_all_earlier_questions_in_its_channel(store: Store) -> None:
    await store.inbox.accept(received())
    await store.inbox.finish(received(), "answered", remember=True)
    await store.history.remember("T1", "C1", None, "UANN", "by command")
    assert await store.history.earlier("T1", "C1", None, "UANN", 3) == ("q 1.0", "by command")
    assert await store.history.earlier("T1", "C1", "1.0", "UANN", 3) == ("q 1.0",)


async def test_the_asker_in_a_thread_is_known_before_the_answer_is_posted(store: Store) -> None:
    assert not await store.history.has_asked("T1", "C1", "1.0", "UANN")
    await store.inbox.accept(received())
    assert await store.history.has_asked("T1", "C1", "1.0", "UANN")
    await store.inbox.finish(received(), "answered", remember=True)
    assert await store.history.has_asked("T1", "C1", "1.0", "UANN")
    assert not await store.history.has_asked("T1", "C1", "1.0", "UBOB")
    assert not await store.history.has_asked("T1", "C1", "2.0", "UANN")


async def test_last_questions_are_distinct_and_newest_first(store: Store, clock: Clock) -> None:
    for text in ("first", "second", "first", "third"):
        clock.now += 1
        await store.history.remember("T1", f"C{text}", None, "UANN", text)
    assert await store.history.last_questions("T1", "UANN", 5) == ("third", "first", "second")
    assert await store.history.last_questions("T1", "UANN", 1) == ("third",)
    assert await store.history.last_questions("T1", "UBOB", 5) == ()


# Votes


async def test_the_second_vote_of_a_person_replaces_the_first(store: Store) -> None:
    await store.votes.vote(vote(1))
    await store.votes.vote(vote(1, user="UBOB"))
    await store.votes.vote(vote(-1, voted_at=NOW + 1))
    await store.votes.vote(vote(-1, message="8.0"))
    assert await store.votes.tally("T1", "C1", "9.0") == (1, 1)
    assert await store.votes.tally("T1", "C1", "7.0") == (0, 0)


async def test_the_same_vote_again_takes_it_back_and_a_click_counts_once(store: Store) -> None:
    clicks = [(1, 1.0, 1), (1, 1.0, None), (1, 2.0, 0), (1, 2.0, None), (1, 1.0, None), (1, 3.0, 1)]
    for value, voted_at, now in clicks:
        assert await store.votes.vote(vote(value, voted_at=NOW + voted_at)) == now
    assert await store.votes.tally("T1", "C1", "9.0") == (1, 0)


def test_a_vote_is_for_or_against() -> None:
    with pytest.raises(ValueError, match="a vote is 1 or -1"):
        vote(0)


# How it stands


async def test_the_state_counts_what_is_due_and_the_last_24_hours(
    store: Store, clock: Clock
) -> None:
    assert await store.state() == State(0, None, {}, 0, 0)
    for ts in ("1.0", "2.0", "3.0", "4.0"):
        await store.inbox.accept(received(ts, received_at=NOW + float(ts)))
    await store.inbox.finish(received("1.0"), "answered", remember=False)
    await store.votes.vote(vote(1))
    clock.now += DAY + 1
    await store.inbox.finish(received("2.0"), "closest", remember=False)
    await store.votes.vote(vote(-1, user="UBOB", voted_at=clock.now))
    assert await store.state() == State(2, NOW + 3, {"closest": 1}, 0, 1)


# How long it is kept


async def test_a_sweep_deletes_what_is_older_than_the_days_it_is_kept(
    store: Store, clock: Clock, url: str
) -> None:
    await store.inbox.accept(received())
    await store.inbox.finish(received(), "answered", remember=True)
    await store.votes.vote(vote())
    clock.now += 30 * DAY - 1
    assert await store.sweep() == 0
    assert await store.history.earlier("T1", "C1", "1.0", "UANN", 3) == ("q 1.0",)
    assert not await store.inbox.accept(received())
    clock.now += 1
    assert await store.sweep() == 0
    assert "UANN" not in everything(url)
    assert await store.votes.tally("T1", "C1", "9.0") == (0, 0)
    assert await store.inbox.accept(received())


async def test_a_message_that_stays_unanswered_for_30_days_expires(
    store: Store, clock: Clock, url: str
) -> None:
    await store.inbox.accept(received())
    clock.now += 30 * DAY
    assert await store.sweep() == 1
    assert await store.inbox.unfinished() == []
    assert (await store.state()).outcomes == {"expired": 1}
    assert "UANN" not in everything(url)


async def test_with_0_days_only_the_key_of_an_answered_question_is_kept(
    forgetful: Store, clock: Clock, url: str
) -> None:
    await forgetful.inbox.accept(received())
    assert await forgetful.history.has_asked("T1", "C1", "1.0", "UANN")
    await forgetful.inbox.finish(received(), "answered", remember=True)
    await forgetful.history.remember("T1", "C1", None, "UANN", "q by command")
    await forgetful.votes.vote(vote(question="q of a vote"))
    assert "UANN" not in everything(url)
    assert "q " not in everything(url)
    assert not await forgetful.history.has_asked("T1", "C1", "1.0", "UANN")
    assert await forgetful.history.last_questions("T1", "UANN", 3) == ()
    clock.now += DAY - 1
    await forgetful.sweep()
    assert not await forgetful.inbox.accept(received())
    assert await forgetful.votes.tally("T1", "C1", "9.0") == (1, 0)
    clock.now += 1
    await forgetful.sweep()
    assert await forgetful.inbox.accept(received())


async def test_with_0_days_a_second_vote_still_replaces_the_first(forgetful: Store) -> None:
    await forgetful.votes.vote(vote(1))
    await forgetful.votes.vote(vote(1, user="UBOB"))
    await forgetful.votes.vote(vote(-1, voted_at=NOW + 1))
    assert await forgetful.votes.tally("T1", "C1", "9.0") == (1, 1)


async def test_switching_to_0_days_deletes_older_data_at_the_next_sweep(
    url: str, clock: Clock
) -> None:
    async with open_store(url, clock=clock) as store:
        await store.inbox.accept(received())
        await store.inbox.finish(received(), "answered", remember=True)
        await store.votes.vote(vote())
    async with open_store(url, keep_days=0, clock=clock) as store:
        await store.votes.vote(vote(-1, user="UBOB"))
        await store.sweep()
        assert await store.votes.tally("T1", "C1", "9.0") == (0, 1)
    assert "UANN" not in everything(url)


async def test_forgetting_a_person_leaves_no_byte_of_theirs_in_any_file(
    file: Path, clock: Clock
) -> None:
    async with open_store(f"sqlite:///{file}", clock=clock) as store:
        await forget_ann(store, file)


async def forget_ann(store: Store, file: Path) -> None:
    long = "Xyzzy" * 2000  # more than a page
    await store.inbox.accept(received("1.0", text=long))
    await store.inbox.accept(received("2.0", text=long))
    await store.inbox.accept(received("3.0", user="UBOB", text="bobs"))
    await store.inbox.finish(received("1.0", text=long), "answered", remember=True)
    await store.history.remember("T1", "C1", None, "UANN", "Xyzzy by command")
    await store.votes.vote(vote(question=long))
    await store.votes.vote(vote(user="UBOB", question=long))
    assert await store.forget("UANN") == 4
    assert await store.forget("UANN") == 0
    for path in file.parent.iterdir():
        kept = path.read_bytes()
        assert b"UANN" not in kept, path
        assert b"Xyzzy" not in kept, path
    assert [due.user for due in await store.inbox.unfinished()] == ["UBOB"]
    assert await store.votes.tally("T1", "C1", "9.0") == (1, 0)
    assert not await store.inbox.accept(received("2.0"))  # Slack may send it again
    await store.inbox.finish(received("2.0"), "answered", remember=True)  # its answer was under way
    assert await store.history.last_questions("T1", "UANN", 3) == ()


# The file


@pytest.mark.parametrize("umask", [0o000, 0o077])
async def test_the_file_and_its_folder_are_for_this_user_only(file: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        async with open_store(f"sqlite:///{file}") as store:
            await store.inbox.accept(received())
            modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in file.parent.iterdir()}
    finally:
        os.umask(before)
    assert modes == dict.fromkeys(("store.db", "store.db-wal", "store.db-shm"), 0o600)
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


async def test_what_was_committed_is_there_after_a_restart(url: str) -> None:
    async with open_store(url) as store:
        await store.inbox.accept(received("1.0"))
        await store.inbox.accept(received("2.0"))
        await store.inbox.finish(received("1.0"), "answered", remember=True)
        await store.inbox.release()
    async with open_store(url) as store:
        await store.inbox.take_over(10)
        assert await store.inbox.unfinished() == [received("2.0")]
        assert await store.history.earlier("T1", "C1", "1.0", "UANN", 3) == ("q 1.0",)


async def test_closing_finishes_pending_operations_and_accepts_no_more(url: str) -> None:
    store = open_store(url)
    accepting = [asyncio.create_task(store.inbox.accept(received(f"{n}.0"))) for n in range(50)]
    await asyncio.sleep(0)
    await store.close()
    assert await asyncio.gather(*accepting) == [True] * 50
    with pytest.raises(StoreError, match="the store is closed"):
        await store.inbox.accept(received())
