"""Which sentence of a passage to quote: the one with most of the question."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from bot.answering.matching import Asked, TermMatch, WeightedQuery, best_by_group
from bot.answering.pruning import ROUNDING
from bot.answering.query import SYNONYMS
from bot.answering.weights import KIND_BONUS, SENTENCE_BONUS
from bot.english.answer_types import names_what_is_asked
from bot.english.conflicts import Texts, conflict, is_about, possible
from bot.english.contrast_terms import merged, terms_of
from bot.english.patterns import lazy_pattern
from bot.english.questions import Kind
from bot.english.statements import subject_asked
from bot.index.analysis import Analysis, Sentence, quoted_span
from bot.model import PassageKind, Span

# A sentence that has a word among this many first ones is about it.
BEGINS = 4
_WHOLE_LISTS = (Kind.STEPS, Kind.ALL, Kind.OTHER)

# "6.3 Dogs may enter", "4. Restart", "Clause 6.3: Dogs".
_BEGINS_WITH_NUMBER = lazy_pattern(r"(?:[A-Z]\w{1,20} )?(\d{1,3}(?:\.\d{1,3}){0,3})[.):]?\s")


class Quote(NamedTuple):
    """The sentence to quote, and how much of the question is covered, as information.

    - `overlap`: the score of the question's words in the sentence and above it
    - `together`: covered by the sentence with the headings and leads
    - `governed`: by the sentence with its leads
    - `above`: by the headings and leads alone
    - `own_words`: as `together`, without synonyms
    """

    sentence: Sentence
    overlap: float
    together: float
    governed: float
    above: float
    own_words: float


class QuoteChooser:
    """Chooses what to quote of passages for one query."""

    def __init__(self, weighted: WeightedQuery) -> None:
        self._weighted, self._query = weighted, weighted.query
        # Keyed by what is asked and the form's id(), since hashing a form is slower.
        self._numbers: dict[tuple[Asked, int], int] = {}
        self._forms: list[_Form] = []
        self._worths: dict[tuple[int, ...], _Worth] = {(): _Worth(0.0, 0.0, 0.0)}
        self._gives_kind: dict[str, bool] = {}

    def choose(self, analysis: Analysis, matches: Iterable[TermMatch]) -> Quote:
        """The sentence with most of the question.

        The one with the number of the clause or step asked for is, if there is one. Another one is
        quoted if that is about the opposite of what is asked, or if only the other
        gives the kind of thing asked for. Headings and leads count for every sentence. Ties go to
        the sentence that has more itself, then to the first. The overlap is not divided by the
        sentence's length: of everything tried on SQuAD, that quoted the right sentence most often.
        """
        sentences = _Sentences(self, analysis, self.forms(matches))
        numbered = self.numbered(analysis)
        if numbered is not None:
            return sentences.quote(numbered)
        best = sentences.best()
        quote = sentences.quote(best)
        place = self._about_asked(analysis, quote.sentence)
        if place is None:
            place = self._giving_kind(sentences, quote)
        return quote if place in (None, best) else sentences.quote(place)

    def span(self, quote: Sentence, analysis: Analysis) -> Span:
        """What to quote of a passage: its best sentence, or the best items of a list.

        These are the items with most of the question, and all between them. The whole list is
        quoted if no item has more of the question than the headings and leads above.
        """
        if analysis.rest.kind is not PassageKind.LIST:
            return self._with_subject(quoted_span(quote, analysis), quote, analysis)
        if self.numbered(analysis) is not None:
            return quote.span
        items = analysis.sentences
        forms = self.forms(self._weighted.matches(analysis))
        shares = [self._information(forms, item.joined) for item in items]
        above = self._information(forms, f"{analysis.above} {analysis.leads}")
        leads = self._information(forms, analysis.leads)
        most = max(shares)
        is_whole = self._query.kind in _WHOLE_LISTS and above >= most
        if most <= ROUNDING or is_whole or leads > most:
            return Span(items[0].span.start, items[-1].span.end)
        wanted = [n for n, share in enumerate(shares) if share >= most - ROUNDING]
        last = wanted[-1]
        if items[last].text.endswith(":"):  # include the items that it introduces
            parents = {last}
            while last + 1 < len(items) and analysis.parent(last + 1) in parents:
                last += 1
                parents.add(last)
        return Span(items[wanted[0]].span.start, items[last].span.end)

    def _with_subject(self, span: Span, quote: Sentence, analysis: Analysis) -> Span:
        """A span, with the sentence beside the quote that is about who or what is asked about.

        "Companies pay VAT. Charities are exempt." for "do charities pay VAT?"
        """
        term, units = subject_asked(self._query.question), analysis.sentences
        forms = self._query.forms_of(term)
        above = f"{analysis.above}{quote.with_leads}".split()
        if not term or len(units) < 2 or not forms.isdisjoint(above):
            return span
        place = units.index(quote)
        for near in (place + 1, place - 1, place + 2):
            begins = units[near].joined.split()[:BEGINS] if 0 <= near < len(units) else []
            if not forms.isdisjoint(begins):
                other = units[near].span
                return Span(min(span.start, other.start), max(span.end, other.end))
        return span

    def numbered(self, analysis: Analysis) -> int | None:
        """The place of the sentence or item that begins with the number of the part asked for."""
        number = self._query.number
        if not number or f" {number} " not in analysis.words.joined:
            return None
        texts = (sentence.text for sentence in analysis.sentences)
        begins = (_BEGINS_WITH_NUMBER.match(text) for text in texts)
        return next((n for n, match in enumerate(begins) if match and match[1] == number), None)

    def gives_kind(self, sentence: Sentence) -> bool:
        """Whether a sentence gives the kind of thing asked for; False if no kind is asked for."""
        if not self._weighted.kind_bonus:
            return False
        found = self._gives_kind.get(sentence.text)
        if found is None:
            kind, asked = self._query.kind, self._query.asked
            found = names_what_is_asked(kind, sentence.text, asked)
            self._gives_kind[sentence.text] = found
        return found

    def forms(self, matches: Iterable[TermMatch]) -> list[tuple[int, str]]:
        """The number of each form that a passage has, and the form with a space on either side."""
        numbers = [self._number(match) for match in matches]
        return [(number, self._forms[number].padded) for number in numbers]

    def worth(self, numbers: Sequence[int]) -> "_Worth":
        """What forms are worth together in a sentence, however often they occur there."""
        key = tuple(numbers)
        found = self._worths.get(key)
        if found is None:
            best = _best_of(self._forms[number] for number in numbers)
            own_words = sum(one.information for one in best if one.via not in SYNONYMS)
            found = self._worths[key] = _Worth(
                sum(one.score for one in best), sum(one.information for one in best), own_words
            )
        return found

    def _information(self, forms: Iterable[tuple[int, str]], joined: str) -> float:
        """The information of the question's words that `joined`, a part of a passage, has."""
        return self.worth([number for number, padded in forms if padded in joined]).information

    def _number(self, match: TermMatch) -> int:
        key = (match.asked, id(match.form))
        found = self._numbers.get(key)
        if found is None:
            found = self._numbers[key] = len(self._forms)
            self._forms.append(self._form(match))
        return found

    def _form(self, match: TermMatch) -> "_Form":
        form, (number, term) = match.form, match.asked
        group = self._query.groups[number]
        if term is None:
            information = sum(term.information for term in group.terms)
        else:
            information = group.terms[term].information
        of = self._weighted.match("", information, group, match._replace(score=form.weight))
        worth = (form.weight, of.score, of.information)
        return _Form(match.asked, f" {form.phrase} ", *worth, form.via)

    def _about_asked(self, analysis: Analysis, quote: Sentence) -> int | None:
        """If the quote has a conflict, the place of a sentence about what is asked, else None.

        "Full-time staff get 28 days. Part-time staff get 14."
        """
        asked = possible(self._query.contrasts, quote.joined, quote.text)
        if not asked or len(analysis.units) < 2:
            return None
        conflicting = conflict(asked, alone(analysis, quote), self._query.near_forms)
        if conflicting is None or conflicting.of is None:
            return None
        for place, sentence in enumerate(analysis.sentences):
            texts = alone(analysis, sentence)
            if is_about(conflicting.of, texts, self._query.near_forms):
                return place
        return None

    def _giving_kind(self, sentences: "_Sentences", quote: Quote) -> int | None:
        """The place of a sentence that gives the kind of thing asked for, if it scores more.

        None if the quote gives it already, or its words are worth more than that.
        """
        if not self._weighted.kind_bonus or self.gives_kind(quote.sentence):
            return None
        enough = SENTENCE_BONUS * quote.overlap
        for place in sentences.by_overlap():
            overlap = sentences.overlaps[place]
            if not overlap or SENTENCE_BONUS * overlap + KIND_BONUS <= enough:
                return None
            if self.gives_kind(sentences.analysis.sentence(place)):
                return place
        return None


class _Sentences:
    """The sentences of one passage, and the forms of the question in each, by number."""

    def __init__(
        self, chooser: QuoteChooser, analysis: Analysis, forms: Sequence[tuple[int, str]]
    ) -> None:
        self._chooser, self.analysis, self._forms = chooser, analysis, forms
        self._given = self._in(analysis.above)
        self._own = [self._in(with_leads) for _, with_leads in analysis.units]
        self._above = chooser.worth(self._given)
        # The score of the question's words in each sentence, with those in the headings above.
        above = self._above.score
        self.overlaps = [
            max(above, self._together(own).score) if own else above for own in self._own
        ]

    def by_overlap(self) -> list[int]:
        """The places of the sentences, highest overlap first."""
        return sorted(range(len(self.overlaps)), key=lambda place: -self.overlaps[place])

    def best(self) -> int:
        """The place of the sentence with most of the question; the first if none has any."""
        most = (self._above.score, 0.0)
        best = 0
        for place, own in enumerate(self._own):
            if own and self.overlaps[place] >= most[0]:
                scores = (self._together(own).score, self._alone(place))
                if scores > most:
                    best, most = place, scores
        return best

    def quote(self, place: int) -> Quote:
        """The sentence at a place, and what it covers."""
        own, worth, governed = self._own[place], self._above, 0.0
        together = self._together(own)
        if own and (together.score, self._alone(place)) > (self._above.score, 0.0):
            worth, governed = together, self._chooser.worth(own).information
        above = self._above
        if self.analysis.leads:
            above = self._chooser.worth([*self._given, *self._in(self.analysis.leads)])
        sentence = self.analysis.sentence(place)
        return Quote(
            sentence,
            worth.score,
            worth.information,
            governed,
            above.information,
            worth.own_words,
        )

    def _in(self, joined: str) -> list[int]:
        return [number for number, padded in self._forms if padded in joined]

    def _together(self, own: Sequence[int]) -> "_Worth":
        return self._chooser.worth([*self._given, *own])

    def _alone(self, place: int) -> float:
        """The score of the question's words in a sentence without its headings and leads."""
        joined, with_leads = self.analysis.units[place]
        own = self._in(joined) if len(with_leads) > len(joined) else self._own[place]
        return self._chooser.worth(own).score


class _Form(NamedTuple):
    """A form in a sentence, and what it is worth there; `padded` has a space on either side."""

    asked: Asked
    padded: str
    weight: float
    score: float
    information: float
    via: str


class _Worth(NamedTuple):
    """A score, and information with and without synonyms."""

    score: float
    information: float
    own_words: float


def _best_of(found: Iterable[_Form]) -> list[_Form]:
    """For each thing asked the form with the highest weight."""
    best = best_by_group(found, lambda one: one.weight)
    return [one for _, there in best for one in _either(there)]


def _either(best: Mapping[int | None, _Form]) -> list[_Form]:
    """The words of a group, or one form for all of them if that scores more."""
    words = [best[term] for term in sorted(term for term in best if term is not None)]
    whole = best.get(None)
    if whole is not None and whole.score > sum(one.score for one in words):
        return [whole]
    return words


def texts_of(analysis: Analysis, quote: Sentence) -> Texts:
    """A passage as it is searched for contrasts: its quote, what is above it, and the rest."""
    others = (one for one in analysis.sentences if one is not quote)
    return alone(analysis, quote)._replace(others=[terms_of(o.joined, o.text) for o in others])


def alone(analysis: Analysis, sentence: Sentence) -> Texts:
    """As `texts_of`, without the other sentences."""
    leads = merged(sentence.with_leads.removesuffix(sentence.joined).split())
    own = terms_of(sentence.joined, sentence.text)
    return Texts([*leads, *own], merged(analysis.above.split()), [])
