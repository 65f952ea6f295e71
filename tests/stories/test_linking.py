"""Can one person speak in two chats, two parents share a family, and a code open only its own?"""

import re

import pytest

from handlers.conversation.testing import Person
from storage import codes
from storage.database import Database
from storage.models import Booking, BookingChild, Chat, Child, Duty, Family, Purpose, Role
from storage.models import Person as Known
from tests.stories import town as towns
from tests.stories.town import Town

CODE = re.compile(r"/(?:link|start|share)[ /]([2-9A-Z]{4}-?[2-9A-Z]{4})")
NO_SUCH_CODE = "This code cannot be used"
WRONG = "AAAA-2222"


def code_of(person: Person) -> str:
    """The code that somebody was just given."""
    return str(CODE.findall(person.seen)[0])


def english(town: Town, channel: str, address: str) -> Person:
    """Somebody new who speaks English."""
    return town.person(channel, address, "en")


def known(town: Town, channel: str = "telegram", address: str = "li") -> Person:
    """Somebody who came with 小明 before."""
    return town.known_family(channel, address).says("language")


def link(first: Person, second: Person) -> None:
    """Make two chats one, with a yes on both sides."""
    first.says("my chats")
    second.says(f"/link {code_of(first)}").sees("become the same person").taps("Confirm")
    second.sees("has to say yes too")
    first.was_told("Was this you?").taps("Yes, join them").sees("Your chats are one now")


def share(first: Person, second: Person) -> None:
    """Make two people one household."""
    first.says("my household").taps("Let the other parent join")
    second.says(f"/start {code_of(first)}").sees("joins you with the family").taps("Confirm")
    first.was_told("code for the household").taps("Yes, join them").sees("share a household now")
    second.was_told("share a household now")


@pytest.fixture
def li(town: Town) -> Person:
    """Somebody on Telegram who came with 小明 before."""
    return known(town)


def test_a_second_chat_sees_the_visits_once_both_sides_said_yes(database: Database) -> None:
    town = towns.build(database)
    li = known(town)
    phone = english(town, "wechat", "li-wx").says("my visits").sees("no visits ahead")
    li.says("my chats").sees("within 10 minutes")
    phone.says(f"/link {code_of(li)}").sees("another one (Telegram)").taps("Confirm")
    phone.says("my visits").sees("no visits ahead")
    li.was_told("WeChat", "Was this you?").taps("Yes, join them").sees("Your chats are one now")
    phone.was_told("Your chats are one now")
    phone.says("my visits").sees("星空剧场", "Sat 28 Nov")
    assert len(town.rows(Known)) == len({each.person_id for each in town.rows(Chat)}) == 1
    assert len(town.rows(Family)) == 1


@pytest.mark.parametrize("words", ["/link {}", "/start {}", "绑定 {}", "/code {}"])
def test_a_code_is_typed_with_any_of_its_words(town: Town, li: Person, words: str) -> None:
    li.says("my chats")
    other = english(town, "wechat", "li-wx").says(words.format(code_of(li).lower()))
    other.sees("become the same person")


def test_who_says_no_stays_apart_and_the_code_is_used_up(town: Town, li: Person) -> None:
    code = code_of(li.says("my chats"))
    wang = english(town, "wechat", "wang").says(f"/link {code}").taps("Confirm")
    li.was_told("Was this you?").taps("No").sees("nothing is linked")
    wang.was_told("not confirmed on the other side")
    wang.says("my visits").sees("no visits ahead")
    wang.says(f"/link {code}").sees(NO_SUCH_CODE)
    assert len(town.rows(Family)) == 2


def test_a_yes_counts_once(town: Town, li: Person) -> None:
    wang = english(town, "wechat", "wang")
    li.says("my chats")
    wang.says(f"/link {code_of(li)}").taps("Confirm")
    li.was_told("Was this you?")
    [yes] = [each.token for each in li.choices if each.label == "Yes, join them"]
    li.taps("Yes, join them").sees("Your chats are one now")
    li.taps_token(yes).sees("nothing to say yes to any more")


def test_only_the_giver_of_a_code_can_answer_for_it(town: Town, li: Person) -> None:
    mallory = english(town, "web", "mallory").says(f"/link {code_of(li.says('my chats'))}")
    mallory.taps("Confirm")
    li.was_told("Was this you?")
    [yes] = [each.token for each in li.choices if each.label == "Yes, join them"]
    for thief in (mallory, english(town, "web", "other")):
        thief.says(yes).sees("nothing to say yes to any more")
        thief.says("my visits").sees("no visits ahead")


def test_a_chat_that_cannot_be_written_to_is_asked_when_it_comes_back(town: Town) -> None:
    li = known(town, "wechat")
    code = code_of(li.says("my chats"))
    web = english(town, "web", "li-web").says(f"/link {code}").taps("Confirm")
    li.says("my chats").sees("Was this you?").taps("Yes, join them").sees("Your chats are one now")
    web.was_told("Your chats are one now").says("my visits").sees("星空剧场")


def test_a_conversation_begun_in_one_chat_goes_on_in_the_other(town: Town, li: Person) -> None:
    phone = english(town, "wechat", "li-wx")
    link(li, phone)
    li.says("book").taps("星河", "Sun 29 Nov")
    phone.says("2").sees("middle of this in another chat", "Which session?", "10:00")
    phone.taps("10:00").sees("Who is coming?").taps("小明 + 1 adult").taps("Confirm")
    phone.sees("Your visit is booked")
    assert len(town.rows(Booking)) == 2


def test_words_that_start_something_do_so_at_once_in_the_other_chat(town: Town, li: Person) -> None:
    phone = english(town, "wechat", "li-wx")
    link(li, phone)
    li.says("book").taps("星河")
    phone.says("my visits").sees("星空剧场").does_not_see("middle of this in another chat")


def test_children_told_twice_are_one_child(town: Town, li: Person) -> None:
    wang = known(town, "wechat", "wang").says("my visits").taps("Cancel this visit", "Confirm")
    wang.says("book").taps("星河", "Sun 29 Nov", "10:00", "小明 + 1 adult", "Confirm")
    assert len(town.rows(Child)) == 2
    link(li, wang)
    assert [each.nickname for each in town.rows(Child)] == ["小明"]
    wang.says("my visits").sees("Sat 28 Nov", "Sun 29 Nov").taps("Sun 29").sees("1 child")
    [child] = town.rows(Child)
    assert {each.child_id for each in town.rows(BookingChild)} == {child.id}


def test_two_visits_to_one_session_have_to_become_one_first(town: Town, li: Person) -> None:
    wang = known(town, "wechat", "wang")
    code = code_of(li.says("my chats"))
    wang.says(f"/link {code}").taps("Confirm").sees("Both have this visit", "星空剧场")
    wang.taps("Stop here").says("my visits").taps("Cancel this visit", "Confirm").sees("cancelled")
    wang.says(f"/link {code}").taps("Confirm").sees("has to say yes too")
    li.was_told("Was this you?").taps("Yes, join them").sees("Your chats are one now")


def test_what_was_refused_in_one_chat_is_not_agreed_to_by_the_other(town: Town, li: Person) -> None:
    wang = english(town, "wechat", "wang").says("my details").taps("Add a child")
    wang.taps("I do not agree")
    wang.says(f"/link {code_of(li.says('my chats'))}").taps("Confirm").sees(
        "decide the same in both"
    )


def test_a_chat_is_unlinked_again_and_what_was_said_there_is_gone(town: Town, li: Person) -> None:
    phone = english(town, "web", "li-web").says("my visits")
    link(li, phone)
    phone.says("my visits").sees("星空剧场")
    li.says("my chats").sees("Linked with this chat:", "web chat, last used")
    li.taps("Unlink web chat").sees("no longer be yours").taps("Confirm").sees("somebody new")
    assert town.shown("li-web") == []
    phone.says("my visits").sees("no visits ahead")
    li.says("my visits").sees("星空剧场")


def test_parents_who_share_a_household_see_the_same_and_can_part_again(
    database: Database,
) -> None:
    town = towns.build(database)
    li, wang = known(town), english(town, "wechat", "wang")
    share(li, wang)
    wang.says("my visits").sees("星空剧场").says("my details").sees("小明")
    li.says("my household").sees("share your children and visits with 1 other person")
    wang.says("my household").taps("Leave the household").taps("Confirm").sees("You have left")
    li.was_told("Somebody has left your household")
    wang.says("my visits").sees("no visits ahead").says("my details").does_not_see("小明")
    li.says("my visits").sees("星空剧场")
    assert len(town.rows(Family)) == 2


def test_who_shares_a_household_leaves_it_before_joining_another(town: Town, li: Person) -> None:
    wang, zhao = english(town, "wechat", "wang"), english(town, "web", "zhao")
    share(li, wang)
    zhao.says("my household").taps("Let the other parent join")
    wang.says(f"/start {code_of(zhao)}").taps("Confirm").sees("leave it first")


def test_ones_own_code_opens_nothing(town: Town, li: Person) -> None:
    code = code_of(li.says("my chats"))
    li.says(f"/start {code}").sees("your own code")
    english(town, "wechat", "wang").says(f"/link {code}").sees("become the same person")


def test_a_code_ends_after_ten_minutes(town: Town, li: Person) -> None:
    code = code_of(li.says("my chats"))
    wang = english(town, "wechat", "wang")
    town.stage.later(minutes=10)
    wang.says(f"/link {code}").sees(NO_SUCH_CODE)
    town.stage.later(days=1)
    wang.says(f"/link {WRONG}").sees(NO_SUCH_CODE)


def test_a_code_that_ends_while_somebody_thinks_cannot_be_used(town: Town, li: Person) -> None:
    wang = english(town, "wechat", "wang").says(f"/link {code_of(li.says('my chats'))}")
    town.stage.later(minutes=11)
    wang.taps("Confirm").sees(NO_SUCH_CODE)
    li.was_told_nothing()


def test_who_guesses_codes_has_to_wait_and_a_right_one_does_not_help(
    town: Town, li: Person
) -> None:
    code = code_of(li.says("my household").taps("Let the other parent join"))
    mallory = english(town, "web", "mallory")
    for _n in range(codes.TRIES_MAX):
        mallory.says(f"/start {WRONG}").sees(NO_SUCH_CODE)
    mallory.says(f"/start {WRONG}").sees("try again in an hour")
    mallory.says(f"/link {code}").sees("try again in an hour").does_not_see("joins you")
    town.stage.later(hours=1, seconds=1)
    mallory.says(f"/link {code}").sees("joins you with the family")


def test_what_is_no_code_at_all_counts_as_no_guess(town: Town) -> None:
    guest = english(town, "telegram", "guest")
    for _n in range(codes.TRIES_MAX + 1):
        guest.says("/start promo").sees(NO_SUCH_CODE)
    guest.says("/start").sees("Hello, this is Kepu")


@pytest.mark.parametrize("base", [True, False])
def test_an_invitation_opens_its_role_and_says_so(town: Town, base: bool) -> None:
    base_id = 1 if base else None
    code = town.database.write_and_wait(
        lambda db: codes.give(db, Purpose.INVITE, town.stage.now, base_id=base_id, duty=Duty.DESK)
    )
    chen = english(town, "telegram", "chen").says(f"/start {code}")
    chen.sees("星河天文馆: Desk" if base else "Every base: Desk", "/today", "/checkin CODE")
    [role] = town.rows(Role)
    assert (role.duty, role.base_id) == (Duty.DESK, base_id)
    english(town, "telegram", "mallory").says(f"/start {code}").sees(NO_SUCH_CODE)
    chen.says(f"/start {code}").sees(NO_SUCH_CODE)


def test_administrators_hear_that_an_invitation_was_used(town: Town) -> None:
    def invites(duty: Duty, base_id: int | None) -> str:
        return town.database.write_and_wait(
            lambda db: codes.give(db, Purpose.INVITE, town.stage.now, base_id=base_id, duty=duty)
        )

    admin = english(town, "telegram", "admin").says(f"/start {invites(Duty.ADMIN, None)}")
    other = english(town, "telegram", "other").says(f"/start {invites(Duty.ADMIN, 2)}")
    admin.was_told("绿谷植物园: an invitation was used on Telegram")
    chen = english(town, "web", "chen").says(f"/start {invites(Duty.DESK, 1)}")
    chen.sees("星河天文馆: Desk")
    admin.was_told("星河天文馆: an invitation was used on web chat. New there: Desk.")
    other.was_told_nothing()


def test_a_role_goes_with_the_person_to_the_other_chat(town: Town, li: Person) -> None:
    code = town.database.write_and_wait(
        lambda db: codes.give(db, Purpose.INVITE, town.stage.now, duty=Duty.LEAD)
    )
    phone = english(town, "wechat", "li-wx").says(f"/start {code}")
    link(li, phone)
    [role] = town.rows(Role)
    [person] = {each.person_id for each in town.rows(Chat)}
    assert (role.person_id, role.duty) == (person, Duty.LEAD)


def test_who_deletes_everything_leaves_the_household_its_children_and_visits(
    town: Town, li: Person
) -> None:
    wang = english(town, "wechat", "wang")
    share(li, wang)
    li.says("my visits").taps("All visits in my calendar")
    li.says("my details").taps("See all that is kept").sees("An address for your calendar")
    li.says("my details").taps("Delete everything").sees("You leave your household")
    li.taps("Confirm").taps("Confirm").sees("Everything is deleted")
    wang.says("my visits").sees("星空剧场").says("my details").sees("小明")
    li.says("my visits").does_not_see("星空剧场").says("/me").does_not_see("小明")
    assert [each.calendar_token for each in town.rows(Known)] == [None] * len(town.rows(Known))


def test_a_ticket_is_shared_and_whoever_opens_it_cannot_cancel_it(town: Town, li: Person) -> None:
    li.says("my visits").taps("Share the ticket").sees("opens the ticket once, within 2 days")
    code = code_of(li)
    grandma = english(town, "wechat", "grandma").says(f"/start {code}")
    grandma.sees("A ticket is shared with you", "星空剧场", "Open the ticket").does_not_see("小明")
    grandma.says("my visits").sees("no visits ahead")
    english(town, "web", "stranger").says(f"/start {code}").sees(NO_SUCH_CODE)


def test_the_address_of_a_calendar_stays_until_another_is_asked_for(town: Town, li: Person) -> None:
    def address() -> str:
        [url] = [each.url for message in li.messages for each in message.attachments]
        return url

    li.says("my visits").taps("All visits in my calendar").sees("Subscribe to this address")
    first = address()
    assert re.fullmatch(r"/calendar/[0-9a-f]{32}\.ics", first)
    li.says("my visits").taps("All visits in my calendar")
    assert address() == first
    li.taps("Another address, and end this one")
    assert address() != first


def test_all_of_it_is_said_in_chinese(town: Town) -> None:
    li = town.known_family("telegram", "li")
    wang, phone = town.person("wechat", "wang"), town.person("web", "li-web")
    li.says("我的家庭").taps("邀请另一位家长").sees("另一位家长", "24小时内")
    wang.says(f"/start {code_of(li)}").sees("合为一家").taps("确认").sees("还需要给您码的人确认")
    li.was_told("微信", "家庭邀请码").taps("是，合并").sees("你们现在是一个家庭")
    wang.was_told("你们现在是一个家庭").says("我的预约").sees("星空剧场")
    li.says("绑定").sees("请在10分钟内")
    phone.says(f"绑定 {code_of(li)}").sees("绑定为同一个人").taps("确认").sees("还需要在生成")
    li.was_told("网页", "是您本人操作的吗").taps("是，合并").sees("已经绑定为同一个人")
    li.says("预约").taps("星河")
    phone.says("2").sees("您在另一个聊天里正进行到这一步", "您想哪天去")
    phone.says(f"/start {WRONG}").sees("这个码无法使用")
