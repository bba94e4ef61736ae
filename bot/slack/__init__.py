"""Slack: what comes in becomes questions, answers become messages. The home of slack_bolt."""
