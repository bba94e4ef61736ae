"""What a person has asked before in a thread, and when a message only asks for help."""

# A follow-up leans on the last question or two; what is older has nothing to do with it.
MOST_REMEMBERED = 3


class Thread:
    """One person's latest questions in one thread, oldest first."""

    def __init__(self) -> None:
        self.earlier: tuple[str, ...] = ()

    def add(self, question: str) -> None:
        """Remember a question; the oldest is forgotten."""
        self.earlier = (*self.earlier, question)[-MOST_REMEMBERED:]


def asks_for_help(text: str) -> bool:
    """Whether a message asks nothing but how to ask."""
    return text.strip().strip("?!.").strip().casefold() in ("", "help")
