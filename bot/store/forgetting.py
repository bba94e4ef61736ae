"""Deletes a person's data from the store and from its copies, which may be of older versions."""

from sqlalchemy import Connection, Executable, Table, inspect

from bot.store import statements as sql
from bot.store.database import patient
from bot.store.schema import feedback, gaps, inbox, pace, threads
from bot.store.statements import its


def forget(connection: Connection, user: str, now: float) -> int:
    """Delete everything stored about a person; returns the number of rows.

    Messages that are due keep their key, because Slack may redeliver them. Tables that an older
    version does not have are skipped.
    """
    patient(connection)
    there = set(inspect(connection).get_table_names())
    where = its(user=user)

    def run(statement: Executable, *tables: Table, **values: object) -> int:
        if not there.issuperset(table.name for table in tables):
            return 0
        return connection.execute(statement, where | values).rowcount

    run(sql.FORGET_QUESTIONS, feedback, threads, inbox)
    due = run(sql.FORGET_DUE, inbox, **crossed_out("forgotten", now))
    questions = run(sql.FORGET_THREADS, threads)
    votes = run(sql.FORGET_VOTES, feedback)
    run(sql.FORGET_PACE, pace)
    unanswered = run(sql.FORGET_GAPS, gaps)
    return due + questions + votes + unanswered


def crossed_out(outcome: str, now: float) -> dict[str, object]:
    """The columns of a finished message: its outcome, with the user and the text removed."""
    return {"outcome": outcome, "finished_at": now, "user": "", "text": ""}
