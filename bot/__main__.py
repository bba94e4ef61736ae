"""`python -m bot`: the command line."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - older versions cannot even parse the rest
    sys.exit("article-bot needs Python 3.11 or newer; this is " + sys.version.split()[0])

from bot.cli import entry

entry()
