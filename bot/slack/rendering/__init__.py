"""Renders answers as messages, views and buttons."""
