"""How does a message look in Telegram?

Its words are plain text: nothing that a person wrote can become a tag or an entity. A ticket is its
QR code with the words as the caption; files follow it, links are buttons.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.channels.telegram import keyboards
from handlers.messages import Attachment, Message

TEXT_MAX = 4096  # UTF-16 units: what Telegram counts in may be less, never more
CAPTION_MAX = 1024


@dataclass(frozen=True, slots=True)
class Part:
    """One message of Telegram: words, or an image or file with words as its caption."""

    text: str = ""
    markup: dict[str, Any] | None = None
    image: Attachment | None = None
    file: Attachment | None = None

    @property
    def can_edit(self) -> bool:
        """Whether a message that stands there already can be made to look like this."""
        is_inline = self.markup is None or "inline_keyboard" in self.markup
        return self.image is None and self.file is None and is_inline

    @property
    def keyboard(self) -> dict[str, Any]:
        """The buttons in the form of a parameter; none where there are none."""
        return {} if self.markup is None else {"reply_markup": self.markup}


def needs_locale(message: Message) -> bool:
    """Whether the view says words of its own: the month's name, the contact button."""
    return message.prompt is not None and message.prompt.kind in ("phone", "date")


def view(message: Message, address: str, locale: str) -> list[Part]:
    """The messages of Telegram that show a message, in their order.

    `address`: what links begin with; where a phone could not open it, they are lines to read.
    """
    links = [each for each in message.attachments if each.kind == "link"]
    images = [each for each in message.attachments if each.kind == "image"]
    files = [each for each in message.attachments if each.kind == "file"]
    text = message.text.strip()
    rows: keyboards.Rows = []
    if can_be_opened(address):
        rows = [[{"text": each.name, "url": address + each.url}] for each in links]
    elif links:
        text = "\n".join([text, *(f"{each.name}\n{address}{each.url}" for each in links)]).strip()
    markup = _markup(message, rows, locale)
    parts = _spoken(text, images, markup)
    return parts + [Part(file=each) for each in files]


def can_be_opened(address: str) -> bool:
    """Whether an address can stand behind a button: Telegram refuses names of this machine only."""
    host = address.partition("://")[2].partition("/")[0].rpartition("@")[2].partition(":")[0]
    return "." in host and not host.startswith("127.") and host != "0.0.0.0"  # noqa: S104 - compared only


def file_name(attachment: Attachment) -> str:
    """What a phone lists the file as: its name in words, and what kind it is."""
    kind = attachment.url.rpartition(".")[2]
    return f"{attachment.name.replace('/', ' ')}.{kind}"


def split(text: str, most: int = TEXT_MAX) -> list[str]:
    """Parts of at most `most` UTF-16 units, at line breaks where there are any."""
    parts, rest = [], text
    while units(rest) > most:
        head = _first(rest, most)
        at_line = head.rfind("\n")
        head = head[:at_line] if head[:at_line].strip() and at_line > 0 else head
        parts.append(head.rstrip())
        rest = rest[len(head) :].lstrip("\n")
    return [each for each in [*parts, rest] if each.strip()]


def units(text: str) -> int:
    """The length of a text in UTF-16 units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "replace")) // 2


def _first(text: str, most: int) -> str:
    """As many whole characters as fit."""
    return text.encode("utf-16-le", "replace")[: 2 * most].decode("utf-16-le", "ignore")


def _markup(message: Message, rows: keyboards.Rows, locale: str) -> dict[str, Any] | None:
    if message.prompt is not None and message.prompt.kind == "phone":
        return keyboards.contact(message.prompt, locale)
    if message.prompt is not None:
        rows = rows + keyboards.inline(message.prompt, locale)
    return {"inline_keyboard": rows} if rows else None


def _spoken(text: str, images: Sequence[Attachment], markup: dict[str, Any] | None) -> list[Part]:
    """The words and pictures; the buttons stand below the last words."""
    if not images:
        *before, last = split(text) or [""]
        return [*map(Part, before), Part(last, markup)] if last else []
    if units(text) <= CAPTION_MAX:
        *pictures, last_picture = images
        return [*(Part(image=each) for each in pictures), Part(text, markup, last_picture)]
    *before, last = split(text)
    return [*(Part(image=each) for each in images), *map(Part, before), Part(last, markup)]
