"""Does a family get a ticket within a minute, on every channel and in both languages?"""

from handlers.conversation.testing import Person
from storage.database import Database
from storage.models import Booking, BookingChild, Child, Consent, Pool
from tests.stories import town as towns
from tests.stories.town import CODE, WORDS, Town

TAPS_NEW_MAX = 12
TAPS_KNOWN_MAX = 6


def books_for_the_first_time(parent: Person, locale: str) -> Person:
    """From the first word to the question whether all is right."""
    w = WORDS[locale]
    parent.says(w["book"]).sees(w["which base"], "星河天文馆", "绿谷植物园")
    parent.taps("星河天文馆").taps(w["saturday"]).sees("10:00–11:00 星空剧场")
    parent.taps("10:00").sees(w["agree"], w["refuse"]).taps(w["agree"])
    parent.says("小明").says("2018-05").taps(w["no more"]).says("2")
    return parent.sees("星河天文馆", w["saturday"], "10:00–11:00 星空剧场", "小明", w["free"])


def test_a_new_family_has_a_ticket_after_at_most_twelve_taps_on_every_channel_in_both_languages(
    town: Town, channel: str, locale: str
) -> None:
    w = WORDS[locale]
    parent = books_for_the_first_time(town.person(channel, locale=locale), locale)
    parent.taps(w["confirm"]).sees(w["booked"], "星空剧场", "天象厅 · 观星路8号")
    assert parent.taps_and_lines <= TAPS_NEW_MAX
    assert CODE.search(parent.seen)
    [visit] = town.rows(Booking)
    assert (visit.adults, visit.children, visit.channel) == (2, 1, channel)
    assert CODE.findall(parent.seen)[0].replace("-", "") == visit.code


def test_a_new_family_books_on_either_database(database: Database) -> None:
    town = towns.build(database)
    parent = books_for_the_first_time(town.person(), "zh_CN").taps("确认").sees("预约成功")
    files = [each.url for message in parent.messages for each in message.attachments]
    [visit] = town.rows(Booking)
    assert files == [
        f"/tickets/{visit.public_id}/qr.png",
        f"/tickets/{visit.public_id}",
        f"/tickets/{visit.public_id}.ics",
    ]
    [child] = town.rows(Child)
    assert (child.nickname, child.birth_month) == ("小明", "2018-05")
    assert [each.child_id for each in town.rows(BookingChild)] == [child.id]
    assert [each.is_given for each in town.rows(Consent)] == [True]
    assert 3 in [pool.confirmed for pool in town.rows(Pool)]


def test_a_known_family_has_a_ticket_after_at_most_six_taps_on_every_channel(
    town: Town, channel: str
) -> None:
    parent = town.known_family(channel)
    parent.says("预约").taps("星河", "11月29日", "10:00").sees("小明 + 1位大人", "同上次")
    parent.taps("小明 + 1位大人").sees("请核对").taps("确认").sees("预约成功")
    assert parent.taps_and_lines <= TAPS_KNOWN_MAX
    assert len(town.rows(Child)) == 1
    assert len(town.rows(Consent)) == 1


def test_what_a_family_did_last_stands_first(town: Town) -> None:
    parent = town.known_family()
    parent.says("预约").sees("星河天文馆")
    again, base = (each.label for each in parent.choices[:2])
    assert again == "和上次一样 · 星河天文馆 · 星空剧场 · 小明 + 1位大人"
    assert base.startswith("星河天文馆")
    parent.taps("星河", "11月29日", "10:00")
    assert parent.choices[0].label == "小明 + 1位大人 · 同上次"


def test_two_children_and_two_adults_come_along(town: Town, channel: str) -> None:
    parent = town.person(channel).says("预约").taps("星河", "11月28日", "10:00", "同意")
    parent.says("小明", "2018-05").taps("还有一个").says("小红", "一年级").taps("没有了")
    parent.says("两个").sees("2位大人和2个孩子", "小明", "小红", "一年级")
    parent.taps("确认").sees("预约成功", "2位大人和2个孩子")
    assert sorted(child.nickname for child in town.rows(Child)) == ["小明", "小红"]


def test_a_brother_joins_a_family_that_is_known(town: Town, channel: str) -> None:
    parent = town.known_family(channel)
    parent.says("预约").taps("星河", "11月29日", "10:00", "其他人").sees("哪些孩子来？")
    parent.ticks("小明", "另一个孩子").says("小红", "2019年3月")
    parent.sees("还有其他孩子一起来吗").taps("没有了").says("1")
    parent.sees("小明", "小红").taps("确认").sees("1位大人和2个孩子")


def test_adults_go_alone_where_everybody_may_and_are_asked_nothing_about_children(
    town: Town, channel: str, locale: str
) -> None:
    w = WORDS[locale]
    parent = town.person(channel, locale=locale)
    parent.says(w["book"]).taps("绿谷", w["saturday"], "09:00").taps(w["adults only"])
    parent.says("2").sees("¥40").taps(w["confirm"]).sees(w["booked"], "¥40")
    assert not town.rows(Consent)
    assert not town.rows(Child)


def test_children_go_alone_where_only_they_may(town: Town, channel: str) -> None:
    parent = town.person(channel).says("预约").taps("星河", "11月29日", "15:00", "同意")
    parent.says("小明", "2018-05").taps("没有了")
    parent.sees("1个孩子").does_not_see("大人").taps("确认").sees("预约成功")
    [visit] = town.rows(Booking)
    assert (visit.adults, visit.children) == (0, 1)


def test_a_double_tap_on_confirm_is_one_visit(town: Town) -> None:
    parent = books_for_the_first_time(town.person(), "zh_CN")
    [yes] = [each.token for each in parent.choices if each.value == "@yes"]
    parent.taps("确认").sees("预约成功")
    parent.taps_token(yes).sees("这个按钮属于前面的问题").does_not_see("预约成功")
    assert len(town.rows(Booking)) == 1


def test_the_same_message_delivered_again_gets_the_same_answer(town: Town, channel: str) -> None:
    parent = books_for_the_first_time(town.person(channel), "zh_CN").taps("确认")
    first = parent.seen
    for _again in range(4):
        parent.repeats()
        assert parent.seen == first
    assert len(town.rows(Booking)) == 1


def test_a_family_cannot_book_a_session_twice_and_is_told_where_its_visit_is(town: Town) -> None:
    parent = town.known_family().says("预约").taps("星河", "11月28日", "10:00")
    parent.sees("您已约过这一场", "我的预约").sees("哪一场")
    assert len(town.rows(Booking)) == 1


def test_the_same_person_on_another_channel_is_somebody_else(town: Town) -> None:
    town.known_family("web", "li")
    other = town.person("telegram", "li").says("预约").taps("绿谷", "11月28日", "09:00")
    other.sees("带孩子", "只有大人").does_not_see("小明")


def test_every_question_fits_the_channel(town: Town, channel: str) -> None:
    parent = books_for_the_first_time(town.person(channel), "zh_CN").taps("确认")
    able = parent.capabilities
    if able.one_message_per_turn:
        assert len(parent.messages) == 1
        assert len(parent.messages[0].text.encode()) <= 2000
    else:
        assert all(len(each.label) <= able.label_length for each in parent.choices)
