"""What the bot costs and how right it is, beside what people would use instead; run by hand."""

import os

# Measured without the sentence model, unless SEMANTIC says otherwise or a command turns it on.
os.environ.setdefault("SEMANTIC", "off")
