"""English: words, sentences and what people mean by them. Knows no document and no engine."""
