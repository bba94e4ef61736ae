"""Answers as messages, views and buttons."""
