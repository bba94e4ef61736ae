"""From the inbox to posts in Slack."""
