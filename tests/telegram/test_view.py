"""Does a message look in Telegram as it should?"""

import pytest

from bot.channels.telegram.view import can_be_opened, split, units, view
from handlers.messages import Attachment, Choice, Message, Prompt

SITE = "https://kepu.example"
QR = Attachment("image", "QR code", "/tickets/1/qr.png")
PAGE = Attachment("link", "Open the ticket", "/tickets/1")
ICS = Attachment("file", "Calendar", "/tickets/1.ics")
ASKED = Prompt("q", "choose", [Choice("Yes", "t:0", "yes")])
YES = [{"text": "Yes", "callback_data": "t:0"}]
OPEN = [{"text": "Open the ticket", "url": f"{SITE}/tickets/1"}]


def test_words_and_their_question_are_one_message() -> None:
    (part,) = view(Message("Will you come?", prompt=ASKED), SITE, "en")
    assert (part.text, part.markup, part.can_edit) == (
        "Will you come?", {"inline_keyboard": [YES]}, True,
    )  # fmt: skip


def test_a_ticket_is_its_picture_with_the_words_below_and_the_file_after_it() -> None:
    picture, file = view(Message("Booked", [QR, PAGE, ICS], ASKED), SITE, "en")
    assert (picture.image, picture.text) == (QR, "Booked")
    assert picture.markup == {"inline_keyboard": [OPEN, YES]}
    assert (file.file, file.text, file.markup) == (ICS, "", None)
    assert not picture.can_edit


def test_words_too_long_for_a_caption_follow_the_picture() -> None:
    picture, words = view(Message("a" * 1025, [QR]), SITE, "en")
    assert (picture.image, picture.text) == (QR, "")
    assert words.text == "a" * 1025


def test_a_link_nobody_could_open_is_a_line_to_read() -> None:
    (part,) = view(Message("Booked", [PAGE]), "http://127.0.0.1:8080", "en")
    assert part.text == "Booked\nOpen the ticket\nhttp://127.0.0.1:8080/tickets/1"
    assert part.markup is None


@pytest.mark.parametrize(
    ("address", "can"),
    [
        ("https://kepu.example", True),
        ("http://10.0.0.5:8080", True),
        ("http://127.0.0.1:8080", False),
        ("http://localhost:8080", False),
        ("", False),
    ],
)
def test_an_address_of_this_machine_is_none_for_a_phone(address: str, can: bool) -> None:
    assert can_be_opened(address) is can


def test_a_long_text_is_parted_at_its_lines_and_the_question_stands_below_the_last() -> None:
    text = "\n".join(f"{n} " + "字" * 100 for n in range(100))
    *before, last = view(Message(text, prompt=ASKED), SITE, "en")
    assert [each.markup for each in before] == [None] * len(before)
    assert last.markup == {"inline_keyboard": [YES]}
    assert "\n".join(each.text for each in [*before, last]) == text
    assert max(units(each.text) for each in [*before, last]) <= 4096


def test_a_text_without_lines_is_parted_between_whole_characters() -> None:
    text = "𝄞" * 5000
    parts = split(text)
    assert "".join(parts) == text
    assert max(units(each) for each in parts) <= 4096


def test_nothing_to_say_is_no_message() -> None:
    assert view(Message(" \n"), SITE, "en") == []
    assert split("\n" * 9000 + "a") == ["a"]
