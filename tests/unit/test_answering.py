"""What a question finds, and how the answer explains it."""

from pathlib import Path

import pytest

from bot.answering.answerer import MAX_CITATIONS, NO_WORD, Answerer
from bot.answering.question_parser import MAX_KEPT, NOT_ENGLISH
from bot.errors import SynonymError
from bot.model import ORDINALS, Answer, Answered, NotFound, Question
from tests.conftest import answerer_from, answerer_of, open_answerer

CARRY = "what will the ferry carry?"


def first(answer: Answer) -> int | None:
    """The number of the paragraph that answers."""
    return answer.citations[0].passage.number if answer.citations else None


def reasons(answer: Answer) -> set[tuple[str, str, str]]:
    """What the first passage has of the question: the word asked, as it was found, and via what."""
    return {(m.asked, m.found, m.via) for m in answer.citations[0].why if m.found}


@pytest.mark.parametrize(
    ("question", "paragraph"),
    [
        ("when did Lowmere agree to close its bridge?", 1),
        ("who said that masons would repair the arches?", 2),
        ("how many passengers will the ferry carry?", 3),
        ("will anybody pay for a crossing?", 4),
        ("what does the LBT fear?", 5),
        ("is there wifi?", None),
    ],
)
def test_a_question_finds_the_paragraph_with_its_words(
    ferry: Answerer, question: str, paragraph: int | None
) -> None:
    assert first(ferry.answer(Question(question))) == paragraph


def test_the_quote_is_the_sentence_with_most_of_the_question() -> None:
    several = answerer_of("It rained. The ferry carries horses. The horses are calm. It rained.")
    answer = several.answer(Question("does the ferry carry horses?"))
    assert answer.citations[0].quote == "The ferry carries horses."


@pytest.mark.parametrize(
    ("question", "quote"),
    [
        ("what does a freeze of a membership cost?", "During a freeze you pay $5 a month."),
        ("how long may I freeze a membership?", "You may freeze a membership for three months."),
    ],
)
def test_the_quote_is_the_sentence_that_gives_what_is_asked_for(question: str, quote: str) -> None:
    answer = answerer_of(
        "You may freeze a membership for three months. During a freeze you pay $5 a month."
    ).answer(Question(question))
    assert answer.citations[0].quote == quote


def test_a_quote_that_begins_with_a_pronoun_brings_the_sentence_before_it() -> None:
    answer = answerer_of(
        "The ferry is old. Ann Lee built the pier. She painted its railings green."
    ).answer(Question("who painted the railings?"))
    assert answer.citations[0].quote == "Ann Lee built the pier. She painted its railings green."


@pytest.mark.parametrize(
    ("question", "quote"),
    [
        ("I lost my key", "Lost your key? Call Ann Lee."),
        ("are guests welcome?", "Are guests welcome? No. They are not insured."),
        ("does the pier open?", "The pier opens on Sundays."),
        ("do we sell nets?", "A: No. The shop sells nets."),
    ],
)
def test_a_question_or_a_bare_no_is_quoted_with_what_follows(question: str, quote: str) -> None:
    answer = answerer_of(
        "Lost your key? Call Ann Lee. She has spare ones.",
        "Are guests welcome? No. They are not insured. It rained.",
        "The pier opens on Sundays. Tea is free.",
        "Q: Do we sell nets?\nA: No. The shop sells nets. It is closed now.",
    ).answer(Question(question))
    assert isinstance(answer, Answered)
    assert answer.citations[0].quote == quote


@pytest.mark.parametrize(
    "question", ["quel est le plan du ferry?", "wer hat das gebaut?", "что везёт паром?"]
)
def test_a_question_in_another_language_finds_nothing_and_says_why(
    ferry: Answerer, question: str
) -> None:
    answer = ferry.answer(Question(question))
    assert isinstance(answer, NotFound)
    assert answer.notes == (NOT_ENGLISH,)


def test_a_part_for_which_nothing_was_found_is_named(ferry: Answerer) -> None:
    answer = ferry.answer(Question("what will the ferry carry and where are Bananas ripened?"))
    assert "Nothing was found for “where are Bananas ripened?”." in answer.notes


def test_a_heading_is_searched_with_the_paragraph_under_it_and_never_quoted(
    ferry: Answerer,
) -> None:
    answer = ferry.answer(Question("what is the cost?"))
    assert first(answer) == 4
    assert answer.citations[0].quote.startswith("Under a plan by Ivo Horvat")


@pytest.mark.parametrize("frame", ["which kinds of", "what type of", "what sort of"])
def test_which_kinds_of_horses_means_which_horses(frame: str) -> None:
    stable = "The grey horses pull the ferry on weekdays.\nThe town repaired its old pier."
    answer = answerer_of(stable).answer(Question(f"{frame} horses pull the ferry?"))
    assert isinstance(answer, Answered)
    assert answer.missing == ()
    assert answerer_of(stable).answer(Question("is the mayor kind?")).missing == ("mayor", "kind")


@pytest.mark.parametrize(
    ("question", "answers"),
    [
        ("what time does the ferry leave?", "The ferry leaves at 9:00."),
        ("in which year was the pier built?", "The pier was built in 1911."),
        ("how often does the ferry sail to Norway?", "The ferry sails to Norway twice a week."),
        ("which country does the ferry sail to?", "The ferry sails to Norway twice a week."),
    ],
)
def test_an_answer_need_not_name_the_kind_of_thing_it_is(question: str, answers: str) -> None:
    others = "The ferry leaves at 9:00.\nThe pier was built in 1911.\nThe pier is 300 m long."
    answer = answerer_of(f"{others}\nThe ferry sails to Norway twice a week.").answer(
        Question(question)
    )
    assert isinstance(answer, Answered)
    assert (answer.citations[0].quote, answer.missing) == (answers, ())


def test_a_number_in_another_unit_does_not_answer() -> None:
    answer = answerer_of("The pier is 300 m long.\nThe town has a mayor.").answer(
        Question("how old is the pier?")
    )
    assert "old" in answer.missing


@pytest.mark.parametrize(
    ("question", "missing"),
    [
        ("what was fixed in 4.3?", ()),
        ("what was fixed in 4.3.1?", ("4.3.1",)),
        ("what is the email of the harbour master?", ()),
        ("which alert tells of the depth of the queue?", ()),
        ("what is the phone of the harbour master?", ("phone",)),
    ],
)
def test_a_word_in_another_form_is_not_missing(question: str, missing: tuple[str, ...]) -> None:
    answer = answerer_of(
        "In version 4.3.0 the login was fixed.\nHarbour master: ann@lowmere.example\n"
        "The alert QueueDepth tells of waiting boats."
    ).answer(Question(question))
    assert answer.missing == missing


# what stands for a word


def test_a_synonym_is_found_and_named(ferry: Answerer) -> None:
    answer = ferry.answer(Question("what will the masons mend?"))
    assert first(answer) == 2
    assert ("mend", "repair", "a synonym") in reasons(answer)
    assert answer.missing == ()  # the documents have the word in another form


def test_a_misspelt_word_is_corrected_with_a_note(ferry: Answerer) -> None:
    answer = ferry.answer(Question("how many pasengers will the ferry carry?"))
    assert first(answer) == 3
    assert answer.notes == ("I read “pasengers” as “passengers”.",)
    assert answer.missing == ()


ARRIVED = "Dagny Tarrant, Latvia’s president, arrived.\nMs Tarrant promised the town a ferry."


@pytest.mark.parametrize(
    ("question", "stands_for_her"),
    [
        ("what did Dagny promise?", {"dagny"}),
        ("what did Latvia's president promise?", {"latvia", "president"}),
        ("what did the president of Latvia promise?", {"latvia", "president"}),
        ("what did the Latvian president promise?", {"latvian", "president"}),
    ],
)
def test_a_first_name_or_an_office_finds_the_person(
    question: str, stands_for_her: set[str]
) -> None:
    answer = answerer_of(ARRIVED).answer(Question(question))
    assert first(answer) == 2
    her = {asked for asked, found, via in reasons(answer) if (found, via) == ("tarrant", "Tarrant")}
    assert her == stands_for_her


def test_an_alias_holds_only_in_the_document_that_gives_it() -> None:
    elsewhere = answerer_of("Dagny Tarrant came.", "Ms Tarrant promised a ferry.")
    answer = elsewhere.answer(Question("what did Dagny promise?"))
    found = {c.passage.document.path: {m.found for m in c.why} for c in answer.citations}
    assert "tarrant" not in found["b.txt"]


def test_the_corpus_s_own_synonyms_win() -> None:
    text = "The premier opened the bridge.\nThe project manager opened the ferry."
    question = Question("what did the pm open?")
    assert first(answerer_of(text).answer(question)) == 1
    own = answerer_of(text, synonyms="pm => project manager")
    assert first(own.answer(question)) == 2


def test_a_custom_synonym_line_removes_an_alias() -> None:
    question = Question("what did Dagny promise?")
    kept, forgot = answerer_of(ARRIVED), answerer_of(ARRIVED, synonyms="dagny => dagny")
    assert "tarrant" in {found for _, found, _ in reasons(kept.answer(question))}
    citations = forgot.answer(question).citations
    assert all(m.found != "tarrant" for c in citations for m in c.why)


def test_a_list_that_does_not_parse_is_refused_when_the_corpus_is_opened(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("The ferry sails.\n")
    (tmp_path / "synonyms.txt").write_text("ferry, boat\nferry =>\n")
    with pytest.raises(SynonymError, match=r"^synonyms\.txt:2: not "):
        open_answerer(tmp_path)


def test_the_content_hash_changes_with_the_custom_synonyms(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("The ferry sails.\n")
    question = Question("when does the punt sail?")
    before = open_answerer(tmp_path).answer(question)
    (tmp_path / "synonyms.txt").write_text("punt, ferry\n")
    after = open_answerer(tmp_path).answer(question)
    assert before.corpus != after.corpus
    assert ("punt", "ferri", "a synonym") in reasons(after)


# a thread


@pytest.mark.parametrize("question", ["how many?", "and how many of them?", "how many at a time?"])
def test_a_follow_up_leans_on_the_question_before_it(ferry: Answerer, question: str) -> None:
    answer = ferry.answer(Question(question, (CARRY,)))
    assert first(answer) == 3
    assert {"ferry", "carry"} <= {asked for asked, _, _ in reasons(answer)}


def test_a_follow_up_without_a_thread_has_nothing_to_look_for(ferry: Answerer) -> None:
    assert isinstance(ferry.answer(Question("how many?")), NotFound)


def test_a_follow_up_leans_on_the_last_question_that_stands_alone(ferry: Answerer) -> None:
    thread = ("what does the LBT fear?", CARRY, "how many?")
    assert first(ferry.answer(Question("and how?", thread))) == 3


def test_a_complete_question_ignores_the_thread(ferry: Answerer) -> None:
    question = "what does the Bridge Trust fear?"
    assert ferry.answer(Question(question, (CARRY,))) == ferry.answer(Question(question))


# several questions in one


def test_each_part_has_its_own_citation_with_its_number(ferry: Answerer) -> None:
    answer = ferry.answer(Question(f"{CARRY} and what does the LBT fear?"))
    assert isinstance(answer, Answered)
    assert [(c.part, c.passage.number) for c in answer.citations[:2]] == [(1, 3), (2, 5)]


def test_parts_may_be_answered_by_two_documents() -> None:
    two = answerer_of("The truce covers air and sea.", "Bakers sell rye in Leeds.")
    answer = two.answer(Question("what does the truce cover and where do bakers sell rye?"))
    cited = [(citation.part, citation.passage.document.path) for citation in answer.citations]
    assert cited == [(1, "a.txt"), (2, "b.txt")]


def outcomes(answer: Answer) -> list[tuple[str, str]]:
    return [(part.text, part.outcome.value) for part in answer.parts]


def test_an_answered_part_stays_an_answer_beside_an_unanswered_one(ferry: Answerer) -> None:
    answer = ferry.answer(Question("Where are Bananas ripened and what will the ferry carry?"))
    assert isinstance(answer, Answered)
    assert outcomes(answer) == [
        ("Where are Bananas ripened", "not_found"),
        ("what will the ferry carry?", "answered"),
    ]
    assert (first(answer), answer.citations[0].part) == (3, 2)


def test_a_part_with_only_a_closest_passage_is_named_and_comes_last(ferry: Answerer) -> None:
    near = "Which passengers brought Bananas?"
    answer = ferry.answer(Question(f"{near} {CARRY}?"))
    assert isinstance(answer, Answered)
    assert [part.outcome.value for part in answer.parts] == ["closest", "answered"]
    assert [(c.part, c.is_closest) for c in answer.citations[:1]] == [(2, False)]
    assert "I'm not sure about “Which passengers brought Bananas”." in answer.notes


def test_a_passage_that_answers_two_parts_is_shown_once_and_quoted_for_both() -> None:
    one = answerer_of("The truce covers air and sea. The king opened it. The truce ends in May.")
    answer = one.answer(Question("- what does the truce cover?\n- when does the truce end?"))
    [citation] = answer.citations
    assert (citation.part, citation.also_parts) == (1, (2,))
    assert citation.quote == citation.passage.text
    text = citation.passage.document.text
    said = [text[start:end] for start, end in citation.answers]
    assert said == ["The truce covers air and sea.", "The truce ends in May."]


def test_a_question_of_one_part_has_no_parts(ferry: Answerer) -> None:
    assert ferry.answer(Question(CARRY)).parts == ()


def test_questions_after_the_fifth_are_skipped_with_a_note(ferry: Answerer) -> None:
    asked = " and ".join(f"who sold boat number {n}" for n in range(2, 8))
    assert "I read only the first 5 of your questions." in ferry.answer(Question(asked)).notes


def test_a_later_part_may_lean_on_the_one_before(ferry: Answerer) -> None:
    answer = ferry.answer(Question("what will the ferry carry and how many at a time?"))
    assert first(answer) == 3


def test_each_of_the_first_parts_has_a_citation(ferry: Answerer) -> None:
    parts = [CARRY, "what does the LBT fear", "when did Lowmere agree to close the bridge"]
    answer = ferry.answer(Question(" and ".join(parts * 9)))
    assert [(c.part, c.passage.number) for c in answer.citations[:3]] == [(1, 3), (2, 5), (3, 1)]
    assert len(answer.citations) <= max(len(ORDINALS), MAX_CITATIONS)


def test_a_question_of_one_part_has_no_part_numbers(ferry: Answerer) -> None:
    assert {c.part for c in ferry.answer(Question(CARRY)).citations} == {0}


# scores


@pytest.mark.parametrize("question", [CARRY, "who said what of the bridge?", "Lowmere?", "work"])
def test_a_passage_s_score_is_the_sum_of_its_reasons_and_orders_the_citations(
    ferry: Answerer, question: str
) -> None:
    sums = [sum(m.score for m in c.why) for c in ferry.answer(Question(question)).citations]
    assert sums == sorted(sums, reverse=True)
    [part] = ferry.examine(Question(question))
    assert sums == [fit.score for fit in part.found[: len(sums)]]


WRITTEN = """
Error E-1042 means the disk is full.

Error E-1043 means the fan is stuck.

JIRA123 tracks the outage.

Set sessionTimeout to 30 to stay logged in.

The max_retry_count is five.

The sign-off needs two signatures.

The workaround is to restart the printer.

The data center needs a badge.

Onboarding needs a laptop.

Two women carry the coal.

Grade B staff fly economy.

Building 2 has the gym.

PTO that is not taken in March is lost.

Staff get paid time off (PTO) each year.

The diff command compares files.

Services in C need a kernel review.

Services in C++ need a render review.
"""


@pytest.mark.parametrize(
    ("question", "quote"),
    [
        ("what does E1042 mean?", "Error E-1042 means the disk is full."),
        ("what does e-1043 mean?", "Error E-1043 means the fan is stuck."),
        ("what does JIRA-123 track?", "JIRA123 tracks the outage."),
        ("what is session_timeout?", "Set sessionTimeout to 30 to stay logged in."),
        ("what is the session timeout?", "Set sessionTimeout to 30 to stay logged in."),
        ("what is maxRetryCount?", "The max_retry_count is five."),
        ("what does the signoff need?", "The sign-off needs two signatures."),
        ("what does the sign off need?", "The sign-off needs two signatures."),
        ("what is the work-around for the printer?", "The workaround is to restart the printer."),
        ("what does the datacenter need?", "The data center needs a badge."),
        ("what does on boarding need?", "Onboarding needs a laptop."),
        ("which two women carry the coal?", "Two women carry the coal."),
        ("what is PTO?", "Staff get paid time off (PTO) each year."),
        ("what does diff do?", "The diff command compares files."),
        ("what do services in C++ need?", "Services in C++ need a render review."),
        ("what do services in C need?", "Services in C need a kernel review."),
    ],
)
def test_a_word_is_found_however_it_is_written(question: str, quote: str) -> None:
    answer = answerer_of(WRITTEN).answer(Question(question))
    assert isinstance(answer, Answered)
    assert answer.citations[0].quote.startswith(quote)
    assert not answer.missing


REQUESTS = """
Seniors find, list and explain work, and ask for help where they need it.

Teams work in cycles of six weeks.

The package has a rule and a policy on boats that need help.

A sabbatical takes six weeks.
"""


@pytest.mark.parametrize(
    ("question", "quote"),
    [
        ("explain the cycles", "Teams work in cycles"),
        ("can you explain to me how the cycles work?", "Teams work in cycles"),
        ("I need help with cycles", "Teams work in cycles"),
        ("is it true that teams work in cycles?", "Teams work in cycles"),
        ("show me the sabbatical policy", "A sabbatical takes"),
        ("find the rules on sabbaticals", "A sabbatical takes"),
        ("help find the seniors", "Seniors find"),
    ],
)
def test_words_that_only_introduce_a_question_do_not_decide_its_answer(
    question: str, quote: str
) -> None:
    answer = answerer_of(REQUESTS).answer(Question(question))
    assert answer.citations[0].quote.startswith(quote)
    assert not any("does not mention" in note for note in answer.notes)
    assert not answer.missing


@pytest.mark.parametrize("question", ["how long?", "How long could I do that for?"])
def test_a_question_of_nothing_but_its_kind_asks_about_nothing(question: str) -> None:
    answer = answerer_of("How long a rope is matters.\n\nIt takes two hours.").answer(
        Question(question)
    )
    assert isinstance(answer, NotFound)
    assert NO_WORD in answer.notes


def test_what_is_said_before_a_question_without_words_is_what_it_is_about() -> None:
    said = "I have to wait for the zeppelin. How long could that be?"
    assert answerer_of("It takes two hours.").answer(Question(said)).missing == ("wait", "zeppelin")


@pytest.mark.parametrize(
    "question",
    [
        "what does E1044 mean?",
        "what does JIRA-124 track?",
        "how do grade A staff fly?",
        "what does building 1 have?",
        "what does building one have?",
        "what do services in C# need?",
    ],
)
def test_a_similar_code_or_name_does_not_answer(question: str) -> None:
    assert not isinstance(answerer_of(WRITTEN).answer(Question(question)), Answered)


@pytest.mark.parametrize(
    "question",
    ["what is the timeout?", "which timeout has a session?", "SESSION_TIMEOUT", "session-timeout"],
)
def test_the_parts_of_an_identifier_are_found(question: str) -> None:
    text = "Set sessionTimeout to 30. Restart then.\n\nA session is a visit."
    answer = answerer_of(text).answer(Question(question))
    assert answer.citations[0].quote == "Set sessionTimeout to 30."


@pytest.mark.parametrize("whole", ["sessionTimeout", "session_timeout"])
def test_a_whole_identifier_counts_more_than_its_parts(whole: str) -> None:
    answerer = answerer_of(f"The timeout of the session is short.\n\nThe {whole} is short.")
    for question in ("is sessionTimeout short?", "is session_timeout short?"):
        best = answerer.answer(Question(question)).citations[0]
        assert best.quote == f"The {whole} is short."


def test_a_name_with_capitals_inside_is_not_taken_apart() -> None:
    assert answerer_of("YouTube is open. So is the iPhone.").answer(
        Question("what is the tube or phone?")
    ).missing == ("tube", "phone")


# words of offices, and verbs that say little


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("You get 25 days of annual leave.", "what PTO is there?"),
        ("Working from home is agreed with the supervisor.", "who may WFH?"),
        ("Switch on two-factor authentication in Settings.", "where is MFA?"),
        ("The salary slip comes by post.", "where is my payslip?"),
    ],
)
def test_office_jargon_finds_the_words_of_the_document(text: str, question: str) -> None:
    answer = answerer_of("The gate is locked at night.", text).answer(Question(question))
    assert [citation.passage.text for citation in answer.citations] == [text]


@pytest.mark.parametrize("verb", ["be held", "occur", "take place"])
def test_a_light_verb_costs_no_answer(verb: str) -> None:
    one = answerer_of("The club is on 5 May in Lowmere.", "The lamp is green.")
    assert isinstance(one.answer(Question(f"when will the club {verb}?")), Answered)


# what a document is about


SHELF = {
    "vim-faq": "---\ntitle: Vim FAQ\n---\nAn editor of text.\n\nVim is started from a shell. "
    "In Vim a swap is kept. A key is mapped.\n",
    "go-faq": "---\ntitle: Go FAQ\n---\nIt compiles.\n\nRun the tests in a folder with one "
    "command.\n\nOf a swap in a swap the swap is lost.\n\nA swap is a change of two values, done "
    "at once in a block of the stack of the thread.\n",
}


@pytest.fixture
def shelf(tmp_path: Path) -> Answerer:
    for name, text in SHELF.items():
        (tmp_path / f"{name}.md").write_text(text)
    return open_answerer(tmp_path)


def test_a_question_about_one_document_is_not_answered_from_another(shelf: Answerer) -> None:
    answer = shelf.answer(Question("how do I run tests in a folder in Vim?"))
    assert not isinstance(answer, Answered)
    assert isinstance(shelf.answer(Question("how do I run tests in a folder in Go?")), Answered)


def test_a_document_with_the_word_in_its_name_ranks_above_one_without_it(shelf: Answerer) -> None:
    answer = shelf.answer(Question("what is a folder in Vim?"))
    assert answer.citations[0].passage.document.path == "vim-faq.md"


@pytest.mark.parametrize(
    ("question", "quote"),
    [
        ("what is a swap?", "A swap is a change of two values"),
        ("what is Vim?", "An editor of text."),
    ],
)
def test_what_is_x_quotes_the_definition(shelf: Answerer, question: str, quote: str) -> None:
    assert shelf.answer(Question(question)).citations[0].quote.startswith(quote)


def test_a_subject_of_all_documents_points_to_none_of_them(shelf: Answerer, tmp_path: Path) -> None:
    assert shelf.vocabulary.is_subject("vim")
    (tmp_path / "go-faq.md").write_text("---\ntitle: Vim guide\n---\nA key is lost.\n")
    assert not open_answerer(tmp_path).vocabulary.is_subject("vim")


def test_a_repeated_question_in_the_same_thread_gets_the_kept_answer() -> None:
    answerer = answerer_of("The ferry carries horses.\n\nThe bridge carries carts.")
    asked = Question("and what does it carry?", ("where is the bridge?",))
    kept = answerer.answer(asked)
    assert answerer.answer(Question(asked.text, asked.after)) is kept
    assert first(kept) == 2
    assert first(answerer.answer(Question(asked.text, ("where is the ferry?",)))) == 1


def test_the_number_of_kept_answers_is_limited() -> None:
    answerer = answerer_of("The ferry carries horses.")
    kept = answerer.answer(Question("what carries horses?"))
    for number in range(MAX_KEPT):
        answerer.answer(Question(f"ferry {number}"))
    assert answerer.answer(Question("what carries horses?")) is not kept


RULES = """\
# House rules

## Dogs

1.1 Dogs stay out. For cats see 2.1.

1.2 Guide dogs may enter, as clause 1.1 is for pets.

## Cats

2.1 Cats sleep in the barn. They hunt at night.

## Moving from 3 to 4

1. Pack the books.
2. Move the books by step ladder.
3. Sweep the floor.
"""


@pytest.mark.parametrize(
    ("question", "quote"),
    [
        ("what does clause 2.1 say?", "2.1 Cats sleep in the barn."),
        ("what does rule 1.2 say?", "1.2 Guide dogs may enter, as clause 1.1 is for pets."),
        ("what is step 3 of moving the books?", "3. Sweep the floor."),
    ],
)
def test_a_clause_or_step_is_found_by_its_number(question: str, quote: str) -> None:
    answer = answerer_from({"a.md": RULES}).answer(Question(question))
    assert answer.citations[0].quote == quote
    assert not answer.notes
