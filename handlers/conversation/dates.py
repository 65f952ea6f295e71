"""Which day did a person type?"""

import re
from collections.abc import Callable, Iterable
from datetime import date, timedelta

from handlers.conversation.numbers import number_of, plainly

_N = r"\d{1,2}|[零〇一二两三四五六七八九十]{1,3}"
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
)
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEKDAY = (
    r"(?:周|星期|礼拜)[一二三四五六日天1-7]|mon(?:day)?|tue(?:s|sday)?|wed(?:nesday)?"
    r"|thu(?:rs?|rsday)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?"
)
_NAMED = {
    "今天": (0,), "今日": (0,), "today": (0,), "明天": (1,), "明日": (1,), "明儿": (1,),
    "tomorrow": (1,), "tmr": (1,), "后天": (2,), "dayaftertomorrow": (2,), "大后天": (3,),
    "明后天": (1, 2), "明后两天": (1, 2), "todayortomorrow": (0, 1),
}  # fmt: skip
_FESTIVALS = {  # of fixed date; those of the moon would need a table of years
    "元旦": (1, 1), "妇女节": (3, 8), "植树节": (3, 12), "五一": (5, 1), "劳动节": (5, 1),
    "五四": (5, 4), "青年节": (5, 4), "六一": (6, 1), "儿童节": (6, 1), "建军节": (8, 1),
    "教师节": (9, 10), "国庆": (10, 1), "平安夜": (12, 24), "圣诞": (12, 25), "跨年夜": (12, 31),
    "newyear": (1, 1), "newyearday": (1, 1), "childrenday": (6, 1), "teacherday": (9, 10),
    "nationalday": (10, 1), "christmaseve": (12, 24), "christmas": (12, 25),
    "christmasday": (12, 25), "xmas": (12, 25), "newyeareve": (12, 31),
}  # fmt: skip
_POSSESSIVE = re.compile(r"(?<=[rn])(?:'s|s'|s)(?=day|eve|$)")  # new year's day, children's day
_THIS = frozenset({"", "这", "这个", "本", "this", "coming", "thiscoming"})
_WEEKS = dict.fromkeys(_THIS, 0) | {"下": 1, "下个": 1, "下下": 2, "下下个": 2}
# "the", "on", "就" before a day and "吧", "那天", "." after it say nothing.
_AROUND = re.compile(r"(?:那?就|我?想|我?要|on|the)*(.+?)(?:那天|去|吧|的|[.!?。~])*")
# 12月5日(周六), Sat 5 Dec: a weekday beside a date must agree with it.
_WITH_WEEKDAY = re.compile(rf"(?P<before>{_WEEKDAY})?\(?(?P<rest>.+?)\(?(?P<after>{_WEEKDAY})?\)?")
_LONGEST = 40  # characters; what is longer names more than a day


def day_of(words: str, today: date, locale: str) -> list[date]:
    """The days the words may mean, earliest first, none before `today`; empty when none is named.

    What is said without a year means the next such day. More than one: a weekend, "12/5" in
    English (either may be the month), an English "next Saturday" (people differ).
    """
    typed = plainly(words).replace(",", "").replace("’", "'")
    around = _AROUND.fullmatch(typed[: _LONGEST + 1])
    if not around or len(typed) > _LONGEST:
        return []
    return days_of(around[1], today, locale)


def days_of(typed: str, today: date, locale: str) -> list[date]:
    """The days that words mean which are `plainly` a day, without anything around it."""
    found = _read(typed, today, locale)
    if not found and (beside := _WITH_WEEKDAY.fullmatch(typed)):
        named = beside["before"] or beside["after"]
        found = [
            day
            for day in _read(beside["rest"], today, locale)
            if named and day.weekday() == _weekday(named)
        ]
    return found


def _read(typed: str, today: date, locale: str) -> list[date]:
    if typed in _NAMED:
        return [today + timedelta(days=ahead) for ahead in _NAMED[typed]]
    festival = _POSSESSIVE.sub("", typed)
    if festival not in _FESTIVALS:
        festival = festival.removesuffix("节")
    if festival in _FESTIVALS:
        return _next(today, *_FESTIVALS[festival])
    for form, days in _FORMS:
        if found := form.fullmatch(typed):
            named = {name: part or "" for name, part in found.groupdict().items()}
            return sorted({day for day in days(named, today, locale) if day >= today})
    return []


def _number(word: str) -> int:
    """The number, or one that is no day, month or distance."""
    number = number_of(word)
    return 0 if number is None else number


def _weekday(named: str) -> int:
    """Monday is 0."""
    last = named[-1]
    if last in "一二三四五六日天":
        return min("一二三四五六日天".index(last), 6)
    return int(last) - 1 if last.isdecimal() else _WEEKDAYS.index(named[:3])


def _on(year: int, month: int, day: int) -> list[date]:
    try:
        return [date(year, month, day)]
    except ValueError:  # 30 February, the 0th
        return []


def _next(today: date, month: int, day: int) -> list[date]:
    """The next such day; 29 February may be eight years away."""
    years = range(today.year, today.year + 9)
    days = [found for year in years for found in _on(year, month, day) if found >= today]
    return days[:1]


def _full(named: dict[str, str], today: date, locale: str) -> list[date]:
    years = {"今年": today.year, "明年": today.year + 1}
    year = years.get(named["year"]) or int(named["year"])
    return _on(year, _number(named["month"]), _number(named["day"]))


def _month_and_day(named: dict[str, str], today: date, locale: str) -> list[date]:
    return _next(today, _number(named["month"]), _number(named["day"]))


def _either_way_round(named: dict[str, str], today: date, locale: str) -> list[date]:
    first, second = int(named["first"]), int(named["second"])
    days = _next(today, first, second)
    return days + _next(today, second, first) if locale.startswith("en") else days


def _english(named: dict[str, str], today: date, locale: str) -> list[date]:
    month, day = _MONTHS.index(named["month"][:3]) + 1, int(named["day"])
    return _on(int(named["year"]), month, day) if named["year"] else _next(today, month, day)


def _day_of_month(named: dict[str, str], today: date, locale: str) -> list[date]:
    if which := named.get("which"):
        months = [1 if which.startswith(("下", "next")) else 0]
    else:
        months = [0, 1, 2]  # no two months running lack a 31st; February alone lacks a 30th
    counted = [divmod(today.month - 1 + ahead, 12) for ahead in months]
    days = [_on(today.year + years, month + 1, _number(named["day"])) for years, month in counted]
    return [day for found in days for day in found if day >= today][:1]


def _of_week(named: dict[str, str], today: date, locale: str) -> list[date]:
    wanted, which = _weekday(named["weekday"]), named["which"]
    monday = today - timedelta(days=today.weekday())
    coming = today + timedelta(days=(wanted - today.weekday()) % 7)
    if which in _THIS:  # on a Sunday, "这周六" is not the day before
        return [coming]
    if which == "next":  # never today; some mean the coming one, some that of the next week
        after = today + timedelta(days=(wanted - today.weekday() - 1) % 7 + 1)
        return [after, monday + timedelta(days=7 + wanted)]
    return [monday + timedelta(days=7 * _WEEKS[which] + wanted)]


def _weekend(named: dict[str, str], today: date, locale: str) -> list[date]:
    which = named["which"]
    saturday = today + timedelta(days=5 - today.weekday())
    if which not in _THIS:
        saturday += timedelta(days=7 * _WEEKS.get(which, 1))
    days = [saturday, saturday + timedelta(days=1)]
    # On a Sunday, half of the weekend is over: the next one may be meant.
    return days if days[0] >= today else [today, *(day + timedelta(days=7) for day in days)]


def _whole_week(named: dict[str, str], today: date, locale: str) -> list[date]:
    monday = today - timedelta(days=today.weekday())
    monday += timedelta(days=7 * _WEEKS.get(named["which"], 1))
    return [monday + timedelta(days=n) for n in range(7)]


def _ahead(named: dict[str, str], today: date, locale: str) -> list[date]:
    count = 1 if named["count"] in ("a", "an") else _number(named["count"])
    days = count if named["unit"][0] in "天日d" else 7 * count
    return [today + timedelta(days=days)] if count else []


_Days = Callable[[dict[str, str], date, str], Iterable[date]]
_FORMS: tuple[tuple[re.Pattern[str], _Days], ...] = tuple(
    (re.compile(form), days)
    for form, days in (
        (rf"(?P<which>这个?|本|下下个?|下个?)?(?P<weekday>{_WEEKDAY})", _of_week),
        (rf"(?P<which>this|coming|thiscoming|next)(?P<weekday>{_WEEKDAY})", _of_week),
        (r"(?P<which>这个?|本|下下个?|下个?)?(?:周末|周六日|双休日)", _weekend),
        (r"(?P<which>this|coming|thiscoming|next)?weekends?", _weekend),
        (r"(?P<which>这个?|本|下下个?|下个?)(?:周|星期|礼拜)", _whole_week),
        (r"(?P<which>this|next)week", _whole_week),
        (r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)", _full),
        (r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})", _full),
        (rf"(?P<year>\d{{4}}|今年|明年)年?(?P<month>{_N})月(?P<day>{_N})[日号]?", _full),
        (rf"(?P<month>{_N})月(?P<day>{_N})[日号]?", _month_and_day),
        (r"(?P<first>\d{1,2})[-/.](?P<second>\d{1,2})", _either_way_round),
        (
            rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:of)?(?P<month>{_MONTH})(?P<year>\d{{4}})?",
            _english,
        ),
        (
            rf"(?P<month>{_MONTH})(?:the)?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?P<year>\d{{4}})?",
            _english,
        ),
        (rf"(?P<which>这个?月|本月|下个?月)?(?P<day>{_N})[日号]", _day_of_month),
        (r"(?P<day>\d{1,2})(?:st|nd|rd|th)", _day_of_month),
        (rf"(?:再?过)?(?P<count>{_N})个?(?P<unit>[天日周]|星期|礼拜)(?:以后|之后|后)", _ahead),
        (r"in(?P<count>an?|\d{1,2}|[a-z]{3,6}?)(?P<unit>day|week)s?(?:time)?", _ahead),
        (r"(?P<count>an?|\d{1,2}|[a-z]{3,6}?)(?P<unit>day|week)s?(?:later|fromnow|ahead)", _ahead),
    )
)
