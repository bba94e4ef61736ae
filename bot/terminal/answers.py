"""Shows answers as text in a terminal: in colour if it has any, else with plain marks."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import assert_never

from bot import phrases
from bot.answering.engine import engine_hash
from bot.model import Answer, Answered, Citation, Closest, NoQuestion, NotFound
from bot.terminal.pager import Page, Pieces

QUOTE, PLACE, NOTE, WARNING, SMALL = "bold", "cyan", "italic", "yellow", "dim"


class Terminal:
    """Prints answers. `folder` is the corpus folder, from which paths to the files are made.

    `model` is the sentence model in use, "" if there is none.
    """

    def __init__(self, page: Page, folder: Path, model: str = "") -> None:
        self._page = page
        self._folder, self._model = folder, model

    def show(self, answer: Answer, asked: str, *, explain: bool = False) -> None:
        """Print an answer to the question `asked`; with `explain`, also the reasons for it."""
        match answer:
            case Answered(citations=citations):
                self._cite(citations, phrases.ALSO)
            case Closest(citations=citations):
                self.say(phrases.opening(answer, asked), WARNING)
                self._cite(citations, phrases.ALSO_NEAR)
            case NotFound():
                self.say(phrases.NOT_FOUND, WARNING)
            case NoQuestion():
                pass  # its notes are the reply
            case _:
                assert_never(answer)
        for remark in phrases.remarks(answer):
            self.say(remark, NOTE)
        if explain:
            self._explain(answer)

    def say(self, text: str = "", style: str = "", indent: int = 0) -> None:
        """Print a paragraph in one style."""
        self._page.write([(text, style)], indent)

    def _cite(self, citations: Sequence[Citation], opening: str) -> None:
        """Print the passage for each part of the question, then further ones below `opening`."""
        firsts, others = phrases.by_part(citations)
        for above, citation in firsts:
            if above:
                self.say(above, NOTE)
            self._first(citation)
        self._more(phrases.above_others(firsts, others, opening))

    def _first(self, citation: Citation) -> None:
        """Print the whole passage with the quote marked, and its place and file."""
        said = phrases.quoted(citation)
        quoted = phrases.pieces(citation, said.quote)
        is_part = bool(said.before or said.after) or not all(answers for _, answers in quoted)
        marks = "**" if is_part and self._page.marks else ""
        pieces: Pieces = [
            (said.before, ""),
            *((f"{marks}{text}{marks}", QUOTE) if one else (text, "") for text, one in quoted),
            (said.after, ""),
        ]
        self.say()
        self._lines(said.leads)
        self._page.write(pieces, indent=2)
        self._lines([said.more])
        self.say()
        self.say(self._place(citation), PLACE, indent=2)
        self.say(self._file(citation), SMALL, indent=2)
        if also := phrases.also_in(citation):
            self.say(also, SMALL, indent=2)
        self.say()

    def _more(self, others: Sequence[tuple[str, Citation]]) -> None:
        """Print further passages in short: the quote, its place and its file."""
        if not others:
            return
        for above, citation in others:
            if above:
                self.say(above, NOTE)
            said = phrases.alone(citation)
            self._lines(said.leads)
            self.say(f"“{said.quote}”", indent=2)
            self._lines([said.more])
            places = [self._place(citation), self._file(citation), phrases.also_in(citation)]
            self.say(" · ".join(filter(None, places)), SMALL, indent=4)
        self.say()

    def _lines(self, lines: Iterable[str]) -> None:
        """Print the small lines around a quote: its leads, or how many list items follow."""
        for line in filter(None, lines):
            self.say(line, SMALL, indent=2)

    def _explain(self, answer: Answer) -> None:
        """Print the reasons for the outcome, the parts of each score, and the hashes."""
        self.say()
        self.say(f"Why: {' '.join(answer.reasons)}")
        for citation in answer.citations:
            if citation.why:
                self.say()
                self.say(f"{self._place(citation)}: {phrases.score(citation):.2f}", QUOTE)
            for match in citation.why:
                self.say(
                    f"{match.score:6.2f}  {phrases.matched(match, citation.passage)}", indent=2
                )
        self.say()
        self.say(f"Content hash {answer.corpus}, engine hash {engine_hash(self._model)}", SMALL)

    def _place(self, citation: Citation) -> str:
        return " · ".join(phrases.place(citation))

    def _file(self, citation: Citation) -> str:
        path = (self._folder / citation.passage.document.path).as_posix()
        lines = citation.passage.lines
        place = f":{lines[0]}" if lines else f"#{citation.fragment}" if citation.fragment else ""
        return phrases.shown(path + place)
