"""Every weight and threshold that decides an answer, and the data that it was tuned on.

"SQuAD" is SQuAD 2; the development questions are article-dev and article-dev-2 in
`tests/questions`. For the held-out questions only totals were looked at. These numbers are not
stored in any index, so changing one needs no reindexing.
"""

from dataclasses import dataclass

# BM25

# Term frequency saturation and length normalization: rank-bm25's defaults. OpenSearch is set to the
# same values to find its candidates.
K1, B = 1.5, 0.75
# How many candidates an engine proposes. Doubling it changed 2 of 300 answers at 10,000 passages,
# none in the first passage, and 15 at 100,000, 4 of them in the first. With 64 a question takes
# nine tenths of the time, but twice as many first passages are not the best at 100,000.
MAX_CANDIDATES = 100
# How many of them are ranked: as many as are cited. Where these do not tell how far the first is
# ahead, since all are of its section or repeat it, MAX_RANKED are.
RANKED = 3
MAX_RANKED = 10

# Added to BM25. Each was tuned on SQuAD and the development questions, unless it says otherwise.

# The best sentence.
SENTENCE_BONUS = 0.5
# Words that are adjacent both in the question and in the passage.
PAIR_BONUS = 0.6
# All words of the question, side by side in the headings above, times their information. Tuned on a
# public handbook whose headings are questions.
WHOLE_BONUS = 0.6
# How much of the question the passage covers.
COVERAGE_BONUS = 0.6
# The quote names the kind of thing that is asked for.
KIND_BONUS = 1.0

# Headings that cover this much of the question ask it: their section is the answer, and is shown
# from its first passage. Tuned on a public handbook whose headings are questions, and on public
# FAQs without them: with a lower value, the wrong section answers.
ABOVE_ASKS = 0.8
# Factor for a passage that only repeats the question or says where to look: an entry in a table of
# contents has every word of the question. Tuned on the same handbook.
SAYS_NO_MORE = 0.3
# Factor for a passage with a conflict: off instead of on, gold instead of silver. It has every
# other word of the question; with a lower factor it falls behind passages that share only one.
CONFLICT = 0.7

# For "what is X?": a sentence that says what X is, and the first passage of a document called X;
# times what a passage with each word of the question once would score. Where many passages have X,
# this many are candidates.
DEFINITION_BONUS = 1.0
MAX_DEFINITIONS = 1000
# For "what does clause 6.3 say?": a passage that begins with this number.
NUMBER_BONUS = 1.0
# Factor for a passage without X, where some document is called X: "... in Rust?" is not a question
# about Vim. Tuned on public FAQs of three subjects.
OF_ANOTHER = 0.6

# Meaning: only where words alone do not answer, and where the extra `semantic` is installed.

# How many of the passages closest in meaning are added to the candidates.
MAX_NEAREST = 20
# The score for closeness is MEANING * closeness ** MEANING_POWER, times what a passage with each
# word of the question once would score: at half the closeness it is an eighth. Tuned on the
# article's questions, a handbook without its question headings, and three FAQs: with a lower
# MEANING fewer first passages are right; with power 1, distant passages score too much where all
# documents are about one subject.
MEANING, MEANING_POWER = 3.0, 3
# A passage this close is shown as the closest even if it has too few of the question's words.
CLOSE_ENOUGH = 0.6

# The weight of a form; the asked word itself has weight 1

# Where the corpus has the asked word itself, a synonym is more often wrong. On SQuAD, whose
# questions use the passage's words, a higher weight costs right answers.
SYNONYM = 0.3
SYNONYM_OF_UNKNOWN = 0.8
# A synonym's synonym.
SECOND_STEP = 0.4
# Forms that weigh no more than a synonym's synonym are not searched for if the asked word itself is
# frequent.
FAR = SYNONYM_OF_UNKNOWN * SECOND_STEP
# A name that a text itself gives somebody; an office, named by two words, is less certain.
ALIAS = 0.8
OFFICE = 0.6
# The same words joined or split: "sign-off" and "signoff", "E1042" and "E-1042".
JOINED = 0.9
# Words borrowed from an earlier question of the thread.
EARLIER = 0.5

# Coverage and information

# How much of an asked word a synonym covers, and a synonym's synonym.
SYNONYM_COVERS = 0.9
SECOND_COVERS = 0.6
# From this rarity in English on, a word has its full weight and information: "parliament" is .30,
# "people" .16, "get" .15. In formal documents "get" is rare and would be worth most.
RARE_ENOUGH = 0.3
# Factor for the information of words about the asking itself ("what does X mean here").
SAYS_LITTLE = 0.3

# The answer

# A further passage with this share of the answer's score is shown as related, unless only its
# headings match.
BEARS_ON_IT = 0.4

# A taught question is similar to the asked one if they share this much, by information.
SAME_QUESTION = 0.65

# The chance that a passage answers: a logistic regression over `evidence.features`. Fitted on
# 2026-11-26 by `python -m tests.benchmarks.evidence` to eight collections of equal weight: the
# article's question files, SQuAD (ten articles together, and sixteen of eight paragraphs each), a
# public handbook whole and a file at a time, the same without its question headings, three public
# FAQs, and small cases. On questions with an answer, recall is .10 (no headings) to 1.0 (cases) and
# precision .93 to 1.0, except .50 without headings. Fitted to seven and tested on the eighth, both
# stay within .05 of that, except for the recall of SQuAD (-.08) and the precision without headings
# (-.07).
EVIDENCE = {
    "quote": 1.88, "own": 0.23, "alone": 0.55, "asked_above": 1.12, "pairs": 0.96,
    "kind": 1.27, "yes_no": -0.54, "lead": 3.44, "lead_next": 1.82, "lead_third": 1.56,
    "section": 1.33, "length": 3.47,
}  # fmt: skip
EVIDENCE_BASE = -6.62
# The same over `evidence.features_of_meaning`, for questions that words alone do not answer. Fitted
# by the same command with --meaning to the article's questions, a handbook with and without its
# question headings and three FAQs. Above a chance of .9 it calls no more wrong passages an answer
# there than words alone do; above .76 it was 13 more right ones, and six more wrong.
EVIDENCE_MEANING = {"words": 1.05, "close_lead": 1.70, "nearest": 1.78, "quote": 2.76}
EVIDENCE_MEANING_BASE = -3.28


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The minimums of the evidence rule; `article-bot eval --curve` shows the price of each.

    - `answered`: the chance that a passage answers, for it to be called an answer
    - `answered_by_meaning`: the same where words alone give no answer
    - `quote`: the share of the question that an answer's quote covers
    - `quote_most`: the same for a yes-or-no question and for one of two words, in which the
      missing word is usually the one that matters
    - `own_words`: the share that the quote covers without synonyms
    - `worth_reading`: the coverage below which a passage is not even shown as the closest: it has
      some common word of the question and nothing of its subject
    - `worth_reading_synonyms`: the same for a passage that has only synonyms
    """

    answered: float = 0.6
    answered_by_meaning: float = 0.9
    quote: float = 0.5
    quote_most: float = 0.7
    own_words: float = 0.3
    worth_reading: float = 0.15
    worth_reading_synonyms: float = 0.22
