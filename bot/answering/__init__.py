"""From a question to an answer: find, quote, judge. Knows no terminal and no Slack."""
