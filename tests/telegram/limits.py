"""Does a call keep the limits that the Bot API's description has only in prose?

Texts are counted in UTF-16 units, the larger of the two ways a server could count.
"""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

PHOTO_BYTES_MAX = 10 * 1024 * 1024
FILE_BYTES_MAX = 50 * 1024 * 1024
_TAGS = {"b", "strong", "i", "em", "u", "s", "a", "code", "pre", "blockquote", "tg-spoiler"}
_PORTS = {None, 443, 80, 88, 8443}
_LENGTHS = {  # parameter: shortest, longest
    "sendMessage.text": (1, 4096),
    "editMessageText.text": (1, 4096),
    "sendPhoto.caption": (0, 1024),
    "sendDocument.caption": (0, 1024),
    "editMessageCaption.caption": (0, 1024),
    "answerCallbackQuery.text": (0, 200),
    "setMyDescription.description": (0, 512),
    "setMyShortDescription.short_description": (0, 120),
    "setMyName.name": (0, 64),
}


def units(text: str) -> int:
    """The length of a text in UTF-16 units."""
    return len(text.encode("utf-16-le")) // 2


def broken(method: str, values: dict[str, Any], files: dict[str, bytes]) -> list[str]:
    """Every limit that the call does not keep."""
    problems = [*_lengths(method, values), *_files(method, files)]
    problems += _markup(values.get("reply_markup"))
    if len(values.get("entities", [])) > 100:
        problems.append("more than 100 entities")
    if "parse_mode" in values:
        problems += _formatting(values["parse_mode"], values.get("text", values.get("caption", "")))
    if method == "setMyCommands":
        problems += _commands(values["commands"])
    if method == "setWebhook":
        problems += _webhook(values)
    return problems


def _lengths(method: str, values: dict[str, Any]) -> Iterator[str]:
    for name, value in values.items():
        shortest, longest = _LENGTHS.get(f"{method}.{name}", (0, 0))
        if not longest:
            continue
        if units(value.strip()) < shortest:
            yield "message text is empty"
        if units(value) > longest:
            yield f"message is too long: {name} has {units(value)} of {longest}"


def _files(method: str, files: dict[str, bytes]) -> Iterator[str]:
    longest = PHOTO_BYTES_MAX if method == "sendPhoto" else FILE_BYTES_MAX
    for name, content in files.items():
        if not content:
            yield f"file must be non-empty: {name}"
        if len(content) > longest:
            yield f"file is too big: {name}"


def _markup(markup: dict[str, Any] | None) -> Iterator[str]:
    if markup is None:
        return
    rows = markup.get("inline_keyboard", markup.get("keyboard", []))
    if sum(map(len, rows)) > 100:
        yield "reply markup is too long: more than 100 buttons"
    for row in rows:
        if not 1 <= len(row) <= 8:
            yield f"a row of {len(row)} buttons"
    if "inline_keyboard" in markup:
        for button in (each for row in rows for each in row):
            yield from _button(button)
    placeholder = markup.get("input_field_placeholder")
    if placeholder is not None and not 1 <= units(placeholder) <= 64:
        yield "a placeholder of more than 64 characters"


def _button(button: dict[str, Any]) -> Iterator[str]:
    actions = button.keys() - {"text", "style", "icon_custom_emoji_id"}
    if not button["text"].strip():
        yield "a button without words"
    if len(actions) != 1:
        yield f"Text buttons are unallowed in the inline keyboard: {sorted(actions)}"
    data = button.get("callback_data")
    if data is not None and not 1 <= len(data.encode()) <= 64:
        yield f"BUTTON_DATA_INVALID: {data!r}"


class _Html(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.problems: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)
        if tag not in _TAGS:
            self.problems.append(f"can't parse entities: unsupported start tag {tag!r}")

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.problems.append(f"can't parse entities: unexpected end tag {tag!r}")

    def handle_data(self, data: str) -> None:
        if "<" in data or "&" in data or ">" in data:
            self.problems.append(f"can't parse entities: not escaped: {data!r}")


def _formatting(mode: str, text: str) -> list[str]:
    if mode != "HTML":
        return [f"parse_mode {mode!r}: only HTML is used here, and only with escaped words"]
    parser = _Html()
    parser.feed(text)
    parser.close()
    return parser.problems + [f"can't parse entities: {tag!r} is not closed" for tag in parser.open]


def _commands(commands: list[dict[str, str]]) -> Iterator[str]:
    if len(commands) > 100:
        yield "more than 100 commands"
    for each in commands:
        if not re.fullmatch("[a-z0-9_]{1,32}", each["command"]):
            yield f"BOT_COMMAND_INVALID: {each['command']!r}"
        if not 1 <= units(each["description"]) <= 256:
            yield f"BOT_COMMAND_DESCRIPTION_INVALID: {each['description']!r}"


def _webhook(values: dict[str, Any]) -> Iterator[str]:
    url = urlsplit(values["url"])
    if values["url"] and (url.scheme != "https" or url.port not in _PORTS):
        yield f"bad webhook: https on port 443, 80, 88 or 8443, not {values['url']!r}"
    secret = values.get("secret_token")
    if secret is not None and not re.fullmatch("[A-Za-z0-9_-]{1,256}", secret):
        yield "secret token contains unallowed characters"
    if not 1 <= values.get("max_connections", 40) <= 100:
        yield "max_connections is not 1 to 100"
