"""Which part of a day did a person speak of?"""

import re
from dataclasses import dataclass
from datetime import time

from handlers.conversation.numbers import number_of

_N = r"\d{1,2}|[零〇一二两三四五六七八九十]{1,3}"
_PART = (
    r"上午|早上|早晨|清晨|中午|下午|午后|傍晚|晚上|晚间|夜里|夜间|早|晚|morning|noon|midday"
    r"|afternoon|evening|tonight|night"
)
_CLOCK = (
    rf"(?:(?:{_N})(?:点|时)(?:钟|整|半|一刻|三刻|(?:{_N})分?)?|\d{{1,2}}:\d\d"
    r"|\d{1,2}(?:[:.]\d\d)?(?:am|pm|a\.m\.?|p\.m\.?|o'clock)|half(?:past)?\d{1,2}|noon|midday)"
)
_FORM = re.compile(
    rf"""(?:at|in|around|about|the|大概|大约)*(?P<part>{_PART})?(?:的|at|around)?
    (?: (?P<before>before|until|by)?(?P<after>after|from|since)?(?P<first>{_CLOCK})
        (?: (?:到|至|-|–|~|to|until)(?P<part2>{_PART})?(?P<last>{_CLOCK}) )?
        (?:左右|那场|的那?场)?
        (?P<early>以前|之前|前)?(?P<late>以后|之后|后)?
        (?:in the|inthe)?(?P<behind>{_PART})?
    )?""",
    re.VERBOSE,
)
# "2-4pm", "两到四点": the unit belongs to both.
_SHARED = re.compile(
    rf"(\d{{1,2}}(?:[:.]\d\d)?|{_N})(-|–|~|to|到|至)(\d{{1,2}}(?:[:.]\d\d)?|{_N})(am|pm|点)"
)
_TIME = re.compile(
    rf"(?P<half>half(?:past)?)?(?P<hour>{_N})(?:点|时|[:.]|o'clock)?(?:钟|整)?"
    rf"(?P<minute>半|一刻|三刻|{_N})?分?(?P<unit>am|pm|a\.m\.?|p\.m\.?)?"
)
_MINUTES = {"": 0, "半": 30, "一刻": 15, "三刻": 45}
_MORNING, _NOON, _AFTERNOON, _EVENING = "morning", "noon", "afternoon", "evening"
_PARTS = {
    **dict.fromkeys(("上午", "早上", "早晨", "清晨", "早", _MORNING), _MORNING),
    **dict.fromkeys(("中午", _NOON, "midday"), _NOON),
    **dict.fromkeys(("下午", "午后", _AFTERNOON), _AFTERNOON),
    **dict.fromkeys(("傍晚", "晚上", "晚间", "夜里", "夜间", "晚", _EVENING), _EVENING),
    **dict.fromkeys(("tonight", "night"), _EVENING),
}
_OPENS = 7  # "3点" is in the afternoon and "8点" in the morning: no base opens before seven
_LONGEST = 30  # characters


@dataclass(frozen=True, slots=True)
class Hours:
    """When something should begin: from `first` to `last`, the clock at the place, both included.

    A time of day by itself is both.
    """

    first: time
    last: time


_HOURS = {
    _MORNING: Hours(time(0), time(11, 59)),
    _NOON: Hours(time(11), time(13, 59)),
    _AFTERNOON: Hours(time(12), time(17, 59)),
    _EVENING: Hours(time(17), time(23, 59)),
}


def hours_of(typed: str) -> Hours | None:
    """The part of a day that words mean which are `plainly` that; None when they are not."""
    typed = _SHARED.sub(r"\1\4\2\3\4", typed) if len(typed) <= _LONGEST else ""
    found = _FORM.fullmatch(typed) if typed else None
    if not found or (found["part"] and found["behind"]):
        return None
    part = _PARTS.get(found["part"] or found["behind"] or "", "")
    if not found["first"]:
        return _HOURS[part] if part else None
    first = _time(found["first"], part)
    if first is None:
        return None
    if found["last"]:
        last = _time(found["last"], _PARTS.get(found["part2"] or "", part), after=first)
        return Hours(first, last) if last is not None and last > first else None
    if found["before"] or found["early"]:
        return Hours(time(0), first)
    if found["after"] or found["late"]:
        return Hours(first, time(23, 59))
    return Hours(first, first)


def _time(clock: str, part: str, after: time = time(0)) -> time | None:
    """A time of day; without a part of the day, the one at which a base may be open."""
    if clock in ("noon", "midday"):
        return time(12)
    found = _TIME.fullmatch(clock)
    if not found:
        return None
    hour = number_of(found["hour"])
    minute = _minute(found["minute"] or "", is_half=bool(found["half"]))
    if hour is None or minute is None or hour > 23 or minute > 59:
        return None
    unit = (found["unit"] or "").replace(".", "")
    if unit and not 1 <= hour <= 12:
        return None
    if _is_later(hour, unit, part, after.hour):
        hour += 12
    elif hour == 12 and unit == "am":
        hour = 0
    return time(hour, minute)


def _is_later(hour: int, unit: str, part: str, after: int) -> bool:
    """Whether twelve hours belong to the number on the clock."""
    if hour == 0 or hour >= 12:
        return False
    if unit:
        return unit == "pm"
    if part == _MORNING:
        return False
    if part == _NOON:
        return hour <= 3
    return bool(part) or hour < _OPENS or hour < after <= hour + 12


def _minute(word: str, *, is_half: bool) -> int | None:
    if is_half:
        return 30
    return _MINUTES[word] if word in _MINUTES else number_of(word)
