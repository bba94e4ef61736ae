"""English: words, sentences and what people mean by them. Independent of documents and engines."""
