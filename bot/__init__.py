"""article-bot: verbatim, cited answers from documents that a team trusts."""

__version__ = "0.1.0"
