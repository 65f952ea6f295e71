"""May two chats become one person, or two people one household?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from handlers.profile.rules import CHILDREN_MAX, YES, No, Verdict
from handlers.texts import Text, _
from storage.people import OfFamily

PEOPLE_MAX = 4  # of a household: parents and grandparents

Consent: TypeAlias = Literal["given", "refused", "none"]


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two families, as far as it matters here."""

    family_id: int
    people: int
    children: Sequence[OfFamily]
    consent: Consent


def may_join(giver: Side, other: Side, both_come: Text | None, *, is_household: bool) -> Verdict:
    """Whether `other` may become part of the giver's family.

    `both_come`: a visit to a session where both families come, in a line.
    """
    if giver.family_id == other.family_id:
        return No(_("You share a household already.")) if is_household else YES
    if other.people > 1:
        return No(
            _(
                "This chat shares a household with somebody. Please leave it first (type "
                "“my household”), or make the code in this chat and type it in the other."
            )
        )
    if is_household and giver.people >= PEOPLE_MAX:
        return No(_("A household can have at most {most} people.", most=PEOPLE_MAX))
    if both_come is not None:
        return No(
            _(
                "Both have this visit: {visit}. A family is in a session once: please cancel one "
                "of the two first (type “my visits”).",
                visit=both_come,
            )
        )
    return _may_hold_together(giver, other)


def _may_hold_together(giver: Side, other: Side) -> Verdict:
    """Whether what both keep of children can be one family's."""
    if {giver.consent, other.consent} == {"given", "refused"}:
        return No(
            _(
                "One of the two has agreed that details of children are kept, the other has not. "
                "Please decide the same in both first (type “my details”)."
            )
        )
    together = len(giver.children) + len(other.children) - len(same(giver, other))
    if together > CHILDREN_MAX:
        return No(
            _(
                "Together that would be {n} children, and a family can have at most {most} here. "
                "Please remove some first (type “my details”).",
                n=together,
                most=CHILDREN_MAX,
            )
        )
    return YES


def same(giver: Side, other: Side) -> list[tuple[OfFamily, OfFamily]]:
    """The children of `other` that are the giver's too, each with the giver's: one for one."""
    free = list(giver.children)
    found = []
    for child in other.children:
        kept = next((each for each in free if _told(each) == _told(child)), None)
        if kept is not None:
            free.remove(kept)
            found.append((child, kept))
    return found


def _told(child: OfFamily) -> tuple[object, ...]:
    return child.nickname, child.birth_month, child.grade, child.grade_year
