"""Which conversations are there, and what starts each?"""

from collections.abc import Sequence
from unicodedata import normalize

from handlers.conversation.chat import Conversation
from handlers.conversation.question import Option, Question
from handlers.texts import Text, _

MENU = "menu"  # the name of the question that is open when nothing is under way


class Menu:
    """The table of contents: conversations by name, command and word."""

    def __init__(
        self, conversations: Sequence[Conversation], starters: Sequence[str], greeting: Text
    ) -> None:
        self.greeting = greeting
        self.by_name = {each.name: each for each in conversations}
        self._by_words: dict[str, Conversation] = {}
        for each in conversations:
            for word in (f"/{each.command}", *each.words):
                if self._by_words.setdefault(tidy(word), each) is not each:
                    raise ValueError(
                        f"{word!r} starts both {self._by_words[tidy(word)].name} and {each.name}"
                    )
        self.options = [
            Option(f"/{self.by_name[name].command}", self.by_name[name].title) for name in starters
        ]

    def started_by(self, words: str) -> Conversation | None:
        """The conversation that these words start, a command with or without what follows it."""
        tidied = tidy(words)
        found = self._by_words.get(tidied)
        if found is None and tidied.startswith("/"):
            found = self._by_words.get(tidied.split(maxsplit=1)[0].split("@")[0])
        return found

    def question(self, text: Text | None = None) -> Question:
        """What is asked when nothing is under way."""
        asked = text or _("What would you like to do?")
        return Question(name=MENU, kind="choose", text=asked, options=self.options)


def tidy(words: str) -> str:
    """Words as they are compared: one width, one case, one space between."""
    return " ".join(normalize("NFKC", words).casefold().split())
