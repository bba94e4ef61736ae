"""Engines find passages that share terms with a query. Each file is the home of one of them.

An engine gives the ids of the passages that score highest by the weighted sum of their terms, best
first and no more than asked, of the place that the question is narrowed to. It need not order them
well: `bot.answering` scores what it is given by one formula, whatever the engine. What else
answering must know of a corpus stands in `bot.answering.index.Index`, which each engine's index
fulfils: `in_memory` with rank-bm25, `on_disk` with tantivy and `in_cluster` with OpenSearch, both
beside a catalogue.
"""
