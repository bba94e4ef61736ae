"""Answers to questions and clicks from Slack, as messages and views.

A presenter knows the active documents of one audience, and nothing of how Slack is reached. Several
threads may call it at once.
"""

import re
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import NamedTuple

from bot import phrases
from bot.answering.answerer import MAX_CITATIONS, MAX_QUESTION_LENGTH, Answerer
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

# So many sentences of a message are looked up.
MAX_SENTENCES = 10
# Of so many channels it is remembered whether they are shared.
MAX_CHANNELS = 10_000
# So many entries that are stale are shown.
MAX_STALE = 5
MAX_FOLDERS = 99
# Of EXPERTS, the folder that stands for all others.
EVERYTHING_ELSE = "*"
_BULLET = re.compile(r"^(?:[-*•–>]|\d{1,2}[.)])\s+")

SHARE_IN_CHANNEL, SHARE_IN_THREAD = "Share in channel", "Share in thread"


class AskedIn(NamedTuple):
    """Where a question was asked, by whom, and when; without a channel it was in private."""

    team: str
    channel: str
    message: str
    user: str
    asked_at: float


class Presenter:
    """Answers from the documents in force."""

    def __init__(self, documents: Documents, experts: Sequence[tuple[str, str]] = ()) -> None:
        self._documents = documents
        self._experts = experts

    @property
    def answerer(self) -> Answerer:
        """The answerer in force; who answers a question keeps to one."""
        return self._documents.answerer

    def _asked(self) -> Answerer:
        """The answerer to ask. Raises FolderAway when the documents are away for too long."""
        facts = self._documents.facts
        if facts.stale:
            raise FolderAway(facts.problem)
        return self._documents.answerer

    @property
    def facts(self) -> Facts:
        """What there is to say of the documents."""
        return self._documents.facts

    @property
    def corpus(self) -> Index:
        """The documents in force."""
        return self.answerer.index

    def reply(self, question: Question, asker: str = "") -> tuple[str, Message]:
        """The outcome and the message for a question that others see answered.

        With an `asker`, what is not answered offers to ask a person, where somebody is named.
        """
        return self._reply(question, Actions(asker=asker))

    def call_for_help(self, shown: ButtonState) -> Message:
        """The message that asks those who may know, with what was found."""
        corpus = self.corpus
        found = (shown.find(mark, corpus) for mark in shown.marks)
        citations = tuple(citation for citation in found if citation is not None)
        return help_message(shown, citations, self._experts_for(citations))

    def folders(self) -> list[str]:
        """The folders of documents, for who chooses where an answer is kept."""
        paths = (document.path for document in self.corpus.documents)
        folders = {path.split("/")[0] for path in paths if "/" in path} - {ANSWERS}
        return sorted(folders)[:MAX_FOLDERS]

    def _experts_for(self, found: Sequence[Citation]) -> tuple[str, ...]:
        """Whom to ask: by the folder of what is nearest, or whoever knows of everything else."""
        path = found[0].passage.document.path if found else ""
        for folder in (*map(str, PurePosixPath(path).parents), EVERYTHING_ELSE):
            if named := tuple(who for of, who in self._experts if of == folder):
                return named
        return ()

    def unanswered(self, question: Question, asked: AskedIn, outcome: str) -> Unanswered | None:
        """What to keep of a question that ended so; None where nothing is missing."""
        if outcome not in (Outcome.CLOSEST, Outcome.NOT_FOUND):
            return None
        found = (
            self.answerer.answer(question).citations or self.answerer.nearest(question).citations
        )
        return _unanswered(question, asked, outcome, found[:1])

    def not_helpful(self, shown: ButtonState, asked: AskedIn) -> Unanswered:
        """What to keep of an answer that got a thumb down."""
        cited = self.voted_on(shown)
        outcome = shown.outcome or Outcome.NOT_FOUND
        kept = _unanswered(shown.question, asked, outcome, (cited,) if cited else ())
        return replace(kept, down=True)

    def answers_anew(self, question: Question) -> bool:
        """Whether the documents answer a question, and not as the one before it in its thread."""
        answerer = self._asked()
        answer = answerer.answer(question)
        if not (isinstance(answer, Answered) and question.after):
            return False
        before = answerer.answer(Question(question.after[-1], question.after[:-1]))
        return answer.citations[0] not in before.citations[:1]

    def reply_privately(self, question: Question) -> tuple[str, Message]:
        """The same for the asker alone, who may share it."""
        return self._reply(question, Actions(share=SHARE_IN_CHANNEL))

    def find_source(self, text: str, thread: str) -> Message:
        """The passages that say what somebody said, for one person, who may share them there.

        Each sentence is looked up by itself.
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
        """The documents, for whoever asks what the bot knows."""
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
        """The home tab of a person; an editor's has what there is to learn."""
        answerer = self.answerer
        examples = answerer.examples
        home = views.Home(
            answerer.index, page, examples, tuple(asked), tuple(state), is_admin, learning
        )
        return views.home_view(home)

    def learning(self, asked: Sequence[Unanswered], page: int, *, can_teach: bool) -> Learning:
        """What there is to learn, for an editor: gaps that nobody dealt with, and stale entries."""
        answerer = self.answerer
        gaps = [gap for gap in gaps_in(asked) if not answerer.lessons.closes(gap.question)]
        stale = [
            (entry.question, _nearest_place(answerer, entry.question))
            for entry in answerer.lessons.stale[:MAX_STALE]
        ]
        more = len(answerer.lessons.stale) - len(stale)
        return Learning(gaps, page, tuple(stale), more, can_teach=can_teach)

    def teach(self, question: str, search: str = "") -> View:
        """The passages that may answer a question, or those nearest to other words, to pick one."""
        near = self._asked().nearest(Question(search or question)).citations
        return views.teach_view(question, near, self.corpus, search)

    def picked(self, value: str) -> Passage | None:
        """The passage that a button of `teach` stands for; None where it is gone."""
        cited = self.voted_on(ButtonState.read(value))
        return cited.passage if cited else None

    def prompts(self) -> list[dict[str, str]]:
        """What the message pane suggests to ask."""
        shown = map(phrases.shown, self.answerer.examples)
        return [{"title": cut(example, 75), "message": example} for example in shown]

    # What a button opens; its value was made by `ButtonState.value`.

    def more_context(self, value: str) -> View:
        """The paragraphs around what was shown."""
        return views.context_view(ButtonState.read(value), self.corpus)

    def why(self, value: str, *, is_admin: bool = False) -> View:
        """Why these passages; admins see the figures."""
        shown = ButtonState.read(value)
        answerer = self._asked()
        answer = answerer.answer(shown.question)
        cited = {citation.passage for citation in answer.citations}
        near = answerer.nearest(shown.question).citations  # below an answer the next best are told
        ranked = (*answer.citations, *(one for one in near if one.passage not in cited))
        most = max(MAX_CITATIONS, len(answer.citations))
        return views.why_view(
            shown, answer.reasons, ranked[:most], answerer.index, is_admin=is_admin
        )

    def nearest(self, value: str) -> View:
        """The nearest passages, where none was shown."""
        question = ButtonState.read(value).question
        return views.nearest_view(question, self._asked().nearest(question))

    def ask(self, value: str) -> View:
        """The answer to an example."""
        question = ButtonState.read(value).question
        return views.answer_view(question, self._asked().answer(question))

    def share(self, shown: ButtonState, user: str) -> Message | None:
        """What was shown to one person, for everybody; None when none of it stands any more."""
        corpus = self.corpus
        found = (shown.find(mark, corpus) for mark in shown.marks)
        citations = tuple(citation for citation in found if citation is not None)
        if not citations:
            return None
        return shared_message(_as_shown(shown, citations, corpus), shown, user)

    def voted_on(self, shown: ButtonState) -> Citation | None:
        """The first passage that was shown, if it still stands."""
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
    """A presenter for the documents of each audience: whoever answers takes the channel's.

    `notice` is told of each channel whether people of another organisation read there: of a command
    or a click Slack does not say so.
    """

    def __init__(self, audiences: Audiences, experts: Sequence[tuple[str, str]] = ()) -> None:
        self._audiences = audiences
        self._of = {documents: Presenter(documents, experts) for documents in audiences.all}
        self._own = frozenset(audiences.channels)
        self._shared: OrderedDict[str, bool] = OrderedDict()

    @property
    def public(self) -> Presenter:
        """That of what everybody may read."""
        return self._of[self._audiences.public]

    @property
    def all(self) -> tuple[Presenter, ...]:
        """That of each audience."""
        return tuple(self._of.values())

    def notice(self, channel: str, shared: bool) -> None:
        """An event tells whether a channel is shared with another organisation."""
        if not shared and channel not in self._own:  # as it is taken to be
            self._shared.pop(channel, None)
            return
        self._shared[channel] = shared
        self._shared.move_to_end(channel)
        if len(self._shared) > MAX_CHANNELS:
            self._shared.popitem(last=False)

    def in_channel(self, channel: str | None) -> Presenter:
        """That for what is asked or clicked in a channel; None is outside of all channels."""
        shared = self._shared.get(channel or "")
        return self._of[self._audiences.of_channel(channel, shared=shared)]

    def is_shared(self, channel: str) -> bool:
        """Whether people of another organisation read in a channel, as far as is known."""
        return self._shared.get(channel, False)

    def may_post_in(self, channel: str) -> bool:
        """Whether all who read in a channel may see what is answered there, as far as is known."""
        return self._audiences.may_post_in(channel, shared=self._shared.get(channel))

    def keeps_gaps(self, channel: str) -> bool:
        """Whether what a channel's documents do not answer is kept for editors.

        Not where some are private: nobody knows which editors may read there.
        """
        return not self._audiences.is_private(channel)


def _nearest_place(answerer: Answerer, question: str) -> str:
    near = answerer.nearest(Question(question)).citations[:1]
    return " · ".join(phrases.place(near[0])) if near else ""


def _unanswered(
    question: Question, asked: AskedIn, outcome: str, found: Sequence[Citation]
) -> Unanswered:
    """A follow-up is kept with the question that it leans on."""
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
    """The sentences of a message that say something, without the marks of a list."""
    found = []
    for written in text.encode("utf-8", "replace").decode().split("\n"):
        line = _BULLET.sub("", written, count=1)
        for start, end in sentences(line):
            said = line[start:end]
            if covered(said) is None and any(word.is_content for word in words(said)):
                found.append(said)
    return list(dict.fromkeys(found))


def _as_claim(said: str, answer: Answer) -> Answer:
    """What was found of a claim: a passage that lacks a number of it does not say it."""
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
    """The answer as it was shown, in the words that still stand."""
    changed = shown.has_changed(corpus)
    notes = ("The documents have changed since; these passages still stand.",) if changed else ()
    kind = Answered if shown.outcome is Outcome.ANSWERED else Closest
    return kind(citations=citations, corpus=corpus.documents_hash, notes=notes)
