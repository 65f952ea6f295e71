"""Does a session suit all the children of a family, and why?"""

from collections.abc import Sequence

from handlers.booking import rules
from handlers.profile.rules import Ages, ages_on, born
from handlers.texts import Several, Text, _
from storage.people import OfFamily


def suits(session: rules.Session, family: Sequence[OfFamily]) -> Text | None:
    """Why a session suits every child known: their age on that day; None when nothing is to say.

    That a session for every age suits them is nothing to say.
    """
    if rules.ages_of(session) is None or not family:
        return None
    ages = [
        ages_on(born(each.birth_month, each.grade, each.grade_year), session.day) for each in family
    ]
    if not all(session.min_age <= age.youngest and age.oldest <= session.max_age for age in ages):
        return None
    if len(family) > 1:
        return _("suits {children}", children=Several(tuple(each.nickname for each in family)))
    return _("suits {child}, {age}", child=family[0].nickname, age=_years(ages[0]))


def _years(ages: Ages) -> str:
    """Short enough for a button."""
    if ages.youngest == ages.oldest:
        return str(ages.oldest)
    return f"{ages.youngest}–{ages.oldest}"
