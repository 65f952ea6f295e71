"""Does Kepu behave in Telegram as people expect, and as nobody should be able to spoil?"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from storage.database import Database
from storage.models import Base, Booking, Chat, Child, Conversation, Inbox, Person, Session
from tests.builders import NOW
from tests.stories import town as towns
from tests.stories.town import Town
from tests.telegram.line import Line, TelegramPerson, TelegramStage

KEPT = (Booking, Chat, Child, Conversation, Person)


@pytest.fixture(params=["polling", "webhook"])
def town(sqlite_database: Database, request: pytest.FixtureRequest) -> Iterator[Town]:
    """The town, with a real Kepu for those who come by Telegram."""
    built = towns.build(sqlite_database)
    stage = TelegramStage(built.stage.write, built.stage.menu, NOW)
    built.stage = stage
    with Line(sqlite_database, stage, request.param).open() as line:
        stage.line = line
        yield built


def somebody(town: Town, name: str = "li", locale: str = "en") -> Any:
    """Somebody with a telephone: a TelegramPerson, whatever its verbs are declared to return."""
    return town.person("telegram", name, locale)


def does(person: TelegramPerson, act: Callable[[], object]) -> None:
    """Something that no verb is for; wait until it is taken and answered."""

    async def work() -> None:
        act()
        await person.line.api.until(lambda: not person.line.api.pending)
        await person.line.settled()

    person.line.do(work())
    person.looks()


def kept(town: Town) -> dict[str, list[Any]]:
    """What is stored of people."""
    return {model.__name__: [each.model_dump() for each in town.rows(model)] for model in KEPT}


def test_the_language_is_that_of_the_telephone_until_another_is_chosen(town: Town) -> None:
    somebody(town, "li", "en").says("hello").sees("What would you like to do?")
    wang = somebody(town, "wang", "zh_CN").says("hello").sees("您想办理哪一项")
    wang.says("语言").sees("We go on in English.").says("book").sees("Which base")
    somebody(town, "dubois", "").says("bonjour").sees("您想办理哪一项")


def test_a_link_opens_the_chat_at_a_base_or_a_session(town: Town) -> None:
    base = next(each for each in town.rows(Base) if each.name == "星河天文馆")
    li = somebody(town).says(f"/start book_{base.public_id}")
    li.sees("星河天文馆").is_asked("day")
    session = town.rows(Session)[0]
    li.says(f"/start book_{session.public_id}").sees("星空剧场").does_not_see("Which day")
    li.says(f"/start book_{'0' * 32}").is_asked("base")


def test_a_link_that_leads_nowhere_says_so(town: Town) -> None:
    li = somebody(town).says("/start offer_77_yes").sees("no longer")
    li.says("/start K7MW-2QRT").sees("code")
    li.says("/start checkin_K7MW-2QRT").sees("for the desk of a base")
    li.says("/start nonsense_1").sees("code")
    assert not town.rows(Booking)


def test_a_picture_is_answered_with_what_can_be_done_and_the_question_stays(town: Town) -> None:
    li = somebody(town).says("book").taps("星河").is_asked("day")
    photo = [{"file_id": "A", "file_unique_id": "a", "width": 90, "height": 90}]
    does(li, lambda: li.user.sends(photo=photo, caption="/cancel"))
    li.sees("I can read only words.", "Which day?").is_asked("day")
    li.taps("Sat 28 Nov").is_asked("session")


def test_anothers_contact_is_not_taken(town: Town) -> None:
    li = somebody(town).says("book")
    does(li, lambda: li.user.shares_contact("8613800138000", user_id=99))
    li.sees("That is not your own number.")
    assert "13800138000" not in str(kept(town))


def test_an_edited_message_says_nothing(town: Town) -> None:
    li = somebody(town).says("book").taps("星河").is_asked("day")
    before = len(town.rows(Inbox))
    does(li, lambda: li.user.edits(1, "/cancel"))
    li.is_asked("day")
    assert len(town.rows(Inbox)) == before


def test_who_blocked_the_bot_is_not_written_to_until_they_come_back(town: Town) -> None:
    li = somebody(town).says("book")
    does(li, li.user.blocks)
    assert [each.is_reachable for each in town.rows(Chat)] == [False]
    does(li, lambda: li.user.blocks(is_blocked=False))
    li.says("my visits").sees("You have no visits ahead")
    assert [each.is_reachable for each in town.rows(Chat)] == [True]


def test_a_group_is_told_once_that_kepu_does_not_talk_there(town: Town) -> None:
    li = somebody(town)
    group = li.user.api.in_group(li.user)
    does(li, lambda: group.says("hello", "/book@kepu_test_bot", "/start@kepu_test_bot"))
    li.line.do(li.line.api.until(lambda: bool(group.messages)))
    assert group.texts == [
        "I talk only with one person at a time. Please write to me in a chat of your own."
    ]
    assert not town.rows(Chat)


def hostile(person: TelegramPerson) -> list[dict[str, Any]]:
    """Updates as nobody should send them."""
    sender, chat = person.user.as_json(), person.user.chat_json()
    told = {"message_id": 1, "from": sender, "chat": chat, "date": 1}
    tap = {"id": "77", "from": sender, "message": told, "chat_instance": "1"}
    channel = {"id": -1005, "type": "channel", "title": "News"}
    group = {"id": -6, "type": "group", "title": "3B"}
    mallory = {"id": 666, "is_bot": False, "first_name": "Mallory"}
    return [
        {"update_id": 90001},
        {"update_id": 90002, "message": None},
        {"update_id": 90003, "message": {"from": sender}},
        {"update_id": 90004, "message": {**told, "chat": {"id": True, "type": "private"}}},
        {"update_id": 90005, "edited_message": {**told, "text": "/book"}},
        {"update_id": 90006, "channel_post": {"chat": channel, "text": "/book"}},
        {"update_id": 90007, "message": {**told, "chat": channel, "text": "/book"}},
        {"update_id": 90008, "message": {**told, "chat": group, "text": "预约"}},
        {"update_id": 90009, "callback_query": {**tap, "data": None}},
        {"update_id": 90010, "callback_query": {**tap, "message": None, "data": "k1:0"}},
        {"update_id": 90011, "callback_query": {**tap, "message": {"chat": group}, "data": "k1:0"}},
        {"update_id": 90012, "callback_query": {"id": 7, "data": []}},
        {"update_id": 90013, "message": {**told, "from": {"id": 5, "is_bot": True}, "text": "hi"}},
        {"update_id": 90014, "my_chat_member": {"chat": chat, "new_chat_member": {"status": "?"}}},
        {"update_id": 90015, "my_chat_member": {"chat": {"id": 666, "type": "private"},
         "from": mallory, "old_chat_member": {"status": "member"},
         "new_chat_member": {"status": "kicked"}}},
        {"update_id": 90016, "inline_query": {"id": "1", "from": sender, "query": "x"}},
        {"update_id": 90017, "pre_checkout_query": {"id": "1", "from": sender}},
        {"update_id": 90018, "message": {**told, "new_chat_title": "x"}},
    ]  # fmt: skip


def test_hostile_updates_store_nothing_and_are_answered_not_at_all(town: Town) -> None:
    li = somebody(town).says("book").taps("星河").is_asked("day")
    before, shown = kept(town), [str(each) for each in li.user.messages]
    updates = hostile(li)
    does(li, lambda: [li.user.api.push_raw(each) for each in updates])
    assert kept(town) == before
    assert [str(each) for each in li.user.messages] == shown
    li.taps("Sat 28 Nov").is_asked("session")


def test_forged_buttons_and_endless_words_are_answered_politely(town: Town) -> None:
    li = somebody(town).says("book").taps("星河").is_asked("day")
    for data in ("k2:0" + "0" * 90, "k1:0", "k999:0", "/nonsense", "💥"):
        does(li, partial(li.user.taps_data, data))
        li.is_asked("day")
    li.says("字" * 100_000).is_asked("day")
    assert not town.rows(Booking)
