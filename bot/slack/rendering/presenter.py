"""Answers questions and clicks from Slack with messages and views.

A presenter knows the active documents of one audience, and makes no calls to Slack. Several threads
may call it at once.
"""

import re
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import NamedTuple

from bot import phrases
from bot.answering.answerer import MAX_CITATIONS, Answerer
from bot.answering.question_parser import MAX_QUESTION_LENGTH
from bot.audiences import Audiences, Documents
from bot.documents.audience import ANSWERS
from bot.english import decoration, questions
from bot.english.sentences import sentences
from bot.english.talk import covered
from bot.english.text import words
from bot.errors import FolderAway
from bot.index import Index
from bot.learning.gaps import gaps_in, what_is_asked
from bot.live import Facts
from bot.model import (
    Answer,
    Answered,
    Citation,
    Closest,
    NoQuestion,
    NotFound,
    Outcome,
    Passage,
    Question,
    Talk,
)
from bot.slack.rendering import views
from bot.slack.rendering.block_kit import cut
from bot.slack.rendering.buttons import ButtonState
from bot.slack.rendering.messages import (
    SOURCE,
    Actions,
    Message,
    answer_message,
    help_message,
    message,
    sentence,
    shared_message,
    source_message,
)
from bot.slack.rendering.views import Learning, View
from bot.store.records import Unanswered

# How many sentences of a message are looked up at most.
MAX_SENTENCES = 10
# For how many channels to remember whether they are shared.
MAX_CHANNELS = 10_000
# How many stale entries to show.
MAX_STALE = 5
MAX_FOLDERS = 99
# In EXPERTS, the folder that stands for all others.
EVERYTHING_ELSE = "*"
_BULLET = re.compile(r"^(?:[-*•–>]|\d{1,2}[.)])\s+")

SHARE_IN_CHANNEL, SHARE_IN_THREAD = "Share in channel", "Share in thread"


class AskedIn(NamedTuple):
    """Where, by whom and when a question was asked; `channel` is "" if it was in private."""

    team: str
    channel: str
    message: str
    user: str
    asked_at: float


class Presenter:
    """Answers from the active documents.

    `experts` are pairs of a folder and the id of a person or group who knows about it. Methods that
    search raise FolderAway if the documents have been away for too long, and EngineError.
    """

    def __init__(self, documents: Documents, experts: Sequence[tuple[str, str]] = ()) -> None:
        self._documents = documents
        self._experts = experts

    @property
    def answerer(self) -> Answerer:
        """The active answerer. It may be replaced at any time: take it once for each question."""
        return self._documents.answerer

    def _asked(self) -> Answerer:
        """The answerer to ask. Raises FolderAway if the documents have been away for too long."""
        facts = self._documents.facts
        if facts.stale:
            raise FolderAway(facts.problem)
        return self._documents.answerer

    @property
    def facts(self) -> Facts:
        """The status of the documents."""
        return self._documents.facts

    @property
    def corpus(self) -> Index:
        """The index of the active documents."""
        return self.answerer.index

    def reply(self, question: Question, asker: str = "") -> tuple[str, Message]:
        """The outcome and the message for a question that is answered in public.

        With an `asker`, an unanswered question offers to ask a person, if EXPERTS names one.
        """
        return self._reply(question, Actions(asker=asker))

    def call_for_help(self, shown: ButtonState) -> Message:
        """The message that asks the experts, with the passages that were shown."""
        corpus = self.corpus
        found = (shown.find(mark, corpus) for mark in shown.marks)
        citations = tuple(citation for citation in found if citation is not None)
        return help_message(shown, citations, self._experts_for(citations))

    def folders(self) -> list[str]:
        """The top-level folders of the documents, in which an editor may save an answer."""
        paths = (document.path for document in self.corpus.documents)
        folders = {path.split("/")[0] for path in paths if "/" in path} - {ANSWERS}
        return sorted(folders)[:MAX_FOLDERS]

    def _experts_for(self, found: Sequence[Citation]) -> tuple[str, ...]:
        """Whom to ask: the experts on the folder of the closest passage, or on everything else."""
        path = found[0].passage.document.path if found else ""
        for folder in (*map(str, PurePosixPath(path).parents), EVERYTHING_ELSE):
            if named := tuple(who for of, who in self._experts if of == folder):
                return named
        return ()

    def unanswered(self, question: Question, asked: AskedIn, outcome: str) -> Unanswered | None:
        """The gap to keep for a question; None unless its outcome is closest or not_found."""
        if outcome not in (Outcome.CLOSEST, Outcome.NOT_FOUND):
            return None
        found = (
            self.answerer.answer(question).citations or self.answerer.nearest(question).citations
        )
        return _unanswered(question, asked, outcome, found[:1])

    def not_helpful(self, shown: ButtonState, asked: AskedIn) -> Unanswered:
        """The gap to keep for an answer that got a thumbs-down."""
        cited = self.voted_on(shown)
        outcome = shown.outcome or Outcome.NOT_FOUND
        kept = _unanswered(shown.question, asked, outcome, (cited,) if cited else ())
        return replace(kept, down=True)

    def answers_anew(self, question: Question) -> bool:
        """Whether the documents answer a follow-up, and not with the previous question's answer."""
        answerer = self._asked()
        answer = answerer.answer(question)
        if not (isinstance(answer, Answered) and question.after):
            return False
        before = answerer.answer(Question(question.after[-1], question.after[:-1]))
        return answer.citations[0] not in before.citations[:1]

    def reply_privately(self, question: Question) -> tuple[str, Message]:
        """Like `reply`, but only the asker sees the answer, and may share it."""
        return self._reply(question, Actions(share=SHARE_IN_CHANNEL))

    def find_source(self, text: str, thread: str) -> Message:
        """The passages that say what a message says, for one person, who may share them.

        `text` is the message; each of its sentences is looked up by itself. `thread` is where to
        share the passages.
        """
        if not text.strip():
            return sentence("There are no words in that message to look for.")
        question, answerer = Question(text), self._asked()
        said = _sentences(text) or [text]
        if len(said) > 1:
            found = [(one, _as_claim(one, answerer.find(one))) for one in said[:MAX_SENTENCES]]
            return source_message(question, found, len(said), thread)
        answer = _as_claim(text, answerer.find(text))
        offer = Actions(SHARE_IN_THREAD, thread, near=_is_near(answerer, question, answer))
        return answer_message(question, answer, offer, SOURCE)

    def sources(self, *, is_admin: bool = False) -> Message:
        """The list of the documents, for people who ask what the bot knows."""
        blocks = views.documents_blocks(self.corpus, 0, paged=False, is_admin=is_admin)
        said = "The documents I answer from, and what was skipped."
        return message(said, blocks)

    def home(
        self,
        page: int,
        asked: Sequence[str],
        state: Sequence[str],
        *,
        is_admin: bool = False,
        learning: Learning | None = None,
    ) -> View:
        """The home tab of a person; an editor's also shows `learning`."""
        answerer = self.answerer
        examples = answerer.examples
        home = views.Home(
            answerer.index, page, examples, tuple(asked), tuple(state), is_admin, learning
        )
        return views.home_view(home)

    def learning(self, asked: Sequence[Unanswered], page: int, *, can_teach: bool) -> Learning:
        """What an editor's home tab shows: the open gaps, and the stale entries."""
        answerer = self.answerer
        gaps = [gap for gap in gaps_in(asked) if not answerer.lessons.closes(gap.question)]
        stale = [
            (entry.question, _nearest_place(answerer, entry.question))
            for entry in answerer.lessons.stale[:MAX_STALE]
        ]
        more = len(answerer.lessons.stale) - len(stale)
        return Learning(gaps, page, tuple(stale), more, can_teach=can_teach)

    def teach(self, question: str, search: str = "") -> View:
        """The passages closest to a question, or to other search words, to pick one from."""
        near = self._asked().nearest(Question(search or question)).citations
        return views.teach_view(question, near, self.corpus, search)

    def picked(self, value: str) -> Passage | None:
        """The passage of a button in `teach`; None if it is gone. Raises ValueError for others."""
        cited = self.voted_on(ButtonState.read(value))
        return cited.passage if cited else None

    def prompts(self) -> list[dict[str, str]]:
        """The questions that the message pane suggests."""
        shown = map(phrases.shown, self.answerer.examples)
        return [{"title": cut(example, 75), "message": example} for example in shown]

    # The views that buttons open. `value` is from `ButtonState.value`; others raise ValueError.

    def more_context(self, value: str) -> View:
        """The passages that were shown, with the paragraphs around them."""
        return views.context_view(ButtonState.read(value), self.corpus)

    def why(self, value: str, *, is_admin: bool = False) -> View:
        """Why these passages were found; admins also see the scores."""
        shown = ButtonState.read(value)
        answerer = self._asked()
        answer = answerer.answer(shown.question)
        cited = {citation.passage for citation in answer.citations}
        near = answerer.nearest(shown.question).citations  # show the next best too
        ranked = (*answer.citations, *(one for one in near if one.passage not in cited))
        most = max(MAX_CITATIONS, len(answer.citations))
        return views.why_view(
            shown, answer.reasons, ranked[:most], answerer.index, is_admin=is_admin
        )

    def nearest(self, value: str) -> View:
        """The closest passages for a message that showed none."""
        question = ButtonState.read(value).question
        return views.nearest_view(question, self._asked().nearest(question))

    def ask(self, value: str) -> View:
        """The answer to an example question."""
        question = ButtonState.read(value).question
        return views.answer_view(question, self._asked().answer(question))

    def share(self, shown: ButtonState, user: str) -> Message | None:
        """The message that shares what one person was shown; None if all passages are gone."""
        corpus = self.corpus
        found = (shown.find(mark, corpus) for mark in shown.marks)
        citations = tuple(citation for citation in found if citation is not None)
        if not citations:
            return None
        return shared_message(_as_shown(shown, citations, corpus), shown, user)

    def voted_on(self, shown: ButtonState) -> Citation | None:
        """The first passage that was shown; None if it is gone or there was none."""
        return shown.find(shown.marks[0], self.corpus) if shown.marks else None

    def _reply(self, question: Question, offer: Actions) -> tuple[str, Message]:
        answerer = self._asked()
        answer = answerer.answer(question)
        if isinstance(answer, NoQuestion) and answer.talk is Talk.SOURCES:
            return answer.outcome, self.sources()
        if isinstance(answer, NotFound):
            near = _is_near(answerer, question, answer)
            offer = offer._replace(near=near, examples=answerer.examples)
        if not self._experts_for(answer.citations):
            offer = offer._replace(asker="")
        return answer.outcome, answer_message(question, answer, offer)


class Presenters:
    """A presenter for the documents of each audience; `in_channel` finds the right one.

    `notice` records which channels are shared with another organisation, because Slack does not say
    so for commands and clicks.
    """

    def __init__(self, audiences: Audiences, experts: Sequence[tuple[str, str]] = ()) -> None:
        self._audiences = audiences
        self._of = {documents: Presenter(documents, experts) for documents in audiences.all}
        self._own = frozenset(audiences.channels)
        self._shared: OrderedDict[str, bool] = OrderedDict()

    @property
    def public(self) -> Presenter:
        """The presenter for the documents that everybody may read."""
        return self._of[self._audiences.public]

    @property
    def all(self) -> tuple[Presenter, ...]:
        """The presenters of all audiences."""
        return tuple(self._of.values())

    def notice(self, channel: str, shared: bool) -> None:
        """Record whether a channel is shared with another organisation, as an event says."""
        if not shared and channel not in self._own:  # the default
            self._shared.pop(channel, None)
            return
        self._shared[channel] = shared
        self._shared.move_to_end(channel)
        if len(self._shared) > MAX_CHANNELS:
            self._shared.popitem(last=False)

    def in_channel(self, channel: str | None) -> Presenter:
        """The presenter for what is asked or clicked in a channel; None is outside of channels."""
        shared = self._shared.get(channel or "")
        return self._of[self._audiences.of_channel(channel, shared=shared)]

    def is_shared(self, channel: str) -> bool:
        """Whether a channel is known to be shared with another organisation."""
        return self._shared.get(channel, False)

    def may_post_in(self, channel: str) -> bool:
        """Whether everybody in a channel may see its answers, as far as the bot knows."""
        return self._audiences.may_post_in(channel, shared=self._shared.get(channel))

    def keeps_gaps(self, channel: str) -> bool:
        """Whether questions that a channel's documents do not answer are kept for editors.

        Not if some documents are private, because the bot cannot tell which editors may read them.
        """
        return not self._audiences.is_private(channel)


def _nearest_place(answerer: Answerer, question: str) -> str:
    near = answerer.nearest(Question(question)).citations[:1]
    return " · ".join(phrases.place(near[0])) if near else ""


def _unanswered(
    question: Question, asked: AskedIn, outcome: str, found: Sequence[Citation]
) -> Unanswered:
    """The gap for a question; a follow-up is kept with the question that it leans on."""
    leans = question.after and questions.leans(questions.normal(question.text))
    text = f"{question.after[-1]} {question.text}" if leans else question.text
    said = decoration.read(text, MAX_QUESTION_LENGTH).question or text
    passages = [one.passage for one in found]
    return Unanswered(
        **asked._asdict(),
        asks=what_is_asked(said),
        question=said[:MAX_QUESTION_LENGTH] if asked.channel else "",
        outcome=outcome,
        document=passages[0].document.path if passages else "",
        passage=passages[0].number if passages else 0,
    )


def _sentences(text: str) -> list[str]:
    """The sentences of a message that have content, each once, without list markers."""
    found = []
    for written in text.encode("utf-8", "replace").decode().split("\n"):
        line = _BULLET.sub("", written, count=1)
        for start, end in sentences(line):
            said = line[start:end]
            if covered(said) is None and any(word.is_content for word in words(said)):
                found.append(said)
    return list(dict.fromkeys(found))


def _as_claim(said: str, answer: Answer) -> Answer:
    """The answer for a claim: only Closest if the passage lacks a number in the claim."""
    if not isinstance(answer, Answered):
        return answer
    citation = answer.citations[0]
    text = citation.passage.document.text
    there = " ".join(
        [citation.passage.text, *citation.passage.headings, citation.passage.document.title]
        + [text[lead.start : lead.end] for lead in citation.leads]
    )
    lacking = {word.term for word in words(said) if any(map(str.isdigit, word.term))}
    lacking -= {word.term for word in words(there)}
    if not lacking:
        return answer
    return Closest(citations=answer.citations, corpus=answer.corpus, missing=answer.missing)


def _is_near(answerer: Answerer, question: Question, answer: Answer) -> bool:
    return isinstance(answer, NotFound) and bool(answerer.nearest(question).citations)


def _as_shown(shown: ButtonState, citations: tuple[Citation, ...], corpus: Index) -> Answer:
    """The answer as it was shown, with the passages that still exist."""
    changed = shown.has_changed(corpus)
    notes = ("The documents have changed since; these passages still stand.",) if changed else ()
    kind = Answered if shown.outcome is Outcome.ANSWERED else Closest
    return kind(citations=citations, corpus=corpus.documents_hash, notes=notes)
