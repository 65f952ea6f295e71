"""Does every kind of update mean what it should, and nothing worse when it is forged?"""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.telegram.keyboards import IDLE
from bot.channels.telegram.updates import (
    NO_QUESTIONS,
    NOT_YOURS,
    UNREADABLE,
    Meaning,
    Reachable,
    Said,
    Tapped,
    Uninvited,
    chat_of,
    number_of,
    read,
)
from handlers.messages import Incoming
from tests.builders import NOW

LI = {
    "id": 5000000001, "is_bot": False, "first_name": "Li", "username": "li",
    "language_code": "zh-hans",
}  # fmt: skip
LIS_CHAT = {"id": 5000000001, "first_name": "Li", "username": "li", "type": "private"}
GROUP = {"id": -1001234567890, "title": "三年二班", "type": "supergroup"}
BOT = {"id": 42, "is_bot": True, "first_name": "科普约", "username": "kepu_bot"}


def means(**update: Any) -> Meaning | None:
    """What the update means for bot 42."""
    return read({"update_id": 700, **update}, "42", NOW)


def message(**fields: Any) -> dict[str, Any]:
    """A message as Li sends it."""
    return {"message_id": 9, "from": LI, "chat": LIS_CHAT, "date": 1795300000, **fields}


def incoming(text: str = "", token: str = "", tapped: str = "") -> Incoming:
    """What Kepu hears of it."""
    li = "5000000001"
    return Incoming("telegram", li, "42:700", NOW, text, token, "zh-hans", tapped=tapped)


def tap(**fields: Any) -> dict[str, Any]:
    """A tap on a button under a message of the bot's."""
    under = {"message_id": 31, "from": BOT, "chat": LIS_CHAT, "date": 1795300000, "text": "哪天？"}
    return {
        "id": "4382bfdwdsb323b2d9", "from": LI, "message": under, "chat_instance": "-1",
        "data": "k3:1", **fields,
    }  # fmt: skip


def member(before: str, after: str, chat: dict[str, Any]) -> dict[str, Any]:
    """Somebody changes whether the bot is in a chat."""
    return {
        "chat": chat, "from": LI, "date": 1795300000,
        "old_chat_member": {"user": BOT, "status": before},
        "new_chat_member": {"user": BOT, "status": after},
    }  # fmt: skip


def test_typed_words_are_said_as_they_are() -> None:
    assert means(message=message(text="周六 天文馆")) == Said(incoming("周六 天文馆"))


@pytest.mark.parametrize(
    ("typed", "heard"),
    [
        ("/book", "/book"),
        ("/book@kepu_bot", "/book"),
        ("/book@kepu_bot 望远镜", "/book 望远镜"),
        ("/start", "/start"),
        ("/start K7MW-2QRT", "/start K7MW-2QRT"),  # an invitation, a household, a ticket
        ("/start@kepu_bot K7MW-2QRT", "/start K7MW-2QRT"),
        ("/start book_0123456789abcdef0123456789abcdef", "/book 0123456789abcdef0123456789abcdef"),
        ("/start checkin_K7MW-2QRT", "/checkin K7MW-2QRT"),
        ("/start offer_3fa9_yes", "/offer 3fa9 yes"),
        ("/start approve_7", "/start approve_7"),
        ("book_7", "book_7"),
        ("li@example.org", "li@example.org"),
    ],
)
def test_commands_and_links_are_what_they_stand_for(typed: str, heard: str) -> None:
    command = {"offset": 0, "length": len(typed.split(" ", maxsplit=1)[0]), "type": "bot_command"}
    assert means(message=message(text=typed, entities=[command])) == Said(incoming(heard))


def test_a_tap_is_its_token_and_tells_the_message_it_was_on() -> None:
    said = means(callback_query=tap())
    assert said == Said(incoming(token="k3:1", tapped="31"), tap="4382bfdwdsb323b2d9")


def test_a_tap_on_a_message_telegram_no_longer_has_still_counts() -> None:
    gone = {"message_id": 31, "chat": LIS_CHAT, "date": 0}
    said = means(callback_query=tap(message=gone))
    assert said == Said(incoming(token="k3:1", tapped="31"), tap="4382bfdwdsb323b2d9")


def test_a_token_longer_than_a_button_carries_is_nobodys() -> None:
    said = means(callback_query=tap(data="k3:1" + "0" * 90))
    assert isinstance(said, Said)
    assert said.incoming.token == NO_QUESTIONS


@pytest.mark.parametrize(
    "fields",
    [
        {"data": None}, {"data": ""}, {"data": IDLE}, {"from": BOT}, {"from": None},
        {"message": None},
        {"message": {"message_id": 3, "chat": GROUP}}, {"message": {"message_id": 3}},
    ],
)  # fmt: skip
def test_a_tap_that_says_nothing_only_stops_turning(fields: dict[str, Any]) -> None:
    assert means(callback_query=tap(**fields)) == Tapped("4382bfdwdsb323b2d9")


def test_ones_own_contact_is_a_telephone_number_and_anothers_is_not() -> None:
    own = {"phone_number": "8613800138000", "first_name": "Li", "user_id": 5000000001}
    assert means(message=message(contact=own)) == Said(incoming("+8613800138000"))
    spaced = {**own, "phone_number": "+86 138 0013 8000"}
    assert means(message=message(contact=spaced)) == Said(incoming("+8613800138000"))
    for other in (
        {**own, "user_id": 5000000002},
        {"phone_number": "8613800138000", "first_name": "Li"},
        {**own, "phone_number": "call me"},
        {},
    ):
        assert means(message=message(contact=other)) == Said(incoming(token=NOT_YOURS))


@pytest.mark.parametrize(
    "sent",
    [
        {"photo": [{"file_id": "A", "file_unique_id": "a", "width": 90, "height": 90}]},
        {"photo": [{"file_id": "A"}], "caption": "/book"},
        {"voice": {"file_id": "A", "file_unique_id": "a", "duration": 3}},
        {"sticker": {"file_id": "A", "file_unique_id": "a", "type": "regular"}},
        {"document": {"file_id": "A", "file_unique_id": "a"}},
        {"location": {"latitude": 30.2, "longitude": 120.2}},
        {"text": "\x00"},
        {"text": 7},
    ],
)
def test_what_cannot_be_read_is_answered_with_what_can_be_done(sent: dict[str, Any]) -> None:
    assert means(message=message(**sent)) == Said(incoming(token=UNREADABLE))


@pytest.mark.parametrize(
    "update",
    [
        {"edited_message": message(text="/book", edit_date=1795300100)},
        {"channel_post": {"message_id": 1, "chat": {"id": -100, "type": "channel"}, "text": "hi"}},
        {"message": message(text="/book", chat={"id": -100, "type": "channel"})},
        {"message": message(text="/book", **{"from": BOT})},
        {"message": {"message_id": 1, "chat": LIS_CHAT, "text": "hi"}},
        {"message": message(pinned_message=message(text="hi"))},
        {"message": message(text="hello all", chat=GROUP)},
        {"poll": {"id": "1"}},
        {"something_new": {"id": 1}},
        {"my_chat_member": member("left", "member", {"id": -100, "type": "channel"})},
        {"my_chat_member": member("member", "left", GROUP)},
        {"my_chat_member": member("member", "administrator", GROUP)},
        {"my_chat_member": {"chat": LIS_CHAT}},
        {"message": None},
        {"message": []},
        {"message": message(text="hi", chat={"id": "5", "type": "private"})},
        {"message": message(text="hi", **{"from": {"id": True}})},
    ],
)
def test_what_is_no_concern_of_kepus_means_nothing(update: dict[str, Any]) -> None:
    assert means(**update) is None


def test_a_group_that_asks_or_invites_is_told_that_kepu_does_not_talk_there() -> None:
    uninvited = Uninvited("-1001234567890", "zh-hans")
    assert means(message=message(text="/book@kepu_bot", chat=GROUP)) == uninvited
    assert means(my_chat_member=member("left", "member", GROUP)) == uninvited
    assert means(my_chat_member=member("kicked", "administrator", GROUP)) == uninvited


def test_blocking_the_bot_and_coming_back_are_noticed() -> None:
    assert means(my_chat_member=member("member", "kicked", LIS_CHAT)) == Reachable(
        "42:700", "5000000001", is_reachable=False
    )
    assert means(my_chat_member=member("kicked", "member", LIS_CHAT)) == Reachable(
        "42:700", "5000000001", is_reachable=True
    )


def test_a_hundred_thousand_characters_are_cut_and_what_no_database_stores_is_left_out() -> None:
    said = means(message=message(text="a\x00\ud800b" + "字" * 100_000))
    assert isinstance(said, Said)
    assert said.incoming.text == "ab" + "字" * 4092
    said.incoming.text.encode()


def test_a_language_that_is_none_is_not_kept() -> None:
    odd = {**LI, "language_code": "'; DROP TABLE chat; --"}
    said = means(message=message(text="hi", **{"from": odd}))
    assert isinstance(said, Said)
    assert said.incoming.locale == ""


@pytest.mark.parametrize("update", [None, [], 7, "x", {}, {"update_id": "7"}, {"update_id": -1}])
def test_what_is_no_update_means_nothing(update: object) -> None:
    assert read(update, "42", NOW) is None
    assert number_of(update) <= 0


_names = st.sampled_from(
    ["message", "callback_query", "my_chat_member", "from", "chat", "id", "type", "text", "data",
     "contact", "user_id", "phone_number", "new_chat_member", "old_chat_member", "status", "photo",
     "message_id", "language_code", "is_bot"]
)  # fmt: skip
_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text()
    | st.sampled_from(["private", "group", "kicked", "member", "/start book_1", 5]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_names, inner, max_size=6),
    max_leaves=25,
)  # fmt: skip


@given(st.dictionaries(_names, _values, max_size=4))
def test_whatever_is_forged_nothing_breaks(update: dict[str, Any]) -> None:
    found = means(**update)
    if found is not None:
        assert chat_of(found)
