"""The current tables; `migrations` upgrades those of older versions."""

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
    """Text from outside: lone surrogates and NUL become "?"."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, _: Dialect) -> str | None:
        """The text without what cannot be stored: surrogates in either database, NUL in Postgres.

        None stays None.
        """
        if value is None:
            return None
        return value.encode("utf-8", "replace").decode("utf-8").replace("\0", "?")


def _words(name: str, *, key: bool = False, default: str | None = None) -> Column[str]:
    return Column(name, Words, primary_key=key, nullable=False, server_default=default)


def _time(name: str) -> Column[float]:
    return Column(name, Double, nullable=False)


metadata = MetaData()

store_version = Table("store_version", metadata, Column("version", Integer, nullable=False))

# A row without finished_at is due, and belongs to its owner until leased_until, by the database's
# clock. A row with finished_at stays so that a redelivered message is recognised, by its key or by
# its client_msg_id, since Slack may give one message two timestamps.
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

# Who asked what. A question outside any thread has an empty one.
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

# The rate limit that replicas share: questions per person and clock minute. In the row with an
# empty message, `questions` is the total; in the others it is the number of that message, from 1.
pace = Table(
    "pace",
    metadata,
    _words("team", key=True),
    _words("user", key=True),
    Column("minute", Integer, primary_key=True, autoincrement=False),
    _words("message", key=True),
    Column("questions", Integer, nullable=False),
)

# Questions that the documents did not answer, and answers that did not help (`down`). A question
# asked in private is stored without its channel and words. `asks` is a keyed digest of what is
# asked; its key is not in the database.
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

# Actions that happen once even if several replicas try: a weekly digest, a call for an expert.
once = Table("once", metadata, _words("what", key=True), _words("subject", key=True), _time("at"))

# Counters that only grow: replicas watch them to learn that something changed.
counters = Table(
    "counters",
    metadata,
    _words("name", key=True),
    Column("value", Integer, nullable=False),
)

# When a message that only one person saw was last shared with the channel. Of two clicks only one
# shares it, even on different replicas.
shares = Table(
    "shares",
    metadata,
    _words("team", key=True),
    _words("channel", key=True),
    _words("message", key=True),
    _time("shared_at"),
)
