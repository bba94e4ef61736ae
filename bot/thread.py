"""What a person has asked before in a thread, and when a message only asks for help."""

from bot.model import MAX_EARLIER


class Thread:
    """One person's latest questions in one thread, oldest first."""

    def __init__(self) -> None:
        self.earlier: tuple[str, ...] = ()

    def add(self, question: str) -> None:
        """Remember a question; the oldest is forgotten."""
        self.earlier = (*self.earlier, question)[-MAX_EARLIER:]


def asks_for_help(text: str) -> bool:
    """Whether a message asks nothing but how to ask."""
    return text.strip().strip("?!.").strip().casefold() in ("", "help")
