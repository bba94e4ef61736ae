"""The tables as they are now; `migrations` makes them of those of older versions."""

from sqlalchemy import (
    Column,
    Dialect,
    Double,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    TypeDecorator,
    text,
)


class Words(TypeDecorator[str]):
    """Text as it comes from outside: half a character (a lone surrogate) and NUL become "?"."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, _: Dialect) -> str | None:
        """What can be kept of it: neither database keeps the first, PostgreSQL not the second."""
        if value is None:
            return None
        return value.encode("utf-8", "replace").decode("utf-8").replace("\0", "?")


def _words(name: str, *, key: bool = False, default: str | None = None) -> Column[str]:
    return Column(name, Words, primary_key=key, nullable=False, server_default=default)


def _time(name: str) -> Column[float]:
    return Column(name, Double, nullable=False)


metadata = MetaData()

store_version = Table("store_version", metadata, Column("version", Integer, nullable=False))

# A row without finished_at is due, and its owner's to answer until leased_until, by the database's
# clock. One with it is there so that its message is known again: by its key, and by what the
# author's client called it, since Slack may give one message two time stamps.
inbox = Table(
    "inbox",
    metadata,
    _words("team", key=True),
    _words("channel", key=True),
    _words("ts", key=True),
    _words("user"),
    _words("thread"),
    _words("text"),
    _words("refusal"),
    _time("received_at"),
    _time("due_at"),
    _words("owner"),
    _time("leased_until"),
    Column("attempts", Integer, nullable=False),
    _words("why"),
    Column("outcome", Words),
    Column("finished_at", Double),
    _words("client_msg_id", default=""),
    Index("inbox_by_finished_at", "finished_at"),
    Index(
        "inbox_by_client_msg_id",
        "team",
        "channel",
        "client_msg_id",
        unique=True,
        sqlite_where=text("client_msg_id <> ''"),
        postgresql_where=text("client_msg_id <> ''"),
    ),
)

# What was asked, by whom. A question that stands in no thread has an empty one.
threads = Table(
    "threads",
    metadata,
    Column("id", Integer, primary_key=True),
    _words("team"),
    _words("channel"),
    _words("thread"),
    _words("user"),
    _words("text"),
    _time("asked_at"),
    Index("threads_by_user", "user", "team", "asked_at"),
)

feedback = Table(
    "feedback",
    metadata,
    _words("team", key=True),
    _words("channel", key=True),
    _words("message", key=True),
    _words("user", key=True),
    Column("value", Integer, nullable=False),
    _words("question"),
    _words("document"),
    Column("passage", Integer, nullable=False),
    _words("corpus"),
    _time("voted_at"),
)

# How many questions a person asked in a minute of the clock, where several replicas count together:
# without a message how many in all, and with one which of them it was.
pace = Table(
    "pace",
    metadata,
    _words("team", key=True),
    _words("user", key=True),
    Column("minute", Integer, primary_key=True, autoincrement=False),
    _words("message", key=True),
    Column("questions", Integer, nullable=False),
)

# What the documents did not answer: a question that ended so, or an answer that did not help
# (`down`). One that was asked in private has neither a channel nor its words. `asks` is a digest of
# what it asks, whose key is not in the database.
gaps = Table(
    "gaps",
    metadata,
    _words("team", key=True),
    _words("channel", key=True),
    _words("message", key=True),
    _words("user", key=True),
    _words("asks"),
    _words("question"),
    _words("outcome"),
    _words("document"),
    Column("passage", Integer, nullable=False),
    Column("down", Integer, nullable=False),
    _time("asked_at"),
    Index("gaps_by_asked_at", "asked_at"),
)

# What is done once, whichever replicas try: a digest of a week, a call for an expert.
once = Table("once", metadata, _words("what", key=True), _words("subject", key=True), _time("at"))

# Numbers that only grow, by which one replica tells the others that something changed.
counters = Table(
    "counters",
    metadata,
    _words("name", key=True),
    Column("value", Integer, nullable=False),
)

# Which message, that one person saw, was last shown to all, and when: so that of two clicks one
# does it, whichever replicas have them.
shares = Table(
    "shares",
    metadata,
    _words("team", key=True),
    _words("channel", key=True),
    _words("message", key=True),
    _time("shared_at"),
)
