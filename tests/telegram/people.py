"""What does a person see in Telegram, and what can they do there?

A chat is kept as a phone shows it: edits applied, deleted messages gone, the newest last.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.telegram.fake import FakeTelegram

Json = dict[str, Any]


class NotSeen(AssertionError):
    """What should have been there to see or tap was not; shows the chat."""


@dataclass
class Shown:
    """A message in a chat. `photo` and `document` are the bytes that were uploaded."""

    message_id: int
    is_by_bot: bool
    text: str = ""  # or the caption
    buttons: list[list[Json]] = field(default_factory=list)
    photo: bytes | None = None
    document: bytes | None = None
    file_name: str = ""
    entities: list[Json] = field(default_factory=list)
    edits: int = 0
    called: Json = field(default_factory=dict)  # the parameters it was sent or last edited with

    @property
    def is_file(self) -> bool:
        """Whether it is a photo or a document: then its words are a caption."""
        return self.photo is not None or self.document is not None

    @property
    def labels(self) -> list[str]:
        """The labels of its buttons, row by row in one list."""
        return [each["text"] for row in self.buttons for each in row]

    def __str__(self) -> str:
        who = "Kepu" if self.is_by_bot else "   I"
        files = ["(photo)"] * bool(self.photo) + [f"({self.file_name})"] * bool(self.document)
        rows = [" ".join(f"[{each['text']}]" for each in row) for row in self.buttons]
        return "\n".join([" ".join([f"{who} {self.message_id}:", *files, self.text]), *rows])


@dataclass
class Chat:
    """A chat of the bot: private, or a group."""

    id: int
    kind: str = "private"
    messages: list[Shown] = field(default_factory=list)
    keyboard: list[list[Json]] = field(default_factory=list)  # below the field for typing
    is_blocked: bool = False
    migrated_to: int = 0
    last_id: int = 0

    def __str__(self) -> str:
        return "\n".join(map(str, self.messages[-12:]))

    def shows(self, message: Shown) -> None:
        """Add a message at the end."""
        self.messages.append(message)

    def next_id(self) -> int:
        """The id of a new message; ids count by chat."""
        self.last_id += 1
        return self.last_id

    def message(self, message_id: int) -> Shown | None:
        """The message with an id; None when it is not there (any more)."""
        return next((each for each in self.messages if each.message_id == message_id), None)


@dataclass
class User:
    """A person with Telegram, in their chat with the bot (or in a group: `speaks_in`).

    The verbs only have an update made; it reaches the bot by polling or by the webhook.
    """

    api: "FakeTelegram"
    id: int
    name: str
    language: str
    chat: Chat
    username: str = ""

    def says(self, *lines: str) -> "User":
        """Type lines, one message each."""
        for line in lines:
            message_id = self.chat.next_id()
            self.chat.shows(Shown(message_id, is_by_bot=False, text=line))
            self.api.push("message", self._message(message_id, text=line, **_entities(line)))
        return self

    def edits(self, message_id: int, line: str) -> "User":
        """Change the words of a message typed before."""
        message = self._message(message_id, text=line, edit_date=self.api.date, **_entities(line))
        self.api.push("edited_message", message)
        return self

    def taps(self, *labels: str) -> "User":
        """Tap the newest button whose label is, begins with or holds the words, one by one."""
        for label in labels:
            message, button = self.button(label)
            self.taps_data(button.get("callback_data", ""), message)
        return self

    def taps_data(self, data: str, message: Shown | None = None) -> "User":
        """Tap a button with these data, or pretend to: below any message, even a forged one."""
        message = message or next(each for each in reversed(self.chat.messages) if each.is_by_bot)
        query_id = self.api.new_query()
        self.api.push(
            "callback_query",
            {
                "id": query_id,
                "from": self.as_json(),
                "message": self.api.message_json(self.chat, message),
                "chat_instance": f"{self.chat.id}",
                "data": data,
            },
        )
        return self

    def shares_contact(self, phone: str, *, user_id: int | None = None) -> "User":
        """Tap the contact button; or share the card of somebody else (`user_id`; 0: of nobody)."""
        card: Json = {"phone_number": phone, "first_name": self.name}
        if user_id != 0:
            card["user_id"] = self.id if user_id is None else user_id
        message_id = self.chat.next_id()
        self.chat.shows(Shown(message_id, is_by_bot=False, text=f"({phone})"))
        self.api.push("message", self._message(message_id, contact=card))
        return self

    def sends(self, **content: Any) -> "User":
        """Send a message with this content: photo, voice, sticker, or whatever is forged."""
        self.api.push("message", self._message(self.chat.next_id(), **content))
        return self

    def blocks(self, *, is_blocked: bool = True) -> "User":
        """Block the bot, or allow it again."""
        self.chat.is_blocked = is_blocked
        status = ["member", "kicked"] if is_blocked else ["kicked", "member"]
        bot = self.api.me
        old, new = ({"user": bot, "status": each, "until_date": 0} for each in status)
        change = {"chat": self.chat_json(), "from": self.as_json(), "date": self.api.date}
        for each in (old, new):
            if each["status"] == "member":
                del each["until_date"]
        self.api.push("my_chat_member", {**change, "old_chat_member": old, "new_chat_member": new})
        return self

    @property
    def messages(self) -> list[Shown]:
        """What Kepu says in the chat now, the newest last."""
        return [each for each in self.chat.messages if each.is_by_bot]

    @property
    def texts(self) -> list[str]:
        """Its words."""
        return [each.text for each in self.messages]

    @property
    def labels(self) -> list[str]:
        """Every button in the chat, from the top to the bottom."""
        return [label for each in self.messages for label in each.labels]

    def sees(self, *words: str) -> "User":
        """All of these words are somewhere in what Kepu says."""
        everything = "\n".join([*self.texts, *self.labels])
        for each in words:
            if each not in everything:
                raise NotSeen(f"{each!r} was not seen in\n{self.chat}")
        return self

    async def comes_to_see(self, *words: str) -> "User":
        """Wait until all of these words are there, or fail when patience ends."""
        await self.api.until(lambda: self._has(words), f"{words} in\n{self.chat}")
        return self

    def button(self, label: str) -> tuple[Shown, Json]:
        """The button meant by a label, and its message; the newest where several have it."""
        there = [
            (message, each)
            for message in reversed(self.messages)
            for row in message.buttons
            for each in row
        ]
        for fits in (str.__eq__, str.startswith, str.__contains__):
            found = [pair for pair in there if fits(pair[1]["text"], label)]
            if found:
                return found[0]
        raise NotSeen(f"no button {label!r} in\n{self.chat}")

    def as_json(self) -> Json:
        """The person as Telegram tells of them."""
        told: Json = {"id": self.id, "is_bot": False, "first_name": self.name}
        if self.language:
            told["language_code"] = self.language
        return {**told, "username": self.username} if self.username else told

    def chat_json(self) -> Json:
        """The chat as Telegram tells of it."""
        if self.chat.kind == "private":
            return {"id": self.chat.id, "type": "private", "first_name": self.name}
        return {"id": self.chat.id, "type": self.chat.kind, "title": "A group"}

    def _message(self, message_id: int, **content: Any) -> Json:
        return {
            "message_id": message_id,
            "from": self.as_json(),
            "chat": self.chat_json(),
            "date": self.api.date,
            **content,
        }

    def _has(self, words: tuple[str, ...]) -> bool:
        everything = "\n".join([*self.texts, *self.labels])
        return all(each in everything for each in words)


def _entities(line: str) -> Json:
    command = line.split(maxsplit=1)[0] if line.startswith("/") else ""
    if not command:
        return {}
    return {"entities": [{"type": "bot_command", "offset": 0, "length": len(command)}]}
