"""After any operations in any order, the store holds the same as a simple model of it."""

import asyncio
import tempfile
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from bot.store.records import InboxItem
from bot.store.store import DAY, open_store
from tests.fakes.postgres import Postgres
from tests.store.test_store import Clock

PEOPLE = ("UANN", "UBOB")
THREADS = ("1.0", "2.0")

timestamps = st.integers(1, 6).map(lambda n: f"{n}.0")
people = st.sampled_from(PEOPLE)
channels = st.sampled_from(["C1", "C2"])


@dataclass
class Row:
    item: InboxItem
    outcome: str | None = None
    finished_at: float = 0.0


class StoreMachine(RuleBasedStateMachine):
    postgres: Postgres | None = None

    @initialize(keep_days=st.sampled_from([0, 1, 2]))
    def begin(self, keep_days: int) -> None:
        self.folder = tempfile.TemporaryDirectory()
        file = Path(self.folder.name) / "store.db"
        self.url = self.postgres.new_database() if self.postgres else f"sqlite:///{file}"
        self.keep_days = keep_days
        self.clock = Clock()
        self.runner = asyncio.Runner()
        self.inbox: dict[tuple[str, str, str], Row] = {}
        self.asked: list[tuple[float, str, str, str, str]] = []
        self.open()

    def open(self) -> None:
        self.store = open_store(self.url, self.keep_days, clock=self.clock)

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.runner.run(self.store.close())
            self.runner.close()
            self.folder.cleanup()
            if self.postgres:
                self.postgres.give_back(self.url)

    def tick(self) -> float:
        self.clock.now += 1
        return self.clock.now

    @rule(ts=timestamps, channel=channels, user=people, thread=st.sampled_from(THREADS))
    def accept(self, ts: str, channel: str, user: str, thread: str) -> None:
        now = self.tick()
        received = InboxItem("T1", channel, ts, user, thread, f"{user} {now}", "", now, now)
        new = self.runner.run(self.store.inbox.accept(received))
        assert new == (received.key not in self.inbox)
        if new:
            self.inbox[received.key] = Row(received)

    @rule(ts=timestamps, channel=channels, remember=st.booleans())
    def finish(self, ts: str, channel: str, remember: bool) -> None:
        now = self.tick()
        row = self.inbox.get(("T1", channel, ts))
        if row is None:
            return
        received = row.item
        self.runner.run(self.store.inbox.finish(received, "answered", remember=remember))
        if row.outcome is None:
            row.outcome, row.finished_at = "answered", now
            if remember and self.keep_days:
                place = (received.channel, received.thread, received.user, received.text)
                self.asked.append((received.received_at, *place))

    @rule(ts=timestamps, channel=channels)
    def postpone(self, ts: str, channel: str) -> None:
        now = self.tick()
        row = self.inbox.get(("T1", channel, ts))
        if row is None:
            return
        self.runner.run(self.store.inbox.postpone(row.item, now + 5, "why"))
        if row.outcome is None:
            tries = row.item.attempts + 1
            row.item = replace(row.item, due_at=now + 5, attempts=tries, why="why")

    @rule(channel=channels, user=people)
    def remember(self, channel: str, user: str) -> None:
        now = self.tick()
        self.runner.run(self.store.history.remember("T1", channel, None, user, f"{user} {now}"))
        if self.keep_days:
            self.asked.append((now, channel, "", user, f"{user} {now}"))

    @rule(user=people)
    def forget(self, user: str) -> None:
        now = self.tick()
        rows = [row for row in self.inbox.values() if row.item.user == user and not row.outcome]
        for row in rows:
            row.outcome, row.finished_at = "forgotten", now
        kept = [asked for asked in self.asked if asked[3] != user]
        expected = len(rows) + len(self.asked) - len(kept)
        self.asked = kept
        assert self.runner.run(self.store.forget(user)) == expected

    @rule(days=st.sampled_from([0.0, 0.4, 1.0]))
    def sweep(self, days: float) -> None:
        self.clock.now += days * DAY
        now = self.tick()
        until = now - max(self.keep_days, 1) * DAY
        late = [
            row for row in self.inbox.values() if not row.outcome and row.item.received_at <= until
        ]
        for row in late:
            row.outcome, row.finished_at = "expired", now
        self.inbox = {
            key: row
            for key, row in self.inbox.items()
            if not row.outcome or row.finished_at > until
        }
        self.asked = [asked for asked in self.asked if asked[0] > now - self.keep_days * DAY]
        assert self.runner.run(self.store.sweep()) == len(late)

    @rule()
    def reopen(self) -> None:
        self.runner.run(self.store.inbox.release())
        self.runner.run(self.store.close())
        self.open()
        self.runner.run(self.store.inbox.take_over(100))

    @rule()
    def renew(self) -> None:
        due = {key for key, row in self.inbox.items() if row.outcome is None}
        assert self.runner.run(self.store.inbox.renew()) == due

    @invariant()
    def holds_what_the_model_holds(self) -> None:
        run = self.runner.run
        due = [row.item for row in self.inbox.values() if row.outcome is None]
        due.sort(key=lambda due: due.received_at)
        assert run(self.store.inbox.unfinished()) == due
        state = run(self.store.state())
        day = [row for row in self.inbox.values() if row.finished_at >= self.clock.now - DAY]
        assert state.outcomes == Counter(row.outcome for row in day)
        assert (state.due, state.oldest) == (
            len(due),
            due[0].received_at if due else None,
        )
        self.asked.sort()
        for user in PEOPLE:
            mine = [asked for asked in self.asked if asked[3] == user]
            latest = [asked[4] for asked in mine][::-1][:3]
            assert run(self.store.history.last_questions("T1", user, 3)) == tuple(latest)
            for thread in THREADS:
                texts = [asked[4] for asked in mine if asked[1:3] == ("C1", thread)]
                found = run(self.store.history.earlier("T1", "C1", thread, user, 3))
                assert found == tuple(texts[-3:])
                waits = any(
                    (one.channel, one.thread, one.user) == ("C1", thread, user) for one in due
                )
                assert run(self.store.history.has_asked("T1", "C1", thread, user)) == bool(
                    texts or waits
                )


@pytest.mark.slow
def test_the_store_behaves_like_its_model_on_sqlite() -> None:
    run_state_machine_as_test(
        StoreMachine, settings=settings(max_examples=25, stateful_step_count=25)
    )


@pytest.mark.slow
def test_the_store_behaves_like_its_model_on_postgresql(postgres: Postgres) -> None:
    class OnPostgres(StoreMachine):
        pass

    OnPostgres.postgres = postgres
    run_state_machine_as_test(OnPostgres, settings=settings(max_examples=8, stateful_step_count=25))
