import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.receiving.events import Ignored, IncomingMessage, read
from bot.slack.receiving.message_words import question_text

BOT = "UBOT"
MENTION = {
    "type": "app_mention",
    "user": "U1",
    "channel": "C1",
    "channel_type": "channel",
    "ts": "1.1",
    "text": "<@UBOT> the truce?",
}
DIRECT = {**MENTION, "type": "message", "channel": "D1", "channel_type": "im"}
THREAD = {"thread_ts": "0.9"}


@pytest.mark.parametrize(
    ("event", "channel", "thread"),
    [
        (MENTION, "C1", "1.1"),
        (MENTION | THREAD, "C1", "0.9"),
        (MENTION | {"thread_ts": "1.1"}, "C1", "1.1"),
        (MENTION | {"subtype": "thread_broadcast"} | THREAD, "C1", "0.9"),
        (MENTION | {"channel": "G1", "channel_type": "group"}, "G1", "1.1"),
        (DIRECT, "D1", "1.1"),
        (DIRECT | THREAD, "D1", "0.9"),
        (DIRECT | {"subtype": "file_share"}, "D1", "1.1"),
        (DIRECT | {"thread_ts": 5}, "D1", "1.1"),
    ],
)
def test_a_persons_message_is_answered_in_its_thread_or_begins_one(
    event: dict[str, object], channel: str, thread: str
) -> None:
    asked = read({"team_id": "T1", "event": event}, BOT)
    direct = channel == "D1"
    assert asked == IncomingMessage("the truce?", "U1", "T1", channel, "1.1", thread, direct=direct)


def test_a_thread_message_without_a_mention_may_be_a_follow_up() -> None:
    message = MENTION | {"type": "message", "text": "and who?"} | THREAD
    asked = read({"team_id": "T1", "event": message, "is_ext_shared_channel": True}, BOT)
    assert isinstance(asked, IncomingMessage)
    assert (asked.text, asked.addressed, asked.shared) == ("and who?", False, True)


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (None, "no event"),
        ([MENTION], "no event"),
        ({"type": "message"}, "not a message of a person in a channel"),
        (MENTION | {"user": None}, "not a message of a person in a channel"),
        (MENTION | {"channel": {}}, "not a message of a person in a channel"),
        (MENTION | {"ts": 1.1}, "not a message of a person in a channel"),
        (MENTION | {"user": BOT}, "from a bot"),
        (MENTION | {"bot_id": "B1"}, "from a bot"),
        (DIRECT | {"bot_profile": {"id": "B1"}}, "from a bot"),
        (DIRECT | {"subtype": "message_changed"}, "an edit, or a notice of Slack's"),
        (DIRECT | {"subtype": "message_deleted"}, "an edit, or a notice of Slack's"),
        (DIRECT | {"subtype": []}, "an edit, or a notice of Slack's"),
        (DIRECT | {"edited": {"ts": "1.2"}}, "an edit, or a notice of Slack's"),
        (DIRECT | {"hidden": True}, "an edit, or a notice of Slack's"),
        (MENTION | {"type": "message"}, "not addressed to the bot"),
        (MENTION | {"type": "message", "channel_type": "mpim"}, "not addressed to the bot"),
        (MENTION | {"type": "message"} | THREAD, "not addressed to the bot"),
        (MENTION | {"type": "reaction_added"} | THREAD, "not addressed to the bot"),
        (MENTION | {"channel": "C" * 101}, "not a message of a person in a channel"),
        (MENTION | {"user": "Ü1"}, "not a message of a person in a channel"),
    ],
)
def test_events_that_ask_nothing_are_ignored_with_a_reason(event: object, reason: str) -> None:
    assert read({"team_id": "T1", "event": event}, BOT) == Ignored(reason)


def test_deliveries_of_one_message_share_a_key_and_other_messages_have_their_own() -> None:
    def key(team: str, event: dict[str, str]) -> tuple[str, str, str]:
        asked = read({"team_id": team, "event": event}, BOT)
        assert isinstance(asked, IncomingMessage)
        return asked.team, asked.channel, asked.ts

    assert key("T1", MENTION) == key("T1", MENTION | {"channel_type": "im", "type": "message"})
    others = [MENTION, MENTION | {"ts": "1.2"}, MENTION | {"channel": "C2"}]
    assert len({key("T1", event) for event in others} | {key("T2", MENTION)}) == 4


@pytest.mark.parametrize(
    ("sent", "read_as"),
    [
        # mentions: the bot's own name goes, others keep the name that is shown
        ("<@UBOT> the truce?", "the truce?"),
        ("<@UBOT|article-bot>: the truce?", ": the truce?"),
        ("does <@UBOT> know <@U2|Jane>?", "does know Jane?"),
        ("does <@U2> know?", "does know?"),
        ("ask UBOT or @UBOT", "ask UBOT or @UBOT"),
        # links, channels and special mentions: what a reader sees of them
        ("see <https://a.example/x|the plan>", "see the plan"),
        ("see <https://a.example/x> now", "see now"),
        ("write to <mailto:a@b.example|a@b.example>", "write to a@b.example"),
        ("in <#C1|general> or <#C2>", "in general or"),
        ("<!channel> <!here|here> <!subteam^S1|@team> go", "here @team go"),
        ("by <!date^1^{date}|2 March>", "by 2 March"),
        # entities: once
        ("a &lt;b&gt; &amp; c", "a <b> & c"),
        ("&amp;lt; &amp;amp;gt;", "&lt; &amp;gt;"),
        ("&lt;@UBOT&gt; &lt;!channel&gt;", "<@UBOT> <!channel>"),
        # emoji go, times and ratios stay
        ("the truce? :tada:", "the truce?"),
        (":+1: :-1: :e-mail: :flag-ua: :wave::skin-tone-3: why", "why"),
        ("at 10:30:45 or 1:a:2", "at 10:30:45 or 1:a:2"),
        ("note: the truce: why", "note: the truce: why"),
        # space
        ("  two\n\nlines\t and\u00a0more ", "two\nlines and more"),
        ("<@UBOT>", ""),
        ("", ""),
        # half a markup, and what is no text
        ("a < b > c <", "a c <"),
        (None, ""),
        (5, ""),
        (["the truce?"], ""),
    ],
)
def test_the_question_is_the_message_as_a_reader_sees_it(sent: object, read_as: str) -> None:
    assert question_text(sent, BOT) == read_as


SCALARS = st.none() | st.booleans() | st.integers() | st.sampled_from([1.5, "", "<@U1", "\ud800"])
JSON = SCALARS | st.lists(SCALARS, max_size=2) | st.just({"event": {"user": "U1"}})
USUAL = st.sampled_from(["U1", BOT, "C1", "im", "1.1", "app_mention", "message", "file_share"])
FIELDS = [*MENTION, *THREAD, "subtype", "bot_id", "bot_profile", "edited", "hidden"]
EVENTS = st.dictionaries(st.sampled_from(FIELDS), USUAL | JSON)


@given(st.fixed_dictionaries({}, optional={"event": EVENTS | JSON, "team_id": USUAL | JSON}))
def test_any_body_is_read_without_an_error(body: dict[str, object]) -> None:
    match read(body, BOT):
        case IncomingMessage() as asked:
            names = (asked.user, asked.team, asked.channel, asked.ts, asked.thread)
            assert all(isinstance(name, str) for name in (asked.text, *names))
            assert asked.user != BOT
        case Ignored(reason):
            assert reason


@given(st.dictionaries(st.sampled_from(sorted(MENTION)), JSON))
def test_a_mention_with_some_fields_of_another_type_is_read_without_an_error(
    changed: dict[str, object],
) -> None:
    assert isinstance(read({"event": MENTION | changed}, BOT), IncomingMessage | Ignored)


@given(st.text(alphabet=st.sampled_from("<>@!#|&;: aUBOTlt+-10\n")))
def test_any_text_is_read_without_surplus_spaces_or_the_mention_of_the_bot(text: str) -> None:
    seen = question_text(text, BOT)
    assert seen == "\n".join(" ".join(line.split()) for line in seen.splitlines())
    assert question_text(f"<@{BOT}> {text}", BOT) == seen
