"""What changes in a family's own details?"""

import secrets
from collections.abc import Callable, Sequence
from zoneinfo import ZoneInfo

from handlers.conversation.readers import MonthOrGrade
from handlers.here import Here
from handlers.messages import Refused
from handlers.profile import consent, rules
from handlers.texts import LOCALES, _
from storage import (
    bookings,
    codes,
    erasing,
    feeds,
    households,
    leaving,
    people,
    ratings,
    roles,
    strikes,
)
from storage.people import OfFamily

HOME_ZONE = ZoneInfo("Asia/Shanghai")  # of the schools whose grades are told


class NotThere(Refused):
    """What was asked for is not this family's, or is no longer there."""

    def __init__(self) -> None:
        super().__init__(_("That is no longer among your details."))


def told(here: Here, family: Sequence[OfFamily], nickname: str, age: MonthOrGrade) -> OfFamily:
    """The child meant: the one that `family` has already, else one that is yet to be kept.

    Raises Refused when the family may not have one more, or not of this name.
    """
    birth_month, grade = _month_and_grade(here, age)
    for child in family:
        is_same = (child.birth_month, child.grade) == (birth_month, grade and grade[0])
        if is_same and child.nickname == nickname:
            return child
    verdict = rules.may_add([child.nickname for child in family], nickname)
    if isinstance(verdict, rules.No):
        raise Refused(verdict.why)
    number, year = grade or (None, None)
    return OfFamily(None, secrets.token_hex(16), nickname, birth_month, number, year)


def keep(here: Here, child: OfFamily) -> int:
    """Keep a child that `told` gave; its id. Whoever calls required consent."""
    return ask_to_keep(here, child)()


def ask_to_keep(here: Here, child: OfFamily) -> Callable[[], int]:
    """The same; its id is read later."""
    known = child.id
    if known is not None:
        return lambda: known
    return people.ask_to_add_child(here.db, here.speaker.family_id, child, here.now).only


def add_child(here: Here, nickname: str, age: MonthOrGrade) -> None:
    """Keep a child. Raises ConsentMissing, or Refused as `told` does."""
    consent.require(here)
    keep(here, told(here, people.children_of(here.db, here.speaker.family_id), nickname, age))


def rename_child(here: Here, child: str, nickname: str) -> None:
    """Call a child something else."""
    family = people.children_of(here.db, here.speaker.family_id)
    others = [each.nickname for each in family if each.public_id != child]
    verdict = rules.may_add(others, nickname)
    if isinstance(verdict, rules.No):
        raise Refused(verdict.why)
    if not people.rename_child(here.db, here.speaker.family_id, child, nickname):
        raise NotThere


def correct_age(here: Here, child: str, age: MonthOrGrade) -> None:
    """Keep another birth month or grade of a child."""
    birth_month, grade = _month_and_grade(here, age)
    if not people.correct_age(here.db, here.speaker.family_id, child, birth_month, grade):
        raise NotThere


def remove_child(here: Here, child: str) -> None:
    """Erase a child. Visits keep their numbers, and forget that it was this one."""
    family_id = here.speaker.family_id
    names = [
        each.nickname for each in people.children_of(here.db, family_id) if each.public_id == child
    ]
    if not people.remove_child(here.db, family_id, child):
        raise NotThere
    erasing.blot_out(here.db, family_id, names)


def withdraw(here: Here) -> None:
    """Note that consent is withdrawn, and erase the children it covered."""
    family_id = here.speaker.family_id
    family = people.children_of(here.db, family_id)
    for child in family:
        people.remove_child(here.db, family_id, child.public_id)
    erasing.blot_out(here.db, family_id, [child.nickname for child in family])
    erasing.forget_answers(here.db, family_id)
    consent.keep(here, consent.REFUSE)


def erase(here: Here) -> int:
    """Cancel the visits ahead and erase all that is kept of the family; how many were cancelled.

    Who shares a household leaves it first: its children and visits stay with the others.
    """
    family_id, person_id = here.speaker.family_id, here.speaker.person_id
    if len(households.people_of(here.db, family_id)) > 1:
        households.hold(here.db, person_id)
        family_id = households.leave(here.db, person_id, here.now)
    ahead = [
        visit
        for visit in bookings.ahead(here.db, family_id, here.now)
        if here.now < visit.starts_at
    ]
    # Pools in the order of their ids: two who erase at once cannot wait for each other.
    for visit in sorted(ahead, key=lambda visit: visit.pool_id):
        leaving.give_up(here.db, visit, here.now)
    erasing.erase(here.db, family_id, here.now)
    feeds.end(here.db, person_id)
    codes.forget_of(here.db, person_id)
    strikes.forget_family(here.db, family_id)
    ratings.forget_family(here.db, family_id)
    roles.revoke_all(here.db, person_id, here.now)
    return len(ahead)


def switch_language(here: Here) -> str:
    """Speak the other language from now on; its name."""
    spoken = LOCALES.index(here.speaker.locale)
    other = LOCALES[(spoken + 1) % len(LOCALES)]
    people.speak(here.db, here.speaker.person_id, other)
    return other


def _month_and_grade(here: Here, age: MonthOrGrade) -> tuple[str | None, tuple[int, int] | None]:
    """A birth month, or a grade with the school year it was told in."""
    if "grade" in age:
        school_year = rules.school_year(here.now.astimezone(HOME_ZONE).date())
        return None, (int(age["grade"]), school_year)
    return str(age["birth_month"]), None
