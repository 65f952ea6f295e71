"""Does a family find its visit again, and can it give its places back in time?"""

from handlers.conversation.testing import Person
from storage.database import Database
from storage.models import Booking, BookingState, Pool, Session, SessionState
from tests.stories import town as towns
from tests.stories.town import CODE, WORDS, Town

CARD = ("星空剧场", "11月28日 周六 10:00–11:00", "星河天文馆 · 天象厅 · 观星路8号")


def places_taken(town: Town) -> int:
    """How many places families hold in Saturday's ten o'clock show."""
    pool = town.rows(Pool)[0]
    assert isinstance(pool, Pool)
    return pool.confirmed


def test_a_visit_is_shown_with_its_ticket_and_how_to_cancel(town: Town, channel: str) -> None:
    parent = town.known_family(channel)
    [code] = CODE.findall(parent.seen)[:1]
    parent.says("我的预约").sees(*CARD, code, "1位大人和1个孩子")
    parent.sees("如需取消，请在11月27日 周五 20:00前发送“我的预约”", "打开入场凭证", "加入日历")


def test_a_family_without_visits_is_told_how_to_book_one(
    town: Town, channel: str, locale: str
) -> None:
    w = WORDS[locale]
    parent = town.person(channel, locale=locale).says(w["mine"])
    parent.sees({"zh_CN": "没有待参观的预约", "en": "You have no visits ahead"}[locale])
    parent.taps({"zh_CN": "预约参观", "en": "Book a visit"}[locale]).sees(w["which base"])


def test_a_visit_is_cancelled_after_a_yes_and_its_places_are_free_again(
    database: Database,
) -> None:
    town = towns.build(database)
    parent = town.known_family()
    assert places_taken(town) == 2
    parent.says("我的预约").taps("取消这次预约").sees("确定取消这次预约吗", "星空剧场")
    assert places_taken(town) == 2
    parent.taps("确认").sees("预约已取消")
    assert places_taken(town) == 0
    parent.says("我的预约").sees("没有待参观的预约")


def test_who_thinks_better_of_it_keeps_the_visit(town: Town, channel: str) -> None:
    parent = town.known_family(channel).says("我的预约").taps("取消这次预约")
    parent.taps("返回").sees("还需要什么吗").taps("没有了").sees("您想办理哪一项")
    assert places_taken(town) == 2


def test_who_types_cancel_beside_a_visit_is_asked_which_is_meant(town: Town, channel: str) -> None:
    parent = town.known_family(channel).says("我的预约", "取消")
    parent.sees("符合的不止一个：取消这次预约和退出").does_not_see("没有做任何改动")
    parent.says("取消这次预约").sees("确定取消这次预约吗").taps("确认").sees("预约已取消")
    assert places_taken(town) == 0


def test_thanks_for_a_ticket_are_no_mistake(town: Town, channel: str, locale: str) -> None:
    parent = town.known_family(channel)
    if locale == "en":
        parent.says("language")
    for words in {"zh_CN": ["谢谢", "好的", "👍"], "en": ["Thanks!", "ok"]}[locale]:
        parent.says(words).sees(WORDS[locale]["menu"])
        parent.does_not_see("没有看懂", "did not understand")


def test_cancelling_twice_gives_the_places_back_once(town: Town) -> None:
    parent = town.known_family().says("我的预约").taps("取消这次预约")
    [yes] = [each.token for each in parent.choices if each.value == "@yes"]
    parent.taps("确认").sees("预约已取消").taps_token(yes).does_not_see("预约已取消")
    parent.repeats()
    assert places_taken(town) == 0
    assert [each.state for each in town.rows(Booking)] == [BookingState.CANCELLED]


def test_after_the_deadline_the_card_says_so_and_offers_no_way(
    town: Town, channel: str, locale: str
) -> None:
    parent = town.known_family(channel)
    if locale == "en":
        parent.says("language")
    town.stage.later(days=5, hours=10, minutes=1)  # Friday, a minute after eight in the evening
    parent.says(WORDS[locale]["mine"])
    parent.sees(
        {
            "zh_CN": "这次预约的取消截止时间是11月27日 周五 20:00，现在已过。"
            "如果来不了，请告知基地：010-8000。",
            "en": "This visit could be cancelled until Fri 27 Nov 20:00. "
            "If you cannot come, please tell 010-8000.",
        }[locale]
    )
    parent.does_not_see(WORDS[locale]["cancel visit"])
    assert places_taken(town) == 2


def test_a_deadline_that_passes_while_the_family_thinks_is_kept(town: Town) -> None:
    parent = town.known_family()
    town.stage.later(days=5, hours=9, minutes=59)
    parent.says("我的预约").taps("取消这次预约")
    town.stage.later(minutes=5)
    parent.taps("确认").sees("现在已过")
    assert places_taken(town) == 2


def test_a_base_that_takes_no_places_back_says_so(town: Town) -> None:
    parent = town.person().says("预约").taps("绿谷", "11月29日", "09:00", "只有大人").says("1")
    parent.taps("确认").sees("这个基地的预约不可取消", "010-9000")
    parent.says("我的预约").does_not_see("取消这次预约")


def test_of_several_visits_one_is_chosen(town: Town, channel: str) -> None:
    parent = town.known_family(channel)
    parent.says("预约").taps("星河", "11月29日", "10:00", "小明 + 1位大人", "确认")
    parent.says("我的预约").sees("您想看哪一次预约").taps("11月29日").sees("11月29日 周日 10:00")
    parent.taps("取消这次预约").taps("确认").sees("预约已取消")
    assert places_taken(town) == 2


def test_a_visit_the_base_called_off_says_so(town: Town, locale: str) -> None:
    parent = town.known_family()
    if locale == "en":
        parent.says("language")
    town.changes(town.rows(Session)[0], state=SessionState.CANCELLED)
    parent.says(WORDS[locale]["mine"])
    parent.sees({"zh_CN": "基地已取消这一场", "en": "The base has cancelled this"}[locale])


def test_past_visits_are_told_in_a_line(town: Town, channel: str) -> None:
    parent = town.known_family(channel)
    town.stage.later(days=7)
    parent.says("我的预约").sees("您最近的参观", "11月28日 周六 10:00 星空剧场，星河天文馆")
    parent.sees("没有待参观的预约")


def test_a_cancelled_place_goes_to_the_next_family(town: Town) -> None:
    pool = town.rows(Pool)[0]
    li: Person = town.known_family("web", "li")
    town.changes(pool, confirmed=8)
    wang = town.person("telegram", "wang").says("预约").taps("星河", "11月28日")
    wang.does_not_see("10:00").says("取消")
    li.says("我的预约").taps("取消这次预约").taps("确认").sees("预约已取消")
    wang.says("预约").taps("星河", "11月28日").sees("10:00–11:00 星空剧场 · 余2")
