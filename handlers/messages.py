"""What comes in from a channel, and what goes out to one?"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from handlers.texts import Text

PromptKind = Literal["choose", "many", "date", "confirm", "text", "number", "phone", "month"]
AttachmentKind = Literal["image", "file", "link"]


@dataclass(frozen=True, slots=True)
class Incoming:
    """One event of a person: words typed, or the token of a choice tapped."""

    channel: str
    address: str  # who, on that channel
    event_id: str  # unique on that channel, the same when the event is delivered again
    at: datetime
    text: str = ""
    token: str = ""
    locale: str = ""  # the language the channel reports; "" when it says none
    after: str = ""  # the event the person sent before this one, where the channel says so
    tapped: str = ""  # the outside's id of the message whose button it was, where it can be edited


@dataclass(frozen=True, slots=True)
class Attachment:
    """Something beside the words. `url` is a path below the public address."""

    kind: AttachmentKind
    name: str
    url: str


TOKEN_BYTES_MAX = 64  # what Telegram's buttons carry


def command_token(command: str, *given: str) -> str:
    """The token of a choice that starts a conversation: "/offer 3fa9 yes".

    Raises ValueError when a button could not carry it.
    """
    token = " ".join((f"/{command}", *given))
    if len(token.encode()) > TOKEN_BYTES_MAX:
        raise ValueError(f"the token {token!r} is longer than {TOKEN_BYTES_MAX} bytes")
    return token


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to tap, as shown. `value` begins with "@" when it navigates.

    A token that begins with "/" starts a conversation, whatever is open; others belong to the
    question they were shown with.
    """

    label: str
    token: str
    value: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """The open question, as shown on a channel."""

    name: str
    kind: PromptKind
    choices: list[Choice] = field(default_factory=list)
    optional: bool = False

    @property
    def is_beside(self) -> bool:
        """Whether its choices start something of their own: what else is open stays open."""
        return any(each.token.startswith("/") for each in self.choices)


@dataclass(frozen=True, slots=True)
class Message:
    """One message as a person sees it. `said` is what they said to get it, for the history."""

    text: str
    attachments: list[Attachment] = field(default_factory=list)
    prompt: Prompt | None = None
    said: str = ""
    number: int = 0  # its place in the chat, once stored
    edits: str = ""  # the outside's id of the message it takes the place of, where it can

    def as_json(self) -> dict[str, Any]:
        """The form stored in the outbox and read back by `from_json`."""
        prompt = self.prompt
        # By hand: dataclasses.asdict copies every word of it and takes a quarter of a turn.
        stored = {
            "text": self.text,
            "attachments": [
                {"kind": each.kind, "name": each.name, "url": each.url} for each in self.attachments
            ],
            "prompt": None
            if prompt is None
            else {
                "name": prompt.name,
                "kind": prompt.kind,
                "choices": [
                    {"label": each.label, "token": each.token, "value": each.value}
                    for each in prompt.choices
                ],
                "optional": prompt.optional,
            },
            "said": self.said,
            "number": self.number,
        }
        return {**stored, "edits": self.edits} if self.edits else stored

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "Message":
        """A message stored by `as_json`."""
        prompt = stored["prompt"]
        return cls(
            text=stored["text"],
            attachments=[Attachment(**each) for each in stored["attachments"]],
            prompt=prompt
            and Prompt(**{**prompt, "choices": [Choice(**each) for each in prompt["choices"]]}),
            said=stored["said"],
            number=stored["number"],
            edits=stored.get("edits", ""),
        )


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a channel can show; the engine asks for nothing more."""

    buttons: bool
    edit_message: bool
    max_options: int  # a page; more than this many choices are paged
    label_length: int  # characters; longer labels are cut with an ellipsis
    one_message_per_turn: bool
    can_push: bool  # may write first, at any time
    date_grid: bool = False  # shows any number of days as a month by itself
    stores_to_deliver: bool = False  # people read what is stored: nothing has to be sent


class Refused(Exception):
    """An expected no, told to the person. Raise it before the first write."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.msgid)
        self.text = text
