"""How is a message handed over to Telegram, and what became of it?

A reply to a tap takes the place of the message that was tapped; anything else is a new message. One
that takes several of Telegram's goes on where it stopped, when it is tried again.
"""

import asyncio
import contextlib
import math
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import orjson
import structlog
from telegram import InputFile
from telegram.error import ChatMigrated, RetryAfter, TelegramError

from bot.channels.base import Outcome, Pace, SendError
from bot.channels.telegram import outcomes
from bot.channels.telegram.view import Part, file_name, needs_locale, view
from bot.pacing import Gate
from handlers.messages import Capabilities, Message

log = structlog.get_logger()

NAME = "telegram"
CAPABILITIES = Capabilities(
    buttons=True,
    edit_message=True,
    max_options=8,
    label_length=40,
    one_message_per_turn=False,
    can_push=True,
    date_grid=True,
)
# 30 a second in all, some kept for replies; 1 a second in a chat; 20 a minute in a group. Many are
# in flight, since one that waits for its chat holds nobody else up.
PACE = Pace(30, 22, in_flight_max=64, chat_seconds=1.01, group_per_minute=20)
UPLOAD_SECONDS = 25.0
PATIENCE_SECONDS = 10.0  # with the pace: a group's minute is waited for in the outbox
BEGUN_MAX = 1000
QUESTIONS_MAX = 10_000
_NO_PREVIEW = {"link_preview_options": {"is_disabled": True}}
_THANKS = "✓"  # takes the contact keyboard away, where the next question has buttons of its own


class Api(Protocol):
    """Telegram's methods."""

    async def call(
        self, method: str, values: Mapping[str, Any], *, read_seconds: float | None = None
    ) -> Any:
        """Call a method; its result as JSON. Raises telegram.error.TelegramError."""


class Supplies(Protocol):
    """What the channel needs beside the message; bot.channels.telegram.kept has it."""

    async def file(self, path: str, address: str) -> bytes | None:
        """What lies at a path below the public address; None when nothing does."""

    async def locale(self, address: str) -> str:
        """The language of whoever is at an address."""

    async def moved(self, address: str, new_address: str) -> None:
        """Note that a chat has another address from now on."""


class Telegram:
    """The Telegram channel: a SendingChannel."""

    name = NAME
    capabilities = CAPABILITIES

    def __init__(
        self, api: Api, supplies: Supplies, public_address: str = "", pace: Pace = PACE
    ) -> None:
        """`public_address`: what links in messages begin with."""
        self.pace = pace
        self._api = api
        self._supplies = supplies
        self._public_address = public_address.rstrip("/")
        self._gate = Gate(pace)
        self._landed = asyncio.Event()  # an answer came: something that waits may start
        self._paused_until = 0.0  # of the loop's clock
        self._moved: dict[str, str] = {}
        self._begun: dict[tuple[str, bytes], list[str]] = {}  # ids of the parts that arrived
        # Messages that bear the open question's buttons. One that is forgotten keeps them: a tap
        # there is answered by the question that is open.
        self._questions: dict[str, str] = {}
        self._with_keyboard: set[str] = set()  # chats that show a contact button

    async def send(self, address: str, message: Message) -> str:
        """Hand one message over; the id of the message that bears its words. Raises SendError."""
        locale = await self._supplies.locale(address) if needs_locale(message) else ""
        parts = view(message, self._public_address, locale)
        key = (address, orjson.dumps(message.as_json())) if len(parts) > 1 else (address, b"")
        arrived = self._begun.pop(key, [])
        edits = message.edits if _is_number(message.edits) else ""
        say = self._hand_over_all(address, parts, arrived, edits)
        try:
            if _asks(message) and (before := self._to_close(address, edits)):
                said, _ = await asyncio.gather(
                    say, self._take_buttons_away(address, before), return_exceptions=True
                )
                if said is not None:
                    raise said
            else:
                await say
        finally:
            if 0 < len(arrived) < len(parts):
                self._remember(key, arrived)
        bearing = (index for index, each in enumerate(parts) if each.text)
        external_id = arrived[max(bearing, default=0)] if arrived else ""
        if _asks(message):
            self._open_question(address, external_id)
        return external_id

    async def _hand_over_all(
        self, address: str, parts: Sequence[Part], arrived: list[str], edits: str
    ) -> None:
        """Those not in `arrived` yet, one after the other; they are added there."""
        for index in range(len(arrived), len(parts)):
            arrived.append(await self._hand_over(address, parts[index], "" if index else edits))

    async def _hand_over(self, address: str, part: Part, edits: str) -> str:
        """One message of Telegram; its id, "" when it was left out. Raises SendError."""
        chat = self._moved.get(address, address)
        try:
            return await self._say(chat, part, edits)
        except ChatMigrated as error:
            self._moved[address] = str(error.new_chat_id)
        except TelegramError as error:
            if _is_refused(error) and (part.image or part.file):
                return await self._without_file(address, part, error)
            raise outcomes.outcome_of(error) from None
        await self._supplies.moved(address, self._moved[address])
        try:
            return await self._say(self._moved[address], part, "")
        except TelegramError as error:
            raise outcomes.outcome_of(error) from None

    async def _without_file(self, address: str, part: Part, error: TelegramError) -> str:
        """The words of a picture or file that Telegram does not want."""
        log.warning("file not sent", error=type(error).__name__, says=error.message)
        if not part.text:
            return ""
        return await self._hand_over(address, Part(part.text, part.markup), "")

    async def _say(self, chat: str, part: Part, edits: str) -> str:
        if edits and part.can_edit and part.text and await self._edit(chat, part, edits):
            return edits
        external_id = await self._send_new(chat, part)
        if edits:
            await self._take_buttons_away(chat, edits)
        return external_id

    async def _edit(self, chat: str, part: Part, message_id: str) -> bool:
        """Let a message look like this; False when it cannot. Raises TelegramError, SendError."""
        values = {"chat_id": _id(chat), "message_id": _id(message_id), "text": part.text}
        try:
            await self._call("editMessageText", {**values, **_NO_PREVIEW, **part.keyboard})
        except TelegramError as error:
            if outcomes.is_not_modified(error):
                return True
            if outcomes.cannot_be_edited(error):
                return False
            if isinstance(error, ChatMigrated):
                raise
            raise outcomes.outcome_of(error, is_repeatable=True) from None
        return True

    async def _take_buttons_away(self, address: str, message_id: str) -> None:
        """Nobody should tap again what was answered; if they do, they are told."""
        if self._questions.get(address) == message_id:
            del self._questions[address]
        chat = self._moved.get(address, address)
        values = {"chat_id": _id(chat), "message_id": _id(message_id)}
        try:
            await self._call("editMessageReplyMarkup", values)
        except (TelegramError, SendError) as error:
            log.debug("buttons left", error=type(error).__name__)

    async def _send_new(self, chat: str, part: Part) -> str:
        """Send a message; its id, "" when there is nothing to send. Raises TelegramError."""
        values: dict[str, Any] = {"chat_id": _id(chat), **await self._keyboard(chat, part)}
        if part.image is not None or part.file is not None:
            return await self._send_file(chat, part, values)
        return await self._new("sendMessage", {**values, "text": part.text, **_NO_PREVIEW})

    async def _send_file(self, chat: str, part: Part, values: dict[str, Any]) -> str:
        attachment = part.image or part.file
        assert attachment is not None
        content = await self._supplies.file(attachment.url, chat)
        if content is None:
            words = {**values, "text": part.text, **_NO_PREVIEW}
            return await self._new("sendMessage", words) if part.text else ""
        if part.text:
            values["caption"] = part.text
        file = InputFile(content, filename=file_name(attachment))
        method, name = ("sendPhoto", "photo") if part.image else ("sendDocument", "document")
        return await self._new(method, {**values, name: file}, UPLOAD_SECONDS)

    async def _keyboard(self, chat: str, part: Part) -> Mapping[str, Any]:
        """The buttons as a parameter; a contact button that stood there is taken away."""
        if part.markup is not None and "keyboard" in part.markup:
            self._with_keyboard.add(chat)
        elif chat in self._with_keyboard:
            self._with_keyboard.discard(chat)
            away = {"reply_markup": {"remove_keyboard": True}}
            if part.markup is None:
                return away
            await self._new("sendMessage", {"chat_id": _id(chat), "text": _THANKS, **away})
        return part.keyboard

    async def _new(
        self, method: str, values: Mapping[str, Any], read_seconds: float | None = None
    ) -> str:
        sent = await self._call(method, values, is_new=True, read_seconds=read_seconds)
        return str(sent["message_id"])

    async def _call(
        self,
        method: str,
        values: Mapping[str, Any],
        *,
        is_new: bool = False,
        read_seconds: float | None = None,
    ) -> Any:
        """Call when the pace allows. Raises TelegramError; SendError while the account pauses."""
        clock = asyncio.get_running_loop().time
        chat = str(values["chat_id"])
        await self._may_start(chat, is_new=is_new)
        self._gate.take(chat, is_new=is_new)
        try:
            return await self._api.call(method, values, read_seconds=read_seconds)
        except RetryAfter as error:
            until = clock() + outcomes.seconds_of(error) + outcomes.MARGIN_SECONDS
            self._paused_until = max(self._paused_until, until)
            raise
        finally:
            self._gate.land(clock(), chat, is_new=is_new, is_group=chat.startswith("-"))
            self._landed.set()

    async def _may_start(self, chat: str, *, is_new: bool) -> None:
        """Wait for the pace. Raises SendError: it would take too long, or the account pauses."""
        clock = asyncio.get_running_loop().time
        patience = clock() + PATIENCE_SECONDS
        while (seconds := self._gate.wait(clock(), chat, is_new=is_new)) > 0:
            is_hopeless = seconds < math.inf and clock() + seconds > patience
            if is_hopeless or clock() > patience:
                raise SendError(Outcome.NOT_SENT, "it was not its turn in time")
            self._landed.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(min(seconds, PATIENCE_SECONDS)):
                    await self._landed.wait()
        if (rest := self._paused_until - clock()) > 0:
            raise SendError(Outcome.PAUSED, "the account pauses", rest)

    def _to_close(self, address: str, edits: str) -> str:
        """The message of the question before, whose buttons go if that holds nothing up; or ""."""
        before = self._questions.pop(address, "")
        now = asyncio.get_running_loop().time()
        is_free = self._gate.wait(now, address, is_new=False) == 0
        return before if before != edits and is_free else ""

    def _open_question(self, address: str, message_id: str) -> None:
        if len(self._questions) >= QUESTIONS_MAX:
            self._questions.pop(next(iter(self._questions)))
        self._questions[address] = message_id

    def _remember(self, key: tuple[str, bytes], arrived: list[str]) -> None:
        if len(self._begun) >= BEGUN_MAX:
            self._begun.pop(next(iter(self._begun)))
        self._begun[key] = arrived


def _asks(message: Message) -> bool:
    """Whether it bears the open question: an answer does, what comes by itself does not."""
    return message.number > 0 and message.prompt is not None and not message.prompt.is_beside


def _is_refused(error: TelegramError) -> bool:
    return outcomes.outcome_of(error).outcome is Outcome.REFUSED


def _id(number: str) -> int | str:
    """A number as the API wants it; what is none is left for it to refuse."""
    try:
        return int(number)
    except ValueError:
        return number


def _is_number(words: str) -> bool:
    return words.isascii() and words.isdigit()
