"""The bot without Slack: a page for one person, and an API for programs."""
