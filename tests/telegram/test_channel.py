"""Does a message arrive in Telegram as meant, and is its fate known?"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from bot.channels.base import Outcome, Pace, SendError
from bot.channels.telegram.api import BotApi
from bot.channels.telegram.channel import Telegram
from bot.channels.telegram.http import AiohttpRequest
from handlers.messages import Attachment, Choice, Message, Prompt
from tests.telegram.fake import TOKEN, FakeTelegram
from tests.telegram.faults import (
    Fault,
    bad_request,
    blocked,
    broken,
    dropped,
    flood,
    migrated,
    slow,
)

FAST = Pace(10_000, 10_000)
SITE = "https://kepu.example"
TICKET = [
    Attachment("image", "QR code", "/qr.png"),
    Attachment("link", "Open the ticket", "/ticket"),
    Attachment("file", "加入日历", "/visit.ics"),
]
ASKED = Prompt("q", "choose", [Choice("Yes", "t:0", "yes"), Choice("Back", "t:back", "@back")])
PHONE = Prompt("phone", "phone", [Choice("Back", "t:back", "@back")])


@dataclass
class Shelf:
    """Supplies of a test."""

    files: dict[str, bytes] = field(
        default_factory=lambda: {"/qr.png": b"\x89PNG", "/visit.ics": b"BEGIN"}
    )
    moves: list[tuple[str, str]] = field(default_factory=list)

    async def file(self, path: str, address: str) -> bytes | None:
        return self.files.get(path)

    async def locale(self, address: str) -> str:
        return "en"

    async def moved(self, address: str, new_address: str) -> None:
        self.moves.append((address, new_address))


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
async def request_() -> AsyncIterator[AiohttpRequest]:
    async with AiohttpRequest() as request:
        yield request


@pytest.fixture
def telegram(api: FakeTelegram, request_: AiohttpRequest, shelf: Shelf) -> Telegram:
    return Telegram(BotApi(request_, api.url, api.token), shelf, SITE, FAST)


async def outcome(telegram: Telegram, address: str, message: Message) -> Outcome:
    with pytest.raises(SendError) as raised:
        await telegram.send(address, message)
    assert TOKEN not in raised.value.reason
    return raised.value.outcome


async def test_a_question_is_plain_words_with_buttons(
    api: FakeTelegram, telegram: Telegram
) -> None:
    li = api.user()
    external_id = await telegram.send(str(li.id), Message("1 < 2 & <b>?", prompt=ASKED))
    (shown,) = li.messages
    assert (str(shown.message_id), shown.text) == (external_id, "1 < 2 & <b>?")
    assert shown.labels == ["Yes", "Back"]
    assert "parse_mode" not in shown.called
    assert shown.called["link_preview_options"] == {"is_disabled": True}


async def test_the_answer_to_a_tap_takes_the_place_of_what_was_tapped(
    api: FakeTelegram, telegram: Telegram
) -> None:
    li = api.user()
    asked = await telegram.send(str(li.id), Message("Will you?", prompt=ASKED))
    assert await telegram.send(str(li.id), Message("Thank you", edits=asked)) == asked
    assert (li.texts, li.labels) == (["Thank you"], [])
    # Told twice, it is there already.
    assert await telegram.send(str(li.id), Message("Thank you", edits=asked)) == asked


async def test_what_cannot_be_edited_is_said_anew(api: FakeTelegram, telegram: Telegram) -> None:
    li = api.user().says("mine")
    for gone in ("99", "1", "-1", "forged", "²", ""):
        await telegram.send(str(li.id), Message(f"not {gone}.", edits=gone))
    assert li.texts == ["not 99.", "not 1.", "not -1.", "not forged.", "not ².", "not ."]


async def test_only_the_open_question_keeps_its_buttons(
    api: FakeTelegram, telegram: Telegram
) -> None:
    li = api.user()
    first = await telegram.send(str(li.id), Message("Your name?", prompt=ASKED, number=1))
    offer = Prompt("offer", "choose", [Choice("Come", "/offer 1 yes", "yes")])
    await telegram.send(str(li.id), Message("A place is free", prompt=offer))
    await telegram.send(str(li.id), Message("Something said", number=2))
    assert li.labels == ["Yes", "Back", "Come"]
    second = await telegram.send(str(li.id), Message("Your age?", prompt=ASKED, number=3))
    assert [each.labels for each in li.messages] == [[], ["Come"], [], ["Yes", "Back"]]
    # A tap far above is answered there.
    await telegram.send(str(li.id), Message("Your age?", prompt=ASKED, number=4, edits=first))
    assert [each.labels for each in li.messages] == [["Yes", "Back"], ["Come"], [], []]
    assert second != first


async def test_a_question_that_failed_is_asked_again_with_its_buttons(
    api: FakeTelegram, telegram: Telegram
) -> None:
    li = api.user()
    await telegram.send(str(li.id), Message("Your name?", prompt=ASKED, number=1))
    api.fails(broken(), "sendMessage")
    again = Message("Your age?", prompt=ASKED, number=2)
    assert await outcome(telegram, str(li.id), again) is Outcome.NOT_SENT
    await telegram.send(str(li.id), again)
    assert [each.labels for each in li.messages] == [[], ["Yes", "Back"]]


async def test_a_tap_below_a_ticket_keeps_the_ticket_without_its_buttons(
    api: FakeTelegram, telegram: Telegram
) -> None:
    li = api.user()
    ticket = await telegram.send(str(li.id), Message("Booked", TICKET[:1], ASKED))
    await telegram.send(str(li.id), Message("And now?", edits=ticket))
    assert (li.texts, li.labels) == (["Booked", "And now?"], [])


async def test_a_ticket_is_a_photo_with_its_words_and_a_file(
    api: FakeTelegram, telegram: Telegram
) -> None:
    li = api.user()
    asked = await telegram.send(str(li.id), Message("Right?", prompt=ASKED))
    sent = await telegram.send(str(li.id), Message("Booked", TICKET, edits=asked))
    question, photo, file = li.messages
    assert (question.text, question.labels) == ("Right?", [])
    assert (photo.photo, photo.text, str(photo.message_id)) == (b"\x89PNG", "Booked", sent)
    assert photo.buttons == [[{"text": "Open the ticket", "url": f"{SITE}/ticket"}]]
    assert (file.document, file.file_name) == (b"BEGIN", "加入日历.ics")


async def test_words_arrive_where_files_are_missing_or_not_wanted(
    api: FakeTelegram, telegram: Telegram, shelf: Shelf
) -> None:
    li = api.user()
    shelf.files = {}
    await telegram.send(str(li.id), Message("Booked", TICKET))
    shelf.files = {"/qr.png": b"no picture", "/visit.ics": b"BEGIN"}
    api.fails(bad_request("file is too strange"), "sendDocument")
    await telegram.send(str(li.id), Message("Again", TICKET))
    assert li.texts == ["Booked", "Again"]


async def test_a_message_of_several_goes_on_where_it_stopped(
    api: FakeTelegram, telegram: Telegram
) -> None:
    li = api.user()
    api.fails(broken(), "sendDocument")
    assert await outcome(telegram, str(li.id), Message("Booked", TICKET)) is Outcome.NOT_SENT
    first = await telegram.send(str(li.id), Message("Booked", TICKET))
    assert [bool(each.document) for each in li.messages] == [False, True]
    assert first == str(li.messages[0].message_id)
    await telegram.send(str(li.id), Message("Booked", TICKET))
    assert len(li.messages) == 4


async def test_the_contact_button_comes_with_the_question_and_goes_with_the_next(
    api: FakeTelegram, telegram: Telegram
) -> None:
    li = api.user()
    asked = await telegram.send(str(li.id), Message("Will you?", prompt=ASKED))
    await telegram.send(str(li.id), Message("Your number?", prompt=PHONE, edits=asked))
    assert [each["text"] for row in li.chat.keyboard for each in row] == [
        "Share my phone number", "Back",
    ]  # fmt: skip
    await telegram.send(str(li.id), Message("And now?", prompt=ASKED))
    assert li.chat.keyboard == []
    assert li.texts == ["Will you?", "Your number?", "✓", "And now?"]
    assert li.messages[-1].labels == ["Yes", "Back"]


@pytest.mark.parametrize(
    ("fault", "expected", "arrived"),
    [
        (flood(7), Outcome.PAUSED, []),
        (blocked(), Outcome.UNREACHABLE, []),
        (bad_request("chat not found"), Outcome.UNREACHABLE, []),
        (bad_request("message is too long"), Outcome.REFUSED, []),
        (broken(502), Outcome.NOT_SENT, []),
        (broken(500), Outcome.NOT_SENT, []),
        (dropped(is_after_effect=False), Outcome.UNKNOWN, []),
        (dropped(is_after_effect=True), Outcome.UNKNOWN, ["Hello"]),
        (Fault(200, body=b"<html>"), Outcome.UNKNOWN, []),
    ],
)
async def test_what_became_of_a_message_is_told(
    api: FakeTelegram, telegram: Telegram, fault: Fault, expected: Outcome, arrived: list[str]
) -> None:
    li = api.user()
    api.fails(fault, "sendMessage")
    assert await outcome(telegram, str(li.id), Message("Hello")) is expected
    assert li.texts == arrived


async def test_an_edit_whose_fate_is_unknown_is_tried_again(
    api: FakeTelegram, telegram: Telegram
) -> None:
    li = api.user()
    asked = await telegram.send(str(li.id), Message("Will you?", prompt=ASKED))
    api.fails(dropped(is_after_effect=True), "editMessageText")
    thanks = Message("Thank you", edits=asked)
    assert await outcome(telegram, str(li.id), thanks) is Outcome.NOT_SENT
    assert await telegram.send(str(li.id), thanks) == asked
    assert li.texts == ["Thank you"]


async def test_a_chat_that_moved_is_followed(
    api: FakeTelegram, telegram: Telegram, shelf: Shelf
) -> None:
    li = api.user()
    new = api.in_group(li, -1001, "supergroup")
    api.fails(migrated(-1001), "sendMessage")
    await telegram.send(str(li.id), Message("Hello"))
    await telegram.send(str(li.id), Message("Again"))
    assert new.texts == ["Hello", "Again"]
    assert shelf.moves == [(str(li.id), "-1001")]


async def test_while_the_account_pauses_nothing_is_tried(
    api: FakeTelegram, telegram: Telegram
) -> None:
    li = api.user()
    api.fails(flood(7))
    assert await outcome(telegram, str(li.id), Message("one")) is Outcome.PAUSED
    with pytest.raises(SendError) as raised:
        await telegram.send(str(li.id), Message("two"))
    assert raised.value.outcome is Outcome.PAUSED
    assert 7 < raised.value.retry_after_seconds <= 7.5
    assert len(api.calls) == 1


async def test_two_messages_to_one_chat_keep_their_distance_and_edits_do_not(
    api: FakeTelegram, request_: AiohttpRequest, shelf: Shelf
) -> None:
    pace = Pace(30, 22, chat_seconds=1.0)
    telegram = Telegram(BotApi(request_, api.url, api.token), shelf, SITE, pace)
    li, wang = api.user(), api.user("Wang")
    await asyncio.gather(
        *(telegram.send(str(li.id), Message(f"{n}")) for n in range(2)),
        telegram.send(str(wang.id), Message("0")),
    )
    await telegram.send(str(li.id), Message("edited", edits="1"))
    times = {(each.values["chat_id"], each.values["text"]): each.at for each in api.calls}
    assert abs(times[li.id, "1"] - times[li.id, "0"]) >= 0.99
    assert abs(times[wang.id, "0"] - times[li.id, "0"]) < 0.9
    assert times[li.id, "edited"] - times[li.id, "1"] < 0.9


async def test_a_message_given_up_half_way_goes_on_where_it_stopped(
    api: FakeTelegram, telegram: Telegram
) -> None:
    li = api.user()
    api.fails(slow(30), "sendDocument")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await telegram.send(str(li.id), Message("Booked", TICKET))
    await telegram.send(str(li.id), Message("Booked", TICKET))
    assert li.texts.count("Booked") == 1
