"""Every weight and threshold that decides an answer, and what each was chosen on.

"SQuAD" is SQuAD 2; the development questions are article-dev and article-dev-2 in
`tests/questions`. Of the held-out ones only figures were looked at. No index holds any of these
numbers: change one, and nothing has to be indexed again.
"""

from dataclasses import dataclass

# BM25

# How soon a term found often is worth no more, and how much a long passage is held back: what
# rank-bm25 takes when it is told nothing. OpenSearch is told the same to find its candidates.
K1, B = 1.5, 0.75
# How many passages are scored by their words. At 10,000 passages twice as many changed 1 of 300
# answers, at 100,000 passages 12; half as many saved a third of the time and changed 20.
MAX_CANDIDATES = 100
# How many of them are ranked: those that are cited, and more to see how far ahead the first is.
MAX_RANKED = 10

# Beside BM25. Each was chosen on SQuAD and the development questions.

# The score of the best sentence, once more.
SENTENCE_BONUS = 0.5
# Words that stand side by side in the question and in the passage.
PAIR_BONUS = 0.6
# All the words of the question, side by side in the headings above it, by their information: chosen
# on a public handbook whose headings are questions.
WHOLE_BONUS = 0.6
# How much of the question the passage has at all.
COVERAGE_BONUS = 0.6
# The quote names the kind of thing that is asked for.
KIND_BONUS = 1.0

# The headings above a passage ask the question when they have so much of it: then what they head
# answers it, is one answer, and begins with its first passage. Chosen on a public handbook whose
# headings are questions, and on public FAQs without them: with less, the wrong section answers.
ABOVE_ASKS = 0.8
# What is left of the score of a passage that says no more than the question, or only where to look:
# an entry in a table of contents has every word of it. Chosen on the same handbook.
SAYS_NO_MORE = 0.3
# What is left of the score of a passage about the other one: off instead of on, gold instead of
# silver. It has every other word of the question; with less left, it falls behind passages that
# only share one.
CONFLICT = 0.7

# For "what is X?": a sentence that says what X is, and the first passage of a document called X.
DEFINITION_BONUS = 1.0
# What is left of the score of a passage without X, where a document is called X: "... in Rust?" is
# no question about Vim. Chosen on public FAQs of three subjects.
OF_ANOTHER = 0.6

# Meaning: only where words alone do not answer, and where the extra `semantic` is installed.

# How many of the passages that are closest in meaning are candidates beside those with the words.
MAX_NEAREST = 20
# A passage that is as close as an answer scores so much of what one with each word of the question
# once would; one that is half as close, by the third power, an eighth of that. Chosen on the
# article's questions, a handbook without its question headings, and three FAQs: with less, fewer
# first passages are right; evenly, what is not close counts too much where all is of one subject.
MEANING, MEANING_POWER = 3.0, 3
# Without enough of its words, a passage that is so close is still shown as the nearest.
CLOSE_ENOUGH = 0.6

# What a form is worth beside the asked word itself

# Where the corpus has the very word that is asked, its writer used it, and a synonym is more often
# a wrong turn; on SQuAD, where questions use the passage's words, any more costs right answers.
SYNONYM = 0.3
SYNONYM_OF_UNKNOWN = 0.8
# A synonym's synonym.
SECOND_STEP = 0.4
# What weighs no more than a synonym's synonym is not looked for where the asked word abounds.
FAR = SYNONYM_OF_UNKNOWN * SECOND_STEP
# What a text calls somebody is its own; an office, two words for one person, less surely so.
ALIAS = 0.8
OFFICE = 0.6
# The same words joined or parted: "sign-off" and "signoff", "E1042" and "E-1042".
JOINED = 0.9
# An earlier question of the thread lends its words at this weight.
EARLIER = 0.5

# How much of the question it is

# How much of an asked word is covered by a synonym, and by a synonym's synonym.
SYNONYM_COVERS = 0.9
SECOND_COVERS = 0.6
# How rare a word must be in English to say all it can: "parliament" is .30, "people" .16.
RARE_ENOUGH = 0.3
# What is left of the information of a word that speaks of the asking ("what does X mean here").
SAYS_LITTLE = 0.3

# The answer

# Below an answer, a passage that has so much of its score, and not by its heading alone, still
# bears on the question.
BEARS_ON_IT = 0.4

# A taught question is the same in other words when it shares so much with the one that is asked.
SAME_QUESTION = 0.65

# The chance that a passage answers, by logistic regression on features of `evidence.features`.
# Fitted on 2026-11-25 by `python -m tests.benchmarks.evidence` to eight collections that weigh the
# same: the article's question files, SQuAD (ten articles together, and sixteen of eight paragraphs
# each), a public handbook whole and a file at a time, the same without its question headings, three
# public FAQs, and small cases. Of the questions with an answer .08 (no headings) to 1.0 (cases)
# are answered rightly, .93 to 1.0 of them right but for .45 without headings; fitted to seven and
# tried on the eighth, within .06 of that but for SQuAD and the handbook, which lose .1.
EVIDENCE = {
    "quote": 1.32, "own": 0.67, "alone": 0.36, "asked_above": 1.25, "pairs": 0.92,
    "kind": 1.44, "yes_no": -0.29, "lead": 3.27, "lead_next": 2.05, "lead_fifth": 1.51,
    "section": 0.99, "length": 2.76,
}  # fmt: skip
EVIDENCE_BASE = -5.95
# The same where words alone make no answer, and meaning is asked: fitted by the same command with
# --meaning to the article's questions, a handbook with and without its question headings and three
# FAQs. At a chance of .9 it calls no more wrong passages an answer than words alone do there; at
# .76, 13 more right ones and six more wrong.
EVIDENCE_MEANING = {"words": 1.05, "close_lead": 1.70, "nearest": 1.78, "quote": 2.76}
EVIDENCE_MEANING_BASE = -3.28


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What the evidence rule asks for; `article-bot eval --curve` shows the price of each.

    A passage answers when the chance that it does is `answered` (`answered_by_meaning` where words
    alone make no answer), and its quote covers `quote` of the question (`quote_yes_no` of one for a
    yes or a no: the word that is missing is mostly the one that is asked about), and `own_words` of
    it without the thesaurus. Below `worth_reading` a passage has some common word of the question
    and nothing of its subject; one that has only synonyms must have more
    (`worth_reading_synonyms`).
    """

    answered: float = 0.6
    answered_by_meaning: float = 0.9
    quote: float = 0.5
    quote_yes_no: float = 0.7
    own_words: float = 0.3
    worth_reading: float = 0.15
    worth_reading_synonyms: float = 0.22
