"""All SQL statements of the store, built once: building one costs more than running it."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Double,
    Insert,
    Table,
    bindparam,
    case,
    delete,
    exists,
    func,
    insert,
    literal_column,
    or_,
    select,
    text,
    true,
    update,
)

from bot.store.clock import now
from bot.store.schema import (
    counters,
    feedback,
    gaps,
    inbox,
    once,
    pace,
    shares,
    store_version,
    threads,
)

# Prefix of the `user` of an anonymous vote.
ANONYMOUS = "anonymous:"


def _given(*columns: Column[Any]) -> list[ColumnElement[bool]]:
    """Conditions that each column equals the parameter `its_NAME`; `its` makes the values."""
    return [column == bindparam(f"its_{column.name}", type_=column.type) for column in columns]


def its(**values: object) -> dict[str, object]:
    """The parameters of the conditions that `_given` builds."""
    return {f"its_{name}": value for name, value in values.items()}


# Both databases accept the same ON CONFLICT clause, but SQLAlchemy has a separate construct for
# each, so it is written as text here and below.
def _insert_if_new(table: Table, values: Mapping[str, ColumnElement[Any]]) -> Insert:
    """Insert a row unless its key exists already; `rowcount` says how many were inserted."""
    row = select(*values.values()).where(true())  # without it SQLite parses ON as part of a join
    inserted = insert(table).from_select(list(values), row.suffix_with("ON CONFLICT DO NOTHING"))
    return inserted.execution_options(preserve_rowcount=True)  # not kept for INSERT by default


_due = inbox.c.finished_at.is_(None)
_this = (*_given(inbox.c.team, inbox.c.channel, inbox.c.ts), _due)
_persons = _given(threads.c.team, threads.c.channel, threads.c.user)

_leased = now() + bindparam("lease", type_=Double)

_new = ("team", "channel", "ts", "user", "thread", "text", "refusal", "client_msg_id")
_accepted: dict[str, ColumnElement[Any]] = {
    **{name: bindparam(name, type_=inbox.c[name].type) for name in _new},
    "received_at": bindparam("received_at", type_=Double),
    "due_at": bindparam("received_at", type_=Double),
    "owner": bindparam("me", type_=inbox.c.owner.type),
    "leased_until": _leased,
    "attempts": literal_column("0"),
    "why": literal_column("''"),
}
ACCEPT = _insert_if_new(inbox, _accepted)
# Voting the same again withdraws the vote, which leaves 0. A redelivered click is not newer than
# the stored vote, so it changes nothing.
VOTE = text(
    """
    INSERT INTO feedback (team, channel, message, "user", value, question, document, passage,
                          corpus, voted_at)
    VALUES (:team, :channel, :message, :user, :value, :question, :document, :passage, :corpus,
            :voted_at)
    ON CONFLICT (team, channel, message, "user") DO UPDATE
    SET value = CASE feedback.value WHEN excluded.value THEN 0 ELSE excluded.value END,
        question = excluded.question, document = excluded.document, passage = excluded.passage,
        corpus = excluded.corpus, voted_at = excluded.voted_at
    WHERE feedback.voted_at < excluded.voted_at
    RETURNING value
    """
).bindparams(*(bindparam(column.name, type_=column.type) for column in feedback.c))

# A double click comes within moments. A click a minute later counts again: by then the first one
# has failed, or its bot has died.
SHARE = text(
    """
    INSERT INTO shares (team, channel, message, shared_at)
    VALUES (:team, :channel, :message, :shared_at)
    ON CONFLICT (team, channel, message) DO UPDATE SET shared_at = excluded.shared_at
    WHERE shares.shared_at <= excluded.shared_at - 60
    """
).bindparams(*(bindparam(column.name, type_=column.type) for column in shares.c))
UNSHARE = delete(shares).where(*_given(shares.c.team, shares.c.channel, shares.c.message))


def _all_of(table: Table) -> dict[str, ColumnElement[Any]]:
    return {column.name: bindparam(column.name, type_=column.type) for column in table.c}


ADD_GAP = _insert_if_new(gaps, _all_of(gaps))
REMOVE_GAP = delete(gaps).where(*_given(gaps.c.team, gaps.c.channel, gaps.c.message, gaps.c.user))
GAPS_SINCE = (
    select(gaps)
    .where(gaps.c.asked_at >= bindparam("since"))
    .order_by(gaps.c.asked_at.desc())
    .limit(bindparam("most"))
)
SWEEP_GAPS = delete(gaps).where(gaps.c.asked_at <= bindparam("until"))
FORGET_GAPS = delete(gaps).where(*_given(gaps.c.user))

FIRST_TIME = _insert_if_new(once, _all_of(once))
UNDO_ONCE = delete(once).where(*_given(once.c.what, once.c.subject))
SWEEP_ONCE = delete(once).where(once.c.at <= bindparam("until"))

COUNT_UP = text(
    """
    INSERT INTO counters (name, value) VALUES (:name, 1)
    ON CONFLICT (name) DO UPDATE SET value = counters.value + 1
    """
)
COUNTER = select(counters.c.value).where(*_given(counters.c.name))

# Changes nothing, but fails if the database is read-only.
TRY_TO_WRITE = update(store_version).values(version=store_version.c.version)
NUMBER_DUE = select(func.count()).select_from(inbox).where(_due)
# A literal rather than a parameter, so that the planner can use the partial index.
_NAMED = inbox.c.client_msg_id != literal_column("''")
KNOWN = select(
    or_(
        exists().where(*_given(inbox.c.team, inbox.c.channel, inbox.c.ts)),
        exists().where(*_given(inbox.c.team, inbox.c.channel, inbox.c.client_msg_id), _NAMED),
    )
)
_oldest_first = (inbox.c.received_at, inbox.c.ts)
_mine = (inbox.c.owner == bindparam("me", type_=inbox.c.owner.type), _due)
IS_MINE = select(exists().where(*_this, *_mine))
UNFINISHED = select(inbox).where(*_mine).order_by(*_oldest_first)
# The values to set are passed when these two are executed.
FINISH = update(inbox).where(*_this, *_mine)
POSTPONE = update(inbox).where(*_this, *_mine).values(attempts=inbox.c.attempts + 1)

_key = (inbox.c.team, inbox.c.channel, inbox.c.ts)
RENEW = update(inbox).where(*_mine).values(leased_until=_leased).returning(*_key)
RELEASE = update(inbox).where(*_mine).values(leased_until=0.0)
# Skips rows that another replica is taking over now.
RUN_OUT = (
    select(inbox)
    .where(inbox.c.owner != bindparam("me"), _due, inbox.c.leased_until <= now())
    .order_by(*_oldest_first)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
TAKE_OVER = (
    update(inbox)
    .where(*_this)
    .values(owner=bindparam("me", type_=inbox.c.owner.type), leased_until=_leased)
)

COUNT = text(
    """
    INSERT INTO pace (team, "user", minute, message, questions)
    VALUES (:team, :user, :minute, '', 1)
    ON CONFLICT (team, "user", minute, message) DO UPDATE SET questions = pace.questions + 1
    RETURNING questions
    """
).bindparams(bindparam("team", type_=pace.c.team.type), bindparam("user", type_=pace.c.user.type))
_THIS_COUNT = _given(pace.c.team, pace.c.user, pace.c.minute, pace.c.message)
REMEMBER_COUNT = _insert_if_new(pace, _all_of(pace))
COUNTED = select(pace.c.questions).where(*_THIS_COUNT)
UNCOUNT = update(pace).where(*_THIS_COUNT).values(questions=pace.c.questions - 1)
SWEEP_PACE = delete(pace).where(pace.c.minute < bindparam("minute"))

REMEMBER = insert(threads).inline()
_latest = (
    select(threads.c.text)
    .order_by(threads.c.asked_at.desc(), threads.c.id.desc())
    .limit(bindparam("most"))
)
EARLIER_IN_CHANNEL = _latest.where(*_persons)
EARLIER_IN_THREAD = _latest.where(*_persons, *_given(threads.c.thread))
HAS_ASKED = select(
    or_(
        exists().where(*_persons, *_given(threads.c.thread)),
        exists().where(*_given(inbox.c.team, inbox.c.channel, inbox.c.user, inbox.c.thread), _due),
    )
)
LAST_QUESTIONS = (
    select(threads.c.text)
    .where(*_given(threads.c.team, threads.c.user))
    .group_by(threads.c.text)
    .order_by(func.max(threads.c.asked_at).desc(), func.max(threads.c.id).desc())
    .limit(bindparam("most"))
)

_votes = select(
    func.coalesce(func.sum(case((feedback.c.value > 0, 1), else_=0)), 0),
    func.coalesce(func.sum(case((feedback.c.value < 0, 1), else_=0)), 0),
)
TALLY = _votes.where(*_given(feedback.c.team, feedback.c.channel, feedback.c.message))
VOTES_SINCE = _votes.where(feedback.c.voted_at >= bindparam("since"))
DUE = select(func.count(), func.min(inbox.c.received_at)).where(_due)
OUTCOMES_SINCE = (
    select(inbox.c.outcome, func.count())
    .where(inbox.c.finished_at >= bindparam("since"))
    .group_by(inbox.c.outcome)
)

# Like FINISH, for all messages older than `until`.
EXPIRE = update(inbox).where(_due, inbox.c.received_at <= bindparam("until"))
SWEEP_INBOX = delete(inbox).where(inbox.c.finished_at <= bindparam("until"))
SWEEP_THREADS = delete(threads).where(threads.c.asked_at <= bindparam("until"))
SWEEP_SHARES = delete(shares).where(shares.c.shared_at <= bindparam("until"))
SWEEP_FEEDBACK = delete(feedback).where(feedback.c.voted_at <= bindparam("until"))
SWEEP_NAMED = delete(feedback).where(feedback.c.user.not_like(f"{ANONYMOUS}%"))

FORGET_DUE = update(inbox).where(*_given(inbox.c.user), _due)
FORGET_THREADS = delete(threads).where(*_given(threads.c.user))
FORGET_PACE = delete(pace).where(*_given(pace.c.user))
FORGET_VOTES = delete(feedback).where(*_given(feedback.c.user))
# Others may have voted on answers to this person's questions.
FORGET_QUESTIONS = (
    update(feedback)
    .where(
        or_(
            feedback.c.question.in_(select(threads.c.text).where(*_given(threads.c.user))),
            feedback.c.question.in_(select(inbox.c.text).where(*_given(inbox.c.user), _due)),
        )
    )
    .values(question="")
)
