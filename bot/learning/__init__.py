"""Unanswered questions, and what editors teach in reply. Nothing is generated."""
