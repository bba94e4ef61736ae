"""What can go wrong, as a person can mend it.

::

    BotError                  its text is one sentence that says what to mend
    ├── CorpusError           the documents cannot be read, or there are none
    │   └── SynonymError      the corpus's own synonyms.txt does not parse
    ├── EngineError           the index cannot be read or written
    │   ├── IndexBusy         another process writes it
    │   ├── IndexDamaged      it must be built again
    │   └── Unreachable       it is on machines that do not answer now
    ├── SettingsError         a setting is missing or cannot be understood
    ├── QuestionSetError      a file of questions for `eval` does not parse
    ├── SlackError            Slack refuses the tokens, or cannot be reached
    └── StoreError            what must survive a restart cannot be read or written
        └── InboxFull         so many questions are due that no more are taken

The line that knows what happened raises; the terminal and Slack each translate in one place.
"""


class BotError(Exception):
    """A failure that the person in front of the program can mend."""


class CorpusError(BotError):
    """The documents cannot be read, or there are none."""


class SynonymError(CorpusError):
    """A list of synonyms does not parse."""


class EngineError(BotError):
    """The index cannot be read or written."""


class IndexBusy(EngineError):
    """Another process writes the index."""


class IndexDamaged(EngineError):
    """The index on disk cannot be used; it must be built again."""


class Unreachable(EngineError):
    """The index is on machines that do not answer now; asked again later, they may."""


class SettingsError(BotError):
    """A setting is missing or cannot be understood."""


class QuestionSetError(BotError):
    """A file of questions does not parse."""


class SlackError(BotError):
    """Slack refuses the tokens, or cannot be reached."""


class StoreError(BotError):
    """What must survive a restart cannot be read or written."""


class InboxFull(StoreError):
    """So many questions are due that no more are taken."""
