"""What happens when a code is used to join a chat or a household?"""

from typing import Any

from handlers.booking import words as visits
from handlers.booking.sharing import NO_SUCH_CODE
from handlers.conversation.question import Option
from handlers.here import Here
from handlers.linking import rules, words
from handlers.linking.rules import Side
from handlers.messages import Refused, command_token
from handlers.profile import consent
from handlers.profile.rules import No
from handlers.telling import message_in, tell_family
from handlers.texts import Text, _, as_json, known_locale
from storage import audit, bookings, chats, codes, households, outbox, people
from storage.chats import Reached
from storage.codes import Asked
from storage.models import Lane, Purpose

KIND = "joining"
JOIN = "join"  # the command that answers


def use_to_join(here: Here, code: str) -> Any:
    """Use a code that `codes.peek` showed and ask its giver; the answer, as a text.

    Raises Refused, with the code still to be used, when the two cannot be joined as they are.
    """
    kept = codes.peek(here.db, code, here.now)
    giver = kept and kept.person_id
    if kept is None or giver is None or giver == here.speaker.person_id:
        return as_json(NO_SUCH_CODE)
    _refuse_unfit(here, giver, here.speaker.person_id, kept.purpose)
    if codes.use(here.db, code, here.speaker.person_id, here.now) is None:
        return as_json(NO_SUCH_CODE)
    _ask_giver(here, giver, codes.reference(code), kept.purpose)
    is_link = kept.purpose is Purpose.LINK
    return as_json(words.SAY_YES_THERE if is_link else words.SAY_YES_AT_HOME)


def waiting(here: Here, purpose: Purpose) -> Any:
    """The question that waits for the speaker's yes, with what names it; None when none does."""
    for asked in codes.asked(here.db, here.speaker.person_id, here.now):
        if asked.purpose is purpose:
            text = words.was_it_you(purpose, _channel_of(here, asked.used_by_id))
            return {"reference": asked.reference, "text": as_json(text)}
    return None


def answer(here: Here, reference: str, *, is_yes: bool) -> Any:
    """Answer for the use of one's own code, once; what to say, as a text.

    Raises Refused when the two cannot be joined as they are: it can then be answered again.
    """
    for asked in codes.asked(here.db, here.speaker.person_id, here.now):
        if asked.reference == reference:
            return as_json(_join(here, asked) if is_yes else _leave_apart(here, asked))
    return as_json(words.NOTHING_TO_ANSWER)


def answer_given(here: Here, given: str) -> Any:
    """`answer` to a button: what names the use, then "yes" or "no"."""
    reference, _space, word = given.partition(" ")
    return answer(here, reference, is_yes=word == "yes")


def _join(here: Here, asked: Asked) -> Text:
    giver, other = here.speaker.person_id, asked.used_by_id
    told = _chats_of(here, other)
    if not households.hold(here.db, other):
        return words.NOTHING_TO_ANSWER
    sides = _refuse_unfit(here, giver, other, asked.purpose)
    if not codes.drop(here.db, asked.id):
        return words.NOTHING_TO_ANSWER
    first, second = sides
    if first.family_id != second.family_id:
        same = rules.same(first, second)
        households.join_families(here.db, second.family_id, first.family_id, same)
    if asked.purpose is Purpose.LINK:
        households.join_people(here.db, other, giver, here.now)
    else:
        households.move(here.db, other, first.family_id)
        told = told[:1]
    households.drop_family(here.db, second.family_id)
    said = words.LINKED if asked.purpose is Purpose.LINK else words.SHARED
    audit.note(
        here.db, "person", giver, f"{asked.purpose}.joined", here.now,
        person_id=giver, reason=f"person {other}",
    )  # fmt: skip
    _tell(here, told, said, asked)
    return said


def _leave_apart(here: Here, asked: Asked) -> Text:
    if not codes.drop(here.db, asked.id):
        return words.NOTHING_TO_ANSWER
    giver = here.speaker.person_id
    audit.note(
        here.db, "person", giver, f"{asked.purpose}.refused", here.now,
        person_id=giver, reason=f"person {asked.used_by_id}",
    )  # fmt: skip
    _tell(here, _chats_of(here, asked.used_by_id)[:1], words.NOT_CONFIRMED, asked)
    return words.NOT_LINKED


def _ask_giver(here: Here, giver: int, reference: str, purpose: Purpose) -> None:
    family_id = households.family_of(here.db, giver)
    assert family_id is not None
    tell_family(
        here.db,
        family_id,
        (
            words.was_it_you(purpose, here.speaker.channel),
            [
                Option(command_token(JOIN, reference, "yes"), _("Yes, join them")),
                Option(command_token(JOIN, reference, "no"), _("No")),
            ],
        ),
        kind=KIND,
        once_key=f"join:{reference}",
        now=here.now,
        locale=here.home_locale,
        expires_at=here.now + codes.ANSWERED_WITHIN,
        lane=Lane.REMINDER,
        everywhere=True,
        person_id=giver,
    )


def _tell(here: Here, told: list[Reached], text: Text, asked: Asked) -> None:
    """Have chats told what became of a code that was typed there."""
    for each in told:
        locale = known_locale(each.chosen_locale or each.channel_locale, here.home_locale)
        outbox.put(
            here.db,
            each.chat_id,
            message_in((text, ()), KIND, locale).as_json(),
            kind=KIND,
            lane=Lane.REMINDER,
            due_at=here.now,
            once_key=f"joined:{asked.reference}:{each.chat_id}",
        )


def _chats_of(here: Here, person_id: int) -> list[Reached]:
    """Where somebody can be written to, as long as they are who they are; last heard first."""
    found = chats.chats_of_family(here.db, households.family_of(here.db, person_id) or 0)
    return [each for each in found if each.person_id == person_id]


def _refuse_unfit(here: Here, giver: int, other: int, purpose: Purpose) -> tuple[Side, Side]:
    """The giver's side and the other's. Raises Refused when they cannot be joined."""
    families = [households.family_of(here.db, person) for person in (giver, other)]
    first_id, second_id = (family for family in families if family is not None)
    households.lock_families(here.db, first_id, second_id)
    first, second = _side(here, first_id), _side(here, second_id)
    both = None
    if first_id != second_id:
        found = households.both_come(here.db, first_id, second_id)
        visit = found and bookings.visit(here.db, found)
        both = visits.in_a_line(visit) if visit else None
    verdict = rules.may_join(first, second, both, is_household=purpose is Purpose.HOUSEHOLD)
    if isinstance(verdict, No):
        raise Refused(verdict.why)
    return first, second


def _side(here: Here, family_id: int) -> Side:
    newest = people.consent(here.db, family_id, consent.PURPOSE)
    return Side(
        family_id,
        len(households.people_of(here.db, family_id)),
        people.children_of(here.db, family_id),
        "none" if newest is None else "given" if newest.is_given else "refused",
    )


def _channel_of(here: Here, person_id: int) -> str:
    found = households.chats_of(here.db, person_id)
    return found[0].channel if found else ""
