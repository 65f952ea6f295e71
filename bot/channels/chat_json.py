"""What does the web chat's JSON mean? The promise to those who embed it, in both directions."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from handlers.messages import Attachment, Message, Prompt
from handlers.texts import Text, _

BODY_BYTES_MAX = 16 * 1024
TEXT_MAX = 1000  # characters
ID_MAX = 64
TOKEN_MAX = 64

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

NOT_JSON = _("Please send one JSON object.")
WRONG_FIELDS = _("Please send “id” with either “text” or “token”, each as words.")
WRONG_ID = _("Please give each message an id of its own, of 1 to 64 plain characters.")
WRONG_AFTER = _("“after” is the id of a message.")
WRONG_TOKEN = _("That is no choice of this chat.")
UNREADABLE = _("Please use characters that can be shown.")
EMPTY = _("Please type a few words.")
TOO_LONG = _("Please use at most {longest} characters.", longest=TEXT_MAX)
TOO_MUCH = _("That is too much at once.")


class NotTaken(Exception):
    """A message of the visitor that is not taken; nothing is stored."""

    def __init__(self, status: int, sentence: Text, retry_after_seconds: int = 0) -> None:
        super().__init__(sentence.msgid)
        self.status = status
        self.sentence = sentence
        self.retry_after_seconds = retry_after_seconds


class Spoken(NamedTuple):
    """What a visitor sent: words, or the token of a choice."""

    id: str
    text: str
    token: str
    after: str = ""  # the id of what was sent before it, should it overtake that


@dataclass(frozen=True, slots=True)
class Line:
    """A message of a chat's history, with the moment it was said."""

    message: Message
    at: datetime


def read(body: bytes) -> Spoken:
    """The message in a request's body. Raises NotTaken with the reason."""
    if len(body) > BODY_BYTES_MAX:
        raise NotTaken(413, TOO_MUCH)
    try:
        sent = json.loads(body.decode())
    except (ValueError, RecursionError):
        raise NotTaken(400, NOT_JSON) from None
    if not isinstance(sent, dict):
        raise NotTaken(400, NOT_JSON)
    return spoken(sent)


def spoken(sent: Mapping[str, Any]) -> Spoken:
    """The message in fields `id` and either `text` or `token`. Raises NotTaken with the reason.

    One who sends several at once says in `after` which `id` was sent before: a message that comes
    first waits for that one, two seconds at most. One who awaits each answer need not.
    """
    if sent.keys() - {"after"} not in ({"id", "text"}, {"id", "token"}):
        raise NotTaken(400, WRONG_FIELDS)
    if not all(isinstance(each, str) for each in sent.values()):
        raise NotTaken(400, WRONG_FIELDS)
    if not _is_plain(sent["id"], ID_MAX):
        raise NotTaken(400, WRONG_ID)
    after = sent.get("after", "")
    if "after" in sent and not _is_plain(after, ID_MAX):
        raise NotTaken(400, WRONG_AFTER)
    if "text" in sent:
        return Spoken(sent["id"], _words(sent["text"]), "", after)
    if not _is_plain(sent["token"], TOKEN_MAX):
        raise NotTaken(400, WRONG_TOKEN)
    return Spoken(sent["id"], "", sent["token"], after)


def written(messages: Iterable[Message]) -> bytes:
    """The answer to a message. It bears no time: the same question has to get the same bytes."""
    return _encode({"messages": [as_seen(each) for each in messages]}).encode()


def written_history(lines: Iterable[Line]) -> bytes:
    """What was said in a chat, each message with the moment it was said."""
    return _encode({"messages": [_seen_then(line) for line in lines]}).encode()


def written_event(line: Line) -> bytes:
    """One message as a server-sent event."""
    return f"id: {line.message.number}\ndata: {_encode(_seen_then(line))}\n\n".encode()


def written_error(sentence: str) -> bytes:
    """Why something was not taken."""
    return _encode({"error": sentence}).encode()


def as_seen(message: Message) -> dict[str, Any]:
    """A message as the page gets it. `said`: what the person said to get it, if it is the first."""
    return {
        "id": message.number,
        "text": message.text,
        "attachments": [_attachment(each) for each in message.attachments],
        "prompt": message.prompt and prompt_as_seen(message.prompt),
        "said": message.said,
    }


def prompt_as_seen(prompt: Prompt) -> dict[str, Any]:
    """The open question as the page gets it."""
    return {
        "name": prompt.name,
        "kind": prompt.kind,
        "optional": prompt.optional,
        "choices": [
            {"label": each.label, "token": each.token, "value": each.value}
            for each in prompt.choices
        ],
    }


def _seen_then(line: Line) -> dict[str, Any]:
    return {**as_seen(line.message), "at": line.at.isoformat()}


def _attachment(attachment: Attachment) -> dict[str, str]:
    return {"kind": attachment.kind, "name": attachment.name, "url": attachment.url}


def _words(text: str) -> str:
    if len(text) > TEXT_MAX:
        raise NotTaken(413, TOO_LONG)
    if not text.strip():
        raise NotTaken(400, EMPTY)
    if "\0" in text or not _is_unicode(text):
        raise NotTaken(400, UNREADABLE)
    return text


def _is_plain(word: str, longest: int) -> bool:
    return 1 <= len(word) <= longest and word.isprintable()


def _is_unicode(text: str) -> bool:
    """False for half a surrogate pair, which JSON can spell and no database keeps."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
