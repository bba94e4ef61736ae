"""Unanswered questions: how they are merged, listed and reported."""

import asyncio
import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.learning.gaps import gaps_in, what_is_asked
from bot.slack.delivering.digest import digest, week_over
from bot.store.records import Unanswered
from bot.store.store import open_store
from tests.conftest import Run


def asked(question: str, user: str = "U1", ts: str = "1.0", **values: object) -> Unanswered:
    kept = Unanswered(
        team="T1",
        channel="C1",
        message=ts,
        user=user,
        asks=what_is_asked(question),
        question=question,
        outcome="closest",
        document="a.md",
        passage=3,
        asked_at=float(ts),
    )
    return replace(kept, **values)  # type: ignore[arg-type]


def test_the_same_words_in_another_order_or_case_are_one_gap() -> None:
    [gap] = gaps_in(
        [
            asked("Where do visitors park?", ts="3.0"),
            asked("where do visitors park", "U2", ts="2.0"),
            asked("where do visitors park", "U1", ts="1.0"),
        ]
    )
    assert (gap.question, gap.times, gap.people) == ("where do visitors park", 3, 2)
    assert gap.about == "asked 3 times by 2 people · only something close · nearest: a.md, " + (
        "paragraph 3"
    )


def test_wordings_that_share_words_and_the_nearest_passage_are_one_gap() -> None:
    near = [asked("where may visitors park?"), asked("can visitors park here overnight?")]
    assert [gap.times for gap in gaps_in(near)] == [2]
    elsewhere = [near[0], replace(near[1], passage=4)]
    assert [gap.times for gap in gaps_in(elsewhere)] == [1, 1]
    other = [near[0], asked("who feeds the office cat?")]
    assert [gap.times for gap in gaps_in(other)] == [1, 1]


def test_a_private_question_is_counted_and_its_words_are_not_shown() -> None:
    private = replace(asked("where do I park?", "U2"), channel="", question="")
    [gap] = gaps_in([private, asked("where do I park?")])
    assert (gap.question, gap.times, gap.people) == ("where do I park?", 2, 2)
    [alone] = gaps_in([private])
    assert alone.question == ""


def test_a_vote_against_an_answer_is_a_gap_and_one_against_a_near_miss_adds_none() -> None:
    down = asked("who pays?", outcome="answered", down=True)
    [gap] = gaps_in([down])
    assert (gap.times, gap.down) == (1, 1)
    [gap] = gaps_in([asked("who pays?"), replace(down, outcome="closest", message="9.0")])
    assert (gap.times, gap.down) == (1, 1)


# The command line


def keep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *gaps: Unanswered) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))

    async def add() -> None:
        async with open_store(f"sqlite:///{tmp_path / 'article-bot.db'}") as store:
            for gap in gaps:
                await store.gaps.add(gap)

    asyncio.run(add())


def test_gaps_are_listed_with_what_is_asked_most_first(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime.now().timestamp()
    keep(
        tmp_path,
        monkeypatch,
        asked("who feeds the cat?", asked_at=now - 20 * 86400, ts="1.0"),
        asked("where do I park?", asked_at=now, ts="2.0", outcome="not_found", document=""),
        asked("where do I park?", "U2", asked_at=now, ts="3.0", outcome="not_found", document=""),
    )
    ran = run("gaps")
    assert (ran.status, ran.out) == (
        0,
        "where do I park?\n  asked 2 times by 2 people · not found\n"
        "who feeds the cat?\n  asked once · only something close · nearest: a.md, paragraph 3\n",
    )
    assert "cat" not in run("gaps", "--since", "7d").out
    lines = [json.loads(line) for line in run("gaps", "--json").out.splitlines()]
    assert [(line["question"], line["times"]) for line in lines] == [
        ("where do I park?", 2),
        ("who feeds the cat?", 1),
    ]


def test_gaps_are_exported_as_a_question_set_for_eval(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime.now().timestamp()
    keep(tmp_path, monkeypatch, asked("what does the truce cover?", asked_at=now))
    file = tmp_path / "gaps.jsonl"
    assert run("gaps", "--as-eval", str(file)).status == 0
    assert run("eval", str(file)).status == 0
    again = run("gaps", "--as-eval", str(file))
    assert (again.status, "already exists; name another file" in again.err) == (2, True)


def test_without_gaps_nothing_is_printed_and_no_store_is_made(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "none"))
    ran = run("gaps")
    assert (ran.status, ran.out, ran.err) == (0, "", "")
    assert not (tmp_path / "none").exists()
    keep(tmp_path, monkeypatch)
    ran = run("gaps")
    assert (ran.status, ran.out) == (0, "")


@pytest.mark.parametrize("since", ["7", "d", "-1d", "7 d", "99999d", "٧d"])
def test_an_invalid_duration_is_refused(since: str, run: Run) -> None:
    ran = run("gaps", "--since", since)
    assert (ran.status, ran.out) == (2, "")
    assert "say how long, like 12h, 7d or 4w" in ran.err


# The digest


def test_a_week_ends_on_monday_at_nine_and_is_reported_only_that_day() -> None:
    nine = datetime(2026, 11, 23, 9)
    assert week_over(nine - timedelta(seconds=1)) is None
    week = week_over(nine + timedelta(hours=3))
    assert week is not None
    assert (week.end, week.name) == (nine, "2026-W48")
    assert week_over(nine + timedelta(hours=13)) is None
    assert week_over(nine + timedelta(days=2)) is None


def test_the_digest_counts_and_says_no_words() -> None:
    told = digest(
        [asked("a secret?"), asked("a secret?", "U2"), asked("b?", down=True, outcome="answered")]
    )
    assert told == (
        "Last week there were 2 questions that I could not answer, from 2 people. 1 vote said that "
        "an answer did not help. Editors see them in my home tab."
    )
    assert digest([]) == "Last week I answered everything I was asked."


# Who keeps a document right


def test_a_document_whose_review_is_past_is_listed_by_check(run: Run, tmp_path: Path) -> None:
    for name, review in (("old", "2020-01-31"), ("new", "2999-01-31"), ("odd", "some day")):
        text = f"---\nowner: Ann\nreview: {review}\n---\nThe {name} ferry carries horses.\n"
        (tmp_path / f"{name}.md").write_text(text)
    out = run("check", "--corpus", str(tmp_path)).out
    assert "old.md: its review is overdue; look at it, and set a later `review`" in out
    assert out.count("overdue") == 1
