"""From a question to an answer: find, quote, judge. Independent of the terminal and Slack."""
