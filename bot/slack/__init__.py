"""The Slack app: payloads become questions, answers become messages. Built on slack_bolt."""
