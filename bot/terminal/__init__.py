"""What a person sees in a terminal: answers, a conversation, the corpus, figures, checks."""
