"""Every statement of the store, built once: what is built again at each use costs most of it."""

from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    bindparam,
    case,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    text,
    update,
)

from bot.store.tables import feedback, inbox, threads

# What the user of a vote begins with when it is nobody's.
ANONYMOUS = "anonymous:"


def _given(*columns: Column[Any]) -> list[ColumnElement[bool]]:
    """Each column is what is given for it, under its name with "its_" before: see `its`."""
    return [column == bindparam(f"its_{column.name}", type_=column.type) for column in columns]


def its(**values: object) -> dict[str, object]:
    """The values for `_given`."""
    return {f"its_{name}": value for name, value in values.items()}


_due = inbox.c.finished_at.is_(None)
_this = (*_given(inbox.c.team, inbox.c.channel, inbox.c.ts), _due)
_persons = _given(threads.c.team, threads.c.channel, threads.c.user)

# Both databases read these two, but SQLAlchemy writes them for each in a way of its own.
ACCEPT = text(
    """
    INSERT INTO inbox (team, channel, ts, "user", thread, text, refusal, received_at, due_at,
                       attempts, why)
    VALUES (:team, :channel, :ts, :user, :thread, :text, :refusal, :received_at, :received_at, 0,
            '')
    ON CONFLICT DO NOTHING
    """
).bindparams(
    *(
        bindparam(column.name, type_=column.type)
        for column in inbox.c
        if column.name in ("team", "channel", "ts", "user", "thread", "text", "refusal")
    )
)
VOTE = text(
    """
    INSERT INTO feedback (team, channel, message, "user", value, question, document, passage,
                          corpus, voted_at)
    VALUES (:team, :channel, :message, :user, :value, :question, :document, :passage, :corpus,
            :voted_at)
    ON CONFLICT (team, channel, message, "user") DO UPDATE
    SET value = excluded.value, question = excluded.question, document = excluded.document,
        passage = excluded.passage, corpus = excluded.corpus, voted_at = excluded.voted_at
    """
).bindparams(*(bindparam(column.name, type_=column.type) for column in feedback.c))

NUMBER_DUE = select(func.count()).select_from(inbox).where(_due)
KNOWN = select(exists().where(*_given(inbox.c.team, inbox.c.channel, inbox.c.ts)))
UNFINISHED = select(inbox).where(_due).order_by(inbox.c.received_at, inbox.c.ts)
# The values to set are given with these two.
FINISH = update(inbox).where(*_this)
POSTPONE = update(inbox).where(*_this).values(attempts=inbox.c.attempts + 1)

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

# As FINISH, for all that are older.
EXPIRE = update(inbox).where(_due, inbox.c.received_at <= bindparam("until"))
SWEEP_INBOX = delete(inbox).where(inbox.c.finished_at <= bindparam("until"))
SWEEP_THREADS = delete(threads).where(threads.c.asked_at <= bindparam("until"))
SWEEP_FEEDBACK = delete(feedback).where(feedback.c.voted_at <= bindparam("until"))
SWEEP_NAMED = delete(feedback).where(feedback.c.user.not_like(f"{ANONYMOUS}%"))

FORGET_DUE = update(inbox).where(*_given(inbox.c.user), _due)
FORGET_THREADS = delete(threads).where(*_given(threads.c.user))
FORGET_VOTES = delete(feedback).where(*_given(feedback.c.user))
# Others may have voted on the answers that the person got.
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
