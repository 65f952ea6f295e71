"""What happens when a code is given, and what when one is typed?"""

import hashlib
from typing import Any

from handlers.booking.sharing import NO_SUCH_CODE, TOO_MANY_TRIES, shared_ticket
from handlers.conversation.question import Option
from handlers.here import Here
from handlers.linking import joining, words
from handlers.messages import Refused
from handlers.profile.actions import HOME_ZONE, NotThere
from handlers.telling import tell_family
from handlers.texts import Day, Text, Value, _, as_json, say
from storage import audit, codes, households, roles
from storage.codes import Kept
from storage.households import Linked
from storage.models import Duty, Purpose

NEW = "new"  # another chat, or another person
LEAVE = "leave"
REFERENCE_LENGTH = 16


def give_link(here: Here) -> Any:
    """A code for another chat of the speaker, and what to do with it."""
    return _given(here, Purpose.LINK, words.link_code)


def give_household(here: Here) -> Any:
    """A code for the other parent, and what to do with it."""
    return _given(here, Purpose.HOUSEHOLD, words.household_code)


def open_code(here: Here, typed: str) -> Any:
    """What a code opens: {"ask": a question to confirm first} or, done already, as `words.told`.

    Never refused, since that would undo the count of the tries that failed.
    """
    if not codes.may_try(here.db, here.speaker.person_id, here.now):
        return _told(here, TOO_MANY_TRIES)
    kept = codes.peek(here.db, typed, here.now)
    if kept is None:
        if codes.read(typed):  # what is no code at all guesses nothing
            codes.failed(here.db, here.speaker.person_id, here.now)
        return _told(here, NO_SUCH_CODE)
    if kept.purpose in (Purpose.LINK, Purpose.HOUSEHOLD):
        return _asked(here, kept)
    kept = codes.use(here.db, typed, here.speaker.person_id, here.now)
    if kept is None:
        return _told(here, NO_SUCH_CODE)  # somebody was faster
    match kept.purpose:
        case Purpose.INVITE:
            return _told(here, _welcome(here, kept))
        case Purpose.GREEN:
            households.prioritise(here.db, here.speaker.family_id)
            return _told(here, words.GREEN)
        case _:
            return shared_ticket(here, kept.booking_id) or _told(here, NO_SUCH_CODE)


def chats(here: Here) -> list[Option]:
    """The other chats of the speaker, each to be unlinked, and a new one to be linked."""
    return [
        Option(NEW, _("Link another chat")),
        *(Option(_reference(each), _("Unlink {chat}", chat=_chat(each))) for each in _others(here)),
    ]


def chats_told(here: Here) -> list[Any]:
    """The other chats of the speaker, for `texts_of`."""
    return [as_json(_chat(each)) for each in _others(here)]


def unlink(here: Here, chat: str) -> None:
    """Let a chat be somebody else's from now on. Raises NotThere."""
    person_id = here.speaker.person_id
    found = next((each for each in _others(here) if _reference(each) == chat), None)
    if found is None:
        raise NotThere
    households.hold(here.db, person_id)
    if not households.unlink(here.db, person_id, found, here.now):
        raise NotThere
    audit.note(here.db, "person", person_id, "link.ended", here.now, person_id=person_id)


def household(here: Here) -> list[Option]:
    """What can be done about the speaker's household."""
    options = [Option(NEW, _("Let the other parent join"))]
    if others(here):
        options.append(Option(LEAVE, _("Leave the household")))
    return options


def others(here: Here) -> int:
    """How many people share the speaker's household."""
    return len(households.people_of(here.db, here.speaker.family_id)) - 1


def leave(here: Here) -> None:
    """Part with the household: its children and visits stay there. The others are told."""
    speaker = here.speaker
    if not others(here):
        raise Refused(_("You share your household with nobody."))
    households.hold(here.db, speaker.person_id)
    households.lock_families(here.db, speaker.family_id)
    households.leave(here.db, speaker.person_id, here.now)
    audit.note(
        here.db, "person", speaker.person_id, "household.left", here.now,
        person_id=speaker.person_id, reason=f"family {speaker.family_id}",
    )  # fmt: skip
    tell_family(
        here.db,
        speaker.family_id,
        (words.SOMEBODY_LEFT, ()),
        kind=joining.KIND,
        once_key=f"left:{speaker.family_id}:{speaker.person_id}:{here.now:%Y%m%d%H%M%S}",
        now=here.now,
        locale=here.home_locale,
    )


def _given(here: Here, purpose: Purpose, told: Any) -> Any:
    person_id = here.speaker.person_id
    codes.take_back(here.db, person_id, purpose)
    return as_json(told(codes.give(here.db, purpose, here.now, person_id=person_id)))


def _asked(here: Here, kept: Kept) -> Any:
    assert kept.person_id is not None
    if kept.person_id == here.speaker.person_id:
        return _told(here, words.OWN_CODE)
    channel = households.chats_of(here.db, kept.person_id)[0].channel
    ask = words.ask_to_link if kept.purpose is Purpose.LINK else words.ask_to_share
    return {"ask": as_json(ask(channel))}


def _welcome(here: Here, kept: Kept) -> Text:
    assert kept.duty is not None
    duty = roles.grant(here.db, here.speaker.person_id, kept.duty, kept.base_id, here.now)
    base: Value = _("Every base")
    if kept.base_id is not None:
        base = next(each.name for each in roles.bases_of(here.db, here.speaker.person_id, duty)
                    if each.id == kept.base_id)  # fmt: skip
    _tell_admins(here, kept, words.joined_staff(duty, base, here.speaker.channel))
    return words.welcome(duty, base)


def _tell_admins(here: Here, kept: Kept, text: Text) -> None:
    """An invitation can get into wrong hands: whoever answers for the base hears of its use."""
    for person_id in roles.staff_of(here.db, kept.base_id or 0, Duty.ADMIN):
        family_id = households.family_of(here.db, person_id)
        if person_id == here.speaker.person_id or family_id is None:
            continue
        tell_family(
            here.db,
            family_id,
            (text, ()),
            kind="staff",
            once_key=f"staff:{kept.id}:{kept.used_at:%Y%m%d%H%M%S}",
            now=here.now,
            locale=here.home_locale,
            person_id=person_id,
        )


def _told(here: Here, text: Text) -> Any:
    return {"text": say(text, here.speaker.locale), "attachments": []}


def _others(here: Here) -> list[Linked]:
    found = households.chats_of(here.db, here.speaker.person_id)
    return [each for each in found if each.chat_id != here.speaker.chat_id]


def _chat(chat: Linked) -> Text:
    return words.linked_chat(chat.channel, Day(chat.last_heard_at.astimezone(HOME_ZONE).date()))


def _reference(chat: Linked) -> str:
    """What names a chat in a choice: no address and no number of a row."""
    whole = hashlib.sha256(f"{chat.channel}:{chat.address}".encode()).hexdigest()
    return whole[:REFERENCE_LENGTH]
