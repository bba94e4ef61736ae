"""From a payload to a question in the inbox, or a reason to ignore it."""
