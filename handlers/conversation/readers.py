"""What may a person type, and what does it mean?

Every reader takes full-width and Chinese forms, keeps a value that JSON can hold, and refuses with
one sentence that says what would do.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, TypeAlias
from unicodedata import category, normalize

from handlers.conversation.grades import grade_of, grade_text
from handlers.conversation.months import is_only_year, month_of
from handlers.conversation.numbers import number_of
from handlers.conversation.question import Option, ReaderOf
from handlers.messages import PromptKind, Refused
from handlers.texts import Month, Value, _

QUICK_MAX = 8  # so many answers are offered to tap
DIGITS_IN_NICKNAME_MAX = 4  # the shortest telephone numbers have 5 digits
AGE_MAX_YEARS = 18  # of a child

MonthOrGrade: TypeAlias = dict[str, str | int]


def whole_number(low: int, high: int) -> ReaderOf[int]:
    """A whole number from `low` to `high`, to tap when there are few."""
    return _WholeNumber(low, high)


def short_text(longest: int) -> ReaderOf[str]:
    """One line of at most `longest` characters, after NFKC; nothing invisible in it."""
    return _ShortText(longest)


def nickname(longest: int = 20) -> ReaderOf[str]:
    """What a child is called: letters, a few digits, space, · and -; no number that identifies."""
    return _Nickname(longest)


def month_of_birth(earliest: str | int, latest: str | None = None) -> ReaderOf[str]:
    """A month as "2018-05", from `earliest`, or that many years ago, to `latest`, or today's."""
    return _MonthOfBirth(earliest, latest)


def month_or_grade(oldest_years: int = AGE_MAX_YEARS) -> ReaderOf[MonthOrGrade]:
    """A child's age, as {"birth_month": "2018-05"} or {"grade": 3}; 0 is kindergarten."""
    return _MonthOrGrade(oldest_years)


def phone_number() -> ReaderOf[str]:
    """A mobile number of China, or one of elsewhere that begins with +, as "+8613800138000"."""
    return _PhoneNumber()


@dataclass(frozen=True, slots=True)
class _WholeNumber:
    low: int
    high: int
    kind: ClassVar[PromptKind] = "number"

    def read(self, words: str, today: date) -> int:
        number = number_of(words)
        if number is None or not self.low <= number <= self.high:
            raise Refused(
                _("Please type a whole number from {low} to {high}.", low=self.low, high=self.high)
            )
        return number

    def shown(self, value: int) -> Value:
        return value

    def quick(self) -> Sequence[Option]:
        numbers = range(self.low, self.high + 1)
        return [Option(str(n), n) for n in numbers] if len(numbers) <= QUICK_MAX else ()


@dataclass(frozen=True, slots=True)
class _Words:
    """Words kept as they were typed, but for NFKC and white space."""

    longest: int
    kind: ClassVar[PromptKind] = "text"

    def shown(self, value: str) -> Value:
        return value

    def quick(self) -> Sequence[Option]:
        return ()

    def tidied(self, words: str) -> str:
        """The words to keep. Raises Refused when there are none, too many, or unseen ones."""
        text = normalize("NFKC", words).strip()
        if any(category(each) in _UNSEEN for each in text):
            raise Refused(_("Please type it on one line, in plain characters."))
        text = " ".join(text.split())
        if not text:
            raise Refused(_("Please type a few words."))
        if len(text) > self.longest:
            raise Refused(_("Please use at most {longest} characters.", longest=self.longest))
        return text


# Control, format (bidirectional, zero-width), surrogate, private, unassigned, line and paragraph.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


@dataclass(frozen=True, slots=True)
class _ShortText(_Words):
    def read(self, words: str, today: date) -> str:
        return self.tidied(words)


@dataclass(frozen=True, slots=True)
class _Nickname(_Words):
    def read(self, words: str, today: date) -> str:
        if sum(each.isdigit() for each in words) > DIGITS_IN_NICKNAME_MAX:
            raise Refused(
                _("A nickname is enough: please leave out ID numbers and telephone numbers.")
            )
        text = self.tidied(words)
        if not text[0].isalnum() or not any(each.isalpha() for each in text):
            raise Refused(_NICKNAME_WANTED)
        if any(category(each)[0] not in "LMN" and each not in _IN_NAMES for each in text):
            raise Refused(_NICKNAME_WANTED)
        return text


_IN_NAMES = " ·・‧•-"
_NICKNAME_WANTED = _("Please type a nickname: letters, digits, spaces, · or -.")


@dataclass(frozen=True, slots=True)
class _MonthOfBirth:
    earliest: str | int
    latest: str | None = None
    kind: ClassVar[PromptKind] = "month"

    def read(self, words: str, today: date) -> str:
        month = month_of(words)
        if month is None and is_only_year(words):
            raise Refused(_("Please type the month too, for example 2018-05."))
        if month is None:
            raise Refused(_("Please type a year and a month, for example 2018-05."))
        return within(month, self.earliest, self.latest, today)

    def shown(self, value: str) -> Value:
        return Month(value)

    def quick(self) -> Sequence[Option]:
        return ()


def within(month: str, earliest: str | int, latest: str | None, today: date) -> str:
    """The month, when it lies between the two. Raises Refused with both when it doesn't."""
    this = f"{today:%Y-%m}"
    if isinstance(earliest, int):
        earliest = f"{today.year - earliest:04}-{today:%m}"
    latest = min(latest, this) if latest else this
    if not earliest <= month <= latest:
        raise Refused(
            _(
                "Please type a month from {earliest} to {latest}.",
                earliest=Month(earliest),
                latest=Month(latest),
            )
        )
    return month


@dataclass(frozen=True, slots=True)
class _MonthOrGrade:
    oldest_years: int
    kind: ClassVar[PromptKind] = "month"

    def read(self, words: str, today: date) -> MonthOrGrade:
        month = month_of(words)
        if month is not None:
            return {"birth_month": within(month, self.oldest_years, None, today)}
        grade = grade_of(words)
        if grade is not None:
            return {"grade": grade}
        if is_only_year(words):
            raise Refused(_("Please type the month too, for example 2018-05."))
        raise Refused(
            _("Please type the birth month or the grade, for example 2018-05 or grade 3.")
        )

    def shown(self, value: MonthOrGrade) -> Value:
        if "grade" in value:
            return grade_text(int(value["grade"]))
        return Month(str(value["birth_month"]))

    def quick(self) -> Sequence[Option]:
        return ()


# Mobile numbers of the mainland have 11 digits and begin with 13 to 19.
_MOBILE = re.compile(r"(?:(?:\+|00)?86)?(1[3-9]\d{9})")
_ABROAD = re.compile(r"(?:\+|00)(?!86)([1-9]\d{6,14})")  # E.164: at most 15 digits


@dataclass(frozen=True, slots=True)
class _PhoneNumber:
    kind: ClassVar[PromptKind] = "phone"

    def read(self, words: str, today: date) -> str:
        digits = re.sub(r"[\s().\-‐–—]", "", normalize("NFKC", words))
        if found := _MOBILE.fullmatch(digits):
            return f"+86{found[1]}"
        if found := _ABROAD.fullmatch(digits):
            return f"+{found[1]}"
        raise Refused(_("Please type a mobile number, or one of another country beginning with +."))

    def shown(self, value: str) -> Value:
        if value.startswith("+86"):
            return f"{value[3:6]} {value[6:10]} {value[10:]}"
        return value

    def quick(self) -> Sequence[Option]:
        return ()
