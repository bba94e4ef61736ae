"""What a person sees in a terminal: answers, the chat, listings, evaluation, checks, progress."""
