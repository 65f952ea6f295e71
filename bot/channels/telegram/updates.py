"""What does an update of Telegram mean: something a person said, or something else to be done?

Pure, and never surprised: whatever an update lacks, or is forged in it, it means nothing then.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bot.channels.telegram.keyboards import IDLE
from handlers.messages import TOKEN_BYTES_MAX, Incoming, command_token

NAME = "telegram"
ALLOWED = ("message", "callback_query", "my_chat_member")  # an edited message is no new one
TEXT_MAX = 4096  # characters of a message, says Telegram
NO_QUESTIONS = "-"  # a token that belongs to no question: the person is told so
UNREADABLE = command_token("unreadable")
NOT_YOURS = command_token("unreadable", "contact")

_UNREADABLE_KINDS = frozenset(
    {
        "animation", "audio", "dice", "document", "game", "location", "paid_media", "photo",
        "poll", "sticker", "story", "venue", "video", "video_note", "voice", "checklist",
    }
)  # fmt: skip
# What a link t.me/<bot>?start=book_3fa9 stands for. Anybody can write such a link, as anybody can
# type the command: whoever acts on what stands behind it checks there what the speaker may do.
_LINKS = ("book", "checkin", "offer")
_COMMAND = re.compile(r"(/\w+)@\w+")
_PHONE = re.compile(r"\+?\d{5,15}")
_NOT_TO_BE_KEPT = re.compile("[\x00\ud800-\udfff]")  # what a database refuses to store
_IS_AWAY = frozenset({"kicked", "left"})
_IS_HERE = frozenset({"member", "administrator", "creator"})


@dataclass(frozen=True, slots=True)
class Said:
    """Something a person said or tapped."""

    incoming: Incoming
    tap: str = ""  # the callback query to be answered, so that the button stops turning


@dataclass(frozen=True, slots=True)
class Tapped:
    """A tap that says nothing: its button has to stop turning all the same."""

    tap: str


@dataclass(frozen=True, slots=True)
class Reachable:
    """A person blocked the bot, or took that back."""

    event_id: str
    address: str
    is_reachable: bool


@dataclass(frozen=True, slots=True)
class Uninvited:
    """A group, where Kepu does not talk: it says so once."""

    address: str
    locale: str


Meaning = Said | Tapped | Reachable | Uninvited


def number_of(update: object) -> int:
    """The update's number, by which it is acknowledged; 0 when it has none."""
    return _whole(_dict(update), "update_id")


def chat_of(meaning: Meaning) -> str:
    """Whose order it keeps: what is said in one chat is heard in its order."""
    match meaning:
        case Said(incoming):
            return incoming.address
        case Tapped(tap):
            return tap
        case Reachable(address=address) | Uninvited(address=address):
            return address


def read(update: object, bot: str, now: datetime) -> Meaning | None:
    """What an update means for the bot with this id; None when nothing is to be done."""
    fields = _dict(update)
    number = number_of(fields)
    if number <= 0:
        return None
    event_id = f"{bot}:{number}"  # another bot counts anew
    if "callback_query" in fields:
        return _tap(_dict(fields["callback_query"]), event_id, now)
    if "message" in fields:
        return _message(_dict(fields["message"]), event_id, now)
    if "my_chat_member" in fields:
        return _member(_dict(fields["my_chat_member"]), event_id)
    return None


def _message(message: Mapping[str, Any], event_id: str, now: datetime) -> Meaning | None:
    sender, chat = _dict(message.get("from")), _dict(message.get("chat"))
    address = _address(chat)
    if not address or not _is_person(sender):
        return None
    if chat.get("type") in ("group", "supergroup"):
        is_spoken_to = _words(message, "text").startswith("/")
        return Uninvited(address, _locale(sender)) if is_spoken_to else None
    if chat.get("type") != "private":
        return None
    text, token = _words(message, "text"), ""
    if text:
        text = _typed(text)
    elif "contact" in message:
        text, token = _contact(_dict(message["contact"]), sender)
    elif "text" in message or _UNREADABLE_KINDS.intersection(message):
        token = UNREADABLE
    if not text and not token:
        return None  # something about the chat, such as a pinned message
    return Said(Incoming(NAME, address, event_id, now, text, token, _locale(sender)))


def _tap(query: Mapping[str, Any], event_id: str, now: datetime) -> Meaning | None:
    tap, sender = _words(query, "id"), _dict(query.get("from"))
    message = _dict(query.get("message"))
    chat, data = _dict(message.get("chat")), _words(query, "data")
    address = _address(chat)
    if not tap:
        return None
    if data == IDLE or not (
        data and address and chat.get("type") == "private" and _is_person(sender)
    ):
        return Tapped(tap)
    token = data if len(data.encode()) <= TOKEN_BYTES_MAX else NO_QUESTIONS
    number = _whole(message, "message_id")
    said = Incoming(NAME, address, event_id, now, "", token, _locale(sender))
    return Said(replace(said, tapped=str(number) if number > 0 else ""), tap)


def _member(change: Mapping[str, Any], event_id: str) -> Meaning | None:
    chat, sender = _dict(change.get("chat")), _dict(change.get("from"))
    address, kind = _address(chat), chat.get("type")
    before = _dict(change.get("old_chat_member")).get("status")
    after = _dict(change.get("new_chat_member")).get("status")
    if not address or not (isinstance(before, str) and isinstance(after, str)):
        return None
    if kind == "private" and after in _IS_AWAY | _IS_HERE:
        return Reachable(event_id, address, is_reachable=after in _IS_HERE)
    if kind in ("group", "supergroup") and before in _IS_AWAY and after in _IS_HERE:
        return Uninvited(address, _locale(sender))
    return None


def _typed(text: str) -> str:
    """The words as they were meant: a command without the bot's name, a link as its command."""
    named = _COMMAND.match(text)
    if named:
        text = named[1] + text[named.end() :]
    first, _space, given = text.partition(" ")
    kind, underscore, rest = given.strip().partition("_")
    if first == "/start" and underscore and kind in _LINKS:
        return f"/{kind} {rest.replace('_', ' ')}"
    return text


def _contact(contact: Mapping[str, Any], sender: Mapping[str, Any]) -> tuple[str, str]:
    """The telephone number, when it is the sender's own; else what says that it is not."""
    number = re.sub(r"[ ()-]", "", _words(contact, "phone_number"))
    is_own = _whole(contact, "user_id") == _whole(sender, "id")
    if not is_own or not _PHONE.fullmatch(number):
        return "", NOT_YOURS
    return f"+{number.removeprefix('+')}", ""


def _is_person(sender: Mapping[str, Any]) -> bool:
    return _whole(sender, "id") > 0 and sender.get("is_bot") is not True


def _locale(sender: Mapping[str, Any]) -> str:
    code = _words(sender, "language_code")
    return code if re.fullmatch(r"[A-Za-z0-9-]{2,16}", code) else ""


def _address(chat: Mapping[str, Any]) -> str:
    number = _whole(chat, "id")
    return str(number) if number else ""


def _words(fields: Mapping[str, Any], name: str) -> str:
    found = fields.get(name)
    return _NOT_TO_BE_KEPT.sub("", found[:TEXT_MAX]) if isinstance(found, str) else ""


def _whole(fields: Mapping[str, Any], name: str) -> int:
    found = fields.get(name)
    if not isinstance(found, int) or isinstance(found, bool):
        return 0
    return found if abs(found) < 2**63 else 0


def _dict(found: object) -> Mapping[str, Any]:
    return found if isinstance(found, dict) else {}
