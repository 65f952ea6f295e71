"""What does a sentence say of the visit somebody wants to book?

Nothing is guessed: of names that fit, all are given, and a number that may be read in two ways is
none.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from unicodedata import normalize

from handlers.booking.heads import Heads, heads_in
from handlers.conversation.whens import When, whens_in

SENTENCE_MAX = 100  # characters; what is longer is no wish but a letter

# Who says no, or speaks of a visit there is, wishes for no other.
_DENIED = re.compile(
    r"取消|改期|改[到成]|退[票订]|(?<!能)不能|(?<!要)不要|(?<!想)不想|(?<!去)不去|不[来行约了]|没法"
    r"|(?<![特分])别|我的预约|\bnot\b|n't\b|\bcancel|\breschedul|\bmy (?:visits?|bookings?)\b"
)
_UNIT = re.compile(r"[a-z']+|\d+|[^\W_]|\|")
_HAN = re.compile(r"[〇㐀-鿿𠀀-𲎯]")
_PIECE_HAN_MIN = 2  # characters of a name that name it
_PIECE_LETTERS_MIN = 3
# Parts of names that people also say of any visit.
_SAY_NOTHING = frozenset(
    {
        "参观",
        "预约",
        "活动",
        "体验",
        "孩子",
        "小朋友",
        "学生",
        "亲子",
        "家庭",
        "大人",
        "家长",
        "上午",
    }
    | {
        "下午",
        "晚上",
        "周末",
        "演示",
        "虚构",
        "免费",
        "科普",
        "中心",
        "基地",
        "课程",
        "场次",
        "节目",
    }
    | {
        "项目",
        "讲解",
        "自由",
        "一下",
        "我们",
        "大家",
        "一起",
        "有没有",
        "the",
        "and",
        "for",
        "with",
    }
    | {"kids", "kid", "child", "children", "family", "visit", "tour", "book", "free", "demo"}
    | {"adult", "adults", "you", "can", "have", "want", "like", "would", "please"}
)


@dataclass(frozen=True, slots=True)
class Place:
    """A base as a sentence may name it: by its name, or by where it is."""

    name: str
    district: str = ""


@dataclass(frozen=True, slots=True)
class Names:
    """The names that exist."""

    bases: Sequence[Place] = ()
    courses: Sequence[str] = ()
    rooms: Sequence[str] = ()  # looked at only when no course is named


@dataclass(frozen=True, slots=True)
class Wish:
    """What was said; of several names any may be meant, of none, none was named."""

    bases: tuple[Place, ...] = ()
    courses: tuple[str, ...] = ()
    rooms: tuple[str, ...] = ()
    when: When = field(default_factory=When)
    later: tuple[date, ...] = ()  # meant when the days cannot be had
    heads: Heads = field(default_factory=Heads)
    rest: str = ""  # words that say nothing of when

    @property
    def is_clear(self) -> bool:
        """Whether it is a wish for a visit although nobody asked for one: two things are said."""
        names_place = bool(self.bases or self.courses or self.rooms)
        says_when = bool(self.when.days or self.when.hours)
        says_who = self.heads.children is not None or self.heads.adults is not None
        return names_place + says_when + (says_who or self.heads.has_children) > 1


def read(words: str, today: date, names: Names, locale: str) -> Wish:
    """What the words say of base, course, room, days, hours and people."""
    sentence = normalize("NFKC", words).casefold().replace("’", "'")
    if len(sentence) > SENTENCE_MAX or _DENIED.search(sentence):
        return Wish()
    when, rest = whens_in(sentence, today, locale)
    bases, courses, rooms = _named(rest, names)
    heads = heads_in(sentence)
    return Wish(bases, courses, rooms, when, heads=heads, rest=rest)


def in_rooms(wish: Wish, names: Names) -> Wish:
    """The wish with the rooms it names, which are dear to read: for one that names no course."""
    return replace(wish, rooms=_named(wish.rest, names)[2])


_Named = tuple[tuple[Place, ...], tuple[str, ...], tuple[str, ...]]


def _named(rest: str, names: Names) -> _Named:
    """The bases, courses and rooms that pieces of the words are parts of.

    A piece of both a base's and a course's name names neither, unless it is the whole of one.
    """
    bases = {_units(f"{each.name} | {each.district}"): each for each in names.bases}
    whole_bases = {_units(each.name) for each in names.bases}
    courses = {_units(each): each for each in names.courses}
    rooms = {_units(each): each for each in names.rooms}
    in_bases: list[set[str]] = []
    in_courses: list[set[str]] = []
    of_rooms: list[set[str]] = []
    for piece in _pieces(rest, "".join([*bases, *courses, *rooms])):
        of_bases = {each for each in bases if piece in each}
        of_courses = {each for each in courses if piece in each}
        if of_bases and of_courses:
            of_courses = of_courses if piece in courses else set()
            of_bases = of_bases if piece in whole_bases and not of_courses else set()
        in_bases += [of_bases] if of_bases else []
        in_courses += [of_courses] if of_courses else []
        if not of_bases and not of_courses:
            of_rooms.append({each for each in rooms if piece in each})
    return (
        tuple(bases[each] for each in _common(in_bases, [*bases])),
        tuple(courses[each] for each in _common(in_courses, [*courses])),
        tuple(rooms[each] for each in _common(of_rooms, [*rooms])) if not in_courses else (),
    )


def _pieces(words: str, names: str) -> list[str]:
    """The longest pieces of the words that are in names, and long enough to mean one."""
    units = _units(words).split()
    pieces: list[str] = []
    at = 0
    while at < len(units):
        end = at
        while end < len(units) and f" {' '.join(units[at : end + 1])} " in names:
            end += 1
        piece = units[at:end]
        if _says_something(piece):
            pieces.append(f" {' '.join(piece)} ")
        at = max(end, at + 1)
    return pieces


def _says_something(piece: Sequence[str]) -> bool:
    word = "".join(piece)
    if word in _SAY_NOTHING:
        return False
    han = len(_HAN.findall(word))
    words = [each for each in piece if each.isalpha() and each.isascii()]
    longest = max((len(each) for each in words if each not in _SAY_NOTHING), default=0)
    return han >= _PIECE_HAN_MIN or longest >= _PIECE_LETTERS_MIN


def _common(found: Sequence[set[str]], order: Sequence[str]) -> list[str]:
    """What every piece fits; where there is no such thing, what any of them fits."""
    those = [each for each in found if each]
    if not those:
        return []
    common = set.intersection(*those) or set.union(*those)
    return [each for each in order if each in common]


def _units(words: str) -> str:
    """Words as units that stand apart: a word of letters, a number, a character."""
    units = _UNIT.findall(normalize("NFKC", words).casefold().replace("’", "'"))
    return f" {' '.join(units)} "
