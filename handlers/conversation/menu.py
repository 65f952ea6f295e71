"""Which conversations are there, and what starts each?"""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple
from unicodedata import normalize

from handlers.conversation.chat import Conversation
from handlers.conversation.question import Option, Question
from handlers.texts import Text, _

MENU = "menu"  # the name of the question that is open when nothing is under way
SENTENCE_MAX = 200  # characters; what is longer is no request
GIVEN_MAX = 200  # characters kept of what stands behind a command

_GAP = re.compile(r"(?<=[一-鿿]) (?=[一-鿿])")  # "预 约", as some type it


class Started(NamedTuple):
    """A conversation that words start, and what stood behind its command or word."""

    conversation: Conversation
    given: str


class Menu:
    """The table of contents: conversations by name, command and word.

    `hints`: more words that mean a conversation when they stand in a sentence, by its name.
    `with_more`: which one a command starts when more stands behind it ("/start K7MW-2QRT").
    `alone`: those that act at once on words too common to mean them in a sentence: "要" takes what
    is offered, "我要退票" does not.
    """

    def __init__(
        self,
        conversations: Sequence[Conversation],
        starters: Sequence[str],
        greeting: Text,
        hints: Mapping[str, Sequence[str]] | None = None,
        *,
        with_more: Mapping[str, str] | None = None,
        alone: Collection[str] = (),
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
        self._with_more = {
            f"/{self.by_name[name].command}": self.by_name[other]
            for name, other in (with_more or {}).items()
        }
        self._alone = frozenset(alone)
        self._hints = {
            word: each
            for word, each in self._by_words.items()
            if word[0] != "/" and each.name not in self._alone
        }
        for name, words in (hints or {}).items():
            self._hints |= dict.fromkeys(map(tidy, words), self.by_name[name])
        self.options = [
            Option(f"/{self.by_name[name].command}", self.by_name[name].title) for name in starters
        ]

    def started_by(self, words: str) -> Started | None:
        """The conversation that these words start: a command or a word of it, alone or with more.

        What follows is set apart by a space, and only a command or a Chinese word may be followed:
        "help me" is a sentence. The token of a choice that begins with "/" is read here too. Such a
        token is no ticket: anybody can type what a button says, so whoever acts on `given` checks
        there what the speaker may do.
        """
        tidied = tidy(words)
        found = self._by_words.get(tidied) or self._by_words.get(_GAP.sub("", tidied))
        if found is not None or not tidied:
            return Started(found, "") if found else None
        first, *rest = words.split(maxsplit=1)
        word = tidy(first)
        if word.startswith("/"):
            command = word.split("@")[0]
            found = self._by_words.get(command)
            found = self._with_more.get(command, found) if rest else found
        elif rest and not word.isascii():
            found = self._by_words.get(word)
            found = None if found is not None and found.name in self._alone else found
        given = " ".join("".join(rest).split())[:GIVEN_MAX]
        return Started(found, given) if found else None

    def meant_by(self, words: str) -> Conversation | None:
        """The one conversation that a sentence speaks of; None when none or several."""
        tidied = tidy(words)
        if len(tidied) > SENTENCE_MAX:
            return None
        said = [hint for hint in self._hints if _is_said(hint, tidied)]
        # "my visits" speaks of visits, but means only itself.
        whole = [hint for hint in said if not any(hint in each and hint != each for each in said)]
        meant = {self._hints[hint].name: self._hints[hint] for hint in whole}
        asking = [each for each in meant.values() if not each.is_beside] or [*meant.values()]
        return asking[0] if len(asking) == 1 else None

    def question(self, text: Text | None = None) -> Question:
        """What is asked when nothing is under way."""
        asked = text or _("What would you like to do?")
        return Question(name=MENU, kind="choose", text=asked, options=self.options)


def tidy(words: str) -> str:
    """Words as they are compared: one width, one case, one space between."""
    return " ".join(normalize("NFKC", words).casefold().split())


def _is_said(hint: str, sentence: str) -> bool:
    """Whether a sentence has these words in it: whole ones where words stand apart."""
    if not hint.isascii():
        return hint in sentence
    return re.search(rf"(?<![a-z0-9]){re.escape(hint)}(?![a-z0-9])", sentence) is not None
